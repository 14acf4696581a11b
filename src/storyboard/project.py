"""A project: a compiled storyboard with its store and its ledger, to be planned and built."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from storyboard import providers
from storyboard.agenda import Pace
from storyboard.build_lock import StoreBusy, build_lock
from storyboard.consent import Agree, Bill, Purse, bill_of, consent_to
from storyboard.diagnostics import Failed
from storyboard.events import (
    ChainMeasured,
    JobLeft,
    JoinMeasured,
    Listener,
    WebhookIgnored,
)
from storyboard.exchange import RemoteProvider
from storyboard.graph import Action, ActionGraph
from storyboard.jobs import Job, Spending
from storyboard.lane import Lane
from storyboard.ledger import Ledger
from storyboard.lock_file import LockFile, lock_path
from storyboard.model import Storyboard
from storyboard.outcome import Films, Outcome, Takes
from storyboard.passes.assemble import assemble, standing
from storyboard.passes.execute import execute
from storyboard.passes.plan import plan
from storyboard.pipeline import Compiled
from storyboard.provider import LocalProvider
from storyboard.refetching import fetch_missing
from storyboard.source import Plain
from storyboard.steps import Plan, Step
from storyboard.store import Store, StoreError, store_root
from storyboard.tools import LocalTools, Tools
from storyboard.unlocked import lacking_in_lock, tell_missing
from storyboard.whereabouts import DEFAULT_NAME
from storyboard.workshop import Workshop

if TYPE_CHECKING:
    from storyboard.quality import CutQuality
    from storyboard.remote.driver import Driver
    from storyboard.remote.mailbox import Webhooks
from storyboard.saved_plan import SavedPlan


def film_paths(storyboard: Storyboard) -> dict[str, str]:
    """Where each cut's film goes, from the storyboard's folder.

    `build/main.mp4`; `build/main.draft.mp4` under the profile `draft`;
    `build/ep02-main.mp4` for the storyboard `ep02.yaml`.
    """
    stem = "" if storyboard.name == Path(DEFAULT_NAME).stem else f"{storyboard.name}-"
    profile = f".{storyboard.profile}" if storyboard.profile else ""
    return {cut.id: f"build/{stem}{cut.id}{profile}.{cut.format}" for cut in storyboard.cuts}


def _disagree(_: Bill) -> bool:
    return False


def _agreed(_: Bill) -> bool:
    return True


def _provider(action: Action) -> str:
    """The provider of an action's model; empty without one."""
    return (action.model or "").partition("/")[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """A compiled storyboard with its store and ledger."""

    compiled: Compiled
    workshop: Workshop

    def plan(self, *, remake: bool = False) -> Plan:
        """What a build would do, and why.

        Args:
            remake: whether takes that the lock has and that are not here may be
                made again.

        Raises:
            Invalid: the lock is damaged.
            StoreError: the ledger cannot be read.
        """
        workshop = self.workshop
        return plan(
            self.compiled.graph,
            workshop.store,
            workshop.ledger,
            workshop.lane,
            film_paths(self.compiled.storyboard),
            lock=workshop.lock.lock,
            remake=remake,
        )

    def spending(self) -> Spending:
        """What the film has cost in all, wherever it was paid for, and what is under way."""
        from storyboard.costs import expenses_of, spending_of

        workshop = self.workshop
        jobs = workshop.ledger.jobs.all()
        return spending_of(expenses_of(workshop.lane.film, jobs, workshop.lock.lock))

    def build(  # noqa: PLR0913 - what the command can be told
        self,
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
        planned = self.plan(remake=remake)
        ledger, film = self.workshop.ledger, self.workshop.lane.film
        before = ledger.jobs.spending(film)
        retakes: tuple[Job, ...] = ()
        if ledger.jobs.begun_retakes(film):
            retakes = self._begun_retakes(planned)
            takes = self._taken_in(planned, retakes, listener)
            if takes.interrupted:
                return _told(Outcome(planned, takes, Films(interrupted=True)), listener)
            planned = self.plan(remake=remake)
        if reviewed:
            reviewed.require(planned)
        done = standing(planned, self.workshop, self.compiled.sightings)
        asked = {job.id for job in retakes}
        leftovers = ledger.jobs.leftover(planned.asked_for)
        leftovers = tuple(job for job in leftovers if job.id not in asked)
        if done is not None:
            if self.workshop.books.lags or self.workshop.books.unwritten(planned):
                with build_lock(self.workshop.store):
                    self.workshop.books.catch_up(planned)
            takes = self._collected(leftovers, listener) if leftovers else Takes()
            cost = ledger.jobs.spending(film).spent - before.spent
            return _told(Outcome(planned, takes, done, cost), listener)
        remote = self._remote(planned, leftovers)
        if remote:
            self.workshop.lock.check_writable()
        budget = self.compiled.storyboard.budget
        purse = consent_to(
            planned,
            bill_of(planned, self.spending()),
            budget=budget,
            max_cost=max_cost,
            agree=_agreed if reviewed else agree,
        )
        purse = reviewed.narrowed(purse) if reviewed else purse
        workshop = replace(self.workshop, driver=self._driver(remote, purse) if remote else None)
        pace = Pace(jobs=jobs, limits=self._limits(), keep_going=keep_going)
        with build_lock(workshop.store), _listening(workshop.driver, webhooks, listener):
            workshop.books.catch_up(planned)
            import asyncio

            if asyncio.run(fetch_missing(planned, workshop.driver, ledger, workshop.store)):
                planned = self.plan(remake=remake)
            takes = execute(planned, workshop, listener, pace, leftovers)
            films = _assembled(planned, takes, workshop, listener)
            if not films.interrupted:
                made = {**takes.outputs, **films.outputs}
                self._inspect(planned, made, listener)
        takes = replace(takes, missing=tell_missing(planned, listener))
        cost = ledger.jobs.spending(film).spent - before.spent
        return _told(Outcome(planned, takes, films, cost), listener)

    def build_locked(
        self, listener: Listener, *, jobs: int | None = None, keep_going: bool = True
    ) -> Outcome:
        """Make exactly the film that the lock says, from what is here: no provider is asked.

        What is free is done; nothing that belongs into the lock is generated,
        and the lock stays as it is.

        Raises:
            Failed: the lock lacks something, or its bytes are not here; nothing was done.
            Invalid: the lock is damaged.
            StoreBusy, StoreError: as `build`.
        """
        planned = self.plan()
        lacking = lacking_in_lock(planned, self.workshop.books.unwritten(planned))
        if lacking:
            why, advice = lacking
            raise Failed(f"The film is not what {self.workshop.lock.name} says: {why}.", advice)
        done = standing(planned, self.workshop)
        if done is not None:
            return _told(Outcome(planned, Takes(), done), listener)
        workshop = replace(self.workshop, locked=True)
        with build_lock(workshop.store):
            takes = execute(planned, workshop, listener, Pace(jobs=jobs, keep_going=keep_going))
            films = _assembled(planned, takes, workshop, listener)
            if not films.interrupted:
                made = {**takes.outputs, **films.outputs}
                self._inspect(planned, made, listener)
        takes = replace(takes, missing=tell_missing(planned, listener))
        return _told(Outcome(planned, takes, films), listener)

    def submit(self, step: Step, planned: Plan) -> dict[str, Plain] | None:
        """The submit that a build would send for a step, as a document without secrets.

        None for what no remote model makes.
        """
        from storyboard.preview import shown, submit_of

        provider = providers.find(_provider(step.action)) if step.action.model else None
        if not isinstance(provider, RemoteProvider):
            return None
        outputs = {each.action.id: each.output for each in planned if each.output}
        workshop = self.workshop
        request = submit_of(step.action, provider, outputs, workshop.store, workshop.folder)
        return shown(request, provider)

    def quality(self) -> list[CutQuality]:
        """The joins and chains of the films that are there, as far as a build has measured them.

        Raises:
            Invalid: the lock is damaged.
            StoreError: the ledger cannot be read.
        """
        planned = self.plan()
        outputs = {step.action.id: step.output for step in planned if step.output}
        return self._measured(planned, outputs, measures=False)

    def _measured(
        self, planned: Plan, outputs: Mapping[str, str], *, measures: bool
    ) -> list[CutQuality]:
        from storyboard.inspection import Inspection

        allowed = {cut.id: cut.quality for cut in self.compiled.storyboard.cuts}
        return list(Inspection(planned, self.workshop, outputs, measures).cuts(allowed))

    def _inspect(self, planned: Plan, outputs: Mapping[str, str], listener: Listener) -> None:
        """Measure the joins and chains of films that were put together, and tell of them."""
        for cut in self._measured(planned, outputs, measures=True):
            for join, warnings in cut.joins:
                listener(JoinMeasured(cut.cut, join.json(), warnings))
            for before, after, why in cut.unmeasured:
                met: dict[str, Plain] = {"before": before, "after": after}
                listener(JoinMeasured(cut.cut, met, (f"it cannot be measured: {why}",)))
            for chain, warnings in cut.chains:
                listener(ChainMeasured(cut.cut, chain.json(), warnings))

    def _begun_retakes(self, planned: Plan) -> tuple[Job, ...]:
        """The film's retakes that were begun, by a process that was killed, and may still bring a take."""
        leftovers = self.workshop.ledger.jobs.leftover(planned.asked_for)
        film = self.workshop.lane.film
        return tuple(job for job in leftovers if job.wanted.retake and job.lane.film == film)

    def _taken_in(self, planned: Plan, retakes: tuple[Job, ...], listener: Listener) -> Takes:
        """Have the lock know what is paid for: what the ledger knows, and retakes that have ended.

        Before anything is planned, priced and agreed to: what is selected may be
        another take then, and what follows from it is to be made anew.
        """
        if self.workshop.books.lags:
            with build_lock(self.workshop.store):
                self.workshop.books.catch_up(planned)
        return self._collected(retakes, listener) if retakes else Takes()

    def _collected(self, leftovers: tuple[Job, ...], listener: Listener) -> Takes:
        """Collect jobs in a build that has nothing else to do, and does not fail for their sake."""
        driver = self._driver(self._remote(Plan(()), leftovers), Purse())
        try:
            with build_lock(self.workshop.store):
                workshop = replace(self.workshop, driver=driver)
                return execute(Plan(()), workshop, listener, leftovers=leftovers)
        except (StoreBusy, StoreError) as error:
            for job in leftovers:
                listener(JobLeft(job.id, job.provider, job.shot, str(error), job.wanted.retake))
            return Takes()

    def equipped(self, purse: Purse) -> Workshop:
        """The workshop with a driver for the film's providers, and the money of a purse."""
        driver = self._driver(self._remote(Plan(()), ()), purse)
        return replace(self.workshop, driver=driver)

    def _remote(self, planned: Plan, leftovers: tuple[Job, ...]) -> dict[str, RemoteProvider]:
        """The remote providers of the film and of jobs that are left over, by name.

        Raises:
            Invalid: one has no key, and is to be asked for something.
        """
        asked = {_provider(step.action) for step in planned if step.to_do}
        named = {*map(_provider, self.compiled.graph), *(job.provider for job in leftovers)}
        stand_ins = (each for action in self.compiled.graph for each in action.stand_ins)
        named |= {each.model.partition("/")[0] for each in stand_ins}
        found = {name: providers.find(name) for name in named}
        remote = {name: each for name, each in found.items() if isinstance(each, RemoteProvider)}
        if asked & remote.keys():
            from storyboard.remote.access import access_to

            for name in sorted(asked & remote.keys()):
                access_to(remote[name], os.environ)
        return remote

    def _driver(self, remote: Mapping[str, RemoteProvider], purse: Purse) -> Driver:
        from storyboard.remote.driver import Driver

        return Driver(
            providers=remote,
            store=self.workshop.store,
            jobs=self.workshop.ledger.jobs,
            lane=self.workshop.lane,
            purse=purse,
            environment=os.environ,
        )

    def _limits(self) -> dict[str, int]:
        names = {action.model for action in self.compiled.graph if action.model}
        models = (providers.find_model(name) for name in names)
        return {model.name: model.concurrency for model in models if model and not model.local}


@contextmanager
def _listening(
    driver: Driver | None, webhooks: Webhooks | None, listener: Listener
) -> Iterator[None]:
    """Have a driver's webhooks taken, for as long as the block lasts.

    Raises:
        Failed: nobody can listen there.
    """
    if driver is None or webhooks is None:
        yield
        return
    from storyboard.remote.mailbox import Mailbox

    mailbox = Mailbox(webhooks, lambda whose, why: listener(WebhookIgnored(whose, why)))
    driver.mailbox = mailbox
    try:
        yield
    finally:
        mailbox.close()


def _assembled(planned: Plan, takes: Takes, workshop: Workshop, listener: Listener) -> Films:
    if takes.interrupted:
        return Films(interrupted=True)
    return assemble(planned, takes, workshop, listener)


def _told(outcome: Outcome, listener: Listener) -> Outcome:
    listener(outcome.summary())
    return outcome


@contextmanager
def open_project(compiled: Compiled, tools: Tools | None = None) -> Iterator[Project]:
    """The store and the ledger around a compiled storyboard; nothing is created before a build.

    Args:
        compiled: as `compile_film` gives it.
        tools: what does the work; the local providers and media by default.

    Raises:
        StoreError: the ledger cannot be read.
    """
    folder = compiled.path.resolve().parent
    store = Store(store_root(folder))
    film = compiled.path.resolve().relative_to(store.root.parent).as_posix()
    with Ledger(store.root / "ledger.sqlite3") as ledger:
        workshop = Workshop(
            folder=folder,
            lane=Lane(film, compiled.storyboard.profile),
            store=store,
            ledger=ledger,
            lock=LockFile(lock_path(compiled.path)),
            frames=compiled.graph.frames(),
            tools=tools or LocalTools(_local_providers(compiled.graph)),
        )
        yield Project(compiled=compiled, workshop=workshop)


def _local_providers(graph: ActionGraph) -> tuple[LocalProvider, ...]:
    names = sorted({action.model.partition("/")[0] for action in graph if action.model})
    found: Iterable[object] = (providers.find(name) for name in names)
    return tuple(provider for provider in found if isinstance(provider, LocalProvider))
