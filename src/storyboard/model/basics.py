"""What everything in a storyboard is said with: times, sizes, and where a field was written."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import TypeAlias

from storyboard.source import Span, Via

Seconds: TypeAlias = Fraction


@dataclass(frozen=True, slots=True, order=True)
class Size:
    """A picture's width and height in pixels."""

    width: int
    height: int

    def __str__(self) -> str:
        return f"{self.width}x{self.height}"

    @property
    def aspect(self) -> Fraction:
        """Width over height."""
        return Fraction(self.width, self.height)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a field of a shot comes from.

    Attributes:
        span: where its value is written.
        own: whether the shot or its template says it, so that a model which
            cannot do it is an error; what came from defaults or a profile is
            left out instead.
        via: the way it came, through a template, a loop or a used file.
    """

    span: Span
    own: bool = True
    via: Via | None = None


@dataclass(frozen=True, slots=True)
class Trim:
    """What an editor leaves of a shot: positions in seconds within it."""

    start: Seconds = Fraction(0)
    end: Seconds | None = None


@dataclass(frozen=True, slots=True)
class Anchor:
    """A time in a cut: seconds from its start, or from a shot's."""

    at: Seconds = Fraction(0)
    shot: str | None = None
    origin: Origin | None = field(default=None, compare=False)
