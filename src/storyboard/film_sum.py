"""The sum of a film: of bytes that are in no store, but are to be known again."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from threading import Event, Thread

from xxhash import xxh3_128

from storyboard.film_file import FilmFile
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
    return _summed(film, partial(_span, film))


class Summing:
    """The sum of a film that is being written.

    Attributes:
        spans: the sums of those that were read already, by where they begin.
    """

    def __init__(self, film: FilmFile) -> None:
        """Take the film, of which nothing need be written yet."""
        self.spans: dict[int, bytes] = {}
        self._film = film
        self._written = Event()

    def result(self) -> str:
        """The film's sum, when it is written to its end.

        Raises:
            OSError: it cannot be read.
        """
        return _summed(self._film.path, self._span)

    def follow(self) -> None:
        """Read each span when the film is written beyond the one behind it, up to its end.

        Its writer comes back to the first one at the end, in which the index stands; a span
        that a longer index reaches into is read again.
        """
        start = _SPAN
        while not self._written.wait(_LOOK_S):
            while start + 2 * _SPAN <= self._film.end and not self._written.is_set():
                try:
                    self.spans[start] = self._span(start)
                except OSError:  # what is wrong with it, its writer tells, or who asks for the sum
                    return
                start += _SPAN

    def stop(self) -> None:
        """The film is written, or given up."""
        self._written.set()

    def _span(self, start: int) -> bytes:
        if start in self.spans and start >= self._film.revised:
            return self.spans[start]
        return _span(self._film.path, start)


def _summed(film: Path, span: Callable[[int], bytes]) -> str:
    size = film.stat().st_size
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        spans = threads.map(span, range(0, size, _SPAN))
        return f"{size}-{xxh3_128(b''.join(spans)).hexdigest()}"


def _span(film: Path, start: int) -> bytes:
    summed = xxh3_128()
    with film.open("rb") as file:
        file.seek(start)
        read_through(file, summed.update, _SPAN)
    return summed.digest()


@contextmanager
def summing(film: FilmFile) -> Iterator[Summing]:
    """Sum a film while it is written, in the block; its result can be had behind that."""
    sums = Summing(film)
    follower = Thread(target=sums.follow, daemon=True, name="sum")
    follower.start()
    try:
        yield sums
    finally:
        sums.stop()
        follower.join()
