"""Memory of putting a film together, by how many clips it has: it should not grow with them.

`SIZES="10 50 200"` is what the goal is about, and takes ten minutes and 12 GB
of disk; the clips are those of `stitch`.
"""

from __future__ import annotations

import os
import tempfile
from dataclasses import asdict
from pathlib import Path

from tests.benchmarks.stitch import KEPT, BenchFilm, Run, made_clips

_MOST = 400
"""Megabytes, whatever the film."""

_GROWTH = 1.2
"""The most memory of any size, over the least."""


def report() -> dict[str, dict[str, dict[str, float]]]:
    """Print every figure, and the goals; the figures, by the kind of joins and the number of clips."""
    sizes = sorted(map(int, os.environ.get("SIZES", "10 50").split()))
    clips = made_clips(sizes[-1])
    print(f"memory: films of {', '.join(map(str, sizes))} clips of 5 s, 1080p24, built first")
    print(f"{'':<44}{'wall s':>9}{'cpu s':>9}{'MB':>7}")
    figures: dict[str, dict[str, dict[str, float]]] = {}
    for joins in ("hard cuts", "crossfades"):
        runs = {size: _built(clips[:size], joins) for size in sizes}
        most, least = (pick(run.memory for run in runs.values()) for pick in (max, min))
        print(f"  {f'{joins}: most':<42}{'':>18}{most:>7.0f}   goal <= {_MOST}")
        print(f"  {f'{joins}: most of least':<42}{'':>18}{most / least:>7.2f}   goal <= {_GROWTH}")
        figures[joins] = {str(size): asdict(run) for size, run in runs.items()}
    return figures


def _built(clips: list[Path], joins: str) -> Run:
    with tempfile.TemporaryDirectory(dir=KEPT.parent) as place:
        film = BenchFilm(Path(place) / "film", fades=joins == "crossfades")
        film.make(clips)
        run = film.build()
    print(
        f"  {f'{joins}, {len(clips)} clips':<42}{run.wall:>9.2f}{run.cpu:>9.2f}{run.memory:>7.0f}",
        flush=True,
    )
    return run


if __name__ == "__main__":
    report()
