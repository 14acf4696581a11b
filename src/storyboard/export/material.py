"""What an exported timeline is made of: the files behind each clip, as an editor needs them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal, TypeAlias

from storyboard.model import Seconds
from storyboard.source import Plain

MediaKind: TypeAlias = Literal["video", "sound", "picture", "colour"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Medium:
    """A file, or a plain colour.

    Attributes:
        name: for people: `boat, take 2`.
        url: where it is: a path relative to the timeline, with `/`; None where
            the file is not here.
        rate: frames a second of a video; samples a second of a sound.
        lasts: seconds, all of it: what the cut does not show are handles. None
            where nobody knows, or it has no end (a picture).
        color: `#101820`, of a plain colour.
    """

    name: str
    kind: MediaKind
    url: str | None = None
    rate: Fraction | None = None
    lasts: Seconds | None = None
    color: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """What one input of a cut can be: several takes of a shot, of which the cut shows one.

    Attributes:
        takes: by name (`take 2`), in order.
        shown: the name of the one that the cut shows.
        details: what is known of it: shot, model, prompt, notes.
    """

    takes: Mapping[str, Medium]
    shown: str
    details: Mapping[str, Plain] = field(default_factory=dict)

    @property
    def medium(self) -> Medium:
        """The take that the cut shows."""
        return self.takes[self.shown]
