"""Coding a film's sound chunk by chunk, so that chunks joined are one stream without a seam.

The coder works at constant quality: with a constant bit rate it would begin
each chunk with a full reservoir and other noise than the chunk before ended
with (measured: up to 4.5 dB at the seams, 20 dB without packets ahead). What
guesses at noise or at the second channel is off, so that what is heard is what
was mixed.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from storyboard.media.master import mastered
from storyboard.media.sound import Samples
from storyboard.stretches import MASTER_REACH, PACKET, Chunk
from storyboard.track import SOUND_RATE, Master, Track

_QUALITY = 3 * 118
"""libav's `-q:a 3`, in its own units: about 250 kbit/s for music."""

_OPTIONS = {
    "flags": "+bitexact+qscale+global_header",
    "global_quality": str(_QUALITY),
    "cutoff": "20000",
    "aac_pns": "0",
    "aac_is": "0",
}


def coded(
    heard: Track, inputs: Mapping[str, Path], chunk: Chunk, master: Master
) -> tuple[bytes, list[bytes]]:
    """The coder's configuration, the same for all chunks, and a chunk's packets.

    Args:
        heard: what bears on the chunk: `chunk.heard(track)`.
        inputs: by role, its sounds, decoded.
        chunk: which packets.
        master: what is done to the mix.

    Raises:
        OSError: a sound is not there, or the disk fails.
    """
    start = MASTER_REACH
    sound = mastered(heard, inputs, start, start + chunk.last - chunk.first, master)
    coder = av.AudioCodecContext.create("aac", "w")
    coder.sample_rate, coder.layout, coder.format = SOUND_RATE, "stereo", "fltp"
    coder.time_base = Fraction(1, SOUND_RATE)
    coder.options = _OPTIONS
    packets = [
        bytes(packet)
        for at in range(0, len(sound), PACKET)
        for packet in coder.encode(_frame(sound[at : at + PACKET], at))
    ]
    return coder.extradata or b"", packets[chunk.skips :]


def _frame(samples: Samples, at: int) -> av.AudioFrame:
    frame = av.AudioFrame.from_ndarray(
        np.ascontiguousarray(samples.T), format="fltp", layout="stereo"
    )
    frame.sample_rate, frame.pts, frame.time_base = SOUND_RATE, at, Fraction(1, SOUND_RATE)
    return frame
