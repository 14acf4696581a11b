"""Doing one step of a cut's sound: decoding, measuring, judging, coding."""

from __future__ import annotations

import json
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path

from storyboard.media.aac import coded
from storyboard.media.chunk import write_chunk
from storyboard.media.container import BadMedia
from storyboard.media.loudness import Measured, Measurement, gain_to, loudness_of, measure
from storyboard.media.pcm import decode_sound
from storyboard.sounding import GAIN, Code, Decode, Judge, Measure, SoundWork
from storyboard.stretches import Chunk
from storyboard.track import Master


def make_sound(work: SoundWork, inputs: Mapping[str, Path], destination: Path) -> None:
    """Do a step; its file is at `destination` when this returns.

    Decoded sound is a WAV (`media.pcm`), a coded chunk a piece (`media.chunk`);
    figures are JSON: of a window as `Measured` has them; of a film
    `integrated_lufs`, `range_lu`, `true_peak_dbtp` (None where it is silent)
    and `gain_db`, as the film is, that gain and the limiter counted in.

    Raises:
        BadMedia: an input is not what it should be.
        OSError: an input is not there, or the disk does not take the file.
    """
    match work:
        case Decode(speed):
            try:
                decode_sound(inputs["clip"], destination, speed)
            except BadMedia as error:
                raise BadMedia(f"{inputs['clip']}: {error.problem}", error.path) from error
        case Measure(heard):
            window = measure(heard, inputs)
            _write(destination, [window.momentary, window.short, window.peak])
        case Judge(loudness, gain_only):
            roles = sorted(inputs, key=lambda role: int(role.rpartition(" ")[2]))
            found = loudness_of(_window(inputs[role]) for role in roles)
            gain = gain_to(loudness.target, found)
            _write(
                destination,
                {"gain_db": float(gain)} if gain_only else _report(found, gain, loudness.true_peak),
            )
        case Code(heard, skips, packets, true_peak):
            louder = json.loads(inputs[GAIN].read_text())["gain_db"] if GAIN in inputs else 0
            master = Master(Fraction(str(louder)), true_peak)
            configuration, made = coded(heard, inputs, Chunk(0, skips, packets), master)
            write_chunk(destination, configuration, made)


def _report(found: Measurement, gain: Fraction, ceiling: Fraction) -> dict[str, float | None]:
    """How loud the film is when it has been made louder and its peaks limited."""
    silent = found.integrated is None or found.peak is None
    return {
        "integrated_lufs": None if silent else round((found.integrated or 0) + float(gain), 1),
        "range_lu": found.range,
        "true_peak_dbtp": None
        if silent
        else round(min((found.peak or 0) + float(gain), float(ceiling)), 1),
        "gain_db": float(gain),
    }


def _window(path: Path) -> Measured:
    momentary, short, peak = json.loads(path.read_text())
    return Measured(tuple(momentary), tuple(short), peak)


def _write(path: Path, figures: object) -> None:
    path.write_text(json.dumps(figures, separators=(",", ":")))
