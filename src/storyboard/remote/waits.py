"""How long the driver waits: between polls, before it asks again, until it gives up."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import ceil, floor, log2

from storyboard.provider import Rhythm


@dataclass(frozen=True, slots=True, kw_only=True)
class Waits:
    """In seconds.

    Attributes:
        first: before the first poll; each later one is longer by half.
        longest: between two polls.
        deadline: after which a job is no longer waited for.
        retry: the first wait before something that is safe to send again is sent again.
        settle: how long a submit without an answer is left alone before it is
            sent again where that is safe: it may still be on its way.
        give_up: how long a provider may be too busy to take a job.
    """

    first: float
    longest: float
    deadline: float
    retry: float = 1.0
    settle: float = 30.0
    give_up: float = 900.0

    def polls(self) -> Polls:
        """The waits between polls, from the first one on."""
        return Polls(self)


def waits_for(rhythm: Rhythm, *, local: bool) -> Waits:
    """The waits for a model's jobs; short where its provider is this machine."""
    waits = Waits(first=rhythm.first, longest=rhythm.longest, deadline=rhythm.deadline)
    if not local:
        return waits
    return replace(waits, first=0.1, longest=min(rhythm.longest, 2.0), retry=0.05, settle=0.2)


def together(now: float, wait: float) -> float:
    """A wait that is longer by an eighth at most, and ends with those of other jobs.

    Many small answers read at once cost a fraction of the processor time that
    they cost one by one: the loop is woken for all of them.

    Args:
        now: by the loop's clock, in seconds.
        wait: in seconds.
    """
    if wait <= 0:
        return wait
    step = 2.0 ** floor(log2(wait / 8))
    return ceil((now + wait) / step) * step - now


class Polls:
    """Waits that grow."""

    def __init__(self, waits: Waits) -> None:
        self._next = waits.first
        self._longest = waits.longest

    def next(self, asked: float | None = None) -> float:
        """The next wait; `asked` is what the provider asks for, which counts if it is longer."""
        wait = self._next
        self._next = min(self._next * 1.5, self._longest)
        return max(wait, min(asked or 0.0, 10 * self._longest))
