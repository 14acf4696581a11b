"""A film whose shots are made by the kiln: built as the command does it, without its cut."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path

from kiln import KEY, Kiln

from storyboard.agenda import Pace
from storyboard.build_lock import build_lock
from storyboard.consent import bill_of, consent_to
from storyboard.database import Database
from storyboard.events import StepFailed, Submitted
from storyboard.graph import Action, ActionGraph, FrameWork, Kind, Made, StandIn, in_order
from storyboard.job_table import Jobs
from storyboard.jobs import Job
from storyboard.lane import Lane
from storyboard.ledger import Ledger
from storyboard.lock_file import LockFile
from storyboard.model import Moment
from storyboard.outcome import Takes
from storyboard.passes.execute import execute
from storyboard.passes.plan import plan
from storyboard.provider import Prompt, Request
from storyboard.refetching import fetch_missing
from storyboard.remote.driver import Driver
from storyboard.steps import Plan
from storyboard.store import Store, store_root
from storyboard.tools import LocalTools
from storyboard.workshop import Workshop

PRICE = Fraction(1, 10)


def chain(*prompts: str) -> ActionGraph:
    """Shots s1, s2, …, of a second each, each from the frame at which the one before ends."""
    actions = []
    for number, prompt in enumerate(prompts, 1):
        before = {"first_frame": Made(f"frame:s{number - 1}")} if number > 1 else {}
        actions += [_shot(f"s{number}", prompt, before), _frame(f"s{number}")]
    return in_order(actions)


def apart(*prompts: str) -> ActionGraph:
    """Shots s1, s2, …, none of which needs another."""
    return in_order(_shot(f"s{number}", prompt, {}) for number, prompt in enumerate(prompts, 1))


def with_stand_in(graph: ActionGraph) -> ActionGraph:
    """The same, kiln/plate being asked where kiln/clip refuses."""

    def standing_in(action: Action) -> Action:
        if not isinstance(action.work, Request):
            return action
        work = replace(action.work, model="kiln/plate")
        return replace(action, stand_ins=(StandIn("kiln/plate", work, (2 * PRICE, 2 * PRICE)),))

    return in_order(standing_in(action) for action in graph)


def _shot(name: str, prompt: str, inputs: dict[str, Made]) -> Action:
    return Action(
        id=f"generate:{name}",
        kind=Kind.GENERATE,
        work=Request(
            model="kiln/clip", prompts=(Prompt(prompt, Fraction(1)),), duration=Fraction(1)
        ),
        inputs=inputs,
        shot=name,
        model="kiln/clip",
        seconds=Fraction(1),
        price=(PRICE, PRICE),
        repeatable=False,
    )


def _frame(name: str) -> Action:
    return Action(
        id=f"frame:{name}",
        kind=Kind.FRAME,
        work=FrameWork(Moment.HAND_OVER, None, "1"),
        inputs={"clip": Made(f"generate:{name}")},
        shot=name,
    )


@dataclass
class Built:
    """A build, as a test looks at it."""

    plan: Plan
    takes: Takes
    events: list[object]

    @property
    def failures(self) -> dict[str, StepFailed]:
        found = [event for event in self.events if isinstance(event, StepFailed)]
        return {event.action.id: event for event in found}

    @property
    def submitted(self) -> list[str]:
        return [event.action.id for event in self.events if isinstance(event, Submitted)]


@dataclass
class KilnFilm:
    """A folder, a provider, and where that is."""

    folder: Path
    url: str
    kiln: Kiln = field(default_factory=Kiln)
    key: str = KEY
    lane: Lane = field(default_factory=lambda: Lane("storyboard.yaml"))
    wrap_jobs: Callable[[Database], Jobs] = Jobs

    @property
    def store(self) -> Store:
        return Store(store_root(self.folder))

    @property
    def lock(self) -> LockFile:
        return LockFile(self.folder / "storyboard.lock")

    @property
    def environment(self) -> dict[str, str]:
        return {"KILN_KEY": self.key, "STORYBOARD_KILN_URL": self.url}

    def plan(self, graph: ActionGraph) -> Plan:
        with Ledger(self.store.root / "ledger.sqlite3") as ledger:
            return plan(graph, self.store, ledger, self.lane, {}, lock=self.lock.lock)

    def job(self, graph: ActionGraph, step: str = "generate:s1") -> Job | None:
        """What the ledger has of a step's newest job."""
        with Ledger(self.store.root / "ledger.sqlite3") as ledger:
            planned = plan(graph, self.store, ledger, self.lane, {}, lock=self.lock.lock)
            (key,) = (each.key for each in planned if each.action.id == step)
            return ledger.jobs.latest(key or "")

    def forget_takes(self) -> None:
        """As if the process had died before the lock, and that it was written, were on the disk."""
        self.lock.path.unlink()
        path = self.store.root / "ledger.sqlite3"
        with closing(Database(path)) as database, database.writing() as connection:
            connection.execute("UPDATE jobs SET locked = 0")

    def build(
        self,
        graph: ActionGraph,
        *,
        jobs: int | None = None,
        max_cost: Fraction | None = None,
        remake: bool = False,
    ) -> Built:
        events: list[object] = []
        path = self.store.root / "ledger.sqlite3"
        with Ledger(path) as ledger, closing(Database(path)) as database:
            planned = plan(
                graph, self.store, ledger, self.lane, {}, lock=self.lock.lock, remake=remake
            )
            bill = bill_of(planned, ledger.jobs.spending(self.lane.film))
            purse = consent_to(planned, bill, budget=None, max_cost=max_cost, agree=lambda _: True)
            driver = Driver(
                providers={"kiln": self.kiln},
                store=self.store,
                jobs=self.wrap_jobs(database),
                lane=self.lane,
                purse=purse,
                environment=self.environment,
            )
            workshop = Workshop(
                folder=self.folder,
                lane=self.lane,
                store=self.store,
                ledger=ledger,
                lock=self.lock,
                frames=graph.frames(),
                tools=LocalTools(()),
                driver=driver,
            )
            limits = {name: each.concurrency for name, each in self.kiln.models().items()}
            with build_lock(self.store):
                pace = Pace(jobs=jobs, limits=limits)
                leftovers = ledger.jobs.leftover(planned.asked_for)
                workshop.books.catch_up(planned)
                if asyncio.run(fetch_missing(planned, driver, ledger, self.store)):
                    planned = plan(graph, self.store, ledger, self.lane, {}, lock=self.lock.lock)
                takes = execute(planned, workshop, events.append, pace, leftovers)
        return Built(planned, takes, events)

    def files(self) -> Iterable[Path]:
        return (path for path in self.folder.rglob("*") if path.is_file())
