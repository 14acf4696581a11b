"""What does the work of a step: this machine's providers and media, or whoever stands in for them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Protocol

from storyboard.diagnostics import Failed
from storyboard.film_file import FilmFile
from storyboard.model import Moment, Seconds
from storyboard.passages import PassageWork, PosterWork
from storyboard.provider import LocalProvider, Report, Request
from storyboard.sounding import SoundWork
from storyboard.timeline import Edit

_MOST_THREADS = 4
"""That decode one clip: one waits for what the other has decoded."""


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
        self, edit: Edit, inputs: Mapping[str, Path], destination: FilmFile, report: Report
    ) -> None:
        """Join the pieces of a cut, as `media.stitch.stitch`."""

    def write_as(
        self, edit: Edit, inputs: Mapping[str, Path], destination: Path, report: Report
    ) -> None:
        """Write a cut in another format than MP4, as `media.formats.write_as`."""

    def poster(self, work: PosterWork, inputs: Mapping[str, Path]) -> bytes:
        """A frame of a cut as JPEG, as `media.sheet.poster`."""


@dataclass(frozen=True, slots=True)
class LocalTools:
    """The tools of this machine: the local providers and the media package."""

    providers: tuple[LocalProvider, ...]
    _many_threads: Lock = field(default_factory=Lock, repr=False, compare=False)
    """Held by the one passage whose clips several threads decode: each holds pictures of its own."""

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
        from storyboard.media.memory import given_back

        # Of several threads, one may wait for ever for another where a picture is damaged.
        alone = not work.doubted and self._many_threads.acquire(blocking=False)
        threads = min(_MOST_THREADS, 1 + (os.cpu_count() or 1)) if alone else 1
        try:
            with given_back():
                conform(
                    work.edit,
                    inputs,
                    destination,
                    report,
                    copies=work.copies,
                    doubted=work.doubted,
                    threads=threads,
                )
        finally:
            if alone:
                self._many_threads.release()

    def sound(self, work: SoundWork, inputs: Mapping[str, Path], destination: Path) -> None:
        """Decode, measure, judge or code."""
        from storyboard.media.hearing import make_sound
        from storyboard.media.memory import given_back

        with given_back():
            make_sound(work, inputs, destination)

    def stitch(
        self, edit: Edit, inputs: Mapping[str, Path], destination: FilmFile, report: Report
    ) -> None:
        """Join the pieces."""
        from storyboard.media.stitch import stitch

        stitch(edit, inputs, destination, report)

    def write_as(
        self, edit: Edit, inputs: Mapping[str, Path], destination: Path, report: Report
    ) -> None:
        """Compose the cut and code it."""
        from storyboard.media.formats import write_as
        from storyboard.media.memory import given_back

        with given_back():
            write_as(edit, inputs, destination, report)

    def poster(self, work: PosterWork, inputs: Mapping[str, Path]) -> bytes:
        """Compose the frame and code it."""
        from storyboard.media.sheet import poster

        return poster(work.edit, inputs, work.frame)
