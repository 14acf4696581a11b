"""Finding the files of a cut, and laying them beside the exported timeline."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from storyboard.digest import digest_file
from storyboard.export.material import Material, MediaKind, Medium
from storyboard.graph import Action, Given, Made
from storyboard.lock import Lock
from storyboard.model import Seconds
from storyboard.provider import Request
from storyboard.source import Plain
from storyboard.steps import Step
from storyboard.store import Store, explained

MEDIA = "media"
"""The folder beside a timeline that its clips lie in."""


@dataclass(frozen=True, slots=True)
class File:
    """A file that a timeline names: where it is, and what it is called beside the timeline."""

    path: Path
    name: str


@dataclass(slots=True)
class Gathering:
    """The materials of a cut, and the files behind them.

    Attributes:
        steps: of the plan, by action id.
        lock: has the takes of what is not repeatable.
        files: what the timeline names, by what it is called there.
        missing: the shots whose clips are not made yet, or not here.
        absent: those of them that are made, but not here.
    """

    store: Store
    folder: Path
    steps: Mapping[str, Step]
    lock: Lock
    files: dict[str, File]
    missing: list[str]
    absent: list[str]

    def materials(self, cut: Action) -> dict[str, Material]:
        """What each input of a cut is, by role; pieces that were rendered for it are left out."""
        found: dict[str, Material] = {}
        for role, source in cut.inputs.items():
            match source:
                case Made(id_) if isinstance(self.steps[id_].action.work, Request):
                    found[role] = self._clip(self.steps[id_])
                case Given(path):
                    found[role] = self._given(role, path)
        return found

    def _clip(self, step: Step) -> Material:
        action = step.action
        name = (action.shot or action.id) + (f"-{action.segment}" if action.segment else "")
        known = self.lock.takes(step.key) if step.key else ()
        takes = {f"take {number}": take.clip for number, take in enumerate(known, 1)}
        if step.output and step.output not in takes.values():  # repeatable, or kept for another key
            takes["kept" if takes else "take 1"] = step.output
        media = {
            title: self._medium(
                f"{name}, {title}" if len(takes) > 1 else name,
                "video",
                self.store.find(digest),
                name + (f".{title.replace(' ', '-')}" if len(takes) > 1 else ""),
            )
            for title, digest in takes.items()
        }
        shown = next((title for title, digest in takes.items() if digest == step.output), None)
        if shown is None or media[shown].url is None:
            self.missing.append(name)
            if takes:
                self.absent.append(name)
        if shown is None:
            shown, media = "not made yet", {"not made yet": Medium(name=name, kind="video")}
        return Material(takes=media, shown=shown, details=_details(action))

    def _given(self, role: str, path: str) -> Material:
        kinds: dict[str, MediaKind] = {"sound": "sound", "picture": "picture"}
        file = self.folder / path
        medium = self._medium(
            path, kinds.get(role.split(maxsplit=1)[0], "video"), file, Path(path).stem
        )
        return Material(takes={path: medium}, shown=path)

    def _medium(self, title: str, kind: MediaKind, path: Path | None, name: str) -> Medium:
        if path is None or not path.is_file():
            return Medium(name=title, kind=kind)
        called = self._called(path, name)
        rate, lasts = _extent(path, kind)
        return Medium(name=title, kind=kind, url=f"{MEDIA}/{called}", rate=rate, lasts=lasts)

    def _called(self, path: Path, name: str) -> str:
        """What a file is called beside the timeline: no two of them the same."""
        number = 1
        while True:
            called = f"{name}{'' if number == 1 else f'~{number}'}{path.suffix}"
            if self.files.setdefault(called, File(path, called)).path == path:
                return called
            number += 1


def _details(action: Action) -> dict[str, Plain]:
    work = action.work
    prompts = [prompt.text for prompt in work.prompts] if isinstance(work, Request) else []
    return {"model": action.model, "prompt": " / ".join(prompts) or None}


def _extent(path: Path, kind: MediaKind) -> tuple[Fraction | None, Seconds | None]:
    """A medium's rate, and how long it is.

    Raises:
        BadMedia: it cannot be read.
    """
    if kind == "video":
        from storyboard.media.probe import probe

        clip = probe(path)
        return clip.fps, clip.duration
    if kind == "sound":
        from storyboard.media.sound import sound_length
        from storyboard.track import SOUND_RATE

        return Fraction(SOUND_RATE), sound_length(path)
    return None, None


def lay_beside(files: Mapping[str, File], folder: Path) -> None:
    """Copy files into the folder `media` of an export; those that are there already stay.

    Copies, not links: whoever grades a clip must not change the store.

    Raises:
        StoreError: the disk is full or cannot be written.
    """
    place = folder / MEDIA
    for called, file in files.items():
        wanted, part = place / called, place / f".{called}.part"
        with explained(wanted):
            place.mkdir(parents=True, exist_ok=True)
            if wanted.is_file() and digest_file(wanted) == digest_file(file.path):
                continue
            try:
                shutil.copyfile(file.path, part)
                part.replace(wanted)
            finally:
                part.unlink(missing_ok=True)
