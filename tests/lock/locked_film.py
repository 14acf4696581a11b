"""A film of a model that costs money, in a git repository; the command is run in this process."""

from __future__ import annotations

import json
import shutil
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from film_in_git import FilmInGit
from ran import Document

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


@dataclass
class LockedFilm(FilmInGit):
    """Without an address nothing is asked of anybody: a request would fail."""

    url: str | None = None
    storyboard: str = FILM

    def lay(self) -> LockedFilm:
        self.folder.mkdir(parents=True)
        self.git("init", "-q", "-b", "main")
        self.write(self.storyboard)
        return self

    @property
    def keys(self) -> Mapping[str, str]:
        """The variables that say where the provider is."""
        if self.url is None:
            return {}
        return {"RUNWARE_API_KEY": "k-1234567890", "STORYBOARD_RUNWARE_URL": self.url}

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
