"""Spares: films that were replaced, over whose bytes the next ones are written.

All day long a film of a gigabyte is joined anew for one changed shot. Taking
room for it from the disk and giving the old one's back costs the system more
than its bytes do. So a film that is replaced stays in the store, one for each
place, until the next one takes its file. That takes no more room than there
must be while a film is written beside the one before.
"""

from __future__ import annotations

import fcntl
import os
from contextlib import suppress
from pathlib import Path


def keep(film: Path, spare: Path, new: Path) -> bool:
    """Take a film from its place and keep it, unless nobody could write over it later.

    Args:
        film: a file, or nothing.
        spare: where it goes; one that is there already goes for good.
        new: the film that follows, whose owner and rights the one after that is to have.

    Returns:
        Whether it was kept. What was not is where it was.
    """
    if not hasattr(fcntl, "F_SETLEASE"):  # only Linux tells whether a file is open anywhere
        return False
    try:
        old, like = film.lstat(), new.lstat()
        if (old.st_mode, old.st_uid, old.st_gid) != (like.st_mode, like.st_uid, like.st_gid):
            return False
        spare.parent.mkdir(exist_ok=True)
        film.replace(spare)
    except OSError:  # there is none, or the store is on another disk
        return False
    return True


def take(spare: Path, desk: Path) -> None:
    """Move a spare to where a film is to be written; nothing is there where it cannot be used.

    A player may still show it, and must not show another film's bytes all at
    once; a copy of the store may share its file.
    """
    with suppress(OSError):  # there is none
        if _is_nobodys(spare):
            spare.replace(desk)
        else:
            spare.unlink()


def _is_nobodys(spare: Path) -> bool:
    """Whether a file has one name only and nobody has it open.

    The system grants the right to be asked before others open a file, a lease,
    while nobody else has it open: fcntl(2), F_SETLEASE.
    """
    opened = os.open(spare, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        fcntl.fcntl(opened, fcntl.F_SETLEASE, fcntl.F_WRLCK)
        fcntl.fcntl(opened, fcntl.F_SETLEASE, fcntl.F_UNLCK)
        return os.fstat(opened).st_nlink == 1
    except OSError:  # somebody has; or this file system cannot tell
        return False
    finally:
        os.close(opened)
