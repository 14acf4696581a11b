"""What earlier commands found out about the user's files: kept, so that big ones are not read again.

`.storyboard/sightings.json` holds digests by path, good for as long as a file's
times vouch for them, and by digest what a picture, clip or sound holds. Beside it
are lists of digests of which something holds: `Recollected`.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

from storyboard.sightings import Sighting, Sightings
from storyboard.unchanged import store_key

_NAME = "sightings.json"
_KEPT = 15
"""Digests that are kept beside a new one."""


def recall(root: Path) -> Sightings:
    """Sightings that know what was found out before, if anything can be trusted of it.

    Args:
        root: the store's folder.
    """
    kept = _read(root)
    known = {
        path: Sighting(mtime, ctime, size, digest, at_rest=True)
        for path, (mtime, ctime, size, digest) in kept.get("files", {}).items()
    }
    return Sightings(known, kept.get("facts", {}))


def keep(sightings: Sightings, root: Path) -> None:
    """Keep what was found out; where it is kept already, nothing is written.

    Raises:
        OSError: it cannot be written.
    """
    files = _read(root).get("files", {})
    files |= {
        path: [seen.mtime, seen.ctime, seen.size, seen.digest]
        for path, seen in sightings.files.items()
        if seen.at_rest
    }
    files = {path: entry for path, entry in files.items() if Path(path).exists()}
    digests = {entry[3] for entry in files.values()}
    facts = {
        name: fact for name, fact in sightings.facts.items() if name.partition(":")[2] in digests
    }
    text = json.dumps(
        {"key": store_key(str(root)), "files": files, "facts": facts}, sort_keys=True, indent=0
    )
    path = root / _NAME
    with suppress(OSError, UnicodeDecodeError):
        if path.read_text(encoding="utf-8") == text:
            return
    part = path.with_suffix(f".{os.getpid()}")
    part.write_text(text, encoding="utf-8")
    part.replace(path)


def _read(root: Path) -> dict[str, Any]:
    """What is kept; nothing where it is damaged, or another's: a checkout brings such files along."""
    try:
        data = (root / _NAME).read_bytes()
        kept = json.loads(data)
        if kept["key"] != store_key(str(root)):
            return {}
        for mtime, ctime, size, digest in kept["files"].values():
            if [type(each) for each in (mtime, ctime, size, digest)] != [int, int, int, str]:
                return {}
        for fact in kept["facts"].values():
            _ = fact["size"], fact["duration"], fact["has_sound"]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}
    return dict(kept)


class Recollected:
    """Digests of which it was found out that something holds: the newest few, in a file of the store.

    Where the file is damaged, another's or cannot be written, less is known and
    nothing else is different.

    Args:
        root: the store's folder.
        name: of the file.
    """

    def __init__(self, root: Path, name: str) -> None:
        self._root = root
        self._path = root / name

    def __contains__(self, digest: str) -> bool:
        return digest in self._known()

    def add(self, digest: str) -> None:
        """Keep one more; a store is not made for it."""
        known = self._known()
        if digest in known:
            return
        with suppress(OSError):
            lines = [store_key(str(self._root)), *known[-_KEPT:], digest]
            part = self._path.with_suffix(f".{os.getpid()}")
            part.write_text("\n".join(lines), encoding="utf-8")
            part.replace(self._path)

    def _known(self) -> list[str]:
        try:
            key, *known = self._path.read_text(encoding="utf-8").split("\n")
            return known if key == store_key(str(self._root)) else []
        except (OSError, UnicodeDecodeError):
            return []
