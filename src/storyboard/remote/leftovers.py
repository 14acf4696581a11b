"""Collects jobs that nothing asks for any more: a paid clip is kept, whatever became of its shot.

They are asked after beside the build's other work, and not for long beyond it:
what has not ended by then is left to the next build.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TypeAlias

from storyboard.diagnostics import StoryboardError
from storyboard.events import Listener
from storyboard.exchange import Running, Unreached
from storyboard.fault import what_of, where_of
from storyboard.job_events import JobCollected, JobLeft
from storyboard.jobs import Job
from storyboard.provider import Rhythm
from storyboard.remote.driver import Driver
from storyboard.remote.waits import waits_for

_AT_ONCE = 4
_LONGEST_S = 120.0  # beyond the build's other work: for a download that is under way


Record: TypeAlias = Callable[[Job], Awaitable[None]]
"""Called with a job of which the clip is in the store."""


@dataclass(slots=True)
class Leftovers:
    """The leftover jobs of one build. It is used in one event loop.

    Attributes:
        driver: asks their providers.
        record: writes down what a job has brought.
        listener: told what becomes of each.
    """

    driver: Driver
    record: Record
    listener: Listener
    _enough: asyncio.Event = field(default_factory=asyncio.Event)
    _places: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_AT_ONCE))
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)

    def begin(self, jobs: tuple[Job, ...]) -> None:
        """Start to ask after jobs, beside whatever else is done."""
        for job in jobs:
            task = asyncio.create_task(self._collect(job), name=f"job {job.id}")
            self.driver.tended[job.id] = task
            self._tasks.append(task)

    async def end(self) -> None:
        """Nothing else is done any longer: each is asked after once at least, and then left."""
        self._enough.set()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=_LONGEST_S)

    async def stop(self) -> None:
        """Leave them as they are, now; what they became so far is kept."""
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)

    async def _collect(self, job: Job) -> None:
        async with self._places:
            try:
                output = await self._looked_after(job)
                if isinstance(output, Unreached):
                    self._leave(job, f"{job.provider} cannot be reached: {output.why}")
                    return
                if isinstance(output, Running):
                    self._leave(job, f"{job.provider} has not finished it: {self._later(job)}")
                    return
                await self.record(job)
                path = self.driver.store.find(output)
                if path:
                    collected = JobCollected(
                        job.id, job.provider, job.shot, path, self._is_retake(job)
                    )
                    self.listener(collected)
            except StoryboardError as error:
                self._leave(job, str(error))
            except Exception as error:  # a fault of ours, which nobody waits for: it is told
                self._leave(job, f"{what_of(error)} (at {where_of(error)}: please report it)")
            finally:
                self.driver.tended.pop(job.id, None)

    def _leave(self, job: Job, why: str) -> None:
        self.listener(JobLeft(job.id, job.provider, job.shot, why, self._is_retake(job)))

    def _is_retake(self, job: Job) -> bool:
        """Whether its take goes into the film that is being built."""
        return job.wanted.retake and job.lane.film == self.driver.lane.film

    def _later(self, job: Job) -> str:
        if self._is_retake(job):
            return f"a later build uses it, or `storyboard retake {job.shot}` waits for it"
        return "a later build collects it"

    async def _looked_after(self, job: Job) -> str | Running:
        """The digest of a job's clip; how the job stands if it has not ended in time."""
        line = self.driver.line(job.provider)
        model = self.driver.model(job.intent.request.model)
        waits = waits_for(model.rhythm if model else Rhythm(), local=line.access.local)
        if job.operation is None:
            job = await self.driver.recover(job, waits)
        collector = self.driver.collector(line, waits)
        polls = waits.polls()
        while True:
            found = await collector.look(job)
            if isinstance(found, str):
                return found
            if self._enough.is_set():
                return found
            with suppress(TimeoutError):
                await asyncio.wait_for(self._enough.wait(), polls.next())
