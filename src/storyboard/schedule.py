"""The schedule: which step is done when.

Ready steps start at once, the one with the longest remaining chain first, as
far as the number of jobs and each model's concurrency allow. One step's
failure stops only what depends on it. A disk that fails stops everything.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress

from storyboard.agenda import Agenda, Pace
from storyboard.crew import Crew, Ended, Stopped
from storyboard.diagnostics import Refused, Undecided
from storyboard.events import Listener, StepDamaged, StepDone, StepFailed, StepStarted
from storyboard.fault import what_of, where_of
from storyboard.graph import Action
from storyboard.jobs import Job
from storyboard.news import News
from storyboard.outcome import Takes
from storyboard.steps import Status, Step
from storyboard.store import StoreError
from storyboard.workshop import Workshop

GRACE_S = 5.0
"""How long an interrupted build waits for the work under way to stop by itself."""


def perform(
    steps: Iterable[Step],
    workshop: Workshop,
    listener: Listener,
    *,
    at_hand: Mapping[str, str] | None = None,
    needed: Collection[str] = (),
    pace: Pace | None = None,
    leftovers: tuple[Job, ...] = (),
) -> Takes:
    """Do steps, each as soon as its inputs are there; what is found by its key is not done again.

    What a step made is stored for good and recorded before anything that
    depends on it starts. Interrupted (Ctrl-C, in the main thread), it starts
    nothing more, stops what is under way, and returns what it has.

    Args:
        steps: in build order.
        workshop: does a step.
        listener: told what happens, in this thread.
        at_hand: digests of what was made before, by action id.
        needed: steps whose results will be used as inputs, so that their bytes
            are checked even where nothing is to be done.
        pace: how much at once, and whether a failure ends it.
        leftovers: jobs that no step asks for, to be collected meanwhile.

    Raises:
        StoreError: the ledger is damaged, or a later version's.
    """
    pace = pace or Pace()
    at_hand = at_hand or {}
    agenda = Agenda(list(steps), at_hand, pace)
    performance = _Performance(agenda, workshop, listener, at_hand, frozenset(needed))
    return asyncio.run(performance.run(leftovers, keep_going=pace.keep_going))


class _Performance:
    """The steps as they are done. Its state changes only in the thread of its loop."""

    def __init__(
        self,
        agenda: Agenda,
        workshop: Workshop,
        listener: Listener,
        at_hand: Mapping[str, str],
        needed: frozenset[str],
    ) -> None:
        self._agenda = agenda
        self._workshop = workshop
        self._listener = listener
        self._needed = needed
        self._damaged = frozenset[str]()
        self._outputs = dict(at_hand)
        self._keys: dict[str, str] = {}
        self._under_way: defaultdict[str, list[Action]] = defaultdict(list)
        self._made: list[str] = []
        self._reused: list[str] = []
        self._failed: list[str] = []
        self._refused: list[str] = []
        self._unknown: list[str] = []
        self._disk_failed = False

    async def run(self, leftovers: tuple[Job, ...], *, keep_going: bool) -> Takes:
        """Do everything that can be done."""
        crew = Crew(self._workshop)
        collecting = self._workshop.leftovers(self._listener) if leftovers else None
        interrupted = False
        try:
            if collecting:
                collecting.begin(leftovers)
            self._damaged = self._checked()
            self._reach(self._agenda.first())
            self._start(crew)
            while self._agenda.running.total():
                self._hear(await crew.news())
                if self._disk_failed or ((self._failed or self._unknown) and not keep_going):
                    break
                self._start(crew)
            if collecting:
                await collecting.end()
        except asyncio.CancelledError:  # how Ctrl-C arrives
            interrupted = True
        finally:
            try:
                await self._wind_down(crew)
                if collecting:
                    await collecting.stop()
            finally:
                await self._workshop.hang_up()
        if not self._disk_failed:
            done = (*self._made, *self._reused)
            keys = {id_: self._keys[id_] for id_ in done}
            self._workshop.ledger.remember(self._workshop.lane, keys)
        return self._takes(interrupted=interrupted)

    def _reach(self, actions: Iterable[Action]) -> None:
        """Steps of which the inputs are known: find their results, or have them made."""
        reached = deque(actions)
        while reached:
            action = reached.popleft()
            step = self._agenda.steps[action.id]
            if step.status is Status.BLOCKED:
                continue
            if step.status is Status.MISSING or step.kept:
                reached.extend(self._stays(step))
                continue
            key = action.key(self._outputs)
            if key is None:
                raise ValueError(f"{action.id} was reached before its inputs")
            self._keys[action.id] = key
            if output := self._found(action, key):
                self._reused.append(action.id)
                reached.extend(self._settled(action, output, reused=True))
            elif key in self._under_way:  # the same is being asked for: share what comes
                self._under_way[key].append(action)
            else:
                self._under_way[key] = []
                self._agenda.ready(action)

    def _stays(self, step: Step) -> list[Action]:
        """A step whose take is kept, or is not here: what is behind it goes by that take."""
        action, output = step.action, step.output or ""
        if step.status is Status.MISSING:
            self._outputs[action.id] = output
            return self._agenda.freed_by(action.id)
        self._keys[action.id] = step.kept or ""
        self._reused.append(action.id)
        return self._settled(action, output, reused=True)

    def _checked(self) -> frozenset[str]:
        """Read what is needed of what is there, all at once: the steps whose blobs were damaged."""
        store = self._workshop.store
        there = {
            step.action.id: step.output
            for step in self._agenda.steps.values()
            if step.output and step.action.id in self._needed and store.find(step.output)
        }
        damaged = store.check(there.values())
        return frozenset(id_ for id_, output in there.items() if output in damaged)

    def _found(self, action: Action, key: str) -> str | None:
        output = self._workshop.find(action, key, self._outputs)
        wanted = output is not None and action.id in self._needed
        damaged = wanted and not self._workshop.store.verified(output or "")
        if damaged or (output is None and action.id in self._damaged):
            self._listener(StepDamaged(action))
            return None
        return output

    def _settled(self, action: Action, output: str, *, reused: bool = False) -> list[Action]:
        """Tell that a step is done; the steps that it frees."""
        path = self._workshop.store.find(output)
        if path is None:
            raise StoreError(f"what {action.id} made has vanished from {self._workshop.store.root}")
        self._outputs[action.id] = output
        model = None if reused else self._workshop.books.maker(action, self._keys[action.id])
        self._listener(StepDone(action, path, reused, model))
        return self._agenda.freed_by(action.id)

    def _start(self, crew: Crew) -> None:
        while action := self._agenda.start():
            inputs = {id_: self._outputs[id_] for id_ in action.depends_on}
            self._listener(StepStarted(action))
            crew.begin(action, self._keys[action.id], inputs)

    def _hear(self, news: News | Ended) -> None:
        match news:
            case Ended(action, output, None) if output is not None:
                self._agenda.ended(action)
                self._done(action, output)
            case Ended(action, _, error):
                self._agenda.ended(action)
                if error is not None and not isinstance(error, Stopped):
                    self._fail(action, error)
            case news:
                self._listener(news)

    def _done(self, action: Action, output: str) -> None:
        key = self._keys[action.id]
        try:
            self._workshop.books.record(action, key, self._outputs | {action.id: output})
        except StoreError as error:
            self._fail(action, error)
            return
        self._made.append(action.id)
        freed = self._settled(action, output)
        self._reach([*self._under_way.pop(key), *freed])

    def _fail(self, action: Action, error: BaseException) -> None:
        unknown = isinstance(error, Undecided)
        (self._unknown if unknown else self._failed).append(action.id)
        if isinstance(error, Refused):
            self._refused.append(action.id)
        if isinstance(error, StoreError):
            self._disk_failed = True
            self._workshop.store.drop_spares()  # if it is full, here is some room
        self._listener(StepFailed(action, *_in_words(error), unknown=unknown))

    async def _wind_down(self, crew: Crew) -> None:
        """Stop what is under way; what still ends well is kept."""
        await crew.stop()
        with suppress(TimeoutError):
            async with asyncio.timeout(GRACE_S):
                while self._agenda.running.total():
                    self._hear(await crew.news())

    def _takes(self, *, interrupted: bool) -> Takes:
        settled = self._outputs.keys() | {*self._failed, *self._unknown}
        return Takes(
            outputs=self._outputs,
            made=tuple(self._made),
            reused=tuple(self._reused),
            failed=tuple(self._failed),
            refused=tuple(self._refused),
            unknown=tuple(self._unknown),
            blocked=tuple(id_ for id_ in self._agenda.actions if id_ not in settled),
            interrupted=interrupted,
        )


def _in_words(error: BaseException) -> tuple[str, str | None]:
    """A failure's message, and what to do about it."""
    if isinstance(error, OSError) and error.strerror:
        where = f"{error.filename}: " if error.filename else ""
        return f"{where}{error.strerror}", None
    if type(error).__module__.partition(".")[0] == "storyboard":  # meant for the user
        return str(error), getattr(error, "help", None)
    return (
        what_of(error),
        f"this is a fault of the tool (at {where_of(error)}): please report it",
    )
