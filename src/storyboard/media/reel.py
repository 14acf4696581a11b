"""The picture of a cut, frame by frame: which frame of which clip is on the screen when.

At each frame of the cut, a clip shows its frame that is nearest in time. Other
rates are converted by that alone, counted from the shot's start: nothing drifts.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import closing
from itertools import groupby, islice, pairwise, repeat
from pathlib import Path
from typing import TypeAlias

import av
import numpy as np

from storyboard.media.colour import rgb_frame, to_rgb, to_yuv
from storyboard.media.container import BadMedia
from storyboard.media.fit import Planes, fitted, frame_of, planes
from storyboard.media.frames import frames_in_order
from storyboard.media.lettering import Lettering
from storyboard.media.picture import read_picture
from storyboard.media.probe import ClipInfo
from storyboard.media.transitions import Window, rgb
from storyboard.model import Seconds
from storyboard.timeline import Edit, Event, nearest_frame, overlap, piece_at

Pictures: TypeAlias = Generator[Planes, None, None]
Frames: TypeAlias = Generator[av.VideoFrame, None, None]


def pictures(edit: Edit, inputs: Mapping[str, Path], clips: Mapping[str, ClipInfo]) -> Pictures:
    """Every frame of the cut, in order: `edit.frames` of them, of its size.

    Two clips at most are open at a time, those between which a transition is;
    none is when the generator has ended or was closed.

    Args:
        edit: the cut.
        inputs: by role, the files that it names.
        clips: by role, what its clips are.

    Raises:
        BadMedia: a clip cannot be read, or is damaged.
        OSError: a file is not there, or the disk fails.
        ValueError: a join cannot be composed, or two of them meet within a shot.
    """
    up, down = (nearest_frame(fade, edit.fps) for fade in (edit.fade_in, edit.fade_out))
    ground = _plain(edit.color)
    words = Lettering(edit, inputs)
    with closing(_joined(edit, inputs, clips)) as joined:
        for number, plain in enumerate(joined):
            picture = words.lay_on(plain, number)
            shown = min(_along(number, up), _along(edit.frames - 1 - number, down))
            yield picture if shown == 1 else _faded(picture, ground, shown)


def _along(frame: int, frames: int) -> float:
    """How far a fade of so many frames has come in the middle of one of them."""
    return min(1.0, (frame + 0.5) / frames) if frames else 1.0


def _faded(picture: Planes, ground: tuple[int, int, int], shown: float) -> Planes:
    y, u, v = (
        (plane * np.float32(shown) + np.float32(flat * (1 - shown) + 0.5)).astype(np.uint8)
        for plane, flat in zip(picture, ground, strict=True)
    )
    return y, u, v


def _plain(color: str) -> tuple[int, int, int]:
    """A colour's Y, U and V."""
    y, u, v = planes(to_yuv(rgb_frame(np.full((2, 2, 3), rgb(color), np.uint8))))
    return int(y[0, 0]), int(u[0, 0]), int(v[0, 0])


def _joined(edit: Edit, inputs: Mapping[str, Path], clips: Mapping[str, ClipInfo]) -> Pictures:
    """The shots, and the transitions between them."""
    shared = [0, *(overlap(*pair) for pair in pairwise(edit.events)), 0]
    before = after = None
    try:
        for event, (lead, tail) in zip(edit.events, pairwise(shared), strict=True):
            alone = event.record_out - event.record_in - lead - tail
            if alone < 0:
                raise ValueError(f"the transitions into and out of shot {event.shot!r} overlap")
            after = _shot(event, edit, inputs, clips)
            if before and lead:
                window = Window(event.join, edit.size, lead)
                for index, pair in enumerate(
                    zip(islice(before, lead), islice(after, lead), strict=True)
                ):
                    rgb_pair = (to_rgb(frame_of(picture)) for picture in pair)
                    yield planes(to_yuv(rgb_frame(window.frame(index, *rgb_pair))))
            if before:
                before.close()
            yield from islice(after, alone)
            before = after
    finally:
        for shot in (before, after):
            if shot:
                shot.close()


def _shot(
    event: Event, edit: Edit, inputs: Mapping[str, Path], clips: Mapping[str, ClipInfo]
) -> Pictures:
    """Every frame of a shot, those in its transitions too."""
    frames = range(event.record_out - event.record_in)
    shown = (piece_at(event.pieces, event.source_in + frame / edit.fps) for frame in frames)
    for piece, moments in groupby(shown, key=lambda moment: moment[0]):
        times = [time for _, time in moments]
        path = inputs[piece.clip]
        if piece.still:
            yield from _still(path, len(times), edit, event)
            continue
        early = piece.speed / (2 * edit.fps)
        with closing(_sampled(path, times, early)) as sampled:
            yield from _fitted_clip(path, clips[piece.clip], sampled, edit, event)


def _still(path: Path, frames: int, edit: Edit, event: Event) -> Pictures:
    picture = fitted(rgb_frame(read_picture(path)), edit.size, event.fit, event.focus)
    yield from repeat(picture, frames)


def _fitted_clip(
    path: Path, clip: ClipInfo, frames: Iterable[av.VideoFrame], edit: Edit, event: Event
) -> Pictures:
    first = last = fit = None
    for frame in frames:
        if first is None:
            # How to turn the picture is asked of one frame alone: PyAV keeps
            # in memory, until the next garbage collection, any that was asked.
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


def _sampled(path: Path, times: Sequence[Seconds], early: Seconds) -> Frames:
    """The clip's frame at each of some rising times in its own time; the last one stays.

    A frame is shown from the time on to which it is nearest, but at most
    `early` before its own, which is half a frame of the cut. A clip of a lower
    rate could otherwise show, at its end, a frame that belongs to what follows.
    """
    with closing(frames_in_order(path, times[0])) as decoded:
        now, following = next(decoded), next(decoded, None)
        for time in times:
            while following is not None:
                ahead = following[0] - time
                if ahead > 0 and (ahead > early or ahead >= time - now[0]):
                    break
                now, following = following, next(decoded, None)
            if now[1].is_corrupt:
                raise BadMedia(f"its picture is damaged at {float(now[0]):.2f} s", path)
            yield now[1]
