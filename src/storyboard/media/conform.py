"""Conforming: a passage of a cut as coded pictures in the cut's form.

A clip that has the cut's form already is not touched: its coded pictures are
taken as they are (`copying`). Only what remains is decoded, composed and
coded: frames before the first of them, frames that are drawn upon,
transitions, and clips of another form. A picture that stands still is coded
for two seconds, and these are shown again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from storyboard.media.ahead import one_ahead
from storyboard.media.avc import PictureCoder, key_distance
from storyboard.media.container import BadMedia
from storyboard.media.copying import Copy, copied, decode
from storyboard.media.probe import ClipInfo, probe
from storyboard.media.reel import moments, pictures
from storyboard.media.segment import SegmentWriter
from storyboard.provider import Report
from storyboard.spans import touched
from storyboard.timeline import Edit


def conform(
    edit: Edit,
    inputs: Mapping[str, Path],
    destination: Path,
    report: Report,
    *,
    copies: bool = True,
    doubted: Collection[str] = (),
    threads: int = 1,
) -> None:
    """Make the segment of a passage: exactly `edit.frames` frames.

    Args:
        edit: the passage, as `passages` gives it.
        inputs: by role, the files that it names.
        destination: where the segment goes.
        report: told how much is done. What it raises comes out unchanged.
        copies: whether coded pictures may be taken from its clips.
        doubted: roles of clips that nobody has decoded yet: a picture that is
            taken from one is decoded first, to see that it is whole.
        threads: how many decode; the segment is the same. More than one is for
            clips that were decoded before.

    Raises:
        BadMedia: an input is not what it should be; the message names it.
        OSError: an input is not there, or the disk does not take the segment.
        ValueError: the passage cannot be composed.
    """
    with naming_inputs(edit, inputs):
        clips = probed(edit, inputs)
        alone = len(edit.events) == 1
        taken = copied(edit, clips) if copies and alone else []
        for run in taken:
            if run.clip in doubted:
                decode(run)
        runs = sorted([*taken, *(_held(edit) if alone else ())], key=lambda run: run.start)
        with SegmentWriter(destination) as segment:
            coding = _Coding(edit, inputs, clips, threads, segment, report)
            done = 0
            for run in runs:
                coding.code(range(done, run.start))
                done = coding.place(run)
                report(done / edit.frames)
            coding.code(range(done, edit.frames))


@contextmanager
def naming_inputs(edit: Edit, inputs: Mapping[str, Path]) -> Iterator[None]:
    """Have what is wrong with an input say which it is, and in which shot.

    Raises:
        BadMedia: as inside the block, with the input named.
    """
    try:
        yield
    except BadMedia as error:
        raise BadMedia(
            f"{_named(error.path, edit, inputs)}: {error.problem}", error.path
        ) from error


def _named(path: Path | None, edit: Edit, inputs: Mapping[str, Path]) -> str:
    """What messages call an input: its path, and the shot that it is in."""
    for event in edit.events:
        if any(inputs[piece.clip] == path for piece in event.pieces):
            return f"{path} (in shot '{event.shot}')"
    return str(path)


@dataclass(frozen=True, slots=True)
class _Hold:
    """Frames of a passage from `start` on that all show the same picture."""

    start: int
    frames: int


def _held(edit: Edit) -> Iterator[_Hold]:
    """Stills that stand longer than from one key frame to the next, where nothing is drawn on them."""
    drawn = {frame for frames in touched(edit) for frame in frames}
    frames = range(edit.frames)
    shown = (piece for piece, times in moments(edit.events[0], frames, edit) for _ in times)
    for (piece, plain), run in groupby(
        zip(shown, frames, strict=True), key=lambda each: (each[0], each[1] not in drawn)
    ):
        held = [frame for _, frame in run]
        if piece.still and plain and len(held) > key_distance(edit.fps):
            yield _Hold(held[0], len(held))


def probed(edit: Edit, inputs: Mapping[str, Path]) -> dict[str, ClipInfo]:
    """Every clip's form: one that is damaged is found before work begins."""
    pieces = (piece for event in edit.events for piece in event.pieces)
    roles = {piece.clip for piece in pieces if not piece.still}
    return {role: probe(inputs[role]) for role in sorted(roles)}


@dataclass(frozen=True, slots=True)
class _Coding:
    """A segment that is being made, and what of."""

    edit: Edit
    inputs: Mapping[str, Path]
    clips: Mapping[str, ClipInfo]
    threads: int
    segment: SegmentWriter
    report: Report

    def place(self, run: Copy | _Hold) -> int:
        """Add a run of frames that need not all be coded; the frame behind it."""
        if isinstance(run, Copy):
            self.segment.copy(run.clip, run.form.configuration, run.pictures)
            return run.start + len(run.pictures)
        first = range(run.start, run.start + key_distance(self.edit.fps))
        self.code(first, fill=run.frames)
        return run.start + run.frames

    def code(self, frames: range, *, fill: int | None = None) -> None:
        """Compose and code some frames; shown again and again where they are to fill more."""
        if frames:
            coder = PictureCoder(self.edit.size, self.edit.fps)
            self.segment.write(coder.configuration, self._coded(frames, coder), fill)

    def _coded(self, frames: range, coder: PictureCoder) -> Iterator[tuple[bytes, bool]]:
        start, stop, threads = frames.start, frames.stop, self.threads
        with (
            closing(
                pictures(self.edit, self.inputs, self.clips, start, stop, threads=threads)
            ) as reel,
            closing(one_ahead(reel)) as composed,
        ):
            for number, picture in enumerate(composed, start + 1):
                yield from coder.code(picture)
                self.report(number / self.edit.frames)
        yield from coder.rest()
