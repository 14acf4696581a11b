"""What a build came to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

from storyboard.diagnostics import Refused, Undecided
from storyboard.events import Summary
from storyboard.graph import Kind
from storyboard.steps import Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Takes:
    """What `execute` has made or found, action by action.

    Attributes:
        outputs: digests of what is at hand now, by action id.
        made: the steps that were done, in the order in which they ended.
        reused: those of which the result was found by key.
        failed: those that could not be done.
        refused: those of them that there was no money for.
        unknown: those for which a job was sent of which nobody can tell what
            became; they are not among the failed.
        missing: those whose take the lock names, whose bytes are not here, and
            without which something that was asked for cannot be made.
        blocked: those not tried, because of a failure, an interruption, or bytes
            that are missing.
        interrupted: whether the user stopped the build.
    """

    outputs: Mapping[str, str] = field(default_factory=dict)
    made: tuple[str, ...] = ()
    reused: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    blocked: tuple[str, ...] = ()
    interrupted: bool = False

    @property
    def complete(self) -> bool:
        """Whether everything that was asked for is at hand."""
        return not (self.failed or self.unknown or self.missing or self.blocked or self.interrupted)


@dataclass(frozen=True, slots=True, kw_only=True)
class Films:
    """What `assemble` has put together.

    Attributes:
        paths: by cut, where its film is: only those that are as planned.
        outputs: the films' digests, by the cuts' action ids.
        made: the cuts' steps that were put together now.
        failed: those that could not be put together, or not put in their place.
        blocked: those that lack a clip.
        interrupted: whether the user stopped the build.
    """

    paths: Mapping[str, Path] = field(default_factory=dict)
    outputs: Mapping[str, str] = field(default_factory=dict)
    made: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    blocked: tuple[str, ...] = ()
    interrupted: bool = False

    @property
    def complete(self) -> bool:
        """Whether every film is where it belongs."""
        return not (self.failed or self.blocked or self.interrupted)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a build came to; its cost in US dollars as charged, or at most where nobody said."""

    plan: Plan
    takes: Takes
    films: Films
    cost: Fraction = Fraction(0)

    @property
    def interrupted(self) -> bool:
        """Whether the user stopped it."""
        return self.takes.interrupted or self.films.interrupted

    @property
    def complete(self) -> bool:
        """Whether everything that was asked for is there."""
        return self.takes.complete and self.films.complete

    @property
    def exit_code(self) -> int:
        """For the command: what weighs most."""
        if self.interrupted:
            return 130
        if self.takes.refused:
            return Refused.exit_code
        if self.takes.unknown:
            return Undecided.exit_code
        return 0 if self.complete else 1

    def summary(self) -> Summary:
        """The build in numbers: its last event."""
        kinds = {step.action.id: step.action.kind for step in self.plan}
        generated = sum(kinds[id_] is Kind.GENERATE for id_ in self.takes.made)
        failed = [*self.takes.failed, *self.takes.missing, *self.films.failed]
        steps = [step for step in self.plan if step.action.kind is Kind.GENERATE]
        undone = {*failed, *self.takes.unknown, *self.takes.blocked}
        unfinished = sum(step.action.id in undone for step in steps)
        return Summary(
            generated=generated,
            fresh=0 if self.interrupted else len(steps) - generated - unfinished,
            failed=len(failed),
            unknown=len(self.takes.unknown),
            cost_usd=round(float(self.cost), 4),
            cuts={cut: str(path) for cut, path in self.films.paths.items()},
            interrupted=self.interrupted,
        )
