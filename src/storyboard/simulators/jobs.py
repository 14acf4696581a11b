"""The jobs of a simulated provider: their states over the clock, and what is charged for them."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from itertools import takewhile
from math import inf
from typing import Any, Literal, TypeAlias

from storyboard.exchange import Kind
from storyboard.simulators.clock import Clock

State: TypeAlias = Literal["queued", "running", "done", "failed", "cancelled"]


@dataclass(frozen=True, slots=True)
class Failure:
    """How a job that fails ends.

    Attributes:
        kind: refused by moderation, or a provider's fault.
        words: what the provider says; None for its usual words.
        at: the share of its time after which it ends.
    """

    kind: Kind
    words: str | None = None
    at: float = 0.9


@dataclass(slots=True, kw_only=True, eq=False)
class Job:
    """A job that was accepted.

    Attributes:
        id: the provider's, or the client's where it chooses.
        asked: what was asked for, as JSON: pictures as their digests, without
            ids. Jobs with equal `asked` are duplicates.
        cost: of each result, in US dollars.
        count: how many results it has, one ready after the other.
        frames: the digests of the pictures and videos that came with it.
        accepted_at, started_at: by the simulation's clock; `date` is the real time.
        facts: what the provider's simulator keeps with it.
    """

    id: str
    model: str
    asked: Any
    cost: Fraction
    date: datetime
    accepted_at: float
    queue_s: float
    run_s: float
    count: int = 1
    frames: tuple[str, ...] = ()
    failure: Failure | None = None
    duplicate_of: str | None = None
    cancelled_at: float | None = None
    started_at: float | None = None
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Standing:
    """How a job stands at a moment.

    Attributes:
        ready: how many of its results there are.
        progress: from 0 to 1.
        position: how many jobs are before it in the queue.
        started_at, ended_at: by the clock; `inf` for what will never be.
    """

    state: State
    ready: int
    progress: float
    position: int
    started_at: float
    ended_at: float

    @property
    def ended(self) -> bool:
        """Whether it is over, one way or another."""
        return self.state in {"done", "failed", "cancelled"}


class Jobs:
    """Every job that a simulated provider accepted, in order."""

    def __init__(self, clock: Clock, concurrency: int) -> None:
        self._concurrency = concurrency
        self._clock = clock
        self._listed: list[Job] = []
        self._by_id: dict[str, Job] = {}
        self._timetable: dict[Job, tuple[float, float]] = {}
        self._good_for = (-1, 0, 0)  # jobs, places and cancellations for which it was made
        self._good_until = 0.0

    @property
    def concurrency(self) -> int:
        """How many may run at once; the others wait. Those that run go on when it changes."""
        return self._concurrency

    @concurrency.setter
    def concurrency(self, concurrency: int) -> None:
        self._times()
        self._concurrency = concurrency

    def __iter__(self) -> Iterator[Job]:
        return iter(self._listed)

    def __len__(self) -> int:
        return len(self._listed)

    def find(self, id_: str) -> Job | None:
        """The job of that id: the newest, where several have it."""
        return self._by_id.get(id_)

    def add(self, job: Job) -> None:
        """Accept a job."""
        twin = next((other for other in self if other.asked == job.asked), None)
        job.duplicate_of = twin.id if twin else None
        self._listed.append(job)
        self._by_id[job.id] = job

    def cancel(self, job: Job) -> bool:
        """End a job; False where it has ended already."""
        if self.standing(job).ended:
            return False
        job.cancelled_at = self._clock.now()
        return True

    def standing(self, job: Job) -> Standing:
        """How a job stands now."""
        now = self._clock.now()
        times = self._times()
        started, ended = times[job]
        state: State = "queued"
        if job.cancelled_at is not None:
            state, ended = "cancelled", job.cancelled_at
        elif now >= ended:
            state = "failed" if job.failure else "done"
        elif now >= started:
            state = "running"
        share = (
            0.0 if now <= started or job.run_s == inf else (now - started) / max(job.run_s, 1e-9)
        )
        ready = 0 if job.failure else min(int(share * job.count), job.count - 1)
        return Standing(
            state=state,
            ready=job.count if state == "done" else ready,
            progress=1.0 if state == "done" else min(share, 0.99),
            position=self._position(job, times, now) if state == "queued" else 0,
            started_at=started,
            ended_at=ended,
        )

    async def ended(self, job: Job) -> Standing:
        """Wait until a job is over."""
        return await self.reached(job, job.count)

    async def reached(self, job: Job, results: int) -> Standing:
        """Wait until so many results of a job are there, or it is over."""
        while (standing := self.standing(job)).ready < results and not standing.ended:
            await self._clock.until(self._clock.now() + 1.0)
        return standing

    def charged(self, job: Job) -> Fraction:
        """What a job costs as it stands: taken when it is accepted, given back when it fails."""
        may_be_gone = job.failure is not None or job.cancelled_at is not None
        gone = may_be_gone and self.standing(job).state in {"failed", "cancelled"}
        return Fraction(0) if gone else job.cost * job.count

    def charged_in_all(self) -> Fraction:
        """What all jobs cost."""
        return sum((self.charged(job) for job in self), Fraction(0))

    def ledger(self) -> dict[str, Any]:
        """The document of `GET …/_simulator/ledger`."""
        return {
            "jobs": [
                {
                    "id": job.id,
                    "model": job.model,
                    "status": self.standing(job).state,
                    "charged_usd": float(self.charged(job)),
                    "duplicate_of": job.duplicate_of,
                    "frames_sha256": list(job.frames),
                }
                for job in self
            ],
            "charged_usd": float(self.charged_in_all()),
        }

    def _position(self, job: Job, times: Mapping[Job, tuple[float, float]], now: float) -> int:
        """How many are before a job in the queue."""
        before = takewhile(lambda other: other is not job, self)
        return sum(times[other][0] > now and other.cancelled_at is None for other in before)

    def _times(self) -> Mapping[Job, tuple[float, float]]:
        """When each job starts and ends; worked out anew where anything has changed."""
        now = self._clock.now()
        cancelled = sum(job.cancelled_at is not None for job in self._listed)
        state = (len(self._listed), self._concurrency, cancelled)
        if state != self._good_for or now >= self._good_until:
            self._timetable = self._worked_out(now)
            self._good_for = state
            later = (started for started, _ in self._timetable.values() if started > now)
            self._good_until = min(later, default=inf)
        return self._timetable

    def _worked_out(self, now: float) -> dict[Job, tuple[float, float]]:
        """When each job starts and ends: in order, as soon as one of the places is free."""
        places = [0.0] * max(1, self._concurrency)
        times = {}
        for job in self:
            started = job.started_at
            if started is None:
                started = max(job.accepted_at + job.queue_s, places[0])
            if job.cancelled_at is not None and job.cancelled_at <= started:
                times[job] = (inf, job.cancelled_at)
                continue
            if started <= now:
                job.started_at = started
            lasts = job.run_s * (job.failure.at if job.failure else 1.0)
            ended = min(started + lasts, inf if job.cancelled_at is None else job.cancelled_at)
            heapq.heapreplace(places, max(places[0], ended))
            times[job] = (started, ended)
        return times
