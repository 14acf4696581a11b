"""A chunk of a film's sound: packets of AAC that follow each other on the cut's grid.

In the file the packets come first, then their sizes and the coder's
configuration as JSON, then the length of that in eight bytes. Chunks are joined
by putting their packets one behind the other. The first packet of a film's
first chunk is the coder's run-up: its 1024 samples are not heard.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory

from storyboard.media.aac import coded
from storyboard.media.conform import named
from storyboard.media.container import BadMedia
from storyboard.media.loudness import gain_to, loudness_of, measure
from storyboard.media.pcm import decode_sound
from storyboard.provider import Report
from storyboard.timeline import Edit
from storyboard.track import Master, chunks_of, meter_windows, track_of

_LENGTH = 8


@dataclass(frozen=True, slots=True)
class SoundChunk:
    """A chunk, read: its packets stand in the file one behind the other, of these sizes."""

    path: Path
    configuration: bytes
    sizes: tuple[int, ...]


def read_chunk(path: Path) -> SoundChunk:
    """Read a chunk's list; the packets stay where they are.

    Raises:
        BadMedia: it is no chunk.
        OSError: the file cannot be read.
    """
    with path.open("rb") as file:
        end = file.seek(0, 2)
        file.seek(max(0, end - _LENGTH))
        length = int.from_bytes(file.read(_LENGTH), "big")
        if length + _LENGTH > end:
            raise BadMedia("it is no sound of a film", path)
        file.seek(end - _LENGTH - length)
        listed = json.loads(file.read(length))
    return SoundChunk(path, bytes.fromhex(listed["asc"]), tuple(listed["sizes"]))


def write_chunk(path: Path, configuration: bytes, packets: Iterable[bytes]) -> None:
    """Write a chunk.

    Args:
        path: a file there is replaced.
        configuration: of AAC (AudioSpecificConfig), the same for every chunk of a film.
        packets: of 1024 samples each, in order.

    Raises:
        OSError: the disk does not take it.
    """
    sizes = []
    with path.open("wb") as file:
        for packet in packets:
            file.write(packet)
            sizes.append(len(packet))
        listed = json.dumps({"asc": configuration.hex(), "sizes": sizes}, separators=(",", ":"))
        file.write(listed.encode() + len(listed).to_bytes(_LENGTH, "big"))


def sound_chunk(edit: Edit, inputs: Mapping[str, Path], destination: Path, report: Report) -> None:
    """Mix and code the sound of a whole cut, silent where nothing sounds.

    Raises:
        BadMedia: a file cannot be read, or a sound file has no sound; the message names it.
        OSError: a file is not there, or the disk does not take the chunk.
    """
    try:
        with TemporaryDirectory(dir=destination.parent) as folder:
            configuration, packets = _coded(edit, inputs, Path(folder), report)
    except BadMedia as error:
        raise BadMedia(f"{named(error.path, edit, inputs)}: {error.problem}", error.path) from error
    write_chunk(destination, configuration, packets)


def _coded(
    edit: Edit, inputs: Mapping[str, Path], folder: Path, report: Report
) -> tuple[bytes, list[bytes]]:
    """A whole cut's sound: AAC's configuration and the packets."""
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
    configuration, packets = b"", list[bytes]()
    for chunk in chunks_of(track.samples):
        configuration, more = coded(chunk.heard(track), decoded, chunk, master)
        packets += more
        report(min(1.0, chunk.last / max(1, track.samples)))
    return configuration, packets
