"""The plan: every action of a film, what would happen to it, and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from fractions import Fraction

from storyboard.graph import PIECES, Action, Kind
from storyboard.source import Plain


class Status(StrEnum):
    """How a step stands."""

    FRESH = "fresh"  # made before, for exactly this
    NEW = "new"  # never made
    STALE = "stale"  # made before, for something else
    WAITING = "waiting"  # depends on frames that are not made yet
    HELD = "held"  # would be stale, but its take is kept
    MISSING = "missing"  # the lock names a take whose bytes are not here
    BLOCKED = "blocked"  # something that it needs failed


@dataclass(frozen=True, slots=True)
class Reason:
    """One field that is no longer what the step was made for."""

    field: str
    old: Plain
    new: Plain


@dataclass(frozen=True, slots=True)
class Step:
    """An action and how it stands.

    Attributes:
        key: its action key; None while it waits.
        output: the digest of what was made for that key, when it is at hand; of
            a missing step what the lock says was made.
        waits_for: the steps that must be made before its key is known.
        asked_for: whether a provider has a job for it already, or may have: it
            costs nothing more.
        kept: the key of the take that is kept in place of what is asked for now.
        retakes_begun: jobs for more takes of it that were begun and not ended: a
            build collects them, and uses the newest take.
    """

    action: Action
    status: Status
    key: str | None = None
    output: str | None = None
    reasons: tuple[Reason, ...] = ()
    waits_for: tuple[str, ...] = ()
    asked_for: bool = False
    kept: str | None = None
    retakes_begun: int = 0

    @property
    def cost_usd(self) -> tuple[Fraction, Fraction]:
        """Low and high: nothing when fresh; a waiting step may turn out fresh."""
        if self.asked_for or not self.to_do:
            return Fraction(0), Fraction(0)
        low, high = self.action.cost
        return (Fraction(0) if self.status is Status.WAITING else low), high

    @property
    def to_do(self) -> bool:
        """Whether a build would, or might, do it."""
        return self.status in {Status.NEW, Status.STALE, Status.WAITING}

    @property
    def at_hand(self) -> bool:
        """Whether the bytes that it stands for are here."""
        return self.status in {Status.FRESH, Status.HELD} and self.output is not None


@dataclass(frozen=True, slots=True)
class Plan:
    """Every step in build order, and where each cut's film goes.

    Attributes:
        films: by cut id, the path of its film, from the storyboard's folder.
    """

    steps: tuple[Step, ...]
    profile: str | None = None
    films: Mapping[str, str] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Step]:
        return iter(self.steps)

    @property
    def asked_for(self) -> frozenset[str]:
        """The keys of the steps that are to be done, as far as they are known."""
        return frozenset(step.key for step in self.steps if step.to_do and step.key)

    def in_short(self) -> list[Step]:
        """The steps that people think of: clips and cuts.

        What renders the pieces of a cut is part of the cut: one that waits for
        those alone stands as they do.
        """
        kinds = {step.action.id: step.action.kind for step in self.steps}
        stale: dict[str, tuple[Reason, ...]] = {
            step.action.id: tuple(
                Reason(f"{step.action.shot or 'sound'}: {why.field}", why.old, why.new)
                for why in step.reasons
            )
            for step in self.steps
            if step.action.kind in PIECES
        }
        short = []
        for step in self.steps:
            if step.action.kind is Kind.FRAME or step.action.kind in PIECES:
                continue
            if step.waits_for and all(kinds[id_] in PIECES for id_ in step.waits_for):
                reasons = tuple(why for id_ in step.waits_for for why in stale[id_])
                status = Status.STALE if reasons else Status.NEW
                step = replace(step, status=status, reasons=reasons)  # noqa: PLW2901
            short.append(step)
        return short

    @property
    def to_generate(self) -> int:
        """How many clips would, or might, be generated."""
        return sum(step.to_do and step.action.kind is Kind.GENERATE for step in self.steps)

    @property
    def cost_usd(self) -> tuple[Fraction, Fraction]:
        """Low and high of the whole."""
        costs = [step.cost_usd for step in self.steps]
        return sum((low for low, _ in costs), Fraction(0)), sum(
            (high for _, high in costs), Fraction(0)
        )
