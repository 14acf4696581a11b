"""The takes of a shot: which there are, and which of them the film uses."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from storyboard.build_lock import build_lock
from storyboard.diagnostics import Invalid, did_you_mean, listed
from storyboard.facts import Pin, Place, Selection, Take, place_of
from storyboard.graph import Kind
from storyboard.project import Project
from storyboard.steps import Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A take, as it stands.

    Attributes:
        number: among those of its key, from 1, in the order of their dates.
        selected: whether its key uses it.
        current: whether a step of the film asks for its key now.
        pinned: whether a shot keeps it, whatever it asks for.
        here: whether its bytes are in the store.
    """

    take: Take
    number: int
    selected: bool
    current: bool
    pinned: bool
    here: bool


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which clips of a film are meant.

    Attributes:
        segment: only this one; None means all that the shot has.
        cut: as this cut has it, where cuts have the shot differently.
    """

    shot: str
    segment: int | None = None
    cut: str | None = None


def takes_in(project: Project, shot: str | None) -> tuple[Listed, ...]:
    """The takes that the lock holds: of a shot those made for it, and those that it asks for now.

    Raises:
        Invalid: neither the film nor the lock has the shot.
    """
    lock, store = project.workshop.lock.lock, project.workshop.store
    steps = [step for step in project.plan() if step.action.kind is Kind.GENERATE]
    takes = list(lock.every_take())
    if shot is not None:
        shots = {each.place.shot for each in takes} | {each.action.shot or "" for each in steps}
        if shot not in shots:
            raise unknown_shot(shot, shots)
        asked = {step.key for step in steps if step.action.shot == shot}
        takes = [each for each in takes if each.place.shot == shot or each.key in asked]
    current = {step.key for step in steps}
    pinned = set(lock.pins.values())
    found = []
    for take in takes:
        of_key = [each.identity for each in lock.takes(take.key)]
        selected = lock.selected(take.key)
        found.append(
            Listed(
                take=take,
                number=of_key.index(take.identity) + 1,
                selected=selected is not None and selected.identity == take.identity,
                current=take.key in current,
                pinned=take.identity in pinned,
                here=store.find(take.clip) is not None,
            )
        )
    return tuple(
        sorted(found, key=lambda each: (each.take.place.shot, each.take.place.segment or 0))
    )


def select(project: Project, wanted: Wanted, number: int) -> Take:
    """Have a shot's key use one of its takes; that costs nothing.

    Raises:
        Invalid: there is no such shot or take, or it is pinned.
        StoreBusy, StoreError: as for a build.
    """
    lock = project.workshop.lock
    with build_lock(project.workshop.store):
        step = one_step(project, wanted)
        check_not_pinned(project, step)
        takes = takes_of(project, step)
        if not 1 <= number <= len(takes):
            there = "it has take 1 alone" if len(takes) == 1 else f"it has takes 1 to {len(takes)}"
            raise Invalid(
                f"Shot `{wanted.shot}` has no take {number}: {there}.",
                f"`storyboard takes {wanted.shot}` lists them.",
            )
        take = takes[number - 1]
        chosen = [] if take == takes[-1] else [Selection(take.place.shot, take.identity)]
        lock.change(chosen, deselect=[take.key])
    return take


def check_not_pinned(project: Project, step: Step) -> None:
    """See to it that a take which is chosen for a step is the one that the film shows.

    Raises:
        Invalid: the step's shot is pinned.
    """
    workshop, shot = project.workshop, step.action.shot
    if workshop.lock.lock.pinned(place_of(step.action, workshop.lane.profile)):
        under = f" in the profile `{workshop.lane.profile}`" if workshop.lane.profile else ""
        raise Invalid(
            f"Shot `{shot}` is pinned{under}: it keeps that take, whichever is chosen.",
            f"`storyboard unpin {shot}` lets it have another.",
        )


def pin(project: Project, wanted: Wanted) -> tuple[Take, ...]:
    """Have a shot keep the takes that it has now, whatever it asks for later.

    Raises:
        Invalid: there is no such shot, or it has no take.
        StoreBusy, StoreError: as for a build.
    """
    workshop = project.workshop
    with build_lock(workshop.store):
        lock, pins = workshop.lock.lock, []
        for step in steps_of(project, wanted):
            place = place_of(step.action, workshop.lane.profile)
            take = (
                lock.pinned(place) or lock.selected(step.kept or step.key or "") or lock.kept(place)
            )
            if take is None:
                raise _no_take(wanted.shot)
            pins.append((Pin(place, take.identity), take))
        workshop.lock.change([each for each, _ in pins], unpin=[each.place for each, _ in pins])
    return tuple(take for _, take in pins)


def unpin(project: Project, wanted: Wanted) -> tuple[Place, ...]:
    """Let a shot follow what it asks for again.

    Raises:
        Invalid: it is not pinned.
        StoreBusy, StoreError: as for a build.
    """
    lock, profile = project.workshop.lock, project.workshop.lane.profile
    with build_lock(project.workshop.store):
        places = tuple(
            place
            for place in lock.lock.pins
            if place.shot == wanted.shot
            and place.profile == profile
            and wanted.segment in {None, place.segment}
            and wanted.cut in {None, place.cut}
        )
        if not places:
            others = sorted({place.shot for place in lock.lock.pins if place.profile == profile})
            under = f" under the profile `{profile}`" if profile else ""
            said = f"Pinned are {listed(others, last='and')}." if others else "No shot is pinned."
            raise Invalid(f"Shot `{wanted.shot}` is not pinned{under}.", said)
        lock.change(unpin=places)
    return places


def steps_of(project: Project, wanted: Wanted) -> list[Step]:
    """The steps that make a shot's clips.

    Raises:
        Invalid: there is no such shot or segment, or what it is made of is no take.
    """
    every = [step for step in project.plan() if step.action.kind is Kind.GENERATE]
    steps = [step for step in every if step.action.shot == wanted.shot]
    shots = dict.fromkeys(name for cut in project.compiled.storyboard.cuts for name in cut.shots)
    if not steps:
        if wanted.shot in shots:
            raise Invalid(f"Shot `{wanted.shot}` shows footage: it has no takes.")
        raise unknown_shot(wanted.shot, shots)
    if all(step.action.repeatable for step in steps):
        raise Invalid(
            f"Shot `{wanted.shot}` is drawn by {steps[0].action.model}, which is free and always"
            " draws the same: it has no takes.",
            "Takes are clips of models that cost money; a profile may choose one.",
        )
    if wanted.cut is not None:
        steps = [step for step in steps if wanted.cut in step.action.cuts]
    if wanted.segment is not None:
        segments = {step.action.segment for step in steps}
        steps = [step for step in steps if step.action.segment == wanted.segment]
        if not steps:
            raise Invalid(
                f"Shot `{wanted.shot}` has no segment {wanted.segment}.",
                f"It has {len(segments)}." if segments != {None} else "It is one clip.",
            )
    return steps


def one_step(project: Project, wanted: Wanted) -> Step:
    """The only step that is meant.

    Raises:
        Invalid: there are several, or none.
    """
    steps = steps_of(project, wanted)
    if len(steps) == 1:
        return steps[0]
    if not steps:
        raise Invalid(f"Cut `{wanted.cut}` does not have shot `{wanted.shot}`.")
    segments = sorted({step.action.segment for step in steps if step.action.segment})
    if len(segments) > 1:
        raise Invalid(
            f"Shot `{wanted.shot}` has {len(segments)} segments, each with takes of its own.",
            "Say which: `--segment 1`.",
        )
    cuts = [step.action.cuts[0] for step in steps]
    raise Invalid(
        f"Shot `{wanted.shot}` is made differently for the cuts {listed(cuts, last='and')}.",
        f"Say which: `--cut {cuts[0]}`.",
    )


def takes_of(project: Project, step: Step) -> Sequence[Take]:
    """The takes of what a step asks for, the oldest first.

    Raises:
        Invalid: it has none yet.
    """
    takes = project.workshop.lock.lock.takes(step.key) if step.key else ()
    if not takes:
        raise _no_take(step.action.shot or "")
    return takes


def _no_take(shot: str) -> Invalid:
    return Invalid(
        f"Shot `{shot}` has no take yet of what it asks for now.",
        f"`storyboard build --shot {shot}` makes the first.",
    )


def unknown_shot(shot: str, known: Iterable[str]) -> Invalid:
    """The error that neither the film nor the lock has a shot."""
    names = list(known)
    otherwise = f"Shots: {listed(names, last='and')}."
    return Invalid(f"There is no shot `{shot}`.", did_you_mean(shot, names, otherwise=otherwise))
