"""Ledger and lock kept in step: what was made is in both, whenever the process that made it dies.

The ledger knows first, and the lock follows; what it does not know yet is
written down when the film is built again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import TypeAlias

from storyboard.asked import asked
from storyboard.facts import Fact, Take, frame_work, place_of
from storyboard.graph import Action, FrameWork, Kind, Made
from storyboard.jobs import Job
from storyboard.lane import Lane
from storyboard.ledger import Ledger
from storyboard.lock_file import LockFile
from storyboard.model import Moment, Seconds
from storyboard.steps import Plan
from storyboard.store import Store, explained
from storyboard.takes import (
    frame_name,
    is_here,
    later_frame,
    made_here,
    paid_before,
    record_takes,
)

TakeFrame: TypeAlias = Callable[[Path, Moment | Seconds, Seconds | None], bytes]
"""A frame of a clip as PNG, as `Tools.take_frame`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """A film's lock, and the ledger that it is kept in step with.

    Attributes:
        lane: whose steps are written down.
        lock: where takes are.
        store: has their clips.
        take_frame: takes the frames that clips are wanted for.
    """

    lane: Lane
    store: Store
    ledger: Ledger
    lock: LockFile
    take_frame: TakeFrame

    async def keep(self, jobs: Sequence[Job]) -> tuple[Take, ...]:
        """Write down in the lock what finished jobs of this film have brought: `record_takes`."""
        import asyncio

        frames = await asyncio.to_thread(self._frames_of, jobs)
        return self._written_down(jobs, frames)

    def _written_down(
        self, jobs: Sequence[Job], frames: Mapping[tuple[str, str], str]
    ) -> tuple[Take, ...]:
        """The frames in the ledger, which outlives a lock that is thrown away; then the takes."""
        for job in jobs:
            for clip, work in product(job.outputs, job.wanted.frames):
                if digest := frames.get((clip, frame_name(work))):
                    taking = Action(
                        id=f"frame of {job.step}",
                        kind=Kind.FRAME,
                        work=frame_work(work),
                        inputs={"clip": Made(job.step)},
                    )
                    made = {job.step: clip}
                    self.ledger.record(taking.key(made) or "", digest, asked(taking, made))
        return record_takes(jobs, self.ledger.jobs, self.lock, self.store, frames)

    def unwritten(self, plan: Plan) -> tuple[Fact, ...]:
        """What the lock should say of a plan's steps, and does not.

        Takes that were paid for here under another branch's lock, or a lock
        that was lost; and frames of takes.
        """
        lock, facts = self.lock.lock, list[Fact]()
        outputs = {step.action.id: step.output for step in plan if step.output}
        for step in plan:
            if not step.at_hand:
                continue
            if frame := later_frame(lock, step.action, outputs):
                facts.append(frame)
            if not (step.action.repeatable or step.kept or lock.selected(step.key or "")):
                place = place_of(step.action, self.lane.profile)
                facts += paid_before(step.key or "", place, self.ledger, self.store)
        return tuple(facts)

    def catch_up(self, plan: Plan) -> None:
        """Write down in the lock what a build that was killed did not, and what is `unwritten`.

        The build lock must be held.
        """
        self.lock.tidy()
        jobs = self.ledger.jobs.not_locked(self.lane.film)
        self._written_down(jobs, self._frames_of(jobs))
        self.lock.change(self.unwritten(plan))
        self.lock.change(self.unwritten(plan))  # of takes that it knows now, their frames

    @property
    def lags(self) -> bool:
        """Whether jobs have brought clips of which the lock does not know."""
        jobs = self.ledger.jobs.not_locked(self.lane.film)
        return any(is_here(job, self.store) for job in jobs)

    def _frames_of(self, jobs: Sequence[Job]) -> dict[tuple[str, str], str]:
        """Take the frames that jobs' clips are wanted for."""
        frames = {}
        for job in jobs:
            for clip, work in product(job.outputs, job.wanted.frames):
                if digest := self._frame_of(clip, frame_work(work)):
                    frames[clip, frame_name(work)] = digest
        return frames

    def _frame_of(self, clip: str, work: FrameWork) -> str | None:
        from storyboard.media.container import BadMedia

        path = self.store.find(clip)
        if path is None:
            return None
        with self.store.scratch() as scratch, explained(scratch):
            frame = scratch / "frame.png"
            try:
                frame.write_bytes(self.take_frame(path, work.at, work.duration))
            except BadMedia:  # its own step says so: what was paid for is written down without it
                return None
            return self.store.put(frame)

    def maker(self, action: Action, key: str) -> str | None:
        """The model that made an action's clip: its own, or one of its fallbacks."""
        take = self.lock.lock.selected(key) if action.stand_ins else None
        return take.model if take else action.model

    def record(self, action: Action, key: str, outputs: Mapping[str, str]) -> None:
        """Write down what was made for a key, so that it is found again.

        Args:
            action: what was done.
            key: its key, of the inputs that it was done with.
            outputs: digests by action id, its inputs' and its own.
        """
        if not action.repeatable:
            self._keep_take(action, key, outputs)
            return
        if frame := later_frame(self.lock.lock, action, outputs):
            self.lock.change([frame])
        self.ledger.record(key, outputs[action.id], asked(action, outputs))

    def _keep_take(self, action: Action, key: str, outputs: Mapping[str, str]) -> None:
        """Have a take in the lock: an order's is there by now, one that was drawn here is not."""
        if self.lock.lock.selected(key) is None:
            place, request = place_of(action, self.lane.profile), asked(action, outputs)
            take = made_here(key, outputs[action.id], place, action.model or "", request)
            self.lock.change(paid_before(key, place, self.ledger, self.store) or [take])
