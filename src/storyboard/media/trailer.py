"""A file of coded pieces with a list of them behind: JSON, then its length in eight bytes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, BinaryIO

from storyboard.media.container import BadMedia

_LENGTH = 8


def read_trailer(path: Path, otherwise: str) -> Any:
    """A file's list; what it lists stays where it is.

    Args:
        path: the file.
        otherwise: what is said of one that has no such list.

    Raises:
        BadMedia: it has none.
        OSError: the file cannot be read.
    """
    with path.open("rb") as file:
        end = file.seek(0, 2)
        file.seek(max(0, end - _LENGTH))
        length = int.from_bytes(file.read(_LENGTH), "big")
        if length + _LENGTH > end:
            raise BadMedia(otherwise, path)
        file.seek(end - _LENGTH - length)
        return json.loads(file.read(length))


def write_trailer(file: BinaryIO, listed: Any) -> None:
    """Put the list behind what was written."""
    text = json.dumps(listed, separators=(",", ":")).encode()
    file.write(text + len(text).to_bytes(_LENGTH, "big"))
