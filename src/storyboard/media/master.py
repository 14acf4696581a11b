"""The finished sound of a cut: mixed, brought to its loudness, its peaks limited."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from storyboard.media.limiter import limited
from storyboard.media.mix import mix
from storyboard.media.sound import Samples
from storyboard.stretches import MASTER_REACH
from storyboard.track import Master, Track


def mastered(
    track: Track, inputs: Mapping[str, Path], start: int, stop: int, master: Master
) -> Samples:
    """A stretch of the finished sound: n x 2 samples, 48 kHz, no true peak beyond the ceiling.

    The same samples whichever stretch is asked for. Args and errors are `mix`'s.
    """
    around = mix(track, inputs, start - MASTER_REACH, stop + MASTER_REACH)
    around *= np.float32(10 ** (float(master.gain_db) / 20))
    return limited(around, float(master.true_peak))
