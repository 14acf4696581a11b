"""Sound of any file as 48 kHz stereo, every sample in its place.

A clip's sound counts from its first picture, whatever its timestamps begin
with and however its tracks are shifted against each other; a sound file's
from its first sample. Encoder delays and edit lists are libav's to undo, and
it does. What timestamps leave out is silence, what they double is dropped.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from contextlib import suppress
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt
from av.container import InputContainer
from av.error import BlockingIOError as NothingYet
from av.error import EOFError as NothingMore
from av.frame import Frame
from av.stream import Disposition

from storyboard.media.container import BadMedia, open_media
from storyboard.media.frames import first_time
from storyboard.model import Seconds
from storyboard.timeline import nearest_frame
from storyboard.track import SOUND_RATE

Samples = npt.NDArray[np.float32]

_JITTER = SOUND_RATE // 200
"""Timestamps that are off by less (5 ms) are roundings: the samples simply go on."""

_INDEXED = ("mov,", "wav")
"""Containers with time stamps exact to the sample; others are decoded from their start."""

_SEEK_BEYOND = 5
"""Seconds up to which decoding from the start is as quick."""

_RUN_UP = Fraction(1, 4)
"""Seconds decoded before a position, so that codec and resampler have settled there."""


def sound_of(
    path: Path, start: Seconds = Fraction(0), speed: Fraction = Fraction(1)
) -> Generator[Samples, None, None]:
    """A file's sound from a time on: blocks of n x 2 samples, -1 to 1, 48 kHz, without a hole.

    A file without sound gives no block. The file is closed when the iterator
    ends or is closed.

    Args:
        path: a video or a sound file.
        start: the file's own time of the first sample.
        speed: seconds of the file in a second of what comes out; its pitch stays.

    Raises:
        BadMedia: it cannot be read, or breaks off.
        OSError: there is no such file, or the disk fails.
    """
    with open_media(path) as container:
        if not container.streams.audio:
            return
        runs = _runs(container, _origin(container, path), start)
        blocks = _contiguous(runs, nearest_frame(start, Fraction(SOUND_RATE)))
        yield from blocks if speed == 1 else _retimed(blocks, speed)


def sound_length(path: Path) -> Seconds:
    """How long a file's sound lasts from the time that `sound_of` counts as 0.

    Only packets are read, nothing is decoded.

    Raises:
        BadMedia: it has no sound, or cannot be read.
        OSError: there is no such file, or the disk fails.
    """
    with open_media(path) as container:
        if not container.streams.audio:
            raise BadMedia("it has no sound", path)
        origin, end = _origin(container, path), Fraction(0)
        for packet in container.demux(container.streams.audio[0]):
            if packet.pts is not None and packet.time_base is not None:
                end = max(end, (packet.pts + (packet.duration or 0)) * packet.time_base - origin)
    return end


def _origin(container: InputContainer, path: Path) -> Seconds:
    """The timestamp that counts as 0: of the first picture, or else of the first sound.

    The file stands at its beginning, before and after.
    """
    if any(not stream.disposition & Disposition.attached_pic for stream in container.streams.video):
        return first_time(path)
    sound = next(_decoded(container), None)
    container.seek(0)
    return (sound and _time_stamp(sound)) or Fraction(0)


def _decoded(container: InputContainer) -> Iterator[av.AudioFrame]:
    stream = container.streams.audio[0]
    if stream.codec_context is None:
        raise BadMedia("its sound is coded in a way that is not known here")
    with suppress(IndexError):  # of av, behind the end, where other streams began on the way
        yield from container.decode(stream)


def _time_stamp(frame: Frame) -> Seconds | None:
    """When a frame is shown or heard, in seconds of its file."""
    if frame.pts is None or frame.time_base is None:
        return None
    return frame.pts * frame.time_base


def _runs(
    container: InputContainer, origin: Seconds, start: Seconds
) -> Iterator[tuple[int, Samples]]:
    """Blocks of samples, each with its position on the file's 48 kHz grid.

    Within a run of unbroken timestamps positions are counted, not read, so
    that timestamps in milliseconds do not make the sound stutter.
    """
    if start > _SEEK_BEYOND and container.format.name.startswith(_INDEXED):
        container.seek(int((origin + start - _RUN_UP) * av.time_base))
    resampler: _Resampler | None = None
    for frame in _decoded(container):
        time = _time_stamp(frame)
        if time is None:
            at = resampler.due if resampler else 0
        else:
            at = nearest_frame(time - origin, Fraction(SOUND_RATE))
        if resampler is None or not resampler.continues(frame, at):
            if resampler:
                yield from resampler.rest()
            resampler = _Resampler(frame, at)
        yield from resampler.take(frame)
    if resampler:
        yield from resampler.rest()


class _Resampler:
    """Turns one run of frames of the same kind into 48 kHz stereo.

    Attributes:
        due: where on the 48 kHz grid the next frame's sound belongs.
    """

    def __init__(self, first: av.AudioFrame, at: int) -> None:
        self.due = self._out = at
        self._began = at
        self._rate = first.sample_rate
        self._channels = first.layout.name
        self._fed = 0
        # One channel stays one here: swresample would take 3 dB off it, and
        # players put it on both loudspeakers as it is.
        layout = "mono" if first.layout.nb_channels == 1 else "stereo"
        self._resampler = av.AudioResampler(format="fltp", layout=layout, rate=SOUND_RATE)

    def continues(self, frame: av.AudioFrame, at: int) -> bool:
        """Whether a frame belongs to this run."""
        same = (frame.sample_rate, frame.layout.name) == (self._rate, self._channels)
        return same and abs(at - self.due) <= _JITTER

    def take(self, frame: av.AudioFrame) -> Iterator[tuple[int, Samples]]:
        frame.pts = None  # or a jitter of timestamps would be evened out by stretching
        self._fed += frame.samples
        self.due = self._began + nearest_frame(
            Fraction(self._fed, self._rate), Fraction(SOUND_RATE)
        )
        yield from self._placed(self._resampler.resample(frame))

    def rest(self) -> Iterator[tuple[int, Samples]]:
        yield from self._placed(self._resampler.resample(None))

    def _placed(self, frames: Iterable[av.AudioFrame]) -> Iterator[tuple[int, Samples]]:
        for frame in frames:
            channels = frame.to_ndarray()
            both = np.repeat(channels, 2, axis=0) if len(channels) == 1 else channels
            yield self._out, np.ascontiguousarray(both.T, np.float32)
            self._out += frame.samples


def _contiguous(runs: Iterable[tuple[int, Samples]], start: int) -> Iterator[Samples]:
    """What lies from position `start` on: gaps filled with silence, overlaps cut off."""
    due = start
    for at, block in runs:
        if at > due:
            yield from _silence(at - due)
            due = at
        fresh = block[due - at :]
        if len(fresh):
            yield fresh
            due += len(fresh)


def _silence(samples: int) -> Iterator[Samples]:
    """Silence in pieces of a second: a gap may be an hour long."""
    for at in range(0, samples, SOUND_RATE):
        yield np.zeros((min(SOUND_RATE, samples - at), 2), np.float32)


def _retimed(blocks: Iterable[Samples], speed: Fraction) -> Iterator[Samples]:
    """Sound at another speed and the same pitch."""
    graph = av.filter.Graph()
    last = source = graph.add_abuffer(
        sample_rate=SOUND_RATE, format="fltp", layout="stereo", time_base=Fraction(1, SOUND_RATE)
    )
    for factor in _factors(speed):
        step = graph.add("atempo", f"{float(factor):.9f}")
        last.link_to(step)
        last = step
    planar = graph.add("aformat", "sample_fmts=fltp:channel_layouts=stereo")
    sink = graph.add("abuffersink")
    last.link_to(planar)
    planar.link_to(sink)
    graph.configure()
    position = 0
    for block in blocks:
        frame = av.AudioFrame.from_ndarray(
            np.ascontiguousarray(block.T), format="fltp", layout="stereo"
        )
        frame.sample_rate, frame.time_base = SOUND_RATE, Fraction(1, SOUND_RATE)
        frame.pts = position
        position += len(block)
        source.push(frame)
        yield from _drained(sink)
    source.push(None)
    yield from _drained(sink)


def _factors(speed: Fraction) -> Iterator[Fraction]:
    """A speed as steps that the filter takes: 0.5 to 2, where its quality is best."""
    while not Fraction(1, 2) <= speed <= 2:
        step = Fraction(2) if speed > 2 else Fraction(1, 2)
        yield step
        speed /= step
    yield speed


def _drained(sink: av.filter.context.FilterContext) -> Iterator[Samples]:
    while True:
        try:
            frame = sink.pull()
        except (NothingYet, NothingMore):
            return
        if isinstance(frame, av.AudioFrame):
            yield np.ascontiguousarray(frame.to_ndarray().T, np.float32)
