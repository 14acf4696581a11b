"""What became of a film: its shots and cuts, as `comparing` finds them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from storyboard.steps import Reason


class Change(StrEnum):
    """What became of a shot."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"  # something else is asked for
    FOLLOWS = "follows"  # it is given frames of a shot that changed
    FREE = "free"  # only what the film is put together with, or nothing
    SAME = "same"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShotChange:
    """A shot that is not what it was, or not where.

    Attributes:
        was: its id before; None for one that was added.
        asked: the fields in which other clips are asked for.
        free: those that only the putting together of the film has to do with.
        after: the shots whose change it follows.
        moved: its place before and now, from 1, where that changed for itself.
        scene: its scene before and now, where that changed.
        steps: the generate steps that are to be made again, or may be.
        made: those of them that are made already, for just this.
        low: US dollars, and `high` at most, that the others cost.
    """

    shot: str
    change: Change
    was: str | None = None
    asked: tuple[Reason, ...] = ()
    free: tuple[Reason, ...] = ()
    after: tuple[str, ...] = ()
    moved: tuple[int, int] | None = None
    scene: tuple[str, str] | None = None
    steps: tuple[str, ...] = ()
    made: tuple[str, ...] = ()
    low: Fraction = Fraction(0)
    high: Fraction = Fraction(0)

    @property
    def renamed(self) -> bool:
        """Whether it has another id for the same."""
        return self.was not in {None, self.shot}


@dataclass(frozen=True, slots=True)
class CutChange:
    """A cut that is not what it was; that costs nothing."""

    cut: str
    change: Change
    fields: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two states of a film.

    Attributes:
        film: fields of the whole film that changed.
    """

    shots: tuple[ShotChange, ...]
    cuts: tuple[CutChange, ...]
    film: tuple[Reason, ...]

    @property
    def cost_usd(self) -> tuple[Fraction, Fraction]:
        """Low and high of all that is to be made again."""
        return (
            sum((each.low for each in self.shots), Fraction(0)),
            sum((each.high for each in self.shots), Fraction(0)),
        )
