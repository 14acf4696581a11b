"""A provider that works here, and never gives the same clip twice: its takes are in the lock.

It is installed so that storyboards can name its model. It has no brushes: what
draws is the tests' own tools.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from storyboard.provider import EVERY_MODE, Lengths, Model

OIL = Model(
    name="painter/oil",
    title="Oil",
    local=True,
    repeatable=False,
    modes=EVERY_MODE,
    lengths=Lengths(minimum=Fraction(1), maximum=Fraction(60)),
    accepts_everything=True,
)


@dataclass(frozen=True)
class Painter:
    name: str = "painter"

    def models(self) -> Mapping[str, Model]:
        return {OIL.name: OIL}


provider = Painter()
