"""Stretches of something long, found by where they are without a look at all of them."""

from __future__ import annotations

from collections.abc import Iterable


class Intervals:
    """An index of stretches, each from its first position to the one before which it ends.

    They are sorted into bins of equal width; one that is long lies in several.
    So what a search costs goes with what is near, not with how many there are.
    """

    def __init__(self, stretches: Iterable[tuple[int, int]], width: int) -> None:
        """Index stretches, which are known by their number from now on.

        Args:
            stretches: one that is empty may be found, and shares no position with any.
            width: of a bin: about as long as what is searched for.
        """
        self._width = width
        self._bins: dict[int, list[int]] = {}
        for number, (begins, ends) in enumerate(stretches):
            for bin_ in self._over(begins, ends):
                self._bins.setdefault(bin_, []).append(number)

    def near(self, begins: int, ends: int) -> list[int]:
        """The numbers, rising, of all that may share a position with a stretch."""
        found = {number for bin_ in self._over(begins, ends) for number in self._bins.get(bin_, ())}
        return sorted(found)

    def _over(self, begins: int, ends: int) -> range:
        return range(begins // self._width, -(-ends // self._width))
