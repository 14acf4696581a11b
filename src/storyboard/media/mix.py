"""The sound of a cut: every clip's and every sound file's, mixed on the cut's 48 kHz grid.

Where a hard cut would click, sound goes down and comes up over 5 ms. Where
shots overlap, one goes over into the other with equal power. All fades follow
a quarter of a sine.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from itertools import pairwise
from math import pi
from pathlib import Path

import numpy as np

from storyboard.media.sound import SOUND_RATE, Samples, sound_length, sound_of
from storyboard.media.transitions import overlap
from storyboard.model import Seconds
from storyboard.timeline import Edit, Event, SoundEvent, nearest_frame

_RAMP = SOUND_RATE // 200
"""Samples of the ramp at a hard cut: 5 ms."""


@dataclass(frozen=True, slots=True)
class _Fade:
    """Sound that comes up from position `silent` to `full`, or goes down where `full` is first."""

    silent: int
    full: int


@dataclass(frozen=True, slots=True)
class _Voice:
    """One stretch of one file in the mix; positions are samples of the cut.

    Attributes:
        begins: where its first sample stands; may lie before the cut.
        ends: where it is silent again.
        blocks: opens its sound.
    """

    begins: int
    ends: int
    gain: float
    fades: tuple[_Fade, ...]
    blocks: Callable[[], Generator[Samples, None, None]]


def mixed(edit: Edit, inputs: Mapping[str, Path]) -> Generator[Samples, None, None]:
    """The cut's sound in blocks of a second: n x 2 samples, 48 kHz, as long as the picture.

    It may go beyond -1 and 1 where much sounds at once. Files are open only
    while they sound.

    Args:
        edit: the cut.
        inputs: by role, the files that it names.

    Raises:
        BadMedia: a file cannot be read, or a sound file has no sound.
        OSError: a file is not there, or the disk fails.
    """
    end = _samples(edit.duration)
    fades = (
        _Fade(0, _samples(edit.fade_in)),
        _Fade(end, end - _samples(edit.fade_out)),
        _Fade(end, end - _RAMP),  # a film may end in the middle of a sound
    )
    voices = sorted(_voices(edit, inputs, end), key=lambda voice: voice.begins)
    waiting, sounding = deque(voices), list[_Reader]()
    try:
        for at in range(0, end, SOUND_RATE):
            until = min(at + SOUND_RATE, end)
            block = np.zeros((until - at, 2), np.float32)
            while waiting and waiting[0].begins < until:
                sounding.append(_Reader(waiting.popleft()))
            for reader in sounding:
                reader.add_to(block, at)
                if reader.voice.ends <= until:
                    reader.close()
            sounding = [reader for reader in sounding if reader.voice.ends > until]
            yield block * _gain(fades, at, until)
    finally:
        for reader in sounding:
            reader.close()


class _Reader:
    """Reads a voice's sound from front to back, and no further than it is asked for."""

    def __init__(self, voice: _Voice) -> None:
        self.voice = voice
        self._blocks = voice.blocks()
        self._rest: Samples = np.zeros((0, 2), np.float32)
        self._position = voice.begins

    def add_to(self, block: Samples, at: int) -> None:
        """Add what sounds during a block, the first sample of which stands at `at`."""
        first = max(at, self.voice.begins)
        until = min(at + len(block), self.voice.ends)
        for part in self._up_to(first):
            del part  # before the cut, or before its own start there
        for part in self._up_to(until):
            begins = self._position - len(part)
            gain = self.voice.gain * _gain(self.voice.fades, begins, self._position)
            block[begins - at : self._position - at] += part * gain

    def close(self) -> None:
        """Close the file."""
        self._blocks.close()

    def _up_to(self, position: int) -> Iterator[Samples]:
        while self._position < position:
            if not len(self._rest):
                self._rest = next(self._blocks, self._rest)
                if not len(self._rest):  # the file has ended: silence
                    self._position = position
                    return
            part = self._rest[: position - self._position]
            self._rest = self._rest[len(part) :]
            self._position += len(part)
            yield part


def _voices(edit: Edit, inputs: Mapping[str, Path], end: int) -> Iterator[_Voice]:
    events = edit.events
    for index, event in enumerate(events):
        before = events[index - 1] if index else None
        after = events[index + 1] if index + 1 < len(events) else None
        yield from _clip_voices(event, before, after, inputs, edit.fps)
    for sound in edit.sounds:
        yield _file_voice(sound, inputs[sound.clip], end)


def _clip_voices(
    event: Event,
    before: Event | None,
    after: Event | None,
    inputs: Mapping[str, Path],
    fps: Fraction,
) -> Iterator[_Voice]:
    """The sound of a shot's clips, one voice a piece."""
    origin, last = (_samples(frame / fps) for frame in (event.record_in, event.record_out))
    up = _join(before, event, fps)[1] if before else _Fade(origin, origin + _RAMP)
    down = _join(event, after, fps)[0] if after else _Fade(last, last - _RAMP)
    inner = [origin + _samples(piece.starts - event.source_in) for piece in event.pieces[1:]]
    for piece, (start, stop) in zip(
        event.pieces, pairwise((up.silent, *inner, down.silent)), strict=True
    ):
        begins, ends = max(start, up.silent), min(stop, down.silent)
        if piece.still or begins >= ends:
            continue
        fades = [up, down]
        if begins > up.silent:
            fades.append(_Fade(begins, begins + _RAMP))
        if ends < down.silent:
            fades.append(_Fade(ends, ends - _RAMP))
        time = event.source_in + Fraction(begins - origin, SOUND_RATE)
        clip_time = max(Fraction(0), (time - piece.starts) * piece.speed)
        blocks = partial(sound_of, inputs[piece.clip], clip_time, piece.speed)
        yield _Voice(begins, ends, 1.0, tuple(fades), blocks)


def _join(before: Event, after: Event, fps: Fraction) -> tuple[_Fade, _Fade]:
    """How the earlier of two shots goes down, and how the later one comes up."""
    first = after.record_in
    start, stop = (_samples(frame / fps) for frame in (first, first + overlap(before, after)))
    if start < stop and after.join.audio == "crossfade":
        return _Fade(stop, start), _Fade(start, stop)
    middle = (start + stop) // 2
    return _Fade(middle, middle - _RAMP), _Fade(middle, middle + _RAMP)


def _file_voice(sound: SoundEvent, path: Path, end: int) -> _Voice:
    """A sound file. `lasts` is the stretch of it that is used, and that a loop repeats."""
    begins = _samples(sound.starts)
    natural = sound_length(path) - sound.source_in
    stretch = _samples(natural if sound.lasts is None else sound.lasts)
    ends = end if sound.loop else min(begins + stretch, end)
    fades = [
        _Fade(begins, begins + _samples(sound.fade_in)),
        _Fade(ends, ends - _samples(sound.fade_out)),
    ]
    if sound.source_in > 0:
        fades.append(_Fade(begins, begins + _RAMP))
    if ends < begins + _samples(natural):
        fades.append(_Fade(ends, ends - _RAMP))

    def blocks() -> Generator[Samples, None, None]:
        while True:
            with closing(sound_of(path, sound.source_in)) as whole:
                heard = yield from _first(stretch, whole)
            if not (sound.loop and heard):
                return

    return _Voice(begins, ends, 10 ** (float(sound.gain_db) / 20), tuple(fades), blocks)


def _first(samples: int, blocks: Iterable[Samples]) -> Generator[Samples, None, int]:
    """As many samples, if there are; how many there were."""
    given = 0
    for block in blocks:
        part = block[: samples - given]
        yield part
        given += len(part)
        if given == samples:
            break
    return given


def _gain(fades: Iterable[_Fade], begins: int, ends: int) -> Samples:
    """The product of fades at the samples of a stretch: n x 1."""
    # In the middle of each sample: the two sides of a crossfade are mirror images.
    positions = np.arange(begins, ends) + 0.5
    gain = np.ones(len(positions))
    for fade in fades:
        if fade.silent != fade.full:
            along = (positions - fade.silent) / (fade.full - fade.silent)
            gain *= np.sin(np.clip(along, 0, 1) * (pi / 2))
    return gain.astype(np.float32)[:, None]


def _samples(time: Seconds) -> int:
    return nearest_frame(time, Fraction(SOUND_RATE))
