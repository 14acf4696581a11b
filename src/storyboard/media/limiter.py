"""A limiter: what is mixed stays under -1 dBFS, without a click and without distortion.

Peaks are turned down, smoothly, over some 20 ms before and behind them; every
other sample stays exactly as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain

import numpy as np

from storyboard.media.sound import Samples

CEILING = 10 ** (-1 / 20)
"""The largest sample that is let through: -1 dBFS leaves AAC room to overshoot."""

_WINDOW = 1024
"""Samples that the gain takes to come down before a peak, and to go up behind it; a power of 2."""

_REACH = _WINDOW - 1


def limited(blocks: Iterable[Samples]) -> Iterator[Samples]:
    """The same sound, n x 2 samples in all, no sample beyond the ceiling."""
    around: Samples = np.zeros((_REACH, 2), np.float32)
    for block in chain(blocks, [np.zeros((_REACH, 2), np.float32)]):
        around = np.concatenate((around, block))
        ready = around[_REACH:-_REACH]
        if len(ready):
            yield ready * _gain(around)
            around = around[-2 * _REACH :]


def _gain(around: Samples) -> Samples:
    """The gain of every sample that has `_REACH` others on either side: n x 1.

    The smallest gain needed in any window, averaged over a window: every
    window that counts for a sample holds that sample, so its own need is met.
    """
    peaks = np.abs(around).max(axis=1)
    if peaks.max() <= CEILING:
        return np.ones((len(around) - 2 * _REACH, 1), np.float32)
    needed = CEILING / np.maximum(peaks, CEILING).astype(np.float64)
    width = 1
    while width < _WINDOW:
        needed = np.minimum(needed[:-width], needed[width:])
        width *= 2
    sums = np.cumsum(np.concatenate(([0.0], needed)))
    mean = (sums[_WINDOW:] - sums[:-_WINDOW]) / _WINDOW
    return np.asarray(mean, np.float32)[:, None]
