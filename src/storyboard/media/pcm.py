"""Decoded sound on disk: WAV of 32-bit floats, 48 kHz stereo, read from any sample on.

A clip's sound is decoded once, from its beginning: decoders and resamplers
carry state, so that what they give for a stretch depends on where they began.
What is in the file is the same whichever stretch is asked for.
"""

from __future__ import annotations

from contextlib import closing
from fractions import Fraction
from pathlib import Path

import numpy as np

from storyboard.media.container import BadMedia
from storyboard.media.sound import Samples, sound_of
from storyboard.track import SOUND_RATE

_FRAME = 8
"""Bytes of a sample of both channels."""

_HEAD = 44


def decode_sound(path: Path, destination: Path, speed: Fraction = Fraction(1)) -> int:
    """Decode a file's sound; how many samples it has. None make a file without samples.

    Args:
        path: a video or a sound file.
        destination: the WAV; a file there is replaced.
        speed: seconds of the file in a second of what comes out; its pitch stays.

    Raises:
        BadMedia: it cannot be read, or breaks off.
        OSError: it is not there, or the disk does not take the sound.
    """
    samples = 0
    with destination.open("wb") as file, closing(sound_of(path, speed=speed)) as blocks:
        file.write(_head(0))
        for block in blocks:
            file.write(np.ascontiguousarray(block, "<f4").tobytes())
            samples += len(block)
        file.seek(0)
        file.write(_head(samples))
    return samples


def decoded_length(path: Path) -> int:
    """How many samples a decoded sound has.

    Raises:
        BadMedia: it is none.
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if head[:4] + head[8:22] != _head(0)[:4] + _head(0)[8:22]:
        raise BadMedia("it is no decoded sound", path)
    return (path.stat().st_size - _HEAD) // _FRAME


def read_decoded(path: Path, first: int, last: int) -> Samples:
    """Samples of a decoded sound, all of which it must have: n x 2."""
    count = 2 * (last - first)
    samples = np.fromfile(path, "<f4", count, offset=_HEAD + first * _FRAME)
    return samples.reshape(-1, 2)


def _head(samples: int) -> bytes:
    """The beginning of a WAV; a length beyond its 4 GB (three hours) is told by the file's own."""
    size = min(samples * _FRAME, 0xFFFFFFFF - _HEAD)
    form = [(3, 2), (2, 2), (SOUND_RATE, 4), (SOUND_RATE * _FRAME, 4), (_FRAME, 2), (32, 2)]
    return (
        b"RIFF"
        + (size + _HEAD - 8).to_bytes(4, "little")
        + b"WAVEfmt \x10\0\0\0"
        + b"".join(value.to_bytes(width, "little") for value, width in form)
        + b"data"
        + size.to_bytes(4, "little")
    )
