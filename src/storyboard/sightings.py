"""Sightings: which files were looked at for a film, and how they were.

What a film comes to follows from the bytes of those files, and from which files
were looked for and not there. So they are noted as they are looked at; the state
file (state_file.py) then tells whether anything has changed since.

A file's times vouch for its bytes only when it was *at rest*: last written so
long before it was looked at that another write would have given other times
(git's rule of racily clean files). What was not at rest is read again.
"""

from __future__ import annotations

import os
import time

TYPE_CHECKING = False  # `typing` takes longer to import than a film takes to answer
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import BinaryIO, TypeAlias

    Fact: TypeAlias = "Mapping[str, bool | str | list[int] | None]"

_TICK_NS = 20_000_000
"""What the clocks of file systems may be coarse by: the kernel's tick is at most 10 ms."""
_COARSE_TICK_NS = 2_000_000_000
"""The same where times are kept in seconds, or, as by FAT, in pairs of them."""
_SECOND_NS = 1_000_000_000
_SOON_NS = 60_000_000
"""The longest that a command waits for files to be at rest."""
_CHUNK = 1 << 20


class Sighting:
    """A file as it was.

    Attributes:
        mtime: when it was written, in nanoseconds.
        ctime: when anything about it was changed: nobody can set that back.
        size: in bytes.
        digest: of its bytes; of a film that was put in its place, that of what
            it is made of.
        at_rest: whether the same times and size vouch for the same bytes.
    """

    __slots__ = ("at_rest", "ctime", "digest", "mtime", "size")

    def __init__(self, mtime: int, ctime: int, size: int, digest: str, *, at_rest: bool) -> None:
        self.mtime, self.ctime, self.size = mtime, ctime, size
        self.digest = digest
        self.at_rest = at_rest

    def holds(self, stat: os.stat_result) -> bool:
        """Whether a file has these bytes still, as far as its times can tell."""
        return self.at_rest and (
            stat.st_mtime_ns == self.mtime
            and stat.st_ctime_ns == self.ctime
            and stat.st_size == self.size
        )


def rests_at(stat: os.stat_result) -> int:
    """From when on (nanoseconds of the clock) whatever is written is sure to show in the times."""
    newest = max(stat.st_mtime_ns, stat.st_ctime_ns)
    return newest + (_TICK_NS if newest % _SECOND_NS else _COARSE_TICK_NS)


def settle(paths: Iterable[str | os.PathLike[str]]) -> bool:
    """Wait until files and folders written just now are at rest, if that is soon; whether they are.

    Those that are missing are not waited for.
    """
    newest = 0
    for path in paths:
        try:
            newest = max(newest, rests_at(os.stat(path)))
        except OSError:
            continue
    wait = newest - time.time_ns()
    if 0 < wait <= _SOON_NS:
        time.sleep(wait / 1e9)
    return wait <= _SOON_NS


class Sightings:
    """Reads files, and notes how they were.

    Attributes:
        files: by absolute path, every file that was looked at.
        missing: the absolute paths at which there was nothing.
        facts: by their digest and kind, what files of the user's hold.
        torn: whether a file changed between two looks: what was seen is then no
            one state of the world.
    """

    def __init__(
        self,
        known: Mapping[str, Sighting] | None = None,
        facts: Mapping[str, Fact] | None = None,
    ) -> None:
        self.files: dict[str, Sighting] = {}
        self.missing: set[str] = set()
        self.torn = False
        self.facts = dict(facts or {})
        self._known = dict(known or {})

    def read(self, path: str | os.PathLike[str]) -> bytes:
        """The bytes of a file.

        Raises:
            OSError: it cannot be read.
        """
        from hashlib import sha256

        with self._opened(path) as file:
            stat, now = os.fstat(file.fileno()), time.time_ns()
            data = file.read()
        self._note(path, stat, sha256(data).hexdigest(), now)
        return data

    def digest(self, path: str | os.PathLike[str]) -> str:
        """The digest of a file's bytes, as `sha256sum` prints it; known ones are not read again.

        Raises:
            OSError: it cannot be read.
        """
        with self._opened(path) as file:
            stat, now = os.fstat(file.fileno()), time.time_ns()
            known = self._known.get(_absolute(path))
            digest = known.digest if known and known.holds(stat) else digest_of(file)
        self._note(path, stat, digest, now)
        return digest

    def known(self, path: str | os.PathLike[str]) -> str | None:
        """The digest that a file was found or vouched to have, if its times are still the same.

        None where there is no file, or it was touched since: its bytes are not read.
        """
        name = _absolute(path)
        known = self.files.get(name) or self._known.get(name)
        try:
            holds = known is not None and known.holds(os.stat(path))
        except OSError:
            return None
        if known is None or not holds:
            return None
        self.files[name] = known
        return known.digest

    def found(
        self, path: str | os.PathLike[str], stat: os.stat_result, digest: str, now: int
    ) -> None:
        """Take the digest that the caller has found a file to have.

        Args:
            path: the file.
            stat: how it was before it was read.
            digest: as said.
            now: the clock's time then, in nanoseconds.
        """
        self._note(path, stat, digest, now)

    def vouch(self, path: str | os.PathLike[str], digest: str) -> None:
        """Take the digest of a file that the caller has written: what was seen there before is past.

        Raises:
            OSError: it is not there.
        """
        stat, name = os.stat(path), _absolute(path)
        self.missing.discard(name)
        self.files[name] = self._known[name] = Sighting(
            stat.st_mtime_ns, stat.st_ctime_ns, stat.st_size, digest, at_rest=True
        )

    def look_for(self, path: str | os.PathLike[str]) -> None:
        """Note a file that may be there or not.

        Raises:
            OSError: it is there, and cannot be read.
        """
        try:
            self.digest(path)
        except (FileNotFoundError, NotADirectoryError):
            pass  # that it is missing is noted

    def _opened(self, path: str | os.PathLike[str]) -> BinaryIO:
        try:
            return open(path, "rb")
        except (FileNotFoundError, NotADirectoryError):
            name = _absolute(path)
            self.torn = self.torn or name in self.files
            self.missing.add(name)
            raise

    def _note(
        self, path: str | os.PathLike[str], stat: os.stat_result, digest: str, now: int
    ) -> None:
        name = _absolute(path)
        before = self.files.get(name)
        changed = before is not None and before.digest != digest
        self.torn = self.torn or name in self.missing or changed
        self.files[name] = Sighting(
            stat.st_mtime_ns,
            stat.st_ctime_ns,
            stat.st_size,
            digest,
            at_rest=rests_at(stat) <= now,
        )


def digest_of(file: BinaryIO) -> str:
    """The digest of what is left of an open file."""
    from hashlib import sha256

    hasher = sha256()
    while chunk := file.read(_CHUNK):
        hasher.update(chunk)
    return hasher.hexdigest()


def _absolute(path: str | os.PathLike[str]) -> str:
    """A path from the root; `..` is left in it, which means another place behind a link."""
    return os.path.join(os.getcwd(), path)
