"""plan: from the graph to what a build would do, step by step, and why."""

from __future__ import annotations

from collections.abc import Mapping

from storyboard.graph import Action, ActionGraph
from storyboard.ledger import Lane, Ledger
from storyboard.reasons import asked, differences
from storyboard.source import Plain
from storyboard.steps import Plan, Reason, Status, Step
from storyboard.store import Store


def plan(
    graph: ActionGraph, store: Store, ledger: Ledger, lane: Lane, films: Mapping[str, str]
) -> Plan:
    """Say of every action whether it is to be done, and why. Nothing is written.

    Keys hold the digests of inputs, so a step is fresh when this very thing
    was made before, whatever was made in between.

    Args:
        graph: what the film is made of.
        store: holds what was made.
        ledger: tells for which keys.
        lane: whose steps these are, for the reasons why one is stale.
        films: by cut id, the path of its film from the storyboard's folder.

    Raises:
        StoreError: the ledger cannot be read.
    """
    planner = _Planner(store, ledger, lane)
    return Plan(
        steps=tuple(planner.step(action) for action in graph),
        profile=lane.profile,
        films=dict(films),
    )


class _Planner:
    """What is known of the steps so far, in build order."""

    def __init__(self, store: Store, ledger: Ledger, lane: Lane) -> None:
        self._store = store
        self._ledger = ledger
        self._last = ledger.last(lane)
        self._asked_for = ledger.jobs.pending_keys()
        self._outputs: dict[str, str] = {}
        self._waits: dict[str, tuple[str, ...]] = {}
        self._to_make: dict[str, str] = {}  # by key, the step that makes it

    def step(self, action: Action) -> Step:
        key = action.key(self._outputs)
        if key is None:
            waits = self._lacking(action)
            self._waits[action.id] = waits
            return Step(action, Status.WAITING, waits_for=waits)
        if key in self._to_make:  # another step asks for the same: one clip serves both
            self._waits[action.id] = (self._to_make[key],)
            return Step(action, Status.FRESH, key=key, waits_for=self._waits[action.id])
        output = self._ledger.output(key)
        if output is None:
            return self._to_be_made(action, key, self._changes(action, key))
        # Known even where its bytes are gone: what follows is not stale for that.
        self._outputs[action.id] = output
        if self._store.find(output):
            return Step(action, Status.FRESH, key=key, output=output)
        gone: Plain = f"{output[:8]}… is no longer in the store"
        return self._to_be_made(action, key, (Reason("output", gone, None),))

    def _to_be_made(self, action: Action, key: str, reasons: tuple[Reason, ...]) -> Step:
        self._waits[action.id] = (action.id,)
        self._to_make[key] = action.id
        status = Status.STALE if reasons else Status.NEW
        asked_for = key in self._asked_for
        return Step(action, status, key=key, reasons=reasons, asked_for=asked_for)

    def _changes(self, action: Action, key: str) -> tuple[Reason, ...]:
        """How what is asked for differs from what the step was last built for."""
        last = self._last.get(action.id)
        before = self._ledger.asked(last) if last and last != key else None
        return differences(before, asked(action, self._outputs)) if before else ()

    def _lacking(self, action: Action) -> tuple[str, ...]:
        """The nearest steps that are sure to be made before the action's key is known."""
        lacking: dict[str, None] = {}
        for input_ in action.depends_on:
            if input_ not in self._outputs:
                lacking.update(dict.fromkeys(self._waits[input_]))
        return tuple(lacking)
