"""A chunk of a film's sound: packets of AAC that follow each other on the cut's grid.

In the file the packets come first, then their sizes and the coder's
configuration as JSON, then the length of that in eight bytes. Chunks are joined
by putting their packets one behind the other. The first packet of a film's
first chunk is the coder's run-up: its 1024 samples are not heard.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from storyboard.media.trailer import read_trailer, write_trailer


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
    listed = read_trailer(path, "it is no sound of a film")
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
        write_trailer(file, {"asc": configuration.hex(), "sizes": sizes})
