"""Spares: films that were replaced, over whose bytes the next ones are written.

All day long a film of a gigabyte is joined anew for one changed shot. Taking
room for it from the disk and giving the old one's back costs the system more
than its bytes do. So a film that is replaced stays in the store, one for each
place, until the next one takes its file: the room that must be there anyway
while a film is written beside the one before is not given back in between.
When the disk is full it is, and `gc` gives it back, too, also that of films
which have no place any more.
"""

from __future__ import annotations

import fcntl
import os
import re
from contextlib import suppress
from pathlib import Path
from signal import SIGURG
from stat import S_ISREG

_LOCAL = {"btrfs", "ext2", "ext3", "ext4", "f2fs", "overlay", "tmpfs", "xfs", "zfs"}
"""File systems whose files nobody opens but through this kernel, as Linux calls them."""


def keep(film: Path, spare: Path) -> bool:
    """Take a film from its place and keep it, unless nobody could tell later who has it open.

    Args:
        film: a file, or nothing.
        spare: where it goes; one that is there already goes for good.

    Returns:
        Whether it was kept. What was not is where it was.
    """
    if not hasattr(fcntl, "F_SETLEASE"):  # Linux has it
        return False
    try:
        if not S_ISREG(film.lstat().st_mode) or _file_system(spare.parents[1]) not in _LOCAL:
            return False
        spare.parent.mkdir(exist_ok=True)
        film.replace(spare)
    except OSError:  # there is none, or the store is on another disk
        return False
    return True


def take(spare: Path, desk: Path) -> None:
    """Move a spare to where a film is to be written, where it can be used; it is gone in any case.

    A player may still show it, and must not show another film's bytes all at
    once; a copy of the store may share its file. And a film is to have the
    owner and the rights of a new file, not those that another one was given.

    Args:
        spare: a file, or nothing.
        desk: nothing is there, and nothing is where the spare could not be used.
    """
    with suppress(OSError):  # it is on another disk now; or it cannot be opened
        if _is_nobodys(spare) and _is_as_new(spare, desk):
            spare.replace(desk)
    with suppress(OSError):
        spare.unlink(missing_ok=True)


def _is_nobodys(spare: Path) -> bool:
    """Whether a file has one name only and nobody has it open.

    The system grants the right to be asked before others open a file, a lease,
    while nobody else has it open: fcntl(2), F_SETLEASE. Whoever opens it in that
    moment waits, and the question comes as a signal: one that does nothing.

    Raises:
        OSError: it cannot be opened.
    """
    opened = os.open(spare, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        fcntl.fcntl(opened, fcntl.F_SETSIG, SIGURG)
        fcntl.fcntl(opened, fcntl.F_SETLEASE, fcntl.F_WRLCK)
        fcntl.fcntl(opened, fcntl.F_SETLEASE, fcntl.F_UNLCK)
        return os.fstat(opened).st_nlink == 1
    except OSError:  # somebody has; or this file system cannot tell
        return False
    finally:
        os.close(opened)


def _is_as_new(spare: Path, desk: Path) -> bool:
    """Whether a file has the owner, the rights and the marks that a new one would have there."""
    desk.touch()
    try:
        return _made_out(spare) == _made_out(desk)
    finally:
        desk.unlink()  # to move a file over another one has ext4 write it to the disk


def _made_out(file: Path) -> tuple[object, ...]:
    stat = file.lstat()
    marks = {name: os.getxattr(file, name) for name in os.listxattr(file)}
    return stat.st_mode, stat.st_uid, stat.st_gid, marks


def _file_system(folder: Path) -> str | None:
    """The kind of file system that a folder is in; None where that is not told."""
    where, nearest, found = folder.resolve(), "", None
    with suppress(OSError):
        for line in os.fsdecode(Path("/proc/self/mounts").read_bytes()).splitlines():
            _, point, kind, *_ = line.split(" ")
            point = re.sub(r"\\(\d{3})", lambda code: chr(int(code[1], 8)), point)  # of a space
            if where.is_relative_to(point) and len(point) >= len(nearest):  # the last one counts
                nearest, found = point, kind
    return found
