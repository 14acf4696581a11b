"""The picture of a cut, frame by frame: which frame of which clip is on the screen when.

At each frame of the cut, a clip shows its frame that is nearest in time. Other
rates are converted by that alone, counted from the shot's start: nothing drifts.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import count, groupby, repeat
from pathlib import Path
from typing import TypeAlias, TypeVar

import av
import numpy as np

from storyboard.media.blend import mixed, plain
from storyboard.media.colour import rgb_frame, to_rgb, to_yuv
from storyboard.media.container import BadMedia
from storyboard.media.decoding import decoded
from storyboard.media.fit import Planes, fitted, frame_of, planes
from storyboard.media.form import Form
from storyboard.media.frames import frames_in_order
from storyboard.media.lettering import Lettering
from storyboard.media.picture import read_picture
from storyboard.media.probe import ClipInfo
from storyboard.media.seeking import Shown
from storyboard.media.transitions import Window, rgb
from storyboard.model import Seconds
from storyboard.overlays import Shade
from storyboard.spans import Span, shades, spans
from storyboard.timeline import Edit, Event, Piece, piece_at

Pictures: TypeAlias = Generator[Planes, None, None]
Frames: TypeAlias = Generator[av.VideoFrame, None, None]
Thing = TypeVar("Thing")


def pictures(
    edit: Edit,
    inputs: Mapping[str, Path],
    clips: Mapping[str, ClipInfo],
    start: int = 0,
    stop: int | None = None,
    *,
    threads: int = 1,
) -> Pictures:
    """Frames of a cut, or of a passage of one, in order and of its size.

    Two clips at most are open at a time, those between which a transition is;
    none is when the generator has ended or was closed. What is drawn over a
    shot is drawn here, and `spans.touched` tells on which frames.

    Args:
        edit: the cut.
        inputs: by role, the files that it names.
        clips: by role, what its clips are.
        start: the first frame wanted.
        stop: the one before which to stop; None for all the rest.
        threads: how many decode a clip, where it has the form of films. Each
            holds pictures of its own.

    Raises:
        BadMedia: a clip cannot be read, or is damaged.
        OSError: a file is not there, or the disk fails.
        ValueError: a join cannot be composed, or two of them meet within a shot.
    """
    source = _Source(edit, inputs, clips, threads)
    drawn = [(shade, _plain(shade.color)) for shade in shades(edit)]
    words = Lettering(edit, inputs)
    number = start
    for span in spans(edit):
        wanted = range(
            max(start, span.start), min(edit.frames if stop is None else stop, span.stop)
        )
        if not wanted:
            continue
        with closing(_seen(span, wanted, source)) as seen:
            for bare in seen:
                picture = words.lay_on(bare, number)
                for shade, ground in drawn:
                    shown = _along(shade, number)
                    if shown < 1:
                        picture = mixed(plain(picture, ground), picture, shown)
                yield picture
                number += 1


@dataclass(frozen=True, slots=True)
class _Source:
    """What frames are made of: an edit with its files, what its clips are, and how many decode one."""

    edit: Edit
    inputs: Mapping[str, Path]
    clips: Mapping[str, ClipInfo]
    threads: int


def _along(shade: Shade, frame: int) -> float:
    """How clear the picture is in the middle of a frame: 1 outside of the fade, behind it."""
    along = (frame + 0.5 - shade.silent) / (shade.full - shade.silent)
    return min(1.0, max(0.0, along))


def _plain(color: str) -> tuple[int, int, int]:
    """A colour's Y, U and V."""
    y, u, v = planes(to_yuv(rgb_frame(np.full((2, 2, 3), rgb(color), np.uint8))))
    return int(y[0, 0]), int(u[0, 0]), int(v[0, 0])


def _seen(span: Span, wanted: range, source: _Source) -> Pictures:
    """The wanted frames of a span, as they are before anything is drawn over them."""
    if span.before is None:
        yield from _shot(span.event, wanted, source)
        return
    join = span.event.join
    with (
        closing(_shot(span.before, wanted, source)) as before,
        closing(_shot(span.event, wanted, source)) as after,
    ):
        luma = read_picture(source.inputs[join.file]) if join.file else None
        window = Window(join, source.edit.size, span.stop - span.start, _plain(join.color), luma)
        for index, pair in enumerate(zip(before, after, strict=True), wanted.start - span.start):
            yield window.frame(index, *pair)


def moments(event: Event, wanted: range, edit: Edit) -> Iterator[tuple[Piece, list[Seconds]]]:
    """Which times of which clips stand on some frames of an edit: rising times, piece by piece."""
    shown = (
        piece_at(event.pieces, event.source_in + (frame - event.record_in) / edit.fps)
        for frame in wanted
    )
    for piece, times in groupby(shown, key=lambda moment: moment[0]):
        yield piece, [time for _, time in times]


def nearest(
    frames: Iterator[tuple[Seconds, Thing]], times: Sequence[Seconds], early: Seconds
) -> Iterator[tuple[Seconds, Thing]]:
    """Of frames with their times, the one that is shown at each of some rising times.

    A frame is shown from the time on to which it is nearest, but at most
    `early` before its own, which is half a frame of the cut. A clip of a lower
    rate could otherwise show, at its end, a frame that belongs to what follows.
    The last frame stays.
    """
    now, following = next(frames), next(frames, None)
    for time in times:
        while following is not None:
            ahead = following[0] - time
            if ahead > 0 and (ahead > early or ahead >= time - now[0]):
                break
            now, following = following, next(frames, None)
        yield now


def earliness(piece: Piece, edit: Edit) -> Seconds:
    """Half a frame of the cut, in a clip's own time."""
    return piece.speed / (2 * edit.fps)


def _shot(event: Event, wanted: range, source: _Source) -> Pictures:
    """The wanted frames of the cut, of one shot."""
    with closing(_fitted(event, wanted, source)) as fit:
        if event.match is None:
            yield from fit
            return
        from storyboard.media.matching import matched_grade

        match, inputs = event.match, source.inputs
        graded = matched_grade(inputs[match.own], match.own_at, inputs[match.clip], match.at)
        for number, picture in zip(wanted, fit, strict=True):
            weight = match.weight(number)
            if weight > 0:
                applied = graded.applied(to_rgb(frame_of(picture)), weight)
                yield planes(to_yuv(rgb_frame(applied)))
            else:
                yield picture


def _fitted(event: Event, wanted: range, source: _Source) -> Pictures:
    """The wanted frames of one shot, in the cut's size, in their own colours."""
    edit = source.edit
    for piece, times in moments(event, wanted, edit):
        path = source.inputs[piece.clip]
        if piece.still:
            yield from _still(path, len(times), edit, event)
            continue
        clip = source.clips[piece.clip]
        with closing(
            _sampled(path, clip, times, earliness(piece, edit), source.threads)
        ) as sampled:
            yield from _fitted_clip(path, clip, sampled, edit, event)


def _still(path: Path, frames: int, edit: Edit, event: Event) -> Pictures:
    picture = fitted(rgb_frame(read_picture(path)), edit.size, event.fit, event.focus)
    yield from repeat(picture, frames)


def _fitted_clip(
    path: Path, clip: ClipInfo, frames: Iterable[av.VideoFrame], edit: Edit, event: Event
) -> Pictures:
    first = last = fit = None
    for frame in frames:
        if first is None:
            first = frame
        if fit is None or frame is not last:
            try:
                fit = fitted(
                    frame,
                    edit.size,
                    event.fit,
                    event.focus,
                    pixel_aspect=clip.pixel_aspect,
                    turn=None if clip.upright else first,
                )
            except BadMedia as error:
                raise BadMedia(error.problem, path) from error
            last = frame
        yield fit


def _sampled(
    path: Path, clip: ClipInfo, times: Sequence[Seconds], early: Seconds, threads: int
) -> Frames:
    """The clip's frame at each of some rising times in its own time; the last one stays."""
    if clip.form and clip.form.afresh:
        sampled = _known(clip.form, times, early, threads)
    else:
        sampled = _sought(path, clip, times, early)
    with closing(sampled) as shown:
        for time, frame in shown:
            if frame.is_corrupt:
                raise BadMedia(f"its picture is damaged at {float(time):.2f} s", path)
            yield frame


def _known(
    form: Form, times: Sequence[Seconds], early: Seconds, threads: int
) -> Generator[Shown, None, None]:
    """Frames of a clip whose pictures are known: those alone that are wanted are decoded."""
    numbers = [number for _, number in nearest(zip(form.times, count()), times, early)]
    with closing(
        decoded(form.path, form.configuration, form.pictures, set(numbers), threads=threads)
    ) as frames:
        for number, again in groupby(numbers):
            _, frame = next(frames)
            yield from ((form.times[number], frame) for _ in again)


def _sought(
    path: Path, clip: ClipInfo, times: Sequence[Seconds], early: Seconds
) -> Generator[Shown, None, None]:
    """Frames of any other clip."""
    with closing(frames_in_order(path, times[0], steady=clip.steady)) as frames:
        yield from nearest(frames, times, early)
