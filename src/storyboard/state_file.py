"""The state file: all that an answer followed from, and the answer, in one flat file.

    storyboard state 1
    k KEY                            what else the answer depends on: see unchanged.py
    f MTIME CTIME SIZE DIGEST PATH   a file; its times are - where they do not vouch for it
    d MTIME CTIME PATH               a folder: the times vouch for the names in it
    l MTIME CTIME SIZE COUNT PATH    the ledger; SQLite counts its changes in its header
    a PATH                           nothing is there
    s NAME LENGTH                    a part of the answer; the parts follow the empty line

    …
    CRC                              of all of the above

It is read by every `plan` and `build`, so this module imports next to nothing.
The folder that it stands in comes with the user's files, perhaps from somebody
else: it is plain text, damage makes it void, and so does whatever does not stand
as it says.
"""

from __future__ import annotations

import os
import time
from zlib import crc32

from storyboard.sightings import Sighting, digest_of, rests_at

TYPE_CHECKING = False  # `typing` takes longer to import than a film takes to answer
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_MAGIC = "storyboard state 1"
_COUNTER = slice(24, 28)
"""SQLite's file change counter: https://www.sqlite.org/fileformat2.html, section 1.3.7."""
_KEPT = 48
"""State files kept in a folder: one for each choice of profile, vars, cuts, and form of a plan."""


class Void(Exception):
    """The state file says nothing of how things stand."""


def read(path: str, key: str) -> dict[str, bytes]:
    """The parts of an answer that holds still.

    Args:
        path: the state file.
        key: what it must have been written for.

    Raises:
        Void: there is no such file, it is damaged or somebody else's, was
            written for another key, or something is not as it was.
    """
    try:
        with open(path, "rb") as file:
            if os.fstat(file.fileno()).st_uid != os.geteuid():
                raise Void
            data = file.read()
        body, _, check = data.rpartition(b"\n")
        if int(check, 16) != crc32(body):
            raise Void
        head, _, parts = body.partition(b"\n\n")
        magic, wanted, *lines = os.fsdecode(head).split("\n")
        if magic != _MAGIC or wanted != f"k {key}":
            raise Void
        lengths = _standing(lines)
    except (OSError, ValueError) as error:
        raise Void from error
    answer = {}
    for name, length in lengths:
        answer[name], parts = parts[:length], parts[length:]
    return answer


def _standing(lines: Iterable[str]) -> list[tuple[str, int]]:
    """The names and lengths of the answer's parts, if all else stands as the lines say."""
    parts = []
    for line in lines:
        kind, _, said = line.partition(" ")
        match kind:
            case "f":
                _check_file(*said.split(" ", 4))
            case "d":
                mtime, ctime, path = said.split(" ", 2)
                stat = os.stat(path)
                if f"{stat.st_mtime_ns} {stat.st_ctime_ns}" != f"{mtime} {ctime}":
                    raise Void
            case "l":
                if said != _ledger(said.split(" ", 4)[4]):
                    raise Void
            case "a":
                if os.path.lexists(said):
                    raise Void
            case "s":
                name, length = said.split(" ")
                parts.append((name, int(length)))
            case _:
                raise Void
    return parts


def _check_file(mtime: str, ctime: str, size: str, digest: str, path: str) -> None:
    stat = os.stat(path)
    if stat.st_size != int(size):
        raise Void
    if f"{stat.st_mtime_ns} {stat.st_ctime_ns}" == f"{mtime} {ctime}":
        return
    if os.path.realpath(path) != path:  # where a link leads to now is for the passes to judge
        raise Void
    with open(path, "rb") as file:
        if digest_of(file) != digest:
            raise Void


def _ledger(path: str) -> str:
    with open(path, "rb") as file:
        stat, header = os.fstat(file.fileno()), file.read(100)
    count = header[_COUNTER].hex() or "-"
    return f"{stat.st_mtime_ns} {stat.st_ctime_ns} {stat.st_size} {count} {path}"


class Scene:
    """What an answer follows from, gathered for a state file.

    The stats of folders and of the ledger must be taken before what they hold is
    looked up; those of files are in the sightings.
    """

    def __init__(self) -> None:
        self._lines: list[str] = []
        self.settled = True
        """Whether the times that were taken vouch for what they were taken of."""

    def file(self, path: str, seen: Sighting) -> None:
        """A file whose bytes count."""
        times = f"{seen.mtime} {seen.ctime}" if seen.at_rest else "- -"
        self._lines.append(f"f {times} {seen.size} {seen.digest} {path}")

    def folder(self, path: str) -> None:
        """A folder of which it counts which names are in it, or that it is not there."""
        try:
            stat = os.stat(path)
        except FileNotFoundError:
            self.missing(path)
            return
        self.settled = self.settled and rests_at(stat) <= time.time_ns()
        self._lines.append(f"d {stat.st_mtime_ns} {stat.st_ctime_ns} {path}")

    def ledger(self, path: str) -> None:
        """The ledger, or that there is none; and that nobody is writing to it."""
        self.missing(f"{path}-journal")
        try:
            self._lines.append(f"l {_ledger(path)}")
        except FileNotFoundError:
            self.missing(path)

    def missing(self, path: str) -> None:
        """A path at which nothing is."""
        if os.path.lexists(path):
            self.settled = False
        self._lines.append(f"a {path}")

    def write(self, path: str, key: str, answer: Mapping[str, bytes]) -> None:
        """Keep an answer; where the very same is kept already, nothing is written.

        Raises:
            OSError: it cannot be written.
        """
        lines = [_MAGIC, f"k {key}", *self._lines]
        lines += [f"s {name} {len(part)}" for name, part in answer.items()]
        if not self.settled or any("\n" in line for line in lines):
            return
        body = os.fsencode("\n".join(lines)) + b"\n\n" + b"".join(answer.values())
        data = body + b"\n%08x" % crc32(body)
        try:
            with open(path, "rb") as file:
                if file.read() == data:
                    return
        except OSError:
            pass  # there is none, or none that can be read
        folder = os.path.dirname(path)
        os.makedirs(folder, exist_ok=True)
        part = f"{path}.{os.getpid()}"
        with open(part, "wb") as file:
            file.write(data)
        os.replace(part, path)
        _prune(folder)


def _prune(folder: str) -> None:
    with os.scandir(folder) as entries:
        files = sorted((entry.stat().st_mtime_ns, entry.path) for entry in entries)
    for _, path in files[:-_KEPT]:
        os.unlink(path)
