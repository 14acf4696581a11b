"""Quick sums: a blob that was seen to be whole once is seen to be so again as fast as it is read.

A line of `.storyboard/sums` is a blob's digest and the XXH3-128 of the very bytes
that were digested. SHA-256 stays a blob's name, and alone says that one is damaged:
a sum that is missing, or is not that of the bytes, has them digested. So a line
may be lost, torn or wrong at no other cost than that; it is never flushed. What
does not happen is that damaged bytes have the sum of whole ones (1 in 2^128).

Sums tell accidents, not intentions: whoever chooses bytes can choose their sum. So
each store has a seed of its own, and what a checkout or a copy brings along does
not count there.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from io import BufferedIOBase

    from xxhash import xxh3_128

_LINE = re.compile(rb"([0-9a-f]{64}) ([0-9a-f]{32})$", re.MULTILINE)  # behind a torn one, too
_ADDING = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW
_CHUNK = 1 << 18  # larger ones do not stay in a processor's cache between two sums


class Sums:
    """The quick sums of a store's blobs, read when the first one is asked for.

    It is used from several threads, and its file by several processes: each adds
    whole lines, the last of a blob counts, and what others add meanwhile is not seen.
    """

    def __init__(self, path: Path) -> None:
        """Take where they are kept: in the store's folder, which is there when they are used."""
        self._path = path
        self._loading = Lock()
        self._loaded: dict[str, str] | None = None

    def digest_of(self, file: BufferedIOBase, name: str) -> str:
        """The digest of an open blob's bytes, as `sha256sum` prints it.

        Args:
            file: is read from its beginning.
            name: the digest that it is called by. Where the bytes have its sum,
                they are not digested again.

        Raises:
            OSError: it cannot be read.
        """
        known = self._known().get(name)
        if known:
            quick = self._new()
            read_through(file, quick.update)
            if quick.hexdigest() == known:
                return name
            file.seek(0)
        digest, quick_sum = self.taken(file)
        if digest == name:
            self.add(name, quick_sum)
        return digest

    def taken(self, file: BufferedIOBase) -> tuple[str, str]:
        """The digest and the quick sum of an open file's bytes, which are read once.

        Raises:
            OSError: it cannot be read.
        """
        digest, quick = hashlib.sha256(), self._new()

        def both(chunk: memoryview) -> None:
            digest.update(chunk)
            quick.update(chunk)

        read_through(file, both)
        return digest.hexdigest(), quick.hexdigest()

    def add(self, name: str, quick_sum: str) -> None:
        """Write down the sum of bytes that were digested."""
        known = self._known()
        if known.get(name) == quick_sum:
            return
        known[name] = quick_sum
        line = f"{name} {quick_sum}\n".encode()
        with suppress(OSError):  # the disk is full, or read-only: it will be digested again
            file = os.open(self._path, _ADDING, 0o666)
            try:
                os.write(file, line)  # at once, so that no other process's line gets into it
            finally:
                os.close(file)

    def keep(self, names: Collection[str], beside: Path) -> None:
        """Drop the sums of all blobs but these.

        Args:
            names: the digests of blobs that stay.
            beside: a file to write first, on the same file system.

        Raises:
            OSError: it cannot be written.
        """
        kept = {name: quick_sum for name, quick_sum in self._read().items() if name in names}
        text = "".join(f"{name} {quick_sum}\n" for name, quick_sum in kept.items())
        if text.encode() != self._bytes():
            beside.write_text(text)
            beside.replace(self._path)
        self._loaded = None

    def _known(self) -> dict[str, str]:
        with self._loading:
            if self._loaded is None:
                self._loaded = self._read()
            return self._loaded

    def _read(self) -> dict[str, str]:
        """By digest; what is no whole line is passed over."""
        return {name.decode(): quick.decode() for name, quick in _LINE.findall(self._bytes())}

    def _bytes(self) -> bytes:
        try:
            return self._path.read_bytes()
        except OSError:  # not there yet, or not readable: blobs are digested
            return b""

    def _new(self) -> xxh3_128:
        from xxhash import xxh3_128

        # A copy of the folder is another one: git, too, makes what it checks out anew.
        return xxh3_128(seed=self._path.parent.stat().st_ino)


def read_through(
    file: BufferedIOBase, hear: Callable[[memoryview], None], most: int | None = None
) -> None:
    """Read a file from where it stands, into memory that is used again and again.

    Args:
        file: is open.
        hear: is given each part.
        most: bytes, after which to stop; None goes on to the end.

    Raises:
        OSError: it cannot be read.
    """
    chunk = memoryview(bytearray(_CHUNK))
    while count := file.readinto(chunk[:most]):
        hear(chunk[:count])
        most = None if most is None else most - count
