"""Exact frames: the one on the screen at a time, the hand-over frame, all in order.

Times are in the clip's own time, which begins with its first frame. A frame is
on the screen from its own time stamp to that of the next one, so this holds for
B-frames, variable rates, edit lists, and streams that begin at any time.
"""

from __future__ import annotations

from collections.abc import Generator
from fractions import Fraction
from pathlib import Path

from storyboard.media.colour import square_size, to_rgb, turned
from storyboard.media.container import BadMedia
from storyboard.media.picture import to_png
from storyboard.media.seeking import Opened, Shown, frames_from, opened
from storyboard.model import Moment, Seconds

_END = Fraction(10**9)
"""A time behind every clip's end."""


def take_frame(clip: Path, at: Moment | Seconds, duration: Seconds | None) -> bytes:
    """A frame of a clip as PNG: RGB, in square pixels, turned as it is to be seen.

    Args:
        clip: a video.
        at: FIRST; HAND_OVER, the frame on the screen at `duration`, the first
            that is not shown; LAST, the frame before that one; or a time,
            negative from `duration`. A clip that ends by `duration` hands over
            its last frame, and that is LAST too.
        duration: how much of the clip is shown; None means all of it.

    Raises:
        BadMedia: the clip is no video that can be read, or is damaged there.
        OSError: there is no such file, or the disk fails.
    """
    with opened(clip) as reel:
        time, frame = _chosen(reel, at, duration)
        if frame.is_corrupt:
            raise BadMedia(f"its picture is damaged at {float(time):.2f} s")
        size = square_size(frame, reel.stream.sample_aspect_ratio or Fraction(1))
        return to_png(turned(to_rgb(frame, size), frame))


def frames_in_order(
    clip: Path, start: Seconds = Fraction(0), *, steady: bool = False
) -> Generator[Shown, None, None]:
    """Every frame as it is shown, from the one on the screen at `start` to the last.

    The clip is closed when the iterator ends, or is closed. A `start` beyond
    the end gives the last frame. Of a clip that is known to be steady, frames
    on the way there are not decoded where none needs them.

    Raises:
        BadMedia: the clip is no video that can be read, or is damaged on the way.
        OSError: there is no such file, or the disk fails.
    """
    # One thread: several clips are read at once, and each thread holds pictures of its own.
    with opened(clip, threads=1 if steady else 0) as reel:
        yield from frames_from(reel, start, steady=steady)


def first_frame(clip: Path) -> Shown:
    """The first frame of all. Raises as `frames_in_order`."""
    return frame_at(clip, Fraction(0))


def last_frame(clip: Path) -> Shown:
    """The very last frame. Raises as `frames_in_order`."""
    return frame_at(clip, _END)


def frame_at(clip: Path, at: Seconds) -> Shown:
    """The frame on the screen at a time; beyond the ends, the first or the last one.

    Raises as `frames_in_order`.
    """
    with opened(clip) as reel:
        return next(frames_from(reel, at))


def hand_over_frame(clip: Path, duration: Seconds | None) -> Shown:
    """The frame at `duration`, the first that is not shown; the last one where there is none.

    Raises as `frames_in_order`.
    """
    with opened(clip) as reel:
        return _chosen(reel, Moment.HAND_OVER, duration)


def _chosen(reel: Opened, at: Moment | Seconds, duration: Seconds | None) -> Shown:
    if at is Moment.FIRST:
        return next(frames_from(reel, Fraction(0)))
    if not isinstance(at, Moment) and at >= 0:
        return next(frames_from(reel, at))
    handed = next(frames_from(reel, _END if duration is None else duration))
    if at is Moment.HAND_OVER:
        return handed
    if at is Moment.LAST:
        has_ended = duration is None or reel.end_of(handed) <= duration + reel.tolerance
        return handed if has_ended else next(frames_from(reel, handed[0] - 2 * reel.tolerance))
    return next(frames_from(reel, at + (reel.end_of(handed) if duration is None else duration)))


def first_time(clip: Path) -> Seconds:
    """The time stamp of a clip's first frame, by its file's own clock.

    Raises as `frames_in_order`.
    """
    with opened(clip) as reel:
        return reel.zero or Fraction(0)
