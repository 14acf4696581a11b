"""Copying a large file: no byte passes through Python, and flushing goes along with copying."""

from __future__ import annotations

import errno
import os
import shutil
import sys
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import BinaryIO

_STEP = 1 << 26
_OTHERWISE = {errno.EXDEV, errno.ENOSYS, errno.EINVAL, errno.EOPNOTSUPP, errno.EPERM}
"""What systems say that cannot copy between two files by themselves."""


def copy_file(source: BinaryIO, destination: Path) -> None:
    """Copy an open file's bytes; they are on the disk for good when this returns.

    Where the file system can, both share them until one is written to.

    Raises:
        OSError: the source cannot be read, or the disk does not take the copy.
    """
    sys.audit("shutil.copyfile", source.name, destination)  # as Python's own copying tells
    with destination.open("wb") as written:
        if not _handed_on(source.fileno(), written.fileno()):
            source.seek(0)
            written.seek(0)
            written.truncate()
            shutil.copyfileobj(source, written, 1 << 20)
            written.flush()
        os.fsync(written.fileno())


def _handed_on(source: int, destination: int) -> bool:
    """Have the system copy a file; False where it cannot, or says too early that this was all."""
    if not hasattr(os, "copy_file_range"):  # Linux has it
        return False
    flushing: Future[None] | None = None
    with ThreadPoolExecutor(1) as beside:
        try:
            while os.copy_file_range(source, destination, _STEP):
                if flushing is None or flushing.done():
                    _flushed(flushing)
                    flushing = beside.submit(os.fdatasync, destination)
        except OSError as error:
            if error.errno in _OTHERWISE:
                return False
            raise
        _flushed(flushing)
    return os.fstat(destination).st_size == os.fstat(source).st_size


def _flushed(flushing: Future[None] | None) -> None:
    """Raise what flushing met: a system tells it once, and the next flush says that all is well."""
    if flushing is not None:
        flushing.result()
