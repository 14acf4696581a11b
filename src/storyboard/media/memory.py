"""Memory that is not needed any longer, given back to the system."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager, suppress

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
"""`M_TRIM_THRESHOLD` and `M_MMAP_THRESHOLD` of glibc's malloc.h."""

_LARGE = 2**20
"""Bytes from which on something is given back as soon as it is let go of: a picture of 1080
lines is larger, and little else is."""

_KEPT = 2**23
"""Bytes at the end of what a thread has that stay for what comes next. It is 128 KB else: coded
pictures are larger, and each would be given back, and asked for again page by page."""


@contextmanager
def given_back() -> Iterator[None]:
    """Give back what is freed in a block: large things at once, the rest at its end.

    Pictures come and go in several threads. The C library (glibc) keeps what
    they leave for the next ones of the same thread: after the first large thing
    that is let go of, it does so for everything up to 32 MB. What is held would
    be the most that each thread ever needed, and more in a longer film.

    The setting stays, for the whole process. Where it is another library, nothing is done.
    """
    with suppress(OSError, AttributeError):
        library = ctypes.CDLL(None)
        library.mallopt(_MMAP_THRESHOLD, _LARGE)
        library.mallopt(_TRIM_THRESHOLD, _KEPT)
    try:
        yield
    finally:
        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).malloc_trim(0)
