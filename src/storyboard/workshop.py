"""The workshop: where one step is done, from finding its inputs to storing what it made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from storyboard.asked import asked
from storyboard.diagnostics import Failed, Invalid
from storyboard.digest import digest_file
from storyboard.facts import Fact, Take, frame_work, place_of, work_of
from storyboard.graph import Action, FrameWork, Given, InputSource, Kind, Made, Named, PosterWork
from storyboard.jobs import Job, Wanted
from storyboard.lane import Lane
from storyboard.ledger import Ledger
from storyboard.lock_file import LockFile
from storyboard.model import Moment, Seconds
from storyboard.passages import Clash, CutWork, FormatWork, PassageWork, passages
from storyboard.provider import LocalProvider, Report, Request
from storyboard.sounding import Code, Decode, Judge, Measure, SoundWork
from storyboard.steps import Plan, Status, Step
from storyboard.store import PIECE, Store, disk_trouble, explained
from storyboard.takes import (
    frame_name,
    is_here,
    later_frame,
    made_for,
    made_here,
    paid_before,
    record_takes,
)
from storyboard.timeline import Edit

if TYPE_CHECKING:
    from storyboard.events import Listener
    from storyboard.remote.driver import Driver, Hear
    from storyboard.remote.leftovers import Leftovers
    from storyboard.remote.orders import Order


class StepError(Failed):
    """A step cannot be done as things are, and other steps may well be."""


class Tools(Protocol):
    """What does the work itself. All of it is called from several threads at once.

    Whatever `report` raises must come out unchanged: that is how work that is
    under way is stopped.
    """

    def draw(
        self, request: Request, frames: Mapping[str, Path], destination: Path, report: Report
    ) -> None:
        """Make a clip, as `LocalProvider.draw`."""

    def take_frame(self, clip: Path, at: Moment | Seconds, duration: Seconds | None) -> bytes:
        """A frame of a clip as PNG, as `media.frames.take_frame`."""

    def conform(
        self, work: PassageWork, inputs: Mapping[str, Path], destination: Path, report: Report
    ) -> None:
        """Render a passage of a cut, as `media.conform.conform`."""

    def sound(self, work: SoundWork, inputs: Mapping[str, Path], destination: Path) -> None:
        """Do a step of a cut's sound, as `media.hearing.make_sound`."""

    def stitch(
        self, edit: Edit, inputs: Mapping[str, Path], destination: Path, report: Report
    ) -> None:
        """Join the pieces of a cut, as `media.stitch.stitch`."""

    def write_as(
        self, edit: Edit, inputs: Mapping[str, Path], destination: Path, report: Report
    ) -> None:
        """Write a cut in another format than MP4, as `media.formats.write_as`."""

    def poster(self, film: Path, at: Seconds) -> bytes:
        """A frame of a film as JPEG, as `media.sheet.poster`."""


@dataclass(frozen=True, slots=True)
class LocalTools:
    """The tools of this machine: the local providers and the media package."""

    providers: tuple[LocalProvider, ...]

    def draw(
        self, request: Request, frames: Mapping[str, Path], destination: Path, report: Report
    ) -> None:
        """Have the model's own provider draw the clip.

        Raises:
            StepError: no provider here has the model.
        """
        for provider in self.providers:
            if request.model in provider.models():
                return provider.draw(request, frames, destination, report)
        raise StepError(f"no provider on this machine has the model {request.model}")

    def take_frame(self, clip: Path, at: Moment | Seconds, duration: Seconds | None) -> bytes:
        """Decode the frame, exactly."""
        from storyboard.media.frames import take_frame

        return take_frame(clip, at, duration)

    def conform(
        self, work: PassageWork, inputs: Mapping[str, Path], destination: Path, report: Report
    ) -> None:
        """Copy what can be copied, and code the rest."""
        from storyboard.media.conform import conform

        conform(work.edit, inputs, destination, report, copies=work.copies, doubted=work.doubted)

    def sound(self, work: SoundWork, inputs: Mapping[str, Path], destination: Path) -> None:
        """Decode, measure, judge or code."""
        from storyboard.media.hearing import make_sound

        make_sound(work, inputs, destination)

    def stitch(
        self, edit: Edit, inputs: Mapping[str, Path], destination: Path, report: Report
    ) -> None:
        """Join the pieces."""
        from storyboard.media.stitch import stitch

        stitch(edit, inputs, destination, report)

    def write_as(
        self, edit: Edit, inputs: Mapping[str, Path], destination: Path, report: Report
    ) -> None:
        """Compose the cut and code it."""
        from storyboard.media.formats import write_as

        write_as(edit, inputs, destination, report)

    def poster(self, film: Path, at: Seconds) -> bytes:
        """Decode the frame and code it."""
        from storyboard.media.sheet import poster

        return poster(film, at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Workshop:
    """A storyboard's folder, the place for what is made, and the tools to make it.

    Attributes:
        folder: the storyboard's, which the paths of given files start from.
        lane: whose steps these are.
        lock: where takes are written down.
        driver: has the clips of remote models made; None where there are none.
        frames: by action id, the frames that other steps want of its clip.
        locked: whether nothing may be made that belongs into the lock.
    """

    folder: Path
    lane: Lane
    store: Store
    ledger: Ledger
    lock: LockFile
    tools: Tools
    driver: Driver | None = None
    frames: Mapping[str, tuple[FrameWork, ...]] = field(default_factory=dict)
    locked: bool = False

    def find(self, action: Action, key: str, outputs: Mapping[str, str]) -> str | None:
        """The digest of what was made for an action's key, if its bytes are here."""
        output = made_for(action, key, outputs, self.lock.lock, self.ledger, self.store)
        return output if output and self.store.find(output) else None

    def make(self, action: Action, outputs: Mapping[str, str], report: Report) -> str:
        """Do an action whose inputs are at hand; the digest of what it made, stored for good.

        Nothing is recorded yet. This may run in any thread.

        Raises:
            StoreError: the disk is full or cannot be written.
            StepError: an input is not what it was.
            Exception: whatever the tools raise.
        """
        if self.locked and not action.repeatable:
            raise StepError(
                f"{action.id} is not in {self.lock.name}, and with --locked nothing is generated",
                "build without --locked: `storyboard plan` shows what that costs",
            )
        with self.store.scratch() as scratch:
            try:
                inputs = self._inputs(action, outputs)
                try:
                    made = self._worked(action, inputs, scratch, report)
                except Clash as clash:
                    inputs |= self._without_copies(action, clash, outputs, report)
                    made = self._worked(action, inputs, scratch, report)
            except OSError as error:
                trouble = disk_trouble(error, scratch)
                if trouble is None:
                    raise
                raise trouble from error
            return self.store.put(made)

    def orders(self, action: Action) -> bool:
        """Whether an action is done elsewhere: by `order`, not by `make`."""
        return self.driver is not None and self.driver.model(action.model) is not None

    async def order(self, action: Action, key: str, outputs: Mapping[str, str], hear: Hear) -> str:
        """Have a remote model's clip made, whose inputs are at hand; its digest, stored for good.

        Raises:
            StepError: an input is not what it was.
            StoryboardError: whatever `Driver.make` raises.
        """
        driver, order = await self._order_of(action, key, outputs)
        output = await driver.make(order, hear)
        jobs = self.ledger.jobs.not_locked(self.lane.film)
        await self.keep([job for job in jobs if job.intent.key == key])
        return output

    async def retake(
        self, step: Step, outputs: Mapping[str, str], count: int, begun: Job | None, hear: Hear
    ) -> tuple[Take, ...]:
        """Have more takes made for a step's key, or go on with a job that was begun for that.

        Args:
            step: one whose key is known.
            outputs: the digests of its inputs, by action id.
            count: how many in this request.
            begun: the job to go on with; None to begin one.
            hear: told how it gets on.

        Raises:
            As `order`.
        """
        key = step.key or ""
        driver, order = await self._order_of(step.action, key, outputs, retakes=count)
        await driver.retake(order, begun, hear)
        jobs = self.ledger.jobs.not_locked(self.lane.film)
        return await self.keep([job for job in jobs if job.intent.key == key])

    async def _order_of(
        self, action: Action, key: str, outputs: Mapping[str, str], *, retakes: int = 0
    ) -> tuple[Driver, Order]:
        model = self.driver.model(action.model) if self.driver else None
        if self.driver is None or model is None or not isinstance(action.work, Request):
            raise TypeError(f"{action.id} is no clip of a remote model")
        import asyncio

        from storyboard.remote.orders import Order

        files = await asyncio.to_thread(self._inputs, action, outputs)
        named = {r: s.text for r, s in action.inputs.items() if isinstance(s, Named)}
        count, (low, high) = max(1, retakes), action.price
        order = Order(
            step=action.id,
            key=key,
            request=action.work,
            model=model,
            inputs={**files, **named},
            digests={r: _digest(source, outputs) for r, source in action.inputs.items()},
            asked=asked(action, outputs),
            estimated=(low * count, high * count),
            stand_ins=() if retakes else action.stand_ins,
            wanted=Wanted(
                shot=action.shot or "",
                segment=action.segment,
                cut=action.variant,
                frames=tuple(work_of(frame) for frame in self.frames.get(action.id, ())),
                retake=bool(retakes),
            ),
            count=count,
        )
        return self.driver, order

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
                frame.write_bytes(self.tools.take_frame(path, work.at, work.duration))
            except BadMedia:  # its own step says so: what was paid for is written down without it
                return None
            return self.store.put(frame)

    def maker(self, action: Action, key: str) -> str | None:
        """The model that made an action's clip: its own, or one of its fallbacks."""
        take = self.lock.lock.selected(key) if action.stand_ins else None
        return take.model if take else action.model

    def leftovers(self, listener: Listener) -> Leftovers | None:
        """What collects the jobs that no step asks for; None where no provider is asked anything."""
        if self.driver is None:
            return None
        from storyboard.remote.leftovers import Leftovers

        return Leftovers(self.driver, self._kept, listener)

    async def _kept(self, job: Job) -> None:
        """What a leftover job has brought: in this film's lock, or left for that of its own film."""
        if job.lane.film == self.lane.film and (done := self.ledger.jobs.get(job.id)):
            await self.keep([done])

    async def fetch_missing(self, plan: Plan) -> bool:
        """Ask providers for the clips of takes that are not here; whether one has come back.

        That costs nothing. Only this store knows how a provider is asked for them.
        """
        jobs = [job for step in plan if (job := self._job_of_missing(step))]
        try:
            for job in jobs if self.driver else ():
                await self._fetch_again(job)
        finally:
            await self.hang_up()
        return any(is_here(job, self.store) for job in jobs)

    def _job_of_missing(self, step: Step) -> Job | None:
        if step.status is not Status.MISSING or step.action.repeatable:
            return None
        jobs = self.ledger.jobs.done_for(step.kept or step.key or "")
        return next((job for job in jobs if step.output in job.outputs), None)

    async def _fetch_again(self, job: Job) -> None:
        try:
            if self.driver:
                await self.driver.fetch(job)
        except Invalid:
            return  # without its key it stays missing, and the plan says so

    async def hang_up(self) -> None:
        """Let go of the connections to remote providers."""
        if self.driver:
            await self.driver.close()

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

    def _worked(
        self, action: Action, inputs: Mapping[str, Path], scratch: Path, report: Report
    ) -> Path:
        """The finished file, in the scratch folder."""
        match action.work:
            case Request() as request:
                made = scratch / "clip.mp4"
                self.tools.draw(request, inputs, made, report)
            case FrameWork(at, duration):
                made = scratch / "frame.png"
                made.write_bytes(self.tools.take_frame(inputs["clip"], at, duration))
            case PassageWork() as work:
                made = scratch / f"picture{PIECE}"
                self.tools.conform(work, inputs, made, report)
            case Decode() | Measure() | Judge() | Code() as work:
                made = scratch / f"sound{PIECE}"
                self.tools.sound(work, inputs, made)
            case CutWork(edit):
                made = scratch / "film.mp4"
                self.tools.stitch(edit, inputs, made, report)
            case FormatWork(edit, kind):
                made = scratch / f"film.{kind}"
                self.tools.write_as(edit, inputs, made, report)
            case PosterWork(at):
                made = scratch / "poster.jpg"
                made.write_bytes(self.tools.poster(inputs["film"], at))
            case other:
                raise TypeError(f"no tool does the work of a {type(other).__name__}")
        return made

    def _without_copies(
        self, cut: Action, clash: Clash, outputs: Mapping[str, str], report: Report
    ) -> dict[str, Path]:
        """Pieces of a cut that are made a second time, all of them coded here; kept by their keys.

        Which clips clash is seen in their bytes alone, so the graph does not
        have these. They are found or made as if it had.
        """
        if not isinstance(cut.work, CutWork):
            raise TypeError(f"{cut.id} has no pieces") from clash
        places = list(passages(cut.work.edit))
        pieces: dict[str, Path] = {}
        with Ledger(self.ledger.path) as ledger:  # this thread's own
            for number in clash.passages:
                passage = places[number - 1]
                piece = Action(
                    id=f"{Kind.CONFORM}:{passage.shot}",
                    kind=Kind.CONFORM,
                    work=PassageWork(passage.edit, cut.work.rendered, copies=False),
                    inputs={own: cut.inputs[role] for own, role in passage.roles.items()},
                    shot=passage.shot,
                )
                key = piece.key(outputs) or ""
                output = ledger.output(key)
                path = self.store.verified(output) if output else None
                if path is None:
                    output = self.make(piece, outputs, report)
                    ledger.record(key, output, asked(piece, outputs))
                    path = self.store.find(output)
                if path is None:
                    raise StepError(f"what was made of {passage.shot} is gone", "build again")
                pieces[f"piece {number}"] = path
        return pieces

    def _inputs(self, action: Action, outputs: Mapping[str, str]) -> dict[str, Path]:
        """By role, files whose bytes are exactly those that the key was made of."""
        paths = {}
        for role, source in action.inputs.items():
            match source:
                case Made(maker):
                    path = self.store.verified(outputs[maker])
                    if path is None:
                        raise StepError(
                            f"what {maker} made is damaged on the disk, or gone",
                            "build again: it is made anew",
                        )
                    paths[role] = path
                case Given(name, digest):
                    paths[role] = self._given(name, digest)
                case Named():
                    pass  # only its provider can reach it
        return paths

    def _given(self, name: str, digest: str) -> Path:
        path = self.folder / name
        try:
            if digest_file(path) == digest:
                return path
        except OSError as error:
            raise StepError(f"{name} cannot be read: {error.strerror}") from error
        raise StepError(
            f"{name} was changed while the film was being built",
            "build again when it is complete",
        )


def _digest(source: InputSource, outputs: Mapping[str, str]) -> str:
    """What tells an input from another: its digest, or the name of what only a provider can reach."""
    match source:
        case Made(maker):
            return outputs[maker]
        case Given(_, digest):
            return digest
        case Named(text):
            return text
