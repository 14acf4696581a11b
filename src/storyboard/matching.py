"""Which shot of one state of a film is which of another, and which of them have moved."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from storyboard.digest import Digestible, digest
from storyboard.graph import Action, ActionGraph, Given, Kind, Made
from storyboard.model import Storyboard
from storyboard.pipeline import Compiled
from storyboard.source import Plain
from storyboard.written import Written


class Side:
    """One of the two films, by shot."""

    def __init__(self, film: Compiled) -> None:
        self.film = film
        self.actions = {action.id: action for action in film.graph}
        self.wants = _wants(film.graph)
        self.written = Written(film.assets)
        self.steps: dict[str, list[Action]] = {name: [] for name in _shots(film.storyboard)}
        for action in film.graph:
            if action.kind is Kind.GENERATE and action.shot:
                self.steps.setdefault(action.shot, []).append(action)

    def said(self, shot: str) -> dict[str, Plain]:
        """A shot's fields as they are written; those that only one cut has under that cut's name."""
        said: dict[str, Plain] = {}
        for cut in self.film.storyboard.cuts:
            if shot not in cut.shots:
                continue
            here = self.written.shot(cut.shots[shot], cut)
            other = {name: value for name, value in here.items() if said.get(name, value) != value}
            said = here | said | {f"{name} [{cut.id}]": value for name, value in other.items()}
        return said

    def signature(self, shot: str, *, deep: bool) -> str | None:
        """What tells a shot from others whatever its id: what its steps ask for, or else all it says."""
        steps = self.steps.get(shot, [])
        if deep:
            wants: list[Digestible] = [self.wants[step.id] for step in steps]
        else:
            wants = [_own(step) for step in steps]
        said: Digestible = None if steps else {**self.said(shot)}
        return digest([wants, said]) if steps or deep else None


def same_shots(old: Side, new: Side) -> dict[str, str]:
    """By the id of a shot now, its id before: the same one, or one that asks for the very same."""
    was = {name: name for name in new.steps if name in old.steps}
    for deep in (True, False):
        gone = _by_signature(old, set(old.steps) - set(was.values()), deep=deep)
        come = _by_signature(new, set(new.steps) - set(was), deep=deep)
        for signature in come.keys() & gone.keys():
            if deep or len(come[signature]) == len(gone[signature]) == 1:
                was |= dict(zip(come[signature], gone[signature], strict=False))
    return was


def renamed_ids(old: Side, was: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """By the id of an action before, what it would be called now."""
    now = {before: name for name, before in was.items()}
    for action in old.actions.values():
        if action.shot in now:
            start = f"{action.kind.value}:"
            rest = action.id.removeprefix(start + action.shot)
            yield action.id, f"{start}{now[action.shot]}{rest}"
        else:
            yield action.id, action.id


def moved_shots(old: Side, new: Side, was: Mapping[str, str]) -> dict[str, tuple[int, int]]:
    """By shot, its places before and now, of the fewest that account for the new order."""
    moved: dict[str, tuple[int, int]] = {}
    before = {cut.id: cut for cut in old.film.storyboard.cuts}
    for cut in new.film.storyboard.cuts:
        if cut.id not in before:
            continue
        stood = {seen.shot: n for n, seen in enumerate(before[cut.id].order, 1)}
        places = [
            (seen.shot, stood[was[seen.shot]], n)
            for n, seen in enumerate(cut.order, 1)
            if was.get(seen.shot) in stood
        ]
        kept = _rising([place for _, place, _ in places])
        for number, (name, place, now) in enumerate(places):
            if number not in kept:
                moved.setdefault(name, (place, now))
    return moved


def _shots(storyboard: Storyboard) -> Iterator[str]:
    """Every shot's id: the seen ones in order, then those that only hand over frames."""
    seen = (each.shot for cut in storyboard.cuts for each in cut.order)
    all_ = (name for cut in storyboard.cuts for name in cut.shots)
    yield from dict.fromkeys((*seen, *all_))


def _by_signature(side: Side, shots: set[str], *, deep: bool) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name in side.steps:  # in their order
        if name in shots and (signature := side.signature(name, deep=deep)):
            found.setdefault(signature, []).append(name)
    return found


def _wants(graph: ActionGraph) -> dict[str, str]:
    """By action, a digest of what it asks for, that of what it needs included."""
    wants: dict[str, str] = {}
    for action in graph:  # each behind those that it needs
        key = action.key(wants)
        if key is None:
            raise ValueError(f"{action.id} stands before what it needs")
        wants[action.id] = key
    return wants


def _own(action: Action) -> str:
    """What an action asks for by itself: of what is made for it, only that there is such an input."""
    inputs: dict[str, Digestible] = {
        role: None if isinstance(source, Made) else source.digest if isinstance(source, Given) else source.text
        for role, source in action.inputs.items()
    }  # fmt: skip
    return digest([action.kind.value, action.work.canonical(), inputs])


def _rising(places: Sequence[int]) -> set[int]:
    """The indices of a longest rising run of numbers: what stayed in order."""
    from bisect import bisect_left

    tails: list[int] = []
    ends: list[int] = []
    before: list[int | None] = []
    for index, place in enumerate(places):
        at = bisect_left(tails, place)
        tails[at : at + 1] = [place]
        ends[at : at + 1] = [index]
        before.append(ends[at - 1] if at else None)
    kept: set[int] = set()
    at_: int | None = ends[-1] if ends else None
    while at_ is not None:
        kept.add(at_)
        at_ = before[at_]
    return kept
