"""A clip that is open for decoding: its frames in order, from any time on.

Times are in the clip's own time, which begins with its first frame. A frame is
found by seeking to the key frame before it and decoding on, where that can be
trusted; where it cannot, by decoding from the start.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from math import ceil, floor
from pathlib import Path
from typing import TypeAlias

import av
from av.container import InputContainer
from av.error import FFmpegError, InvalidDataError

from storyboard.media.avc import Configuration, starts_afresh
from storyboard.media.container import BadMedia, open_media, packets_of, picture_stream
from storyboard.model import Seconds

Shown: TypeAlias = tuple[Seconds, av.VideoFrame]
"""A frame, and the time from which on it is on the screen."""


_STEP_BACK = Fraction(5)
"""How much further back the second seek goes: over the usual distance of key frames."""

_LONGEST = Fraction(3, 2)
"""Intervals from a frame of a steady clip to the next: each stands within a quarter of its place."""


@dataclass(slots=True)
class Opened:
    """A clip that is open for decoding.

    Attributes:
        zero: the time stamp of its first frame in seconds; None in the rare
            clip without time stamps, whose frames are counted instead.
        tick: the unit of its time stamps, in seconds.
        tolerance: by how much time stamps may be off, being rounded.
        interval: how long a frame lasts that does not say it.
        from_start: its frames in order; no longer so once another place was sought.
        cold: whether nothing of it was decoded to know `zero`.
        moved: whether another place was sought, or `from_start` is in use.
    """

    path: Path
    container: InputContainer
    stream: av.VideoStream
    zero: Fraction | None
    tick: Fraction
    tolerance: Fraction
    interval: Fraction
    from_start: Iterator[Shown]
    cold: bool
    moved: bool = False

    def end_of(self, shown: Shown) -> Seconds:
        """Until when a frame is on the screen, if it is the last one."""
        time, frame = shown
        return time + (frame.duration * (frame.time_base or 0) or self.interval)


@contextmanager
def opened(clip: Path, *, cold: bool = True, threads: int = 0) -> Iterator[Opened]:
    """A clip, for as long as the block lasts.

    Args:
        clip: a video.
        cold: its first packet may tell when it begins; else its first frame is decoded.
        threads: how many decode it; 0 leaves that to libav.

    Raises:
        BadMedia: it is no video that can be read.
        OSError: there is no such file, or the disk fails.
    """
    with open_media(clip) as container:
        stream = picture_stream(container)
        stream.thread_type = "AUTO"
        stream.thread_count = threads
        rate = stream.average_rate or stream.guessed_rate or Fraction(25)
        packets = packets_of(container, stream)
        head = next(packets)
        decoded = _decoded(stream, chain([head], packets))
        zero, tick = _begins(head, stream) if cold else None, stream.time_base or Fraction(1, 1000)
        cold = zero is not None
        if not cold:
            first = next(decoded, None)
            if first is not None:
                zero, decoded = _time_stamp(first), chain([first], decoded)
        yield Opened(
            path=clip,
            container=container,
            stream=stream,
            zero=zero,
            tick=tick,
            tolerance=min(tick, 1 / (8 * rate)),
            interval=1 / rate,
            from_start=_timed(_some(decoded), zero, rate),
            cold=cold,
        )


def _begins(head: av.Packet[av.VideoStream], stream: av.VideoStream) -> Seconds | None:
    """The time stamp of the first frame, where the first packet tells; else it is to be decoded.

    Behind an IDR picture none is shown that it is not shown before.
    """
    if head.pts is None or head.is_discard or not is_fresh(head, stream):
        return None
    return head.pts * (head.time_base or stream.time_base or Fraction(1, 1000))


def is_fresh(packet: av.Packet[av.VideoStream], stream: av.VideoStream) -> bool:
    """Whether a packet is known to need none before it, nor any behind it."""
    if stream.codec_context.name != "h264" or not packet.is_keyframe:
        return False
    sets = Configuration.read(stream.codec_context.extradata or b"")
    return sets is not None and starts_afresh(bytes(packet), sets)


def _some(frames: Iterable[av.VideoFrame]) -> Iterator[av.VideoFrame]:
    """Frames, of which there must be one."""
    number = 0
    for number, frame in enumerate(frames, 1):  # noqa: B007 - it is looked at behind
        yield frame
    if not number:
        raise BadMedia("not one frame of it can be decoded")


def frames_from(reel: Opened, start: Seconds, *, steady: bool = False) -> Iterator[Shown]:
    """The frames from the one on the screen at `start` on; at least one."""
    limit = start + reel.tolerance
    if start > 0 and reel.zero is not None:
        for step_back in (Fraction(0), _STEP_BACK):
            needed = reel.zero + start - _LONGEST * reel.interval if steady else None
            frames = _sought(reel, reel.zero, start, step_back, needed)
            first = next(frames, None)
            if first is not None and first[0] <= limit:
                yield from _without_those_before(limit, chain([first], frames))
                return
    if reel.moved:
        with opened(reel.path) as again:
            yield from _without_those_before(limit, again.from_start)
    else:
        reel.moved = True
        yield from _without_those_before(limit, reel.from_start)


def _sought(
    reel: Opened, zero: Fraction, start: Seconds, step_back: Seconds, needed: Fraction | None
) -> Iterator[Shown]:
    """The frames from a key frame before `start` on; none where the file cannot be sought.

    Before the time stamp `needed`, frames that no other one needs are left out.
    """
    reel.moved = True
    stream = reel.stream
    if stream.duration:
        start = min(start, stream.duration * reel.tick)
    elif reel.container.duration:
        start = min(start, Fraction(reel.container.duration, av.time_base))
    try:
        reel.container.seek(floor((zero + start - step_back) / reel.tick), stream=stream)
    except FFmpegError:
        return
    packets = packets_of(reel.container, stream)
    landed = next(packets, None)
    if reel.cold and landed is not None and not is_fresh(landed, stream):
        # Whether a picture that is refreshed bit by bit is whole, libav knows
        # only of a stream that it has seen from its beginning.
        with opened(reel.path, cold=False) as warm:
            yield from _sought(warm, zero, start, step_back, needed)
        return
    packets = packets if landed is None else chain([landed], packets)
    since = None if needed is None else ceil(needed / reel.tick)
    yield from _timed(_decoded(stream, packets, since), zero, 1 / reel.interval)


def _without_those_before(limit: Seconds, frames: Iterator[Shown]) -> Iterator[Shown]:
    """The frames from the last one that begins by `limit` on."""
    held = next(frames)
    for shown in frames:
        if shown[0] > limit:
            yield held
            yield shown
            yield from frames
            return
        held = shown
    yield held


def _timed(
    frames: Iterator[av.VideoFrame], zero: Fraction | None, rate: Fraction
) -> Iterator[Shown]:
    for number, frame in enumerate(frames):
        stamp = _time_stamp(frame)
        yield (number / rate if stamp is None or zero is None else stamp - zero), frame


def _decoded(
    stream: av.VideoStream,
    packets: Iterable[av.Packet[av.VideoStream]],
    needed: int | None = None,
) -> Iterator[av.VideoFrame]:
    """The frames from the next key frame on, as they are shown.

    Before the time stamp `needed` only those that others need.
    Frames that come behind an open key frame in the file and before it on the
    screen are left out: they need pictures from before the place sought.
    """
    key: int | None = None
    has_begun = False
    for packet in packets:
        if not has_begun:
            if not packet.is_keyframe:
                continue
            key, has_begun = packet.pts, True
        if needed is not None and packet.pts is not None:
            stream.codec_context.skip_frame = "NONREF" if packet.pts < needed else "DEFAULT"
        try:
            for frame in packet.decode():
                if key is None or frame.pts is None or frame.pts >= key:
                    yield frame
        except InvalidDataError as error:
            raise BadMedia("its picture is damaged") from error


def _time_stamp(frame: av.VideoFrame) -> Fraction | None:
    """When a frame is shown, in seconds of its file."""
    if frame.pts is None or frame.time_base is None:
        return None
    return frame.pts * frame.time_base
