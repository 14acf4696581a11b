"""A git repository with a storyboard in it, in which the real command is run, as a user would."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from quick_command import quick_command
from ran import Document, Ran

COMMAND = (sys.executable, "-m", "storyboard")

CHAIN = """\
version: 1
title: Chain
size: 160x90
fps: 12
defaults: {duration: 0.5}
shots:
  - {id: pier, prompt: "a pier at dawn; slow push in"}
  - {id: ferry, prompt: "a ferry leaves; pan right"}
  - {id: wake, prompt: "gulls over the wake; pan right"}
  - {id: bridge, prompt: "on the bridge, the captain; hold"}
  - {id: town, prompt: "a town by night; tilt up", chain: false}
"""
"""Four shots in a chain, and one on its own."""


@dataclass(frozen=True)
class Built:
    """What a build told."""

    events: list[Document]

    @property
    def summary(self) -> Document:
        """Its last event."""
        assert self.events[-1]["event"] == "summary"
        return self.events[-1]

    @property
    def film(self) -> Path:
        """The film of the only cut."""
        (path,) = self.summary["cuts"].values()
        return Path(path)

    @property
    def generated(self) -> set[str]:
        """The ids of the clips that were made anew: `ferry`, `storm#2`."""
        made = {
            event["step"].removeprefix("generate:")
            for event in self.events
            if event["event"] == "step_done" and event["kind"] == "generate" and not event["reused"]
        }
        assert len(made) == self.summary["generated"]
        return made

    @property
    def outputs(self) -> dict[str, Path]:
        """By step, the clip or frame that it made or that was found for it."""
        return {
            event["step"]: Path(event["output"])
            for event in self.events
            if event["event"] == "step_done" and event["kind"] in {"generate", "frame"}
        }


class FilmRepo:
    """A fresh git repository. `folder` is where the storyboard is."""

    def __init__(self, folder: Path, storyboard: str = CHAIN) -> None:
        self.folder = folder
        self.folder.mkdir(parents=True, exist_ok=True)
        subprocess.run(["git", "init", "-q", self.folder], check=True)
        self.write(storyboard)

    def write(self, text: str, name: str = "storyboard.yaml") -> None:
        """Write a file, the storyboard unless it is named."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")

    def edit(self, old: str, new: str) -> None:
        """Change the storyboard in one place."""
        text = (self.folder / "storyboard.yaml").read_text("utf-8")
        assert text.count(old) == 1, f"{old!r} is there {text.count(old)} times"
        self.write(text.replace(old, new))

    def run(
        self, *arguments: str, cwd: Path | None = None, env: dict[str, str] | None = None
    ) -> Ran:
        """Run the command; no run of it may end in a traceback."""
        done = quick_command(arguments, cwd or self.folder, os.environ | (env or {}))
        assert "Traceback" not in done.stderr, done.stderr
        return Ran(done.returncode, done.stdout, done.stderr)

    def build(self, *options: str) -> Built:
        """Build, which must succeed."""
        ran = self.run("build", "--json", *options)
        assert ran.code == 0, ran.err + ran.out
        return Built(ran.events)

    def plan(self, *options: str) -> Document:
        """What a build would do."""
        ran = self.run("plan", "--json", *options)
        assert ran.code == 0, ran.err
        return ran.document

    def statuses(self, *options: str) -> dict[str, str]:
        """By step, how it stands."""
        return {step["id"]: step["status"] for step in self.plan(*options)["steps"]}

    def state(self) -> dict[str, tuple[str, int]]:
        """Every file of the repository, the store included: its digest and when it was written."""
        return {
            path.relative_to(self.folder).as_posix(): (_digest(path), path.stat().st_mtime_ns)
            for path in _walk(self.folder)
        }

    def store(self, what: str) -> list[Path]:
        """What is in a folder of the store."""
        folder = self.folder / ".storyboard" / what
        return sorted(path for path in folder.rglob("*") if path.is_file())


def _walk(folder: Path) -> Iterable[Path]:
    return (path for path in folder.rglob("*") if not path.is_symlink())


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "folder"
