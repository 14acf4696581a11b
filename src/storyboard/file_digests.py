"""Digests of files that many steps of a build ask for: each file is read once while it stands."""

from __future__ import annotations

import hashlib
import os
import time
from collections import defaultdict
from collections.abc import Callable
from io import BufferedIOBase
from pathlib import Path
from threading import Lock

from storyboard.sightings import rests_at


class FileDigests:
    """Digests by path, each good for as long as the file's times are the same.

    A file that was written so lately that its times cannot vouch for it is read
    again (sightings.py). It is used from several threads.
    """

    def __init__(self) -> None:
        self._known: dict[Path, tuple[tuple[int, ...], str]] = {}
        self._reading: defaultdict[Path, Lock] = defaultdict(Lock)

    def of(self, path: Path, digest_of: Callable[[BufferedIOBase], str] | None = None) -> str:
        """Digest of a file's bytes, as `sha256sum` prints it.

        Args:
            path: where it is.
            digest_of: finds it out of the open file, for who can do so without digesting.

        Raises:
            OSError: the file cannot be read.
        """
        times, digest = self._known.get(path, ((), ""))
        if digest and times == _times(path.stat()):
            return digest
        with self._reading[path], path.open("rb") as file:  # who has waited finds it known
            stat, now = os.fstat(file.fileno()), time.time_ns()
            times, digest = self._known.get(path, ((), ""))
            if times == _times(stat):
                return digest
            digest = (digest_of or _sha256)(file)
            if rests_at(stat) <= now:
                self._known[path] = _times(stat), digest
        return digest

    def vouch(self, path: Path, digest: str) -> None:
        """Take the digest of a file that was written here, and that nobody else writes.

        Raises:
            OSError: it is not there.
        """
        self._known[path] = _times(path.stat()), digest


def _sha256(file: BufferedIOBase) -> str:
    return hashlib.file_digest(file, "sha256").hexdigest()


def _times(stat: os.stat_result) -> tuple[int, ...]:
    return stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns
