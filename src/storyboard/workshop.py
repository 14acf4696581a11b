"""The workshop: where one step is done, from finding its inputs to storing what it made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from storyboard.asked import asked
from storyboard.bookkeeping import Books
from storyboard.cut_list import cut_list
from storyboard.facts import Take
from storyboard.film_file import FilmFile
from storyboard.graph import Action, FrameWork, Given, Kind, Made, Named
from storyboard.jobs import Job
from storyboard.lane import Lane
from storyboard.ledger import Ledger
from storyboard.lock_file import LockFile
from storyboard.passages import Clash, CutWork, FormatWork, PassageWork, PosterWork, passages
from storyboard.provider import Report, Request
from storyboard.sounding import Code, Decode, Judge, Measure
from storyboard.steps import Step
from storyboard.store import PIECE, Store, disk_trouble
from storyboard.takes import made_for
from storyboard.tools import StepError, Tools

if TYPE_CHECKING:
    from storyboard.events import Listener
    from storyboard.publishing import Publishing
    from storyboard.remote.driver import Driver, Hear
    from storyboard.remote.leftovers import Leftovers
    from storyboard.remote.orders import Order


@dataclass(frozen=True, slots=True, kw_only=True)
class Workshop:
    """A storyboard's folder, the place for what is made, and the tools to make it.

    Attributes:
        folder: the storyboard's, which the paths of given files start from.
        lane: whose steps these are.
        lock: where takes are written down.
        driver: has the clips of remote models made; None where there are none.
        frames: by action id, the frames that other steps want of its clip.
        publishing: has the places of films; without it none is put together.
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
    publishing: Publishing | None = None
    locked: bool = False

    @property
    def books(self) -> Books:
        """The film's ledger and lock, to write down what is made."""
        return Books(
            lane=self.lane,
            store=self.store,
            ledger=self.ledger,
            lock=self.lock,
            take_frame=self.tools.take_frame,
        )

    def find(self, action: Action, key: str, outputs: Mapping[str, str]) -> str | None:
        """The digest of what was made for an action's key, if its bytes are here.

        Of a cut that is its list, and here means that its film is in its place too.
        """
        output = made_for(action, key, outputs, self.lock.lock, self.ledger, self.store)
        if output and isinstance(action.work, CutWork) and self.publishing:
            output = None if self.publishing.lacks(action.id, output) else output
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
        await self._keep(key)
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
        return await self._keep(key)

    async def _order_of(
        self, action: Action, key: str, outputs: Mapping[str, str], *, retakes: int = 0
    ) -> tuple[Driver, Order]:
        model = self.driver.model(action.model) if self.driver else None
        if self.driver is None or model is None:
            raise TypeError(f"{action.id} is no clip of a remote model")
        import asyncio

        from storyboard.ordering import order_of

        files = await asyncio.to_thread(self._inputs, action, outputs)
        frames = self.frames.get(action.id, ())
        return self.driver, order_of(action, key, model, files, outputs, frames, retakes)

    async def _keep(self, key: str) -> tuple[Take, ...]:
        """Have in the lock what finished jobs have brought for a key."""
        jobs = self.ledger.jobs.not_locked(self.lane.film)
        return await self.books.keep([job for job in jobs if job.intent.key == key])

    def leftovers(self, listener: Listener) -> Leftovers | None:
        """What collects the jobs that no step asks for; None where no provider is asked anything."""
        if self.driver is None:
            return None
        from storyboard.remote.leftovers import Leftovers

        return Leftovers(self.driver, self._kept, listener)

    async def _kept(self, job: Job) -> None:
        """What a leftover job has brought: in this film's lock, or left for that of its own film."""
        if job.lane.film == self.lane.film and (done := self.ledger.jobs.get(job.id)):
            await self.books.keep([done])

    async def hang_up(self) -> None:
        """Let go of the connections to remote providers."""
        if self.driver:
            await self.driver.close()

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
            case CutWork(edit) if self.publishing:
                from storyboard.film_sum import summing

                with FilmFile(self.publishing.desk(action.id)) as film, summing(film) as summed:
                    self.tools.stitch(edit, inputs, film, report)
                made = scratch / f"film{PIECE}"
                made.write_text(cut_list(action, inputs, summed.result()), "utf-8")
            case FormatWork(edit, kind):
                made = scratch / f"film.{kind}"
                self.tools.write_as(edit, inputs, made, report)
            case PosterWork() as work:
                made = scratch / "poster.jpg"
                made.write_bytes(self.tools.poster(work, inputs))
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
        made = [each.action for each in action.inputs.values() if isinstance(each, Made)]
        self.store.check(outputs[maker] for maker in made)  # many at once: what follows knows them
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
            if self.store.digests.of(path) == digest:
                return path
        except OSError as error:
            raise StepError(f"{name} cannot be read: {error.strerror}") from error
        raise StepError(
            f"{name} was changed while the film was being built",
            "build again when it is complete",
        )
