"""How loud a film is: EBU R 128, measured window by window.

libav's `ebur128` filter gives the loudness of the last 0.4 s and of the last 3 s
ten times a second, and the true peak. A window's figures depend on its sound
and on that of the three seconds before alone, so that a change in a film is
measured where it is. Gates and percentiles are those of ITU-R BS.1770-5 and
EBU Tech 3342. The filter is at hand, quick (a minute of film in 0.2 s), and
what others measure with; a library of its own would bring scipy along.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import inf, isfinite, log10
from pathlib import Path

import av
import numpy as np
from av.error import BlockingIOError as NothingYet
from av.error import EOFError as NothingMore

from storyboard.media.mix import mix
from storyboard.stretches import METER_RUN_UP, METER_STEP
from storyboard.track import SOUND_RATE, Track

_QUIET = -70.0
"""LUFS below which nothing counts: the absolute gate."""

_BLOCK = 100 * METER_STEP
"""Samples that are mixed at once: ten seconds."""

_MOST_GAIN = 24
"""dB that a film is made louder at most: what is nearly silent stays so."""


@dataclass(frozen=True, slots=True)
class Measured:
    """A window's figures: a value for each tenth of a second.

    Attributes:
        momentary: LUFS of the 0.4 s before.
        short: LUFS of the 3 s before.
        peak: the true peak, linear.
    """

    momentary: tuple[float, ...]
    short: tuple[float, ...]
    peak: float


@dataclass(frozen=True, slots=True)
class Measurement:
    """How loud a film is; `integrated` and `peak` are None where it is silent.

    Attributes:
        integrated: LUFS.
        range: LU.
        peak: dBTP.
    """

    integrated: float | None
    range: float
    peak: float | None


def measure(heard: Track, inputs: Mapping[str, Path]) -> Measured:
    """The figures of a window.

    Args:
        heard: what bears on it, `METER_RUN_UP` samples before it included.
        inputs: by role, its sounds, decoded.

    Raises:
        OSError: a sound is not there, or the disk fails.
    """
    figures = list(_figures(heard, inputs))[METER_RUN_UP // METER_STEP :]
    return Measured(
        tuple(momentary for momentary, _, _ in figures),
        tuple(short for _, short, _ in figures),
        max((peak for _, _, peak in figures), default=0.0),
    )


def loudness_of(windows: Iterable[Measured]) -> Measurement:
    """The loudness of a film, from the windows of it in order."""
    all_ = list(windows)
    # What looks back to before the film's beginning does not count.
    momentary = [value for window in all_ for value in window.momentary][3:]
    short = [value for window in all_ for value in window.short][29:]
    peak = max((window.peak for window in all_), default=0.0)
    heard = _above(momentary, _QUIET)
    if not heard:
        return Measurement(None, 0.0, None)
    integrated = _mean(_above(heard, _mean(heard) - 10))
    return Measurement(
        integrated=round(integrated, 1),
        range=round(_range(_above(short, _QUIET)), 1),
        peak=round(20 * log10(peak), 1) if peak > 0 else None,
    )


def gain_to(target: Fraction | None, loudness: Measurement) -> Fraction:
    """How much louder a film is to be made, in whole tenths of a decibel; 0 without a target.

    Rounded, so that a small change in one shot does not change the rest.
    """
    if target is None or loudness.integrated is None:
        return Fraction(0)
    return Fraction(round(min(float(target) - loudness.integrated, _MOST_GAIN) * 10), 10)


def _figures(heard: Track, inputs: Mapping[str, Path]) -> Iterator[tuple[float, float, float]]:
    """Momentary and short-term loudness and true peak so far, at the end of each step."""
    graph = av.filter.Graph()
    source = graph.add_abuffer(
        sample_rate=SOUND_RATE, format="fltp", layout="stereo", time_base=Fraction(1, SOUND_RATE)
    )
    meter = graph.add("ebur128", "metadata=1:peak=true:framelog=quiet")
    sink = graph.add("abuffersink")
    source.link_to(meter)
    meter.link_to(sink)
    graph.configure()
    for at in range(0, heard.samples, _BLOCK):
        block = mix(heard, inputs, at, min(at + _BLOCK, heard.samples))
        frame = av.AudioFrame.from_ndarray(
            np.ascontiguousarray(block.T), format="fltp", layout="stereo"
        )
        frame.sample_rate, frame.pts, frame.time_base = SOUND_RATE, at, Fraction(1, SOUND_RATE)
        source.push(frame)
        yield from _read(sink)
    source.push(None)
    yield from _read(sink)


def _read(sink: av.filter.context.FilterContext) -> Iterator[tuple[float, float, float]]:
    while True:
        try:
            frame = sink.pull()
        except (NothingYet, NothingMore):
            return
        # The film's last step may be a part of one: no window ends in it.
        if isinstance(frame, av.AudioFrame) and frame.samples == METER_STEP:
            said = frame.metadata
            yield (
                _number(said["lavfi.r128.M"]),
                _number(said["lavfi.r128.S"]),
                float(said["lavfi.r128.true_peak"]),
            )


def _number(text: str) -> float:
    value = float(text)
    return value if isfinite(value) else -120.0


def _above(values: Iterable[float], gate: float) -> list[float]:
    return [value for value in values if value > gate]


def _mean(values: list[float]) -> float:
    """The loudness of all power together."""
    if not values:
        return -inf
    return 10 * log10(sum(10 ** (value / 10) for value in values) / len(values))


def _range(short: list[float]) -> float:
    """How far loud parts are from soft ones: from the 10th to the 95th percentile."""
    counted = sorted(_above(short, _mean(short) - 20))
    if not counted:
        return 0.0
    low, high = (counted[round((len(counted) - 1) * part)] for part in (0.1, 0.95))
    return high - low
