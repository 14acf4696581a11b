"""What keeps a film from being what its lock says: takes that it lacks, bytes that are not here."""

from __future__ import annotations

from collections.abc import Sequence

from storyboard.consent import dollars
from storyboard.diagnostics import listed
from storyboard.events import Listener, StepFailed
from storyboard.facts import Fact, LaterFrame, Take
from storyboard.steps import Plan, Status, Step

_OTHER_LOCK = (
    "Build without --locked, and commit the lock; or check out the lock that belongs to this"
    " storyboard."
)
_COPY = "Copy .storyboard/blobs here from where the film was built."


def lacking_in_lock(plan: Plan, unwritten: Sequence[Fact]) -> tuple[str, str] | None:
    """Why a plan cannot be built with --locked, and what to do; None where it can, as far as is known.

    A step that waits for what is drawn here may turn out to be in the lock.

    Args:
        plan: of the film.
        unwritten: facts that are known here, and that the lock does not have.
    """
    taken = {fact.place.shot for fact in unwritten if isinstance(fact, Take)}
    taken |= {fact.shot for fact in unwritten if isinstance(fact, LaterFrame)} & taken
    new = [
        step.action.id
        for step in plan
        if not step.action.repeatable and step.status in {Status.NEW, Status.STALE}
    ]
    if new:
        return f"{_they(new)} not in it", _OTHER_LOCK
    if taken:
        shots = listed(sorted(taken), last="and")
        return f"what was paid for {shots} is not written down in it", _OTHER_LOCK
    missing = [step.action.id for step in plan if step.status is Status.MISSING]
    blocked = [step for step in plan if step.status is Status.BLOCKED]
    if blocked and missing:
        return f"the bytes of {listed(missing, last='and')} are not in the store", _COPY
    return None


def tell_missing(plan: Plan, listener: Listener) -> tuple[str, ...]:
    """Tell of each take that is not here and that is needed; their steps.

    A clip that nothing is made of now is not missed.
    """
    needed = _needed(plan)
    missing = [step for step in plan if step.action.id in needed and not step.action.repeatable]
    for step in missing:
        listener(StepFailed(step.action, *_in_words(step)))
    return tuple(step.action.id for step in missing)


def _needed(plan: Plan) -> set[str]:
    """The missing steps without which a blocked one cannot be done, or that are wanted themselves."""
    used = {id_ for step in plan for id_ in step.action.depends_on}
    needed: set[str] = set()
    lacking: set[str] = set()  # what blocked steps, and needed ones, are made of
    for step in reversed(plan.steps):
        id_ = step.action.id
        missing = step.status is Status.MISSING
        if missing and (id_ in lacking or id_ not in used):
            needed.add(id_)
        if step.status is Status.BLOCKED or id_ in needed:
            lacking.update(step.action.depends_on)
    return needed


def _in_words(step: Step) -> tuple[str, str]:
    low, high = step.action.price
    price = dollars(high) if low == high else f"{dollars(low)} to {dollars(high)}"
    where = "copy it there from where it was made"
    if step.kept and step.kept != step.key:  # what it is asked for now would be another clip
        again = "let the shot go, to have it made anew"
    else:
        again = f"have another one made, for {price}, with `storyboard build --remake-missing`"
    return (
        f"its clip, {(step.output or '')[:12]}…, is in the lock and not in .storyboard/blobs",
        f"{where}, or {again}",
    )


def _they(names: Sequence[str]) -> str:
    return f"{listed(names, last='and')} {'is' if len(names) == 1 else 'are'}"
