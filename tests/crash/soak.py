"""`make soak`: random films, random faults, random deaths, and the same laws after each.

    python tests/crash/soak.py [--runs 2000] [--minutes M] [--from SEED] [--at-once 10]

Each run has a number, which is its seed: `--from SEED --runs 1` does it again,
with the same provider, faults, kills and interruptions; only the machine's
timing differs.
"""

from __future__ import annotations

import argparse
import random
import sqlite3
import sys
import time
import traceback
from collections import Counter as Tally
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock, local
from typing import Any

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "remote")]

from crashing import MODELS, CrashedFilm, Forge, crashed_film, forges  # noqa: E402
from stages import Stages, stages  # noqa: E402
from ticking import INTERRUPT, KILL  # noqa: E402

from storyboard.diagnostics import StoryboardError  # noqa: E402

BEHAVIOURS = ("kiln id", "kiln listing", "kiln nothing", *MODELS)
KILN_FAULTS: dict[str, list[Any]] = {
    "submit": ["drop", "lose", "html", 429, 500, 503, 422, 402, "hang", "late", "stuck"],
    "poll": ["drop", "lose", "html", 429, 500, 502, "hang"],
    "list": ["drop", "html", 500, "late"],
    "files": ["half", "html", "expired", "drop", 500],
}
ANYWHERE = ("drop_before", "drop_after", "hang", "delay", "rate", "server_error", "html")
AT_SUBMIT = ("refuse", "no_credit", "refuse_late", "fail", "slow_job", "stuck")
AT_DOWNLOAD = ("expired", "truncated", "half", "wrong_length", "corrupt", "slow")
_TOLD_EVERY = 100  # runs
MOST_BUILDS = 30  # with all their faults; each fault strikes once
HURRY = {
    "timeout": 0.8,
    "deadline": 2.5,
}  # seconds: so clients' timeouts and deadlines are real ones
SHARE_RETAKEN = 0.25  # of the films that are complete
SILENCE_S = 4.0  # of a provider that hangs: longer than is waited for


@dataclass
class Figures:
    """What the runs came to."""

    tally: Tally[str] = field(default_factory=Tally)
    broken: list[int] = field(default_factory=list)
    lock: Lock = field(default_factory=Lock)

    def count(self, **numbers: int) -> None:
        with self.lock:
            self.tally.update(numbers)


def faults_of(film: CrashedFilm, chance: random.Random) -> int:
    """Set a run's faults; how many."""
    if film.counter.kiln:
        kiln = film.counter.kiln
        for route, kinds in KILN_FAULTS.items():
            struck = [chance.choice(kinds) for _ in range(chance.choice((0, 0, 1, 2)))]
            kiln.faults[route] = [
                fault for each in struck for fault in (*["ok"] * chance.randrange(3), each)
            ]
        kiln.polls_needed = chance.choice((1, 1, 2, 4))
        return sum(each != "ok" for faults in kiln.faults.values() for each in faults)
    assert film.counter.world
    faults = [world_fault(chance) for _ in range(chance.randrange(7))]
    film.counter.world.faults.set(faults)
    film.counter.world.set_switches({"concurrency": chance.choice((1, 2, 8))})
    return len(faults)


def world_fault(chance: random.Random) -> dict[str, Any]:
    """One fault of a simulator."""
    kind = chance.choice((*ANYWHERE, *ANYWHERE, *AT_SUBMIT, *AT_DOWNLOAD))
    fault: dict[str, Any] = {"kind": kind, "skip": chance.randrange(4)}
    if kind in ANYWHERE:
        fault["on"] = [chance.choice(("submit", "submit", "poll", "upload", "list", "download"))]
    if kind == "rate":
        fault["retry_after"] = 0
    if kind in {"server_error", "html"}:
        fault["accepted"] = chance.random() < 0.5
    if kind in {"hang", "delay"}:
        fault["seconds"] = SILENCE_S
    if kind == "slow":
        fault["seconds"] = 0.2
    if kind == "slow_job":
        fault["seconds"] = 900
    return fault


class Soak:
    """Runs, each by its seed."""

    def __init__(self, served: Stages, line: Callable[[], Forge]) -> None:
        self.figures = Figures()
        self._served = served
        self._line = line
        self._own = local()
        self._moments: dict[str, list[str]] = {}
        self._of_retakes: dict[str, list[str]] = {}

    def learn(self) -> None:
        """Find out what moments a build has, for each provider."""
        for behaviour in BEHAVIOURS:
            with crashed_film(behaviour, self._served, self._forge()) as film:
                self._moments[behaviour] = film.build()["heard"]
                self._of_retakes[behaviour] = film.build(retake=1)["heard"]

    def run(self, seed: int) -> None:
        """One run."""
        chance = random.Random(seed)
        behaviour = chance.choice(BEHAVIOURS)
        told = f"seed {seed}, {behaviour}"
        try:
            with crashed_film(behaviour, self._served, self._forge()) as film:
                film.hurry = HURRY
                faults = faults_of(film, chance)
                told += f", {faults} faults"
                self._strike(film, behaviour, chance)
                settled = film.settle(MOST_BUILDS)
                film.check(settled)
                if settled["exit_code"] == 0 and chance.random() < SHARE_RETAKEN:
                    self._retake(film, behaviour, chance)
                self.figures.count(
                    runs=1,
                    faults=faults,
                    stuck_jobs=len(film.counter.stuck()),
                    charged_cents=int(100 * sum(each.usd for each in film.counter.bill())),
                    complete=settled["exit_code"] == 0,
                    left_unknown=len(settled["unknown"]),
                )
        except (AssertionError, StoryboardError, sqlite3.Error):  # a law that is broken
            with self.figures.lock:
                self.figures.broken.append(seed)
                print(f"BROKEN: {told}\n{traceback.format_exc()}", flush=True)

    def _strike(self, film: CrashedFilm, behaviour: str, chance: random.Random) -> None:
        for _ in range(chance.choice((0, 1, 1, 2, 3, 5))):
            moment = chance.choice(self._moments[behaviour])
            blow = chance.choice((KILL, KILL, KILL, INTERRUPT))
            ended = film.build({moment: blow})
            self.figures.count(
                builds=1,
                kills=ended.get("signal") == KILL,
                interruptions=ended.get("exit_code") == 130,
            )

    def _retake(self, film: CrashedFilm, behaviour: str, chance: random.Random) -> None:
        """More takes, by a process that may be killed, with faults of their own."""
        self.figures.count(faults=faults_of(film, chance))
        moment = chance.choice(self._of_retakes[behaviour])
        blow = chance.choice((KILL, KILL, INTERRUPT))
        killed = film.retake(chance.choice((1, 2)), {moment: blow}, MOST_BUILDS)
        film.check(film.settle(MOST_BUILDS))
        self.figures.count(retakes=1, kills=int(killed))

    def _forge(self) -> Forge:
        if not hasattr(self._own, "forge"):
            self._own.forge = self._line()
        forge: Forge = self._own.forge
        return forge


def seeds(first: int, runs: int, minutes: float | None) -> Iterator[int]:
    """The seeds to run, until there are enough or the time is over."""
    ends = time.monotonic() + 60 * minutes if minutes else None
    for seed in range(first, first + runs):
        if ends and time.monotonic() > ends:
            return
        yield seed


def main() -> int:
    """Soak; 1 when a law was broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=2000)
    parser.add_argument("--minutes", type=float)
    parser.add_argument("--from", type=int, dest="first", default=random.randrange(10**9))
    parser.add_argument("--at-once", type=int, default=10)
    asked = parser.parse_args()
    print(f"from seed {asked.first}", flush=True)
    with stages() as served, forges() as line, ThreadPoolExecutor(asked.at_once) as threads:
        soak = Soak(served, line)
        soak.learn()
        waiting, told = [], 0
        for seed in seeds(asked.first, asked.runs, asked.minutes):
            waiting.append(threads.submit(soak.run, seed))
            while len(waiting) > 2 * asked.at_once:
                waiting.pop(0).result()
            done = soak.figures.tally["runs"]
            if done >= told + _TOLD_EVERY:
                told = done
                print(f"{done} runs, {len(soak.figures.broken)} broken", flush=True)
        for each in waiting:
            each.result()
    for name, number in sorted(soak.figures.tally.items()):
        print(f"{number:8} {name}")
    broken = soak.figures.broken
    print(f"{len(broken):8} broken{': seeds ' if broken else ''}{', '.join(map(str, broken))}")
    return 1 if broken else 0


if __name__ == "__main__":
    raise SystemExit(main())
