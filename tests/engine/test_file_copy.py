"""Copies of large files: whole and on the disk, or an error."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from storyboard.file_copy import copy_file

BYTES = bytes(range(256)) * 64


def copied(folder: Path) -> bytes:
    """What a copy holds."""
    (folder / "source").write_bytes(BYTES)
    with (folder / "source").open("rb") as source:
        copy_file(source, folder / "copy")
    return (folder / "copy").read_bytes()


def test_a_copy_holds_the_same_bytes(tmp_path: Path) -> None:
    assert copied(tmp_path) == BYTES


def test_a_system_that_ends_a_copy_early_is_not_believed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lengths = iter([100, 0])

    def short(source: int, destination: int, most: int) -> int:
        return os.write(destination, os.read(source, min(most, next(lengths))))

    monkeypatch.setattr(os, "copy_file_range", short, raising=False)

    assert copied(tmp_path) == BYTES


@pytest.mark.skipif(not hasattr(os, "copy_file_range"), reason="the system does not copy files")
def test_a_disk_that_fails_while_a_file_is_copied_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(file: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(os, "fdatasync", fail)

    with pytest.raises(OSError, match="Input/output error"):
        copied(tmp_path)
