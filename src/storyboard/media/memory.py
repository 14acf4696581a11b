"""Memory that is not needed any longer, given back to the system."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager, suppress


@contextmanager
def given_back() -> Iterator[None]:
    """Give back, at the end of a block, what was freed in it.

    Pictures are large and come and go in several threads; the C library (glibc)
    keeps what they leave for the next ones of the same thread, up to 100 MB for
    a transition of 1080 lines. Where it is another library, nothing is done.
    """
    try:
        yield
    finally:
        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).malloc_trim(0)
