"""plan: from the graph to what a build would do, step by step, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from storyboard.asked import asked
from storyboard.facts import Take, place_of
from storyboard.graph import Action, ActionGraph
from storyboard.ledger import Lane, Ledger
from storyboard.lock import Lock
from storyboard.reasons import differences
from storyboard.source import Plain
from storyboard.steps import Plan, Reason, Status, Step
from storyboard.store import Store
from storyboard.takes import made_before, made_for


def plan(
    graph: ActionGraph,
    store: Store,
    ledger: Ledger,
    lane: Lane,
    films: Mapping[str, str],
    *,
    lock: Lock | None = None,
    remake: bool = False,
) -> Plan:
    """Say of every action whether it is to be done, and why. Nothing is written.

    Keys hold the digests of inputs, so a step is fresh when this very thing
    was made before, whatever was made in between.

    Args:
        graph: what the film is made of.
        store: holds what was made.
        ledger: tells for which keys, of what can be made again.
        lane: whose steps these are, for the reasons why one is stale.
        films: by cut id, the path of its film from the storyboard's folder.
        lock: tells for which keys, of what cannot be made again.
        remake: whether what the lock has and is not here may be made again.

    Raises:
        StoreError: the ledger cannot be read.
    """
    planner = _Planner(store, ledger, lock or Lock(), lane, remake=remake)
    return Plan(
        steps=tuple(planner.step(action) for action in graph),
        profile=lane.profile,
        films=dict(films),
    )


class _Planner:
    """What is known of the steps so far, in build order."""

    def __init__(
        self, store: Store, ledger: Ledger, lock: Lock, lane: Lane, *, remake: bool
    ) -> None:
        self._store = store
        self._here = store.held()
        self._ledger = ledger
        self._lock = lock
        self._lane = lane
        self._remake = remake
        self._last = ledger.last(lane)
        self._last_outputs = ledger.last_outputs(lane)
        self._asked_for = ledger.jobs.pending_keys()
        self._retakes = ledger.jobs.begun_retakes(lane.film)
        self._outputs: dict[str, str] = {}
        self._waits: dict[str, tuple[str, ...]] = {}
        self._to_make: dict[str, str] = {}  # by key, the step that makes it
        self._gone: set[str] = set()  # steps whose bytes are not here, and are not made

    def step(self, action: Action) -> Step:
        key = action.key(self._outputs)
        if pinned := self._pinned(action):
            return self._kept(action, key, pinned)
        if key is None:
            return self._held(action, key) or self._waiting(action)
        if key in self._to_make:  # another step asks for the same: one clip serves both
            self._waits[action.id] = (self._to_make[key],)
            return Step(action, Status.FRESH, key=key, waits_for=self._waits[action.id])
        output = self._made_for(action, key)
        if output is None:
            held = self._held(action, key)
            return held or self._to_be_made(action, key, self._changes(action, key))
        begun = 0 if action.repeatable else self._retakes[key]
        return self._found(Step(action, Status.FRESH, key=key, output=output, retakes_begun=begun))

    def _made_for(self, action: Action, key: str) -> str | None:
        if action.repeatable and key in self._last_outputs:
            return self._last_outputs[key]
        return made_for(action, key, self._outputs, self._lock, self._ledger, self._store)

    def _found(self, step: Step) -> Step:
        """A step whose output is known: as it is where the bytes are here."""
        action, output = step.action, step.output or ""
        self._outputs[action.id] = output
        if output in self._here:
            return step
        gone: Plain = f"{output[:8]}… is no longer in the store"
        if step.kept or not (action.repeatable or self._remake):
            return self._missing(step)
        if action.repeatable and self._lacks_bytes(action):
            return self._missing(step)
        return self._to_be_made(action, step.key or "", (Reason("output", gone, None),))

    def _missing(self, step: Step) -> Step:
        self._gone.add(step.action.id)
        return replace(step, status=Status.MISSING)

    def _to_be_made(self, action: Action, key: str, reasons: tuple[Reason, ...]) -> Step:
        status = Status.STALE if reasons else Status.NEW
        if self._lacks_bytes(action):
            return self._blocked(Step(action, Status.BLOCKED, key=key, reasons=reasons))
        self._waits[action.id] = (action.id,)
        self._to_make[key] = action.id
        asked_for = key in self._asked_for
        return Step(action, status, key=key, reasons=reasons, asked_for=asked_for)

    def _waiting(self, action: Action) -> Step:
        if self._lacks_bytes(action):
            return self._blocked(Step(action, Status.BLOCKED))
        waits = self._lacking(action)
        self._waits[action.id] = waits
        return Step(action, Status.WAITING, waits_for=waits)

    def _blocked(self, step: Step) -> Step:
        """A step that needs bytes which are not here."""
        gone = tuple(id_ for id_ in step.action.depends_on if id_ in self._gone)
        self._gone.add(step.action.id)
        return replace(step, waits_for=gone)

    def _lacks_bytes(self, action: Action) -> bool:
        return not self._gone.isdisjoint(action.depends_on)

    # What is kept

    def _pinned(self, action: Action) -> Take | None:
        return (
            None if action.repeatable else self._lock.pinned(place_of(action, self._lane.profile))
        )

    def _held(self, action: Action, key: str | None) -> Step | None:
        """A step that would be stale, and whose shot says `rebuild: hold`."""
        if not action.hold:
            return None
        if not action.repeatable:
            take = self._lock.kept(place_of(action, self._lane.profile))
            return self._kept(action, key, take) if take else None
        last = self._last.get(action.id)  # of what is drawn here, only this store knows
        output = self._ledger.output(last) if last else None
        if last is None or output is None or output not in self._here:
            return None
        reasons = self._against(self._ledger.asked(last), action, key)
        self._outputs[action.id] = output
        return Step(action, Status.HELD, key=key, output=output, reasons=reasons, kept=last)

    def _kept(self, action: Action, key: str | None, take: Take) -> Step:
        if take.key == key:
            return self._found(Step(action, Status.FRESH, key=key, output=take.clip, kept=key))
        return self._found(
            Step(
                action,
                Status.HELD,
                key=key,
                output=take.clip,
                reasons=self._against(take.request, action, key),
                kept=take.key,
            )
        )

    # Why

    def _changes(self, action: Action, key: str) -> tuple[Reason, ...]:
        """How what is asked for differs from what the step was last built for."""
        last = self._last.get(action.id)
        before = made_before(action, last, self._lane.profile, self._lock, self._ledger)
        known = before is not None and before.key != key
        return self._against(before.request, action, key) if before and known else ()

    def _against(
        self, before: Mapping[str, Plain] | None, action: Action, key: str | None
    ) -> tuple[Reason, ...]:
        return differences(before, asked(action, self._outputs)) if before and key else ()

    def _lacking(self, action: Action) -> tuple[str, ...]:
        """The nearest steps that are sure to be made before the action's key is known."""
        lacking: dict[str, None] = {}
        for input_ in action.depends_on:
            if input_ not in self._outputs:
                lacking.update(dict.fromkeys(self._waits[input_]))
        return tuple(lacking)
