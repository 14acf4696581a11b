"""The sum of a film: of bytes that are in no store, but are to be known again."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from xxhash import xxh3_128

_SPAN = 1 << 26
_CHUNK = 1 << 18  # larger ones do not stay in a processor's cache


def film_sum(film: Path) -> str:
    """A film's length and the XXH3-128 of the sums of its spans, each of 64 MiB.

    Spans are read side by side. A sum tells an accident from none, and not who
    means to deceive; a film costs nothing to make again.

    Raises:
        OSError: it cannot be read.
    """
    size = film.stat().st_size
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        spans = threads.map(lambda start: _span_sum(film, start), range(0, size, _SPAN))
        return f"{size}-{xxh3_128(b''.join(spans)).hexdigest()}"


def _span_sum(film: Path, start: int) -> bytes:
    summed, left, chunk = xxh3_128(), _SPAN, memoryview(bytearray(_CHUNK))
    with film.open("rb", buffering=0) as file:
        file.seek(start)
        while count := file.readinto(chunk[:left]):  # may be fewer than were asked for
            summed.update(chunk[:count])
            left -= count
    return summed.digest()
