"""The stitch: a cut, put together from its clips as one film."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory

from storyboard.media.container import BadMedia
from storyboard.media.encode import ClipWriter
from storyboard.media.loudness import gain_to, loudness_of, measure
from storyboard.media.master import mastered
from storyboard.media.pcm import decode_sound
from storyboard.media.probe import ClipInfo, probe
from storyboard.media.reel import pictures
from storyboard.media.sound import Samples
from storyboard.provider import Report
from storyboard.timeline import Edit, nearest_frame
from storyboard.track import SOUND_RATE, Master, meter_windows, track_of

_QUANTIZER = 18
"""Of a film: nothing is made from its frames again, as it is from a clip's."""


def stitch(edit: Edit, inputs: Mapping[str, Path], destination: Path, report: Report) -> None:
    """Put a cut together: H.264 and AAC in one MP4 that plays in browsers.

    It has exactly `edit.frames` frames, and sound that ends with the picture,
    silent where nothing sounds. Its first frame, one about every two seconds,
    and each shot's first alone can be decoded without those before. The same
    inputs give the same bytes.

    The film is at `destination` when this returns, whole; nothing is there if
    it raises.

    Args:
        edit: the cut; it has at least one frame.
        inputs: by role, the files that it names: clips of any form, pictures
            for stills, sound files.
        destination: where the film goes; a file there is replaced.
        report: told how much is done. What it raises comes out unchanged.

    Raises:
        BadMedia: an input is not what it should be; the message names it.
        OSError: an input is not there, or the disk does not take the film.
        ValueError: the edit cannot be put together as it is.
    """
    try:
        clips = _probed(edit, inputs)
        _write(edit, inputs, clips, destination, report)
    except BadMedia as error:
        raise BadMedia(
            f"{_named(error.path, edit, inputs)}: {error.problem}", error.path
        ) from error


def _probed(edit: Edit, inputs: Mapping[str, Path]) -> dict[str, ClipInfo]:
    """Every clip's form: one that is damaged is found before work begins."""
    pieces = (piece for event in edit.events for piece in event.pieces)
    roles = {piece.clip for piece in pieces if not piece.still}
    return {role: probe(inputs[role]) for role in sorted(roles)}


def _write(
    edit: Edit,
    inputs: Mapping[str, Path],
    clips: Mapping[str, ClipInfo],
    destination: Path,
    report: Report,
) -> None:
    with (
        closing(pictures(edit, inputs, clips)) as reel,
        TemporaryDirectory(dir=destination.parent) as folder,
        ClipWriter(
            destination,
            edit.size,
            edit.fps,
            keyframes={event.record_in for event in edit.events},
            quantizer=_QUANTIZER,
            sound=True,
            words=edit,
        ) as film,
    ):
        heard, blocks = 0, _sound(edit, inputs, Path(folder))
        for seen, (y, u, v) in enumerate(reel, start=1):
            film.write_yuv(y, u, v)
            while heard < nearest_frame(seen / edit.fps, Fraction(SOUND_RATE)):
                block = next(blocks)
                film.write_sound(block)
                heard += len(block)
            report(seen / edit.frames)


def _sound(edit: Edit, inputs: Mapping[str, Path], folder: Path) -> Iterator[Samples]:
    """The cut's sound in blocks of a second."""
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
        master = replace(master, gain_db=gain_to(float(edit.loudness.target), found))
    for at in range(0, track.samples, SOUND_RATE):
        yield mastered(track, decoded, at, min(at + SOUND_RATE, track.samples), master)


def _named(path: Path | None, edit: Edit, inputs: Mapping[str, Path]) -> str:
    """What messages call an input: its path, and the shot that it is in."""
    for event in edit.events:
        if any(inputs[piece.clip] == path for piece in event.pieces):
            return f"{path} (in shot '{event.shot}')"
    return str(path)
