"""How long simulated jobs take in the agenda's order, against the least that is possible.

The clock is simulated, too: figures are the same on every machine. The least is
the longest of: the longest chain; each model's work by its limit; all work by
the number of jobs.
"""

from __future__ import annotations

import random
from collections import Counter
from fractions import Fraction
from heapq import heappop, heappush

from storyboard.agenda import Agenda, Pace
from storyboard.graph import Action, Kind, Made
from storyboard.provider import Request
from storyboard.steps import Status, Step

GOAL = 0.95


def report() -> dict[str, float]:
    """Print, for several films, the least over what it took."""
    figures = {}
    print(f"{'makespan, simulated':<44}{'took s':>9}{'least s':>9}  optimal")
    for name, (steps, pace) in FILMS.items():
        took, least = makespan(steps, pace), lower_bound(steps, pace)
        figures[name] = round(least / took, 3)
        print(f"  {name:<42}{took:>9.0f}{least:>9.0f}{least / took:>9.3f}")
    print(f"goal: at least {GOAL}")
    return figures


def makespan(steps: list[Step], pace: Pace) -> float:
    """Seconds from the first start to the last end; a clip takes as long as it lasts."""
    agenda = Agenda(steps, (), pace)
    for action in agenda.first():
        agenda.ready(action)
    now = 0.0
    running: list[tuple[float, str]] = []
    while True:
        while action := agenda.start():
            heappush(running, (now + _takes(action), action.id))
        if not running:
            return now
        now, id_ = heappop(running)
        agenda.ended(agenda.actions[id_])
        for freed in agenda.freed_by(id_):
            agenda.ready(freed)


def lower_bound(steps: list[Step], pace: Pace) -> float:
    """No order can be faster than this."""
    chain: dict[str, float] = {}
    work: Counter[str] = Counter()
    for step in steps:
        action = step.action
        before = max((chain[needed] for needed in action.depends_on), default=0.0)
        chain[action.id] = before + _takes(action)
        work[action.model or ""] += _takes(action)  # type: ignore[assignment]
    bounds = [max(chain.values())]
    bounds += [work[model] / limit for model, limit in pace.limits.items()]
    if pace.jobs:
        bounds.append(work.total() / pace.jobs)
    return max(bounds)


def _takes(action: Action) -> float:
    return float(action.seconds or 0)


def chains(count: int, length: int, models: tuple[str, ...], seed: int = 1) -> list[Step]:
    """Chains of clips of different lengths, each chain of one model."""
    rolls = random.Random(seed)
    steps = []
    for number in range(count):
        before: str | None = None
        model = models[number % len(models)]
        for place in range(1 + rolls.randrange(2 * length - 1)):
            id_ = f"generate:{seed}-{number}-{place}"
            action = Action(
                id=id_,
                kind=Kind.GENERATE,
                work=Request(model=model, prompts=("",), duration=Fraction(5)),
                inputs={"first_frame": Made(before)} if before else {},
                model=model,
                seconds=Fraction(rolls.choice((5, 5, 8, 10, 15))),
            )
            steps.append(Step(action, Status.NEW))
            before = id_
    return steps


FILMS = {
    "100 chains of about ten, 8 jobs": (chains(100, 10, ("a/x",)), Pace(jobs=8)),
    "100 chains of about ten, 64 jobs": (chains(100, 10, ("a/x",)), Pace(jobs=64)),
    "1000 single shots, 32 jobs": (chains(1000, 1, ("a/x",)), Pace(jobs=32)),
    "two providers, limits 4 and 12": (
        chains(120, 6, ("a/x", "b/y")),
        Pace(limits={"a/x": 4, "b/y": 12}),
    ),
    "two providers, limits 4 and 12, 10 jobs": (
        chains(120, 6, ("a/x", "b/y")),
        Pace(jobs=10, limits={"a/x": 4, "b/y": 12}),
    ),
    "one long chain among short ones, 4 jobs": (
        [*chains(1, 40, ("a/x",), seed=3), *chains(100, 3, ("b/y",), seed=4)],
        Pace(jobs=4),
    ),
    "three long chains beside shots, 4 jobs": (
        [*chains(3, 30, ("a/x",), seed=5), *chains(60, 1, ("b/y",), seed=6)],
        Pace(jobs=4, limits={"a/x": 64, "b/y": 64}),
    ),
    "three providers, 16 jobs": (
        [
            *chains(40, 20, ("a/x",), seed=7),
            *chains(80, 5, ("b/y",), seed=8),
            *chains(200, 1, ("c/z",), seed=9),
        ],
        Pace(jobs=16, limits={"a/x": 64, "b/y": 64, "c/z": 64}),
    ),
}
