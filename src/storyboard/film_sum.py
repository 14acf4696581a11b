"""The sum of a film: of bytes that are in no store, but are to be known again."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

from xxhash import xxh3_128

from storyboard.sums import read_through

_SPAN = 1 << 26
_LOOK_S = 0.02


def film_sum(film: Path) -> str:
    """A film's length and the XXH3-128 of the sums of its spans, each of 64 MiB.

    Spans are read side by side. A sum tells an accident from none, and not who
    means to deceive; a film costs nothing to make again.

    Raises:
        OSError: it cannot be read.
    """
    return Summing(film).result()


class Summing:
    """The sum of a film that is being written.

    Attributes:
        spans: the sums of those that were read already, by where they begin.
    """

    def __init__(self, film: Path) -> None:
        """Take the film, which need not be there yet."""
        self.spans: dict[int, bytes] = {}
        self._film = film
        self._written = Event()

    def result(self) -> str:
        """The film's sum, when it is written to its end.

        Raises:
            OSError: it cannot be read.
        """
        size = self._film.stat().st_size
        with ThreadPoolExecutor(os.cpu_count()) as threads:
            spans = threads.map(self._span, range(0, size, _SPAN))
            return f"{size}-{xxh3_128(b''.join(spans)).hexdigest()}"

    def follow(self) -> None:
        """Read each span when the film has grown beyond the one behind it, until it is written.

        Nobody comes back to it then, but to the first one, in which the index stands.
        """
        start = _SPAN
        while not self._written.wait(_LOOK_S):
            try:
                while start + 2 * _SPAN <= self._film.stat().st_size and not self._written.is_set():
                    self.spans[start] = self._span(start)
                    start += _SPAN
            except OSError:  # it is not there yet; what is wrong with it, its writer tells
                continue

    def stop(self) -> None:
        """The film is written, or given up."""
        self._written.set()

    def _span(self, start: int) -> bytes:
        if start in self.spans:
            return self.spans[start]
        summed = xxh3_128()
        with self._film.open("rb") as file:
            file.seek(start)
            read_through(file, summed.update, _SPAN)
        return summed.digest()


@contextmanager
def summing(film: Path) -> Iterator[Summing]:
    """Sum a film while it is written, in the block; its result can be had behind that."""
    sums = Summing(film)
    follower = Thread(target=sums.follow, daemon=True, name="sum")
    follower.start()
    try:
        yield sums
    finally:
        sums.stop()
        follower.join()
