"""A film as people edit it: shots in scenes and files, written as a storyboard in any manner.

A shot's prompt is `LOOK WORDS`. Of `MOVING` looks a frame depends on its time;
the other looks stand still. Words are in the clip alone, never in a frame of it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from hashlib import sha256
from pathlib import Path

from storyboard.film_file import FilmFile
from storyboard.model import Moment, Seconds
from storyboard.passages import PassageWork, PosterWork
from storyboard.provider import Report, Request
from storyboard.sounding import SoundWork
from storyboard.timeline import Edit

MOVING = {"sea", "train"}
CHAINED, FRESH = "the shot before", "nothing"


@dataclass(frozen=True)
class Shot:
    """A shot as it is written.

    Attributes:
        start: `CHAINED`, `FRESH`, or the id of the shot from whose frame it starts.
        end: the id of the shot with whose frame it ends.
        dress: which of `DRESSES` it has: nothing of them is ever generated.
    """

    id: str
    look: str
    words: str
    seconds: int = 2
    model: str | None = None
    start: str = CHAINED
    end: str | None = None
    dress: frozenset[str] = frozenset()


DRESSES: Mapping[str, object] = {
    "titles": [{"text": "Later", "at": 0, "for": 1}],
    "transition": {"crossfade": 0.25},
    "trim": {"start": 0.25},
    "notes": "ask the harbour master",
    "seam": {"color": "previous"},
    "x-take": "the one with the gull",
}


@dataclass(frozen=True)
class Film:
    """A storyboard.

    Attributes:
        model: of shots that do not name their own.
        cuts: by name, the shots of a cut; none means one cut of all.
        apart: by the number of a scene, the file that it is in.
        name: the storyboard's, without its ending.
        manner: of writing; it means nothing.
    """

    scenes: tuple[tuple[Shot, ...], ...]
    model: str = "animatic"
    cuts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    apart: Mapping[int, str] = field(default_factory=dict)
    name: str = "storyboard"
    manner: frozenset[str] = frozenset()

    @property
    def shots(self) -> tuple[Shot, ...]:
        return tuple(shot for scene in self.scenes for shot in scene)

    def shot(self, name: str) -> Shot:
        return next(shot for shot in self.shots if shot.id == name)

    def before(self, shot: Shot) -> str | None:
        """The shot from whose frame it starts."""
        if shot.start == FRESH:
            return None
        if shot.start != CHAINED:
            return shot.start
        scene = next(scene for scene in self.scenes if shot in scene)
        place = scene.index(shot)
        return scene[place - 1].id if place else None

    @property
    def whole(self) -> bool:
        """Whether every shot that is named is there, and none needs itself."""
        known = {shot.id for shot in self.shots}
        named = {name for names in self.cuts.values() for name in names}
        ends = {e for s in self.shots for e in (s.start, s.end) if e} - {CHAINED, FRESH}
        if not known or not named | ends <= known or len(known) < len(self.shots):
            return False
        return all(shot.id not in self._needed(shot, set()) for shot in self.shots)

    def _needed(self, shot: Shot, seen: set[str]) -> set[str]:
        for name in (self.before(shot), shot.end):
            if name and name not in seen:
                seen.add(name)
                self._needed(self.shot(name), seen)
        return seen

    @property
    def shown(self) -> dict[str, tuple[str, ...]]:
        """By cut, its shots."""
        return dict(self.cuts) or {"main": tuple(shot.id for shot in self.shots)}

    def write(self, folder: Path) -> Path:
        """Write the files anew; the storyboard's path."""
        for old in [*folder.glob("*.yaml"), *folder.glob("scenes/*.yaml")]:
            old.unlink()
        scenes: list[object] = []
        for number, shots in enumerate(self.scenes):
            scene = {"id": f"scene-{number}", "shots": [*map(self._fields, shots)]}
            if number in self.apart:
                file = folder / "scenes" / self.apart[number]
                file.parent.mkdir(exist_ok=True)
                file.write_text(self._text(scene))
                scenes.append({"file": f"scenes/{self.apart[number]}"})
            elif shots:
                scenes.append(scene)
        document: dict[str, object] = {
            "version": 1, "title": "Pier", "size": "160x90", "fps": 12,
            "vars": {"weather": "calm"},
            "defaults": {"model": self.model},
            "profiles": {"draft": {"override": {"model": "animatic"}}},
            "scenes": scenes,
        }  # fmt: skip
        if self.cuts:
            document["cuts"] = [{"id": cut, "shots": [*shots]} for cut, shots in self.cuts.items()]
        path = folder / f"{self.name}.yaml"
        path.write_text(self._text(document))
        return path

    def _fields(self, shot: Shot) -> dict[str, object]:
        fields: dict[str, object] = {
            "id": shot.id, "prompt": f"{shot.look} {shot.words}", "duration": shot.seconds
        }  # fmt: skip
        if shot.model:
            fields["model"] = shot.model
        if shot.start == FRESH:
            fields["chain"] = False
        elif shot.start != CHAINED:
            fields["first_frame"] = {"shot": shot.start}
        if shot.end:
            fields["last_frame"] = {"shot": shot.end}
        return fields | {name: DRESSES[name] for name in sorted(shot.dress)}

    def _text(self, document: Mapping[str, object]) -> str:
        text = "\n".join(self._lines(document, 0)) + "\n"
        if "comments" in self.manner:
            text = f"# {self.name}, as it was on Monday\n{text}# the end\n"
        return text

    def _lines(self, value: object, depth: int) -> Iterator[str]:
        pad = ("    " if "wide" in self.manner else "  ") * depth
        match value:
            case dict():
                items = reversed(value.items()) if "reversed" in self.manner else value.items()
                for key, inner in items:
                    if isinstance(inner, dict | list) and inner:
                        yield f"{pad}{key}:"
                        yield from self._lines(inner, depth + 1)
                    else:
                        yield f"{pad}{key}: {self._scalar(inner)}"
            case list():
                for each in value:
                    if isinstance(each, dict):
                        if "comments" in self.manner:
                            yield f"{pad}# the next one"
                        yield f"{pad}-"
                        yield from self._lines(each, depth + 1)
                    else:
                        yield f"{pad}- {self._scalar(each)}"

    def _scalar(self, value: object) -> str:
        quoted = isinstance(value, str) and ("quoted" in self.manner or "{{" in value)
        if quoted or not isinstance(value, str):
            return json.dumps(value)
        return value


def sign(*parts: object) -> str:
    """What tells a picture, or a clip, from another."""
    return sha256(repr(parts).encode()).hexdigest()


def frame_of(look: str, first: str | None, seconds: object, turn: int) -> str:
    """The frame that a clip hands over.

    Args:
        look: of its prompt.
        first: the frame that it starts from.
        seconds: the time at which it hands over.
        turn: what a take does differently, so that it ends elsewhere; 0 for none.
    """
    return sign("frame", look, first, str(seconds) if look in MOVING else None, turn)


@dataclass
class Easel:
    """Tools that work on texts.

    Attributes:
        drawn: what was drawn: the model, the prompt and the seconds of each.
    """

    drawn: list[tuple[str, str, str]] = field(default_factory=list)

    def draw(
        self, request: Request, frames: Mapping[str, Path], destination: Path, report: Report
    ) -> None:
        prompt, seconds = request.prompts[0].text, str(request.duration)
        self.drawn.append((request.model, prompt, seconds))
        first, last = (
            frames[role].read_text() if role in frames else None
            for role in ("first_frame", "last_frame")
        )
        destination.write_text(clip(request.model, prompt, request.duration, first, last))
        report(1.0)

    def take_frame(self, clip: Path, at: Moment | Seconds, duration: Seconds | None) -> bytes:
        drawn = json.loads(clip.read_text())
        look, _, _ = drawn["prompt"].partition(" ")
        return frame_of(look, drawn["first"], duration, drawn["turn"]).encode()

    def conform(
        self, work: PassageWork, inputs: Mapping[str, Path], destination: Path, report: Report
    ) -> None:
        roles = [piece.clip for event in work.edit.events for piece in event.pieces]
        destination.write_text("\n".join(inputs[role].read_text() for role in roles))

    def sound(self, work: SoundWork, inputs: Mapping[str, Path], destination: Path) -> None:
        destination.write_text("{}")

    def stitch(
        self, edit: Edit, inputs: Mapping[str, Path], destination: FilmFile, report: Report
    ) -> None:
        pieces = sorted(
            (int(role.partition(" ")[2]), path)
            for role, path in inputs.items()
            if role.startswith("piece")
        )
        destination.write(("\n".join(path.read_text() for _, path in pieces)).encode())

    def write_as(
        self, edit: Edit, inputs: Mapping[str, Path], destination: Path, report: Report
    ) -> None:
        raise AssertionError("these films are MP4s")

    def poster(self, work: PosterWork, inputs: Mapping[str, Path]) -> bytes:
        raise AssertionError("these films have no posters")


def clip(
    model: str,
    prompt: str,
    seconds: Fraction | int,
    first: str | None,
    last: str | None,
    number: int = 1,
    turn: int = 0,
) -> str:
    """A clip's bytes, in one line."""
    drawn = {"model": model, "prompt": prompt, "seconds": str(seconds), "first": first}
    return json.dumps(drawn | {"last": last, "number": number, "turn": turn})
