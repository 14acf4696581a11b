"""execute: from the plan to takes: makes every clip and frame that is to be made."""

from __future__ import annotations

from collections.abc import Collection

from storyboard.agenda import Pace
from storyboard.events import Listener
from storyboard.graph import Kind
from storyboard.jobs import Job
from storyboard.outcome import Takes
from storyboard.steps import Plan
from storyboard.workshop import Workshop


def execute(
    plan: Plan,
    workshop: Workshop,
    listener: Listener,
    pace: Pace | None = None,
    leftovers: tuple[Job, ...] = (),
    unplaced: Collection[str] = (),
) -> Takes:
    """Do every step of the plan but the cuts. The build lock must be held.

    Ctrl-C is not raised: the takes say so. A second one, while the first is
    being obeyed, is a KeyboardInterrupt.

    Args:
        plan: what to do. What it says is fresh is looked up again.
        workshop: where it is done.
        listener: told what happens, always in the thread that called.
        pace: how much at once, and whether a failure ends it.
        leftovers: jobs that no step of the plan asks for, to be collected meanwhile.
        unplaced: cuts whose films are to be put in their places though nothing
            of them has changed.

    Raises:
        StoreError: the store cannot be read. One that cannot be written fails
            the steps, and the build stops there.
    """
    from storyboard.schedule import perform  # it brings asyncio along

    return perform(
        [step for step in plan if step.action.kind not in {Kind.CUT, Kind.POSTER}],
        workshop,
        listener,
        needed={
            id_
            for step in plan
            if step.to_do or step.action.id in unplaced
            for id_ in step.action.depends_on
        },
        pace=pace,
        leftovers=leftovers,
    )
