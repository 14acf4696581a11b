"""Simulated time: jobs take the minutes that they really take, and the minutes pass quickly."""

from __future__ import annotations

import asyncio
import time

USUAL_SPEED = 120.0
"""At which a job of two minutes takes a second."""


class Clock:
    """Seconds since the simulation began, which run faster than real ones.

    It counts how long things take. The dates that a simulator writes into its
    answers are real ones, so that a client's own dates fit to them.

    Attributes:
        speed: simulated seconds in a real one; 0 stops the clock, which then
            only goes when it is put forward.
    """

    def __init__(self, speed: float = USUAL_SPEED) -> None:
        self.speed = speed
        self._then = 0.0
        self._real_then = time.monotonic()
        self._changed = asyncio.Event()

    def now(self) -> float:
        """Seconds since the simulation began."""
        return self._then + (time.monotonic() - self._real_then) * self.speed

    def run(self, *, speed: float | None = None, now: float | None = None) -> None:
        """Let it go at another speed, or from another time on."""
        self._then = self.now() if now is None else now
        self._real_then = time.monotonic()
        self.speed = self.speed if speed is None else speed
        self._changed.set()
        self._changed = asyncio.Event()

    async def until(self, moment: float) -> None:
        """Wait for a time, however the clock is changed meanwhile."""
        while (left := moment - self.now()) > 0:
            changed = self._changed
            try:
                async with asyncio.timeout(left / self.speed if self.speed else None):
                    await changed.wait()
            except TimeoutError:
                pass

    def real(self, seconds: float) -> float:
        """How many real seconds that many simulated ones take; none on a stopped clock."""
        return seconds / self.speed if self.speed else 0.0
