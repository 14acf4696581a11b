"""Consent: what may be paid for in a build, and how much of it there may be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import TypeAlias

from storyboard.diagnostics import Refused
from storyboard.jobs import Spending
from storyboard.steps import Plan, Status, Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """What a build would cost, in US dollars.

    Attributes:
        whose: a `build`'s, or a `retake`'s.
        clips: how many would, or might, be paid for.
        low: the least, and `high` the most, that they cost.
        so_far: what the film has cost, and what is under way.
        waiting: how many of the clips wait for frames, and may turn out to be there already.
        left: of the film's budget, before this; None where it has none.
    """

    clips: int
    low: Fraction
    high: Fraction
    so_far: Spending
    waiting: int = 0
    left: Fraction | None = None
    whose: str = "build"


Agree: TypeAlias = Callable[[Bill], bool]
"""Asked before anything is paid for."""


def bill_of(plan: Plan, so_far: Spending) -> Bill:
    """The bill of a plan."""
    low, high = plan.cost_usd
    paid = _paid(plan)
    waiting = sum(step.status is Status.WAITING for step in paid)
    return Bill(clips=len(paid), low=low, high=high, so_far=so_far, waiting=waiting)


def consent_to(
    plan: Plan,
    bill: Bill,
    *,
    budget: Fraction | None,
    max_cost: Fraction | None,
    agree: Agree,
) -> Purse:
    """The purse of a build that may be done.

    Args:
        plan: what is to be done.
        bill: of it.
        budget: what the film may cost in all.
        max_cost: what this build may cost.
        agree: asked where the build costs anything.

    Raises:
        Refused: it would cost too much at most, or is not agreed to.
    """
    limits = []
    if max_cost is not None:
        limits.append(max_cost)
        if bill.high > max_cost:
            raise Refused(
                f"This {bill.whose} may cost {dollars(bill.high)}, more than the {dollars(max_cost)} of --max-cost.",
                _less(bill, "allow more"),
            )
    if budget is not None:
        left = budget - bill.so_far.spent - bill.so_far.pending
        limits.append(left)
        bill = replace(bill, left=left)
        if bill.high > left:
            raise Refused(
                f"This {bill.whose} may cost {dollars(bill.high)}, and of the film's budget of"
                f" {dollars(budget)} there is {dollars(max(left, Fraction(0)))} left:"
                f" {_so_far(bill.so_far)}.",
                _less(bill, "raise `budget`"),
            )
    if bill.high > 0 and not agree(bill):
        nothing = "Nothing was asked for" if bill.whose == "retake" else "Nothing was built"
        raise Refused(f"{nothing}: it would cost money, and that was not agreed to.")
    paid = _paid(plan)
    return Purse(
        steps=frozenset(step.action.id for step in paid),
        keys=frozenset(step.key for step in paid if step.key),
        left=min(limits) if limits else None,
    )


def _less(bill: Bill, more: str) -> str:
    """What to do about a bill that is too high; `more` is how to have it paid all the same."""
    if bill.whose == "build":
        return f"Build less of it with --shot, choose a cheaper model or profile, or {more}."
    said = f"ask for fewer takes with --count, or {more}." if bill.clips > 1 else f"{more}."
    return said[0].upper() + said[1:]


def _so_far(so_far: Spending) -> str:
    spent = f"{dollars(so_far.spent)} are spent"
    return f"{spent}, {dollars(so_far.pending)} under way" if so_far.pending else spent


def _paid(plan: Plan) -> list[Step]:
    return [step for step in plan if step.cost_usd[1] > 0]


@dataclass(slots=True)
class Purse:
    """The money of one build: for which steps it is, and what is left of it.

    Attributes:
        steps: ids of steps that may be paid for.
        keys: keys that may, whichever step comes to ask for them.
        left: US dollars; None where there is no limit.
    """

    steps: frozenset[str] = frozenset()
    keys: frozenset[str] = frozenset()
    left: Fraction | None = None
    _taken: dict[str, Fraction] = field(default_factory=dict)

    def take(self, step: str, key: str, most: Fraction) -> None:
        """Set aside what a job may cost, before it is sent.

        Raises:
            Refused: it was not agreed to, or is more than is left.
        """
        if most > 0 and step not in self.steps and key not in self.keys:
            raise Refused(
                f"{step} would cost {dollars(most)}, which was not agreed to when this build began",
                "build again: the plan now has it, with its price",
            )
        if self.left is not None:
            if most > self.left:
                raise Refused(
                    f"{step} may cost {dollars(most)}, and {dollars(self.left)} are left for this build",
                    "allow more, and build again: what was finished is kept",
                )
            self.left -= most
        self._taken[key] = most

    def settle(self, key: str, charged: Fraction) -> None:
        """A job has ended; what it did not cost is free again, what it cost beyond is gone."""
        taken = self._taken.pop(key, None)
        if self.left is not None and taken is not None:
            self.left += taken - charged


def dollars(amount: Fraction) -> str:
    """An amount as people write it: to the cent, or exactly where it is less."""
    return (
        f"${float(amount):.2f}"
        if amount >= Fraction(1, 100) or not amount
        else f"${float(amount):.4f}"
    )
