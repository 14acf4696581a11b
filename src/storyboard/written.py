"""What a storyboard says of a shot, a cut, the film, as plain values in its own words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from fractions import Fraction

from storyboard.asked import plain_number
from storyboard.assets import Assets
from storyboard.model import Cut, Origin, Shot, ShotFrame, Size, Storyboard
from storyboard.source import Plain, Span

# Of a shot: what it is called, where it stands, and what is told in other words.
_NOT_OF_SHOT = {"id", "scene", "segments", "chained", "origins"}
# Of a cut: its shots, and what is about them.
_NOT_OF_CUT = {"id", "shots", "order", "scenes", "dropped", "broken", "origins"}
_SHORT = 8  # digits of a digest that tell two files apart on a screen


class Written:
    """Puts values of the model into words.

    A file is its path and its digest, so that other bytes are another value.
    """

    def __init__(self, assets: Assets) -> None:
        self._digests = {path: asset.digest for (path, _), asset in assets.items()}

    def shot(self, shot: Shot, cut: Cut) -> dict[str, Plain]:
        """A shot's fields in a cut, its prompts as they are written, frames of other shots left out."""
        said = self._fields(shot, _NOT_OF_SHOT)
        match shot.segments:
            case [only]:
                said["prompt"] = only.prompt
            case [_, *_] as several:
                said["multi_prompt"] = [
                    {"prompt": each.prompt, "duration": plain_number(each.duration)}
                    for each in several
                ]
        for seen in cut.order:
            if seen.shot == shot.id and seen.trim:
                said["trim"] = self._plain(seen.trim)
        return said

    def cut(self, cut: Cut) -> dict[str, Plain]:
        """A cut's own fields."""
        return self._fields(cut, _NOT_OF_CUT)

    def film(self, storyboard: Storyboard) -> dict[str, Plain]:
        """What is said of the whole film."""
        return {
            name: self._plain(getattr(storyboard, name))
            for name in ("title", "size", "fps", "budget", "voices")
        }

    def _fields(self, value: object, left_out: set[str]) -> dict[str, Plain]:
        if not is_dataclass(value):
            raise TypeError(f"a {type(value).__name__} has no fields")
        said = {}
        for each in fields(value):
            part = getattr(value, each.name)
            if each.name not in left_out and not isinstance(part, Span | Origin):
                said[each.name] = self._plain(part)
        return said

    def _plain(self, value: object) -> Plain:
        match value:
            case Enum():
                return str(value.value)
            case str():
                digest = self._digests.get(value)
                return f"{value} ({digest[:_SHORT]})" if digest else value
            case None | bool() | int() | float():
                return value
            case Fraction():
                return plain_number(value)
            case Size():
                return str(value)
            case ShotFrame():  # what it is given is told by what it asks for
                return None
            case Mapping():
                return {str(key): self._plain(item) for key, item in value.items()}
            case list() | tuple():
                return [self._plain(item) for item in value]
        return self._fields(value, {"origin", "origins"})
