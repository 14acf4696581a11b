"""Building a film: what is to be paid for is agreed to, made, put together and measured."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

from storyboard import providers
from storyboard.agenda import Pace
from storyboard.build_lock import StoreBusy, build_lock
from storyboard.consent import Agree, Bill, Purse, bill_of, consent_to
from storyboard.diagnostics import Failed
from storyboard.equipping import driver_of, listening, remote_providers
from storyboard.events import ChainMeasured, JoinMeasured, Listener
from storyboard.inspection import Inspection
from storyboard.job_events import JobLeft
from storyboard.jobs import Job
from storyboard.outcome import Films, Outcome, Takes
from storyboard.passes.assemble import assemble, standing, unplaced
from storyboard.passes.execute import execute
from storyboard.project import Project
from storyboard.quality import CutQuality
from storyboard.recollection import keep
from storyboard.refetching import fetch_missing
from storyboard.saved_plan import SavedPlan
from storyboard.source import Plain
from storyboard.steps import Plan
from storyboard.store import StoreError
from storyboard.unlocked import lacking_in_lock, tell_missing
from storyboard.workshop import Workshop

if TYPE_CHECKING:
    from storyboard.remote.mailbox import Webhooks


def _disagree(_: Bill) -> bool:
    return False


def _agreed(_: Bill) -> bool:
    return True


def build(  # noqa: PLR0913 - what the command can be told
    project: Project,
    listener: Listener,
    *,
    jobs: int | None = None,
    keep_going: bool = True,
    max_cost: Fraction | None = None,
    agree: Agree = _disagree,
    reviewed: SavedPlan | None = None,
    webhooks: Webhooks | None = None,
    remake: bool = False,
) -> Outcome:
    """Make everything that is to be made, and put the films in their places.

    Args:
        project: the film.
        listener: told what happens.
        jobs: how many steps at once.
        keep_going: after a failure go on with what does not depend on it.
        max_cost: US dollars that the build may cost at most.
        agree: asked with the bill where the build costs anything.
        reviewed: a plan that is done exactly so; it is the consent to what
            it costs, and `agree` is not asked.
        webhooks: where providers may tell that a job has ended.
        remake: takes that are missing may be made again.

    Raises:
        StoreBusy: another build is at work.
        StoreError: the disk is full, cannot be written, or is damaged.
        Invalid: the key of a provider is missing, or the lock is damaged;
            nothing was done.
        Refused: it would cost too much, is not agreed to, or is not what was
            reviewed; nothing was done.
    """
    planned = project.plan(remake=remake)
    ledger, film = project.workshop.ledger, project.workshop.lane.film
    before = ledger.jobs.spending(film)
    retakes: tuple[Job, ...] = ()
    if ledger.jobs.begun_retakes(film):
        retakes = _begun_retakes(project, planned)
        takes = _taken_in(project, planned, retakes, listener)
        if takes.interrupted:
            return _told(Outcome(planned, takes, Films(interrupted=True)), listener)
        planned = project.plan(remake=remake)
    if reviewed:
        reviewed.require(planned)
    done = standing(planned, project.workshop, project.compiled.sightings)
    asked = {job.id for job in retakes}
    leftovers = ledger.jobs.leftover(planned.asked_for)
    leftovers = tuple(job for job in leftovers if job.id not in asked)
    if done is not None:
        if project.workshop.books.lags or project.workshop.books.unwritten(planned):
            with build_lock(project.workshop.store):
                project.workshop.books.catch_up(planned)
        takes = _collected(project, leftovers, listener) if leftovers else Takes()
        cost = ledger.jobs.spending(film).spent - before.spent
        return _told(Outcome(planned, takes, done, cost), listener)
    remote = remote_providers(project, planned, leftovers)
    if remote:
        project.workshop.lock.check_writable()
    budget = project.compiled.storyboard.budget
    purse = consent_to(
        planned,
        bill_of(planned, project.spending()),
        budget=budget,
        max_cost=max_cost,
        agree=_agreed if reviewed else agree,
    )
    purse = reviewed.narrowed(purse) if reviewed else purse
    workshop = replace(
        project.workshop, driver=driver_of(project, remote, purse) if remote else None
    )
    pace = Pace(jobs=jobs, limits=_limits(project), keep_going=keep_going)
    with build_lock(workshop.store), listening(workshop.driver, webhooks, listener):
        workshop.books.catch_up(planned)
        import asyncio

        if asyncio.run(fetch_missing(planned, workshop.driver, ledger, workshop.store)):
            planned = project.plan(remake=remake)
        takes, films = _made(project, planned, workshop, listener, pace, leftovers)
    cost = ledger.jobs.spending(film).spent - before.spent
    return _told(Outcome(planned, takes, films, cost), listener)


def build_locked(
    project: Project, listener: Listener, *, jobs: int | None = None, keep_going: bool = True
) -> Outcome:
    """Make exactly the film that the lock says, from what is here: no provider is asked.

    What is free is done; nothing that belongs into the lock is generated,
    and the lock stays as it is.

    Raises:
        Failed: the lock lacks something, or its bytes are not here; nothing was done.
        Invalid: the lock is damaged.
        StoreBusy, StoreError: as `build`.
    """
    planned = project.plan()
    lacking = lacking_in_lock(planned, project.workshop.books.unwritten(planned))
    if lacking:
        why, advice = lacking
        raise Failed(f"The film is not what {project.workshop.lock.name} says: {why}.", advice)
    done = standing(planned, project.workshop, project.compiled.sightings)
    if done is not None:
        return _told(Outcome(planned, Takes(), done), listener)
    workshop = replace(project.workshop, locked=True)
    with build_lock(workshop.store):
        pace = Pace(jobs=jobs, keep_going=keep_going)
        takes, films = _made(project, planned, workshop, listener, pace)
    return _told(Outcome(planned, takes, films), listener)


def _made(
    project: Project,
    planned: Plan,
    workshop: Workshop,
    listener: Listener,
    pace: Pace,
    leftovers: tuple[Job, ...] = (),
) -> tuple[Takes, Films]:
    """Make what a plan says, put the films together and measure them. The build lock must be held."""
    sightings = project.compiled.sightings
    absent = unplaced(planned, workshop, sightings)
    takes = execute(planned, workshop, listener, pace, leftovers, absent)
    films = Films(interrupted=True)
    if not takes.interrupted:
        with Inspection(planned, workshop, takes.outputs) as inspection:
            films = assemble(planned, takes, workshop, listener, sightings, absent)
            with suppress(OSError):  # what is not kept is looked at again
                keep(sightings, workshop.store.root)
            if not films.interrupted:
                allowed = project.quality_allowed()
                _tell(inspection.cuts(films.outputs, allowed), listener)
    return replace(takes, missing=tell_missing(planned, listener)), films


def _tell(measured: Iterable[CutQuality], listener: Listener) -> None:
    """Tell of the joins and chains of films."""
    for cut in measured:
        for join, warnings in cut.joins:
            listener(JoinMeasured(cut.cut, join.json(), warnings))
        for before, after, why in cut.unmeasured:
            met: dict[str, Plain] = {"before": before, "after": after}
            listener(JoinMeasured(cut.cut, met, (f"it cannot be measured: {why}",)))
        for chain, warnings in cut.chains:
            listener(ChainMeasured(cut.cut, chain.json(), warnings))


def _begun_retakes(project: Project, planned: Plan) -> tuple[Job, ...]:
    """The film's retakes that were begun, by a process that was killed, and may still bring a take."""
    leftovers = project.workshop.ledger.jobs.leftover(planned.asked_for)
    film = project.workshop.lane.film
    return tuple(job for job in leftovers if job.wanted.retake and job.lane.film == film)


def _taken_in(
    project: Project, planned: Plan, retakes: tuple[Job, ...], listener: Listener
) -> Takes:
    """Have the lock know what is paid for: what the ledger knows, and retakes that have ended.

    Before anything is planned, priced and agreed to: what is selected may be
    another take then, and what follows from it is to be made anew.
    """
    if project.workshop.books.lags:
        with build_lock(project.workshop.store):
            project.workshop.books.catch_up(planned)
    return _collected(project, retakes, listener) if retakes else Takes()


def _collected(project: Project, leftovers: tuple[Job, ...], listener: Listener) -> Takes:
    """Collect jobs in a build that has nothing else to do, and does not fail for their sake."""
    driver = driver_of(project, remote_providers(project, Plan(()), leftovers), Purse())
    try:
        with build_lock(project.workshop.store):
            workshop = replace(project.workshop, driver=driver)
            return execute(Plan(()), workshop, listener, leftovers=leftovers)
    except (StoreBusy, StoreError) as error:
        for job in leftovers:
            listener(JobLeft(job.id, job.provider, job.shot, str(error), job.wanted.retake))
        return Takes()


def _limits(project: Project) -> dict[str, int]:
    names = {action.model for action in project.compiled.graph if action.model}
    models = (providers.find_model(name) for name in names)
    return {model.name: model.concurrency for model in models if model and not model.local}


def _told(outcome: Outcome, listener: Listener) -> Outcome:
    listener(outcome.summary())
    return outcome
