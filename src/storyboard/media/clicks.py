"""Clicks: how much a film's sound jumps where two clips meet."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from storyboard.media.container import open_media
from storyboard.model import Seconds

_AROUND = Fraction(1, 20)
"""Seconds on either side of a seam in which the sound's own steps are looked at."""

_NEAR = Fraction(3, 2000)
"""Seconds on either side in which a step counts as the seam's."""


def steps_at(film: Path, times: Sequence[Seconds]) -> tuple[float, ...]:
    """How much further the sound steps at each seam than beside it, from one sample to the next.

    0 where it does not step further; 2 is from one end of the scale to the other.

    Args:
        film: a film with one sound track, or none.
        times: of the seams, in seconds, rising.

    Raises:
        BadMedia: it cannot be read.
        OSError: it is not there, or the disk fails.
    """
    if not times:
        return ()
    with open_media(film) as container:
        if not container.streams.audio:
            return (0.0,) * len(times)
        stream = container.streams.audio[0]
        return tuple(_step(container, stream, time) for time in times)


def _step(container: av.container.InputContainer, stream: av.AudioStream, seam: Seconds) -> float:
    tick = stream.time_base or Fraction(1, 48_000)
    container.seek(int(max(Fraction(0), seam - 2 * _AROUND) / tick), stream=stream)
    times, samples = [], []
    for frame in container.decode(stream):
        if frame.pts is None:
            continue
        starts = frame.pts * tick
        if starts > seam + _AROUND:
            break
        samples.append(np.abs(np.diff(frame.to_ndarray().astype(np.float64), axis=1)).max(axis=0))
        times.append(float(starts) + np.arange(1, frame.samples) / frame.sample_rate)
    if not samples:
        return 0.0
    steps, at = np.concatenate(samples), np.abs(np.concatenate(times) - float(seam))
    near, beside = at <= float(_NEAR), (at > float(_NEAR)) & (at <= float(_AROUND))
    if not near.any() or not beside.any():
        return 0.0
    return max(0.0, float(steps[near].max() - steps[beside].max()))
