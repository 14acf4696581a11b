"""Chaining: which shot's hand-over frame each shot starts with."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from storyboard.model import Shot, ShotFrame


@dataclass(frozen=True, slots=True)
class Chain:
    """What a shot's `chain` says: go on from the shot before, from a thread, or from nothing."""

    thread: str | None = None
    goes_on: bool = True


def settle(shots: Iterable[tuple[Shot, Chain]]) -> dict[str, Shot]:
    """Give each shot that goes on from another that shot's hand-over frame.

    Args:
        shots: in the order of the storyboard, dropped ones left out, each with
            its chain; a shot with `first_frame` has the chain that goes on
            from nothing.
    """
    settled: dict[str, Shot] = {}
    threads: dict[str, Shot] = {}
    before: Shot | None = None
    for shot, chain in shots:
        if before is not None and before.scene != shot.scene:
            before = None
        from_ = threads.get(chain.thread) if chain.thread else before
        chained = shot
        if chain.goes_on and from_ is not None and shot.segments and from_.segments:
            chained = replace(shot, first_frame=ShotFrame(from_.id), chained=True)
        settled[shot.id] = chained
        if chain.thread:
            threads[chain.thread] = shot
        before = shot
    return settled
