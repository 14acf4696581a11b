"""Mixing: any stretch of a cut's sound, the same samples whichever stretch is asked for.

Each sample depends on a bounded stretch around it, on whole positions and on
sums in a fixed order, so that a film's sound can be made in pieces, each when
it has changed, without a seam.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import pi
from pathlib import Path

import numpy as np
import numpy.typing as npt

from storyboard.media.pcm import decoded_length, read_decoded
from storyboard.media.sound import Samples
from storyboard.track import DUCK_AFTER, DUCK_BEFORE, DUCK_WAIT, HOP, SOUND_RATE, Ramp, Track, Voice

_END = SOUND_RATE // 200
"""Samples over which a sound goes down that ends before its voice does: 5 ms."""

_GATE = 10 ** (-50 / 20)
"""How loud a sound is, at least, that a soundtrack gives way to: -50 dBFS."""


def mix(track: Track, inputs: Mapping[str, Path], start: int, stop: int) -> Samples:
    """A stretch of a cut's sound: n x 2 samples, 48 kHz.

    It may go beyond -1 and 1 where much sounds at once. Beyond the track it is
    silent. Nothing stays open, and memory goes with the stretch alone.

    Args:
        track: the sound of the cut, or of a stretch around this one.
        inputs: by role, its sounds, decoded (`decode_sound`).
        start: the first sample; below 0 is before the track.
        stop: the sample before which it ends.

    Raises:
        OSError: a sound is not there, or the disk fails.
    """
    mixed: Samples = np.zeros((stop - start, 2), np.float32)
    ducking: npt.NDArray[np.float64] | None = None
    for voice in track.near(start, stop):
        part = voice.within(start, stop)
        if part is None:
            continue
        heard = _heard(part, inputs[part.clip])
        if part.duck_db:
            if ducking is None:
                ducking = _ducking(track, inputs, start, stop)
            down = ducking[part.begins - start : part.ends - start]
            heard *= (10 ** (float(part.duck_db) / 20 * down)).astype(np.float32)[:, None]
        mixed[part.begins - start : part.ends - start] += heard
    _fade(mixed, start, track.fades)
    return mixed


def _heard(voice: Voice, path: Path) -> Samples:
    """What a voice adds, from its first sample to its last, before it gives way to others."""
    length = decoded_length(path)
    lasts = voice.ends - voice.begins
    heard: Samples = np.zeros((lasts, 2), np.float32)
    if voice.loop:
        _repeat(
            heard,
            voice.source,
            voice.loop.starts,
            min(voice.loop.lasts, length - voice.loop.starts),
            path,
        )
    else:
        first, last = max(voice.source, 0), min(voice.source + lasts, length)
        if first < last:
            heard[first - voice.source : last - voice.source] = read_decoded(path, first, last)
        ends = voice.begins + length - voice.source
        if length and ends < voice.ends:
            _fade(heard, voice.begins, [Ramp(ends, ends - _END)])
    heard *= np.float32(10 ** (float(voice.gain_db) / 20))
    _fade(heard, voice.begins, voice.ramps)
    return heard


def _repeat(heard: Samples, source: int, starts: int, lasts: int, path: Path) -> None:
    """Fill a stretch with a part of a sound again and again."""
    if lasts <= 0:
        return
    at = 0
    while at < len(heard):
        within = (source - starts + at) % lasts
        count = min(lasts - within, len(heard) - at)
        heard[at : at + count] = read_decoded(path, starts + within, starts + within + count)
        at += count


def _fade(samples: Samples, begins: int, ramps: Iterable[Ramp]) -> None:
    """Bring up and down samples of which the first stands at `begins`."""
    for ramp in ramps:
        low, high = sorted((ramp.silent, ramp.full))
        first, last = max(low - begins, 0), min(high - begins, len(samples))
        if first < last:
            # In the middle of each sample: the two sides of a crossfade are mirror images.
            positions = np.arange(first + begins, last + begins) + 0.5
            along = (positions - ramp.silent) / (ramp.full - ramp.silent)
            gain = np.sin(along * (pi / 2))
            if ramp.even:
                gain *= gain
            samples[first:last] *= gain.astype(np.float32)[:, None]
        if ramp.silent < ramp.full:
            samples[: max(low - begins, 0)] = 0
        else:
            samples[max(high - begins, 0) :] = 0


def _ducking(
    track: Track, inputs: Mapping[str, Path], start: int, stop: int
) -> npt.NDArray[np.float64]:
    """How far soundtracks give way at each sample of a stretch: 0 to 1.

    They go down before what they give way to begins, wait a little when it
    ends, and come up slowly. It is settled hop by hop, and goes over from the
    middle of one hop to that of the next.
    """
    first = (start - HOP // 2) // HOP
    last = (stop - HOP // 2) // HOP + 2
    leading = _leading(track, inputs, first - DUCK_AFTER, last + DUCK_BEFORE)
    down = np.zeros(last - first)
    for hop, depth in enumerate(_course()):
        # The hop that led may lie DUCK_AFTER behind, or DUCK_BEFORE ahead.
        led = leading[len(leading) - len(down) - hop : len(leading) - hop]
        down = np.maximum(down, np.where(led, depth, 0.0))
    along = (np.arange(HOP) + 0.5) / HOP
    smooth = down[:-1, None] + (down[1:] - down[:-1])[:, None] * along
    return smooth.ravel()[start - first * HOP - HOP // 2 :][: stop - start]


def _course() -> npt.NDArray[np.float64]:
    """How far a soundtrack is down, from DUCK_BEFORE hops before one that leads to DUCK_AFTER behind."""
    down = (1 - np.cos(np.arange(1, DUCK_BEFORE + 1) / (DUCK_BEFORE + 1) * pi)) / 2
    rising = DUCK_AFTER - DUCK_WAIT
    up = (1 + np.cos(np.arange(1, rising + 1) / (rising + 1) * pi)) / 2
    return np.concatenate((down, np.ones(1 + DUCK_WAIT), up))


def _leading(
    track: Track, inputs: Mapping[str, Path], first: int, last: int
) -> npt.NDArray[np.bool_]:
    """For each of some hops, whether there is dialogue, or a sound that leads is heard."""
    start, stop = first * HOP, last * HOP
    leading: Samples = np.zeros((stop - start, 2), np.float32)
    for voice in track.near(start, stop):
        part = voice.within(start, stop) if voice.leads else None
        if part:
            leading[part.begins - start : part.ends - start] += _heard(part, inputs[part.clip])
    power = np.square(leading).reshape(last - first, -1).mean(axis=1)
    loud = np.asarray(power > _GATE**2)
    for begins, ends in track.speech(start, stop):
        loud[begins // HOP - first : -(-ends // HOP) - first] = True
    return loud
