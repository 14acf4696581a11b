"""Why a shot stands as it does: what it was made for, what it would be made for, and what decides."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from storyboard.graph import Action, InputSource, Kind, Made
from storyboard.jobs import Job
from storyboard.providers import find_model
from storyboard.reasons import certain_differences
from storyboard.steps import Plan, Reason, Status, Step
from storyboard.takes import Before, made_before
from storyboard.workshop import Workshop


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """What a step is given under a role.

    Attributes:
        maker: the step that makes it; None for what is not made here.
        before: the digest of what the step was given when it was made last.
    """

    role: str
    source: InputSource
    maker: Step | None = None
    before: str | None = None


@dataclass(frozen=True, slots=True)
class Hop:
    """A clip on the way from what is sure to be made down to what waits for it.

    Attributes:
        reasons: in what the clip differs for certain from what it was made for last.
        given: by which step, a frame or a clip, it depends on the one before it.
    """

    step: Step
    reasons: tuple[Reason, ...] = ()
    given: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """One generate step of a shot, and why it stands as it does.

    Attributes:
        reasons: the fields in which it differs, for certain, from what it was
            made for last.
        path: where it waits, the clips from the one that is sure to be made
            down to this one.
        another: whether the first of them will surely be another clip, since
            its model never makes the same one twice.
        decided: whether it is sure to be made, or sure not to be; False where
            the frames that it waits for decide.
        clip: the clip that it has; where it is to be made, the one that it had
            before. None without one.
        take: the paid job that brought this clip.
        followers: the shots that start or end with its frames, or move as it does.
    """

    step: Step
    inputs: tuple[Input, ...]
    reasons: tuple[Reason, ...]
    path: tuple[Hop, ...]
    another: bool
    decided: bool
    clip: Path | None
    take: Job | None
    followers: tuple[str, ...]


def why(plan: Plan, workshop: Workshop, shot: str, segment: int | None = None) -> tuple[Why, ...]:
    """Why each generate step of a shot stands as it does, in build order.

    Args:
        plan: of the whole film.
        workshop: knows what was made before.
        shot: the shot's id; one of footage has no such step.
        segment: only this one of its segments.

    Raises:
        StoreError: the ledger cannot be read.
    """
    asker = _Asker(plan, workshop)
    return tuple(
        asker.why(step)
        for step in plan
        if step.action.kind is Kind.GENERATE
        and step.action.shot == shot
        and segment in {None, step.action.segment}
    )


class _Asker:
    """A plan, and what its steps were made for last."""

    def __init__(self, plan: Plan, workshop: Workshop) -> None:
        self._steps = {step.action.id: step for step in plan}
        self._workshop = workshop
        self._last = workshop.ledger.last(workshop.lane)

    def why(self, step: Step) -> Why:
        before = self._before(step.action)
        asked = before.request if before else None
        key = step.kept or (step.key if step.at_hand else before.key if before else None)
        output = step.output or (before.output if before else None)
        given = asked.get("inputs") if asked else None
        reasons = self._reasons(step)
        path = self._path(step)
        return Why(
            step=step,
            inputs=tuple(
                Input(
                    role=role,
                    source=source,
                    maker=self._steps.get(source.action) if isinstance(source, Made) else None,
                    before=_digest(given.get(role)) if isinstance(given, dict) else None,
                )
                for role, source in step.action.inputs.items()
            ),
            reasons=reasons,
            path=path,
            another=bool(path) and not _repeats(path[0].step.action),
            decided=step.status is not Status.WAITING or asked is None or bool(reasons),
            clip=self._workshop.store.find(output) if output else None,
            take=self._workshop.ledger.jobs.latest(key) if key else None,
            followers=tuple(dict.fromkeys(_followers(step.action, self._steps))),
        )

    def _reasons(self, step: Step) -> tuple[Reason, ...]:
        if step.status is not Status.WAITING:
            return step.reasons
        before = self._before(step.action)
        return certain_differences(before.request, step.action) if before else ()

    def _before(self, action: Action) -> Before | None:
        """What a step was made for last."""
        workshop = self._workshop
        last, profile = self._last.get(action.id), workshop.lane.profile
        return made_before(action, last, profile, workshop.lock.lock, workshop.ledger)

    def _path(self, step: Step) -> tuple[Hop, ...]:
        hops: list[Hop] = []
        given = None
        for each in _way(step, self._steps):
            if each.action.kind is Kind.GENERATE:
                hops.append(Hop(each, self._reasons(each), given or (hops and hops[-1].step.action.id) or None))  # fmt: skip
                given = None
            else:
                given = each.action.id
        return tuple(hops)


def _repeats(action: Action) -> bool:
    model = find_model(action.model or "")
    return model is not None and model.repeatable


def _digest(given: object) -> str | None:
    match given:
        case {"digest": str(digest)}:
            return digest
    return None


def _way(step: Step, steps: Mapping[str, Step]) -> tuple[Step, ...]:
    """The shortest way from a step that is waited for down to this one; empty where it waits for none."""
    if step.status is not Status.WAITING:
        return ()
    ways: list[tuple[Step, ...]] = [(step,)]
    seen: set[str] = set()
    for way in ways:  # grows while it is gone through: the shortest ways come first
        top = way[0]
        if top.action.id in step.waits_for:
            return way
        # What is fresh, and waits, shares the clip that another step makes.
        shared = top.waits_for if top.status is Status.FRESH else ()
        for needed in (*top.action.depends_on, *shared):
            if needed in steps and needed not in seen:
                seen.add(needed)
                ways.append((steps[needed], *way))
    return ()


def _followers(action: Action, steps: Mapping[str, Step]) -> Iterator[str]:
    frames = {
        id_
        for id_, step in steps.items()
        if step.action.kind is Kind.FRAME and action.id in step.action.depends_on
    }
    for step in steps.values():
        if step.action.kind is Kind.GENERATE and {action.id, *frames} & {*step.action.depends_on}:
            segment = step.action.segment
            if step.action.shot and step.action.shot != action.shot:
                yield step.action.shot
            elif step.action.shot:
                yield f"{step.action.shot}#{segment}"
