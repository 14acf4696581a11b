"""The agenda: which steps may start, and which of those starts first.

The longest remaining chain goes first. Where providers share the places of
`--jobs`, one with nothing under way comes before all that have something, so
that long chains of one leave a place for the others' shots. One place each, no
more: an equal share would keep long chains waiting, and the film with them.
This machine, which takes frames and renders, counts as a provider.
"""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush

from storyboard.graph import Action, Kind
from storyboard.steps import Status, Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How much is done at once, and whether a failure ends it.

    Attributes:
        jobs: how many steps at once; None is the number of processors, beside
            which what `limits` names, being done elsewhere, does not count.
        limits: how many of a model's clips, by its name, or of a kind's steps.
        keep_going: after a failure go on with what does not depend on it.
    """

    jobs: int | None = None
    limits: Mapping[str, int] = field(default_factory=dict)
    keep_going: bool = True


class Agenda:
    """The steps that are left to do; the longest remaining chain goes first.

    Attributes:
        steps: all of them, by id, in build order.
        actions: theirs.
        running: how many are under way, by model or kind.
    """

    def __init__(self, steps: Sequence[Step], at_hand: Collection[str], pace: Pace) -> None:
        self.steps = {step.action.id: step for step in steps}
        self.actions = {id_: step.action for id_, step in self.steps.items()}
        self._jobs = max(1, pace.jobs or os.cpu_count() or 1)
        self._limits = pace.limits
        self._counts_all = pace.jobs is not None
        self._place = {id_: number for number, id_ in enumerate(self.actions)}
        self._dependants: defaultdict[str, list[str]] = defaultdict(list)
        self._lacks: dict[str, int] = {}
        for id_, action in self.actions.items():
            inputs = set(action.depends_on) - set(at_hand)
            self._lacks[id_] = len(inputs)
            for needed in inputs:
                self._dependants[needed].append(id_)
        self._chain: dict[str, float] = {}
        for step in reversed(steps):
            id_ = step.action.id
            after = max((self._chain[later] for later in self._dependants[id_]), default=0.0)
            self._chain[id_] = _effort(step) + after
        self._ready: defaultdict[str, list[tuple[float, int, str]]] = defaultdict(list)
        self.running: Counter[str] = Counter()
        self._busy: Counter[str] = Counter()  # steps under way, by who does them
        self._turns = 0
        self._turn: Counter[str] = Counter()  # whose start was which, the last of each

    def first(self) -> list[Action]:
        """The steps that lack nothing from the beginning."""
        return [action for id_, action in self.actions.items() if not self._lacks[id_]]

    def freed_by(self, id_: str) -> list[Action]:
        """The steps that lacked only this one, now that its output is known."""
        freed = []
        for later in self._dependants[id_]:
            self._lacks[later] -= 1
            if not self._lacks[later]:
                freed.append(self.actions[later])
        return freed

    def ready(self, action: Action) -> None:
        """From now on the step may start."""
        heappush(
            self._ready[_group(action)],
            (-self._chain[action.id], self._place[action.id], action.id),
        )

    def start(self) -> Action | None:
        """The step to start now; None while every place is taken, or nothing is ready."""
        groups = [group for group, ready in self._ready.items() if ready and self._has_place(group)]
        if not groups:
            return None
        group = min(groups, key=self._urgency)
        action = self.actions[heappop(self._ready[group])[-1]]
        doer = self._doer(group)
        self.running[group] += 1
        self._busy[doer] += 1
        self._turns += 1
        self._turn[doer] = self._turns
        return action

    def _urgency(self, group: str) -> tuple[bool, int, tuple[float, int, str]]:
        """Who has nothing under way is first, and of those who waited longest; then the longest chain."""
        doer = self._doer(group)
        busy = self._busy[doer] > 0
        return busy, 0 if busy else self._turn[doer], self._ready[group][0]

    def _doer(self, group: str) -> str:
        """The provider of a model that is limited, being elsewhere; empty for this machine."""
        return group.partition("/")[0] if group in self._limits else ""

    def _has_place(self, group: str) -> bool:
        if group in self._limits and self.running[group] >= self._limits[group]:
            return False
        if self._counts_all:
            return self.running.total() < self._jobs
        here = sum(count for name, count in self.running.items() if name not in self._limits)
        return group in self._limits or here < self._jobs

    def ended(self, action: Action) -> None:
        """The step's place is free again."""
        group = _group(action)
        self.running[group] -= 1
        self._busy[self._doer(group)] -= 1


def _group(action: Action) -> str:
    """What limits count: the model, or of a step without one its kind."""
    return action.model or action.kind.value


def _effort(step: Step) -> float:
    """How long a step is likely to take, measured in seconds of film."""
    if step.status is Status.FRESH:
        return 0.0
    if step.action.kind is Kind.GENERATE:
        return float(step.action.seconds or 1)
    return 0.1
