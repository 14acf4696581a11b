"""The workshop: where one step is done, from finding its inputs to storing what it made."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from storyboard.diagnostics import Failed
from storyboard.digest import digest_file
from storyboard.graph import Action, FrameWork, Given, InputSource, Made, Named
from storyboard.lane import Lane
from storyboard.ledger import Ledger
from storyboard.model import Moment, Seconds
from storyboard.provider import LocalProvider, Report, Request
from storyboard.reasons import asked
from storyboard.store import Store, disk_trouble
from storyboard.timeline import CutWork, Edit

if TYPE_CHECKING:
    from storyboard.events import Listener
    from storyboard.jobs import Job
    from storyboard.remote.driver import Driver, Hear
    from storyboard.remote.leftovers import Leftovers


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

    def stitch(
        self, edit: Edit, inputs: Mapping[str, Path], destination: Path, report: Report
    ) -> None:
        """Put a cut together, as `media.stitch.stitch`."""


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

    def stitch(
        self, edit: Edit, inputs: Mapping[str, Path], destination: Path, report: Report
    ) -> None:
        """Join the clips."""
        from storyboard.media.stitch import stitch

        stitch(edit, inputs, destination, report)


@dataclass(frozen=True, slots=True, kw_only=True)
class Workshop:
    """A storyboard's folder, the place for what is made, and the tools to make it.

    Attributes:
        folder: the storyboard's, which the paths of given files start from.
        lane: whose steps these are.
        driver: has the clips of remote models made; None where there are none.
    """

    folder: Path
    lane: Lane
    store: Store
    ledger: Ledger
    tools: Tools
    driver: Driver | None = None

    def find(self, key: str) -> str | None:
        """The digest of what was made for a key, if its bytes are here."""
        output = self.ledger.output(key)
        return output if output and self.store.find(output) else None

    def make(self, action: Action, outputs: Mapping[str, str], report: Report) -> str:
        """Do an action whose inputs are at hand; the digest of what it made, stored for good.

        Nothing is recorded yet. This may run in any thread.

        Raises:
            StoreError: the disk is full or cannot be written.
            StepError: an input is not what it was.
            Exception: whatever the tools raise.
        """
        with self.store.scratch() as scratch:
            try:
                made = self._worked(action, self._inputs(action, outputs), scratch, report)
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
        model = self.driver.model(action.model) if self.driver else None
        if self.driver is None or model is None or not isinstance(action.work, Request):
            raise TypeError(f"{action.id} is no clip of a remote model")
        from storyboard.remote.driver import Order

        files = await asyncio.to_thread(self._inputs, action, outputs)
        named = {r: s.text for r, s in action.inputs.items() if isinstance(s, Named)}
        return await self.driver.make(
            Order(
                step=action.id,
                key=key,
                request=action.work,
                model=model,
                inputs={**files, **named},
                digests={r: _digest(source, outputs) for r, source in action.inputs.items()},
                asked=asked(action, outputs),
                estimated=action.price,
                stand_ins=action.stand_ins,
            ),
            hear,
        )

    def maker(self, action: Action, key: str) -> str | None:
        """The model that made an action's clip: its own, or one of its fallbacks."""
        job = self.ledger.jobs.latest(key) if action.stand_ins else None
        return job.intent.request.model if job else action.model

    def leftovers(self, listener: Listener) -> Leftovers | None:
        """What collects the jobs that no step asks for; None where no provider is asked anything."""
        if self.driver is None:
            return None
        from storyboard.remote.leftovers import Leftovers

        return Leftovers(self.driver, self._keep, listener)

    def _keep(self, job: Job, output: str) -> None:
        """Write down a leftover job's clip; where its key has one by now, that one stays."""
        if self.ledger.output(job.intent.key) is None:
            self.ledger.record(job.intent.key, output, job.intent.asked)

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
        self.ledger.record(key, outputs[action.id], asked(action, outputs))

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
            case CutWork(edit):
                made = scratch / "film.mp4"
                self.tools.stitch(edit, inputs, made, report)
            case other:
                raise TypeError(f"no tool does the work of a {type(other).__name__}")
        return made

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
