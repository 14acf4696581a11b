"""Retakes: more takes of what a shot asks for; the newest is the one that is used."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction

from storyboard import providers
from storyboard.build_lock import build_lock
from storyboard.choosing import Wanted, check_not_pinned, one_step, takes_of
from storyboard.consent import Agree, bill_of, consent_to
from storyboard.diagnostics import Invalid
from storyboard.equipping import equipped
from storyboard.events import Listener, StepStarted
from storyboard.exchange import FellBack, Found, Operation, Running
from storyboard.facts import Take
from storyboard.jobs import Job
from storyboard.news import news_of
from storyboard.project import Project
from storyboard.remote.driver import Hear
from storyboard.steps import Plan, Status, Step
from storyboard.workshop import Workshop


def retake(
    project: Project,
    wanted: Wanted,
    count: int,
    listener: Listener,
    *,
    max_cost: Fraction | None = None,
    agree: Agree,
) -> tuple[Take, ...]:
    """Have more takes made; the new ones, the oldest first.

    Retakes that were begun before, by a process that was killed, are gone on
    with first: they count, and are not paid for again.

    Args:
        project: the film.
        wanted: the clip.
        count: how many.
        listener: told what happens.
        max_cost: US dollars that it may cost at most.
        agree: asked with the bill.

    Raises:
        Invalid: there is no such clip, or no take of it yet, no key, or it is pinned.
        Refused: it would cost too much, or is not agreed to; nothing was asked for.
        Undecided: nobody can tell what became of a request.
        Failed: the provider refused or failed. Takes made before that are kept.
    """
    planned = project.plan()
    step = one_step(project, wanted)
    check_not_pinned(project, step)
    takes_of(project, step)
    model = providers.find_model(step.action.model or "")
    if model is None or model.local:
        raise Invalid(f"{step.action.model} is not asked for takes.")
    begun = project.workshop.ledger.jobs.retakes(step.key or "")
    left = max(0, count - sum(job.intent.count for job in begun))
    project.workshop.lock.check_writable()
    purse = consent_to(
        asked := Plan((_priced(step, left),)),
        replace(bill_of(asked, project.spending()), clips=left, whose="retake"),
        budget=project.compiled.storyboard.budget,
        max_cost=max_cost,
        agree=agree,
    )
    sizes = [model.results] * (left // model.results) + [left % model.results]
    workshop = equipped(project, purse)
    outputs = {each.action.id: each.output for each in planned if each.output}
    with build_lock(workshop.store):
        workshop.books.catch_up(planned)
        listener(StepStarted(step.action))
        hear = _hearing(step, listener)
        requests = [(job.intent.count, job) for job in begun]
        return asyncio.run(
            _made(workshop, step, outputs, [*requests, *((n, None) for n in sizes if n)], hear)
        )


def _priced(step: Step, count: int) -> Step:
    """The step as one that is to be made so many times."""
    low, high = step.action.price
    action = replace(step.action, price=(low * count, high * count), stand_ins=())
    return replace(step, action=action, status=Status.STALE, asked_for=False)


async def _made(
    workshop: Workshop,
    step: Step,
    outputs: Mapping[str, str],
    requests: list[tuple[int, Job | None]],
    hear: Hear,
) -> tuple[Take, ...]:
    """One request after the other: what has come is in the lock before the next is sent."""
    takes: list[Take] = []
    try:
        for count, begun in requests:
            takes += await workshop.retake(step, outputs, count, begun, hear)
    finally:
        await workshop.hang_up()
    return tuple(takes)


def _hearing(step: Step, listener: Listener) -> Hear:
    def hear(said: Operation | Found | Running | FellBack) -> None:
        if (news := news_of(step.action, said)) is not None:
            listener(news)

    return hear
