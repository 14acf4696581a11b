"""A limiter: what is mixed stays under a true peak, without a click and without distortion.

A true peak is one of the curve that a player draws through the samples, which
may lie above all of them (ITU-R BS.1770-5, annex 2): the curve is looked at
four times a sample. Peaks are turned down, smoothly, over some 20 ms before
and behind them; every other sample stays exactly as it is.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from storyboard.media.sound import Samples
from storyboard.stretches import MASTER_REACH

_WINDOW = 1024
"""Samples that the gain takes to come down before a peak, and to go up behind it; a power of 2."""

_TAPS = 16
"""Samples on either side that the curve between two samples is drawn from."""

_MARGIN = 10 ** (-0.05 / 20)
"""The gain moves between samples, too: 0.05 dB more than enough."""


def limited(around: Samples, ceiling_db: float) -> Samples:
    """Sound no true peak of which is beyond the ceiling: n x 2 samples.

    Args:
        around: the sound, with `MASTER_REACH` more samples on either side.
        ceiling_db: of true peaks, in dBTP.
    """
    sound = around[MASTER_REACH:-MASTER_REACH]
    ceiling = 10 ** (ceiling_db / 20) * _MARGIN
    if np.abs(around).max() <= ceiling / _MOST:
        return sound
    peaks = true_peaks(around)
    if peaks.max() <= ceiling:
        return sound
    # The smallest gain needed in any window, averaged over a window: every
    # window that counts for a sample holds that sample, so its own need is met.
    least = ceiling / np.maximum(peaks, ceiling)
    width = 1
    while width < _WINDOW:
        least = np.minimum(least[:-width], least[width:])
        width *= 2
    width = 1
    while width < _WINDOW:  # by doubling: the same sums wherever the stretch begins
        least = least[:-width] + least[width:]
        width *= 2
    gain = least / _WINDOW
    spare = (len(gain) - len(sound)) // 2
    return sound * gain[spare : spare + len(sound)].astype(np.float32)[:, None]


def true_peaks(sound: Samples) -> npt.NDArray[np.float64]:
    """How far the curve goes from 0 around each sample, on the louder channel: n."""
    peaks = _louder(sound).astype(np.float64)
    padded = np.pad(sound, ((_TAPS, _TAPS), (0, 0)))
    for phase in _CURVE:
        between = np.zeros(
            (len(sound) + 1, 2), np.float32
        )  # before each sample, and after the last
        for tap, weight in enumerate(phase):
            between += weight * padded[tap : tap + len(between)]
        height = _louder(between)
        np.maximum(peaks, np.maximum(height[:-1], height[1:]), out=peaks)
    return peaks


def _louder(sound: Samples) -> npt.NDArray[np.float32]:
    """The height of each sample on the louder channel."""
    height = np.abs(sound)
    return np.asarray(np.maximum(height[:, 0], height[:, 1]))


def _curve() -> npt.NDArray[np.float32]:
    """What each sample around adds at a quarter, a half and three quarters between two samples."""
    phases = np.array([0.25, 0.5, 0.75])
    away = np.arange(2 * _TAPS) - (_TAPS - 1) - phases[:, None]
    weights = np.sinc(away) * np.i0(8 * np.sqrt(1 - (away / (_TAPS + 0.5)) ** 2)) / np.i0(8)
    return np.asarray(weights / weights.sum(axis=1, keepdims=True), np.float32)


_CURVE: Final = _curve()
_MOST: Final = float(np.abs(_CURVE).sum(axis=1).max())
"""How far beyond the samples the curve can go at all."""
