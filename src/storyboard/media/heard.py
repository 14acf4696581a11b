"""The sound of a whole cut, mixed and mastered, block by block."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from storyboard.media.loudness import gain_to, loudness_of, measure
from storyboard.media.master import mastered
from storyboard.media.pcm import decode_sound
from storyboard.media.sound import Samples
from storyboard.stretches import meter_windows
from storyboard.timeline import Edit
from storyboard.track import SOUND_RATE, Master
from storyboard.voicing import track_of


def heard(edit: Edit, inputs: Mapping[str, Path], folder: Path) -> Iterator[Samples]:
    """The cut's sound in blocks of a second, the last one shorter: n x 2, at 48 kHz.

    Args:
        edit: the cut.
        inputs: by role, the files that it names.
        folder: an empty one, for what is decoded meanwhile.

    Raises:
        BadMedia: an input is no sound that can be read.
        OSError: an input is not there, or the disk is full.
    """
    track = track_of(edit)
    decoded: dict[str, Path] = {}
    names: dict[tuple[str, Fraction], str] = {}
    for role, speed in track.sounds:
        names[role, speed] = f"{len(names)}.wav"
        decoded[names[role, speed]] = path = folder / names[role, speed]
        decode_sound(inputs[role], path, speed)
    track = track.named(names)
    master = Master(true_peak=edit.loudness.true_peak)
    if edit.loudness.target is not None:
        found = loudness_of(measure(window, decoded) for window in meter_windows(track))
        master = replace(master, gain_db=gain_to(edit.loudness.target, found))
    for at in range(0, track.samples, SOUND_RATE):
        yield mastered(track, decoded, at, min(at + SOUND_RATE, track.samples), master)
