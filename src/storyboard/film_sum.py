"""The sum of a film: of bytes that are in no store, but are to be known again."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event, Thread
from types import TracebackType
from typing import Self

from xxhash import xxh3_128

_SPAN = 1 << 26
_CHUNK = 1 << 18  # larger ones do not stay in a processor's cache
_LOOK_S = 0.02


def film_sum(film: Path) -> str:
    """A film's length and the XXH3-128 of the sums of its spans, each of 64 MiB.

    Spans are read side by side. A sum tells an accident from none, and not who
    means to deceive; a film costs nothing to make again.

    Raises:
        OSError: it cannot be read.
    """
    return _sum(film, {})


class Summing:
    """Sums a film while it is written; a context manager around the writing.

    A span is read when the film has grown beyond the one behind it: nobody
    comes back to it. In the first one the index stands, which is written last.
    """

    def __init__(self, film: Path) -> None:
        """Take the film, which need not be there yet."""
        self._film = film
        self._spans: dict[int, bytes] = {}
        self._written = Event()
        self._thread = Thread(target=self._follow, daemon=True, name="sum")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._written.set()
        self._thread.join()

    def result(self) -> str:
        """The film's sum, when it is written to its end.

        Raises:
            OSError: it cannot be read.
        """
        return _sum(self._film, self._spans)

    def _follow(self) -> None:
        start = _SPAN
        while not self._written.wait(_LOOK_S):
            try:
                while start + 2 * _SPAN <= self._film.stat().st_size and not self._written.is_set():
                    self._spans[start] = _span_sum(self._film, start)
                    start += _SPAN
            except OSError:  # it is not there yet; what is wrong with it, its writer tells
                continue


def _sum(film: Path, known: dict[int, bytes]) -> str:
    size = film.stat().st_size
    starts = range(0, size, _SPAN)
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        spans = threads.map(lambda start: known.get(start) or _span_sum(film, start), starts)
        return f"{size}-{xxh3_128(b''.join(spans)).hexdigest()}"


def _span_sum(film: Path, start: int) -> bytes:
    summed, left, chunk = xxh3_128(), _SPAN, memoryview(bytearray(_CHUNK))
    with film.open("rb", buffering=0) as file:
        file.seek(start)
        while count := file.readinto(chunk[:left]):  # may be fewer than were asked for
            summed.update(chunk[:count])
            left -= count
    return summed.digest()
