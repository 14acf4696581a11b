"""A chunk of a film's sound: packets of AAC that follow each other on the cut's grid.

In the file the packets come first, then their sizes and the coder's
configuration as JSON, then the length of that in eight bytes. Chunks are joined
by putting their packets one behind the other. The first packet of a film's
first chunk is the coder's run-up: its 1024 samples are not heard.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from storyboard.media.container import BadMedia

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
