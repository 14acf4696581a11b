"""Clips whose coded pictures are known one by one, and are as films have them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple, Self

from storyboard.media.avc import Configuration
from storyboard.media.segment import Coded
from storyboard.model import Seconds


class Stamped(NamedTuple):
    """A coded picture as its file lists it: the ticks when it is shown, its place in bytes, its size."""

    stamp: int
    at: int
    size: int
    key: bool


@dataclass(frozen=True, slots=True)
class Form:
    """A clip's coded pictures, of H.264 in an MP4.

    Attributes:
        times: of its frames, as they are shown; the first is 0.
        pictures: as they are decoded, each with its place among those shown.
        afresh: whether the first one of them can be decoded alone, and is shown first.
    """

    path: Path
    configuration: Configuration
    times: tuple[Seconds, ...]
    pictures: tuple[Coded, ...]
    afresh: bool

    @classmethod
    def of(
        cls,
        path: Path,
        configuration: Configuration,
        listed: Sequence[Stamped],
        tick: Fraction,
        *,
        afresh: bool,
    ) -> Self | None:
        """Of its pictures as its file lists them; None where two are shown at once."""
        stamps = sorted(picture.stamp for picture in listed)
        places = {stamp: place for place, stamp in enumerate(stamps)}
        if len(places) < len(stamps):
            return None
        return cls(
            path=path,
            configuration=configuration,
            times=tuple((stamp - stamps[0]) * tick for stamp in stamps),
            pictures=tuple(Coded(at, size, places[stamp], key) for stamp, at, size, key in listed),
            afresh=afresh and listed[0].stamp == stamps[0],
        )
