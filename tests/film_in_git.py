"""A git repository with a storyboard in it; the command is run in the test's own process."""

from __future__ import annotations

import io
import os
import subprocess
from collections.abc import Mapping
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

from ran import Ran
from storyboard.cli import run

_GIT = {
    "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull,
    "GIT_AUTHOR_NAME": "A", "GIT_AUTHOR_EMAIL": "a@example.org",
    "GIT_COMMITTER_NAME": "A", "GIT_COMMITTER_EMAIL": "a@example.org",
}  # fmt: skip


@dataclass
class FilmInGit:
    """The repository. It is made by `lay`, or is a copy of one that was."""

    folder: Path

    @property
    def keys(self) -> Mapping[str, str]:
        """Variables that the command has beside those of the test."""
        return {}

    def run(self, *arguments: str, cwd: Path | None = None) -> Ran:
        out, err = io.StringIO(), io.StringIO()
        with (
            patch.dict(os.environ, self.keys),
            chdir(cwd or self.folder), redirect_stdout(out), redirect_stderr(err),
        ):  # fmt: skip
            code = run(arguments)
        assert "fault" not in err.getvalue(), err.getvalue()
        return Ran(code, out.getvalue(), err.getvalue())

    def write(self, text: str | bytes, name: str = "storyboard.yaml") -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)

    def edit(self, *changes: tuple[str, str]) -> None:
        """Change the storyboard in one place or several."""
        text = (self.folder / "storyboard.yaml").read_text("utf-8")
        for old, new in changes:
            assert text.count(old) == 1, f"{old!r} is there {text.count(old)} times"
            text = text.replace(old, new)
        self.write(text)

    def git(self, *arguments: str, code: int = 0) -> str:
        done = subprocess.run(
            ["git", *arguments], cwd=self.folder, env=os.environ | _GIT,
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout.strip()
