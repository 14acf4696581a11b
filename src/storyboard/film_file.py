"""The file of a film that is being written, over the bytes of whatever was there."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from io import FileIO
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


class FilmFile(FileIO):
    """A file to write a film into; a context manager that leaves a whole film, or none.

    What was in the file is not cut off first but written over, and cut where
    the film ends when it is closed. Every byte up to there must be written.
    Where none was, what was in the file stays.

    Attributes:
        path: of the file.
        end: how far it is written, in bytes. Another thread may ask.
        revised: up to which byte, at most, something was written a second time.
    """

    def __init__(self, path: Path) -> None:
        """Open it, or make it.

        Raises:
            OSError: that cannot be done.
        """
        self.path = path
        self.end = self.revised = 0
        super().__init__(path, "w", opener=_kept)

    def write(self, data: ReadableBuffer, /) -> int:
        """Write all of it.

        Raises:
            OSError: the disk does not take it; the file is named.
        """
        left = memoryview(data)
        with self._named():
            start = self.tell()
            while left:
                left = left[super().write(left) :]
            if start < self.end:
                self.revised = max(self.revised, self.tell())
            self.end = max(self.end, self.tell())
        return memoryview(data).nbytes

    def close(self) -> None:
        """Cut off what the film does not reach, and close the file.

        Raises:
            OSError: the disk fails; the file is named.
        """
        if not self.closed:
            with self._named():
                try:
                    if self.end:
                        self.truncate(self.end)
                finally:
                    super().close()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            self.close()
        except OSError:
            self.path.unlink(missing_ok=True)
            if kind is None:  # else what came first is to be told
                raise
            return
        if kind is not None and (self.end or not self.path.stat().st_size):
            self.path.unlink(missing_ok=True)

    @contextmanager
    def _named(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            error.filename = str(self.path)
            raise


def _kept(path: str, flags: int) -> int:
    """Open a file as Python's own opener does, but leave what is in it."""
    return os.open(path, flags & ~os.O_TRUNC, 0o666)
