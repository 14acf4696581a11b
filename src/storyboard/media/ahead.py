"""Work on the next thing while the one before is used."""

from __future__ import annotations

from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Thing = TypeVar("Thing")


def one_ahead(things: Generator[Thing, None, None]) -> Generator[Thing, None, None]:
    """The same things, each made in another thread while the one before is used.

    Decoding and coding leave Python's lock alone, so pictures are decoded while
    others are coded. When this ends or is closed, nothing is at work any more,
    and `things` can be closed. What it raises comes out unchanged.
    """
    with ThreadPoolExecutor(1, thread_name_prefix="ahead") as thread:
        following = thread.submit(next, things, None)
        while (thing := following.result()) is not None:
            following = thread.submit(next, things, None)
            yield thing
