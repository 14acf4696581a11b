"""A film of a model that costs money, in a git repository; the command is run in this process."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import urllib.request
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

from storyboard.cli import run

Document = dict[str, Any]

FILM = """\
version: 1
title: Pier
size: 160x90
fps: 12
defaults: {duration: 5, model: runware/kling-2.6-pro}
profiles:
  draft: {override: {model: animatic}}
shots:
  - {id: pier, prompt: "a pier"}
  # the one that follows it
  - {id: ferry, prompt: "a ferry leaves"}
"""

_GIT = {
    "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull,
    "GIT_AUTHOR_NAME": "A", "GIT_AUTHOR_EMAIL": "a@example.org",
    "GIT_COMMITTER_NAME": "A", "GIT_COMMITTER_EMAIL": "a@example.org",
}  # fmt: skip


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str

    @property
    def summary(self) -> Document:
        """The last event of `build --json`."""
        last: Document = json.loads(self.out.splitlines()[-1])
        return last


@dataclass
class LockedFilm:
    """Without an address nothing is asked of anybody: a request would fail."""

    folder: Path
    url: str | None = None
    storyboard: str = FILM
    environment: dict[str, str] = field(default_factory=dict)

    def lay(self) -> LockedFilm:
        self.folder.mkdir(parents=True)
        self.git("init", "-q", "-b", "main")
        (self.folder / "storyboard.yaml").write_text(self.storyboard, "utf-8")
        return self

    @property
    def keys(self) -> dict[str, str]:
        """The variables that say where the provider is."""
        if self.url is None:
            return {}
        return {"RUNWARE_API_KEY": "k-1234567890", "STORYBOARD_RUNWARE_URL": self.url}

    def run(self, *arguments: str) -> Ran:
        out, err = io.StringIO(), io.StringIO()
        with (
            patch.dict(os.environ, self.keys),
            chdir(self.folder), redirect_stdout(out), redirect_stderr(err),
        ):  # fmt: skip
            code = run(arguments)
        assert "fault" not in err.getvalue(), err.getvalue()
        return Ran(code, out.getvalue(), err.getvalue())

    def build(self, *options: str) -> Document:
        """A build that succeeds: its summary."""
        ran = self.run("build", "--json", *options)
        assert ran.code == 0, ran.out + ran.err
        return ran.summary

    def statuses(self, *options: str) -> dict[str, str]:
        return {each["id"]: each["status"] for each in self.plan(*options)["steps"]}

    def step(self, name: str) -> Document:
        found: Document = next(each for each in self.plan()["steps"] if each["id"] == name)
        return found

    def plan(self, *options: str) -> Document:
        ran = self.run("plan", "--json", *options)
        assert ran.code == 0, ran.err
        document: Document = json.loads(ran.out)
        return document

    def takes(self, *arguments: str) -> list[Document]:
        ran = self.run("takes", *arguments, "--json")
        assert ran.code == 0, ran.err
        document = json.loads(ran.out)
        assert document["version"] == 1
        found: list[Document] = document["takes"]
        return found

    def edit(self, old: str, new: str) -> None:
        text = (self.folder / "storyboard.yaml").read_text("utf-8")
        assert text.count(old) == 1
        (self.folder / "storyboard.yaml").write_text(text.replace(old, new), "utf-8")

    @property
    def lock(self) -> Path:
        return self.folder / "storyboard.lock"

    @property
    def film(self) -> Path:
        return self.folder / "build" / "main.mp4"

    def written(self) -> dict[str, tuple[int, int]]:
        """The lock, the films, the clips and the ledger: which each is, and when it was written last."""
        store = self.folder / ".storyboard"
        kept = [*(self.folder / "build").rglob("*"), *(store / "blobs").rglob("*")]
        kept += [self.lock, store / "ledger.sqlite3"]
        stats = {path: path.stat() for path in kept if path.is_file()}
        return {str(path): (stat.st_ino, stat.st_mtime_ns) for path, stat in stats.items()}

    def billed(self) -> Document:
        """What the provider has done, and charged."""
        with urllib.request.urlopen(f"{self.url}/_simulator/ledger", timeout=10) as answer:
            read: Document = json.load(answer)
        return read

    def git(self, *arguments: str, code: int = 0) -> str:
        done = subprocess.run(
            ["git", *arguments], cwd=self.folder, env=os.environ | _GIT,
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout

    def clone(self, folder: Path, *, blobs: bool) -> LockedFilm:
        """The repository as another person has it, who cannot reach any provider."""
        folder.mkdir(parents=True)
        other = LockedFilm(folder)
        other.git("init", "-q", "-b", "main")
        for name in ("storyboard.yaml", "storyboard.lock"):
            shutil.copy(self.folder / name, folder / name)
        if blobs:
            shutil.copytree(self.folder / ".storyboard/blobs", folder / ".storyboard/blobs")
        return other
