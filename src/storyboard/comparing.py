"""Two states of a film against each other, shot by shot: what changed, and what that has made again.

Steps are told apart by what they ask for, down to the files that they start
from: an input that another step makes counts by what *that* asks for, not by
its bytes. So films can be compared of which nothing was ever built.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from storyboard.asked import wanted
from storyboard.digest import Digestible, digest
from storyboard.graph import Action, ActionGraph, Given, Kind, Made
from storyboard.model import Storyboard
from storyboard.pipeline import Compiled
from storyboard.reasons import differences
from storyboard.source import Plain
from storyboard.steps import Plan, Reason, Status
from storyboard.written import Written


class Change(StrEnum):
    """What became of a shot."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"  # something else is asked for
    FOLLOWS = "follows"  # it is given frames of a shot that changed
    FREE = "free"  # only what the film is put together with, or nothing
    SAME = "same"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShotChange:
    """A shot that is not what it was, or not where.

    Attributes:
        was: its id before; None for one that was added.
        asked: the fields in which other clips are asked for.
        free: those that only the putting together of the film has to do with.
        after: the shots whose change it follows.
        moved: its place before and now, from 1, where that changed for itself.
        scene: its scene before and now, where that changed.
        steps: the generate steps that are to be made again, or may be.
        made: those of them that are made already, for just this.
        low: US dollars, and `high` at most, that the others cost.
    """

    shot: str
    change: Change
    was: str | None = None
    asked: tuple[Reason, ...] = ()
    free: tuple[Reason, ...] = ()
    after: tuple[str, ...] = ()
    moved: tuple[int, int] | None = None
    scene: tuple[str, str] | None = None
    steps: tuple[str, ...] = ()
    made: tuple[str, ...] = ()
    low: Fraction = Fraction(0)
    high: Fraction = Fraction(0)

    @property
    def renamed(self) -> bool:
        """Whether it has another id for the same."""
        return self.was not in {None, self.shot}


@dataclass(frozen=True, slots=True)
class CutChange:
    """A cut that is not what it was; that costs nothing."""

    cut: str
    change: Change
    fields: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two states of a film.

    Attributes:
        film: fields of the whole film that changed.
    """

    shots: tuple[ShotChange, ...]
    cuts: tuple[CutChange, ...]
    film: tuple[Reason, ...]

    @property
    def cost_usd(self) -> tuple[Fraction, Fraction]:
        """Low and high of all that is to be made again."""
        return (
            sum((each.low for each in self.shots), Fraction(0)),
            sum((each.high for each in self.shots), Fraction(0)),
        )


def compare(old: Compiled, new: Compiled, plan: Plan) -> Comparison:
    """What became of each shot.

    Args:
        old: the film before.
        new: the film now.
        plan: of the new one: what is made already costs nothing.
    """
    return _Comparing(old, new, plan).comparison()


class _Side:
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


class _Comparing:
    def __init__(self, old: Compiled, new: Compiled, plan: Plan) -> None:
        self._old, self._new = _Side(old), _Side(new)
        self._planned = {step.action.id: step for step in plan}
        self._was = self._same_shots()
        self._ids = dict(self._renamed_ids())
        self._counterparts = {now: before for before, now in self._ids.items()}
        self._known = {want for id_, want in self._old.wants.items() if _generates(id_)}

    def comparison(self) -> Comparison:
        moved = self._moved()
        changes = [self._shot(name, moved.get(name)) for name in self._new.steps]
        gone = set(self._old.steps) - set(self._was.values())
        changes += [
            ShotChange(shot=name, was=name, change=Change.REMOVED)
            for name in self._old.steps
            if name in gone
        ]
        return Comparison(
            shots=tuple(each for each in changes if _worth_telling(each)),
            cuts=tuple(self._cuts()),
            film=differences(
                *(
                    {"work": side.written.film(side.film.storyboard)}
                    for side in (self._old, self._new)
                )
            ),
        )

    # Which shot is which

    def _same_shots(self) -> dict[str, str]:
        """By shot now, its id before: the same one, or one that asks for the very same."""
        was = {name: name for name in self._new.steps if name in self._old.steps}
        for deep in (True, False):
            gone = _by_signature(self._old, set(self._old.steps) - set(was.values()), deep=deep)
            come = _by_signature(self._new, set(self._new.steps) - set(was), deep=deep)
            for signature in come.keys() & gone.keys():
                if deep or len(come[signature]) == len(gone[signature]) == 1:
                    was |= dict(zip(come[signature], gone[signature], strict=False))
        return was

    def _renamed_ids(self) -> Iterator[tuple[str, str]]:
        """By the id of an action before, what it would be called now."""
        now = {before: name for name, before in self._was.items()}
        for action in self._old.actions.values():
            if action.shot in now:
                start = f"{action.kind.value}:"
                rest = action.id.removeprefix(start + action.shot)
                yield action.id, f"{start}{now[action.shot]}{rest}"
            else:
                yield action.id, action.id

    def _moved(self) -> dict[str, tuple[int, int]]:
        """By shot, its places before and now, of the fewest that account for the new order."""
        moved: dict[str, tuple[int, int]] = {}
        before = {cut.id: cut for cut in self._old.film.storyboard.cuts}
        for cut in self._new.film.storyboard.cuts:
            if cut.id not in before:
                continue
            was = {seen.shot: n for n, seen in enumerate(before[cut.id].order, 1)}
            places = [
                (seen.shot, was[self._was[seen.shot]], n)
                for n, seen in enumerate(cut.order, 1)
                if self._was.get(seen.shot) in was
            ]
            kept = _rising([place for _, place, _ in places])
            for number, (name, place, now) in enumerate(places):
                if number not in kept:
                    moved.setdefault(name, (place, now))
        return moved

    # One shot

    def _shot(self, name: str, moved: tuple[int, int] | None) -> ShotChange:
        was = self._was.get(name)
        steps = [s for s in self._new.steps[name] if self._new.wants[s.id] not in self._known]
        asked = tuple(dict.fromkeys(reason for step in steps for reason in self._asked(step)))
        free = self._free(name, was, asked) if was else ()
        own = {step.id for step in steps if was is None or self._asked(step)}
        low, high = self._cost(steps, own)
        if was is None:
            change = Change.ADDED
        elif asked or own:
            change = Change.CHANGED
        elif steps:
            change = Change.FOLLOWS
        else:
            change = Change.FREE if free else Change.SAME
        return ShotChange(
            shot=name,
            change=change,
            was=was,
            asked=asked if was else (),
            free=free,
            after=tuple(dict.fromkeys(a for step in steps for a in self._after(name, step))),
            moved=moved,
            scene=self._scene(name, was),
            steps=tuple(step.id for step in steps),
            made=tuple(step.id for step in steps if self._is_made(step)),
            low=low,
            high=high,
        )

    def _asked(self, action: Action) -> tuple[Reason, ...]:
        """The fields in which an action itself asks for something else."""
        before = self._old.actions.get(self._counterparts.get(action.id, ""))
        if before is None:  # the shot is made of other clips than it was
            shot = action.shot or ""
            written = self._rewritten(shot, self._was[shot]) if shot in self._was else ()
            segment = (Reason("segment", None, action.segment),) if action.segment else ()
            return written or segment
        return differences(self._called_now(wanted(before)), wanted(action))

    def _called_now(self, asked: dict[str, Plain]) -> dict[str, Plain]:
        """What was asked for, its inputs by the names that they have now."""
        inputs = asked["inputs"]
        renamed: dict[str, Plain] = {}
        for role, source in (inputs if isinstance(inputs, dict) else {}).items():
            renamed[role] = source
            if isinstance(source, dict) and source.keys() == {"from"}:
                renamed[role] = {"from": self._ids.get(str(source["from"]), source["from"])}
        return asked | {"inputs": renamed}

    def _free(self, name: str, was: str, asked: Iterable[Reason]) -> tuple[Reason, ...]:
        told = {_root(reason.field) for reason in asked}
        found = self._rewritten(name, was)
        return tuple(each for each in found if not _TOLD_AS.get(_root(each.field), {_root(each.field)}) & told)  # fmt: skip

    def _rewritten(self, name: str, was: str) -> tuple[Reason, ...]:
        """The fields of a shot that are written otherwise."""
        return differences({"work": self._old.said(was)}, {"work": self._new.said(name)})

    def _after(self, shot: str, action: Action) -> Iterator[str]:
        """The nearest shots before a shot's action whose clips or frames are asked for otherwise."""
        for id_ in action.depends_on:
            needed = self._new.actions[id_]
            before = self._old.wants.get(self._counterparts.get(id_, ""))
            if before == self._new.wants[id_] or not needed.shot:
                continue
            if self._asked(needed) or id_ not in self._counterparts:
                if needed.shot != shot:
                    yield needed.shot
            else:
                yield from self._after(shot, needed)

    def _scene(self, name: str, was: str | None) -> tuple[str, str] | None:
        if was is None:
            return None
        before, now = _scene_of(self._old, was), _scene_of(self._new, name)
        return (before, now) if before != now else None

    def _is_made(self, step: Action) -> bool:
        planned = self._planned.get(step.id)
        return planned is not None and planned.status is Status.FRESH and not planned.waits_for

    def _cost(self, steps: Iterable[Action], own: set[str]) -> tuple[Fraction, Fraction]:
        low = high = Fraction(0)
        for step in steps:
            planned = self._planned.get(step.id)
            if planned is None:
                continue
            least, most = planned.cost_usd
            if planned.status is Status.WAITING and step.id in own and not planned.asked_for:
                least = step.price[0]  # it waits, but is made whatever its frames are
            low, high = low + least, high + most
        return low, high

    # Cuts

    def _cuts(self) -> Iterator[CutChange]:
        before = {cut.id: cut for cut in self._old.film.storyboard.cuts}
        now = {cut.id: cut for cut in self._new.film.storyboard.cuts}
        for name, cut in now.items():
            if name not in before:
                yield CutChange(name, Change.ADDED)
                continue
            changed = differences(
                {"work": self._old.written.cut(before[name])},
                {"work": self._new.written.cut(cut)},
            )
            want = self._old.wants.get(f"cut:{name}") != self._new.wants.get(f"cut:{name}")
            if changed or want:
                yield CutChange(name, Change.CHANGED, changed)
        for name in before:
            if name not in now:
                yield CutChange(name, Change.REMOVED)


# By which field of a request it is told that a field of a shot changed.
_TOLD_AS: Mapping[str, set[str]] = {
    "prompt": {"prompt", "multi_prompt", "segment"},
    "multi_prompt": {"prompt", "multi_prompt", "segment"},
    "multi_prompt_mode": {"prompt", "multi_prompt", "segment"},
    "still": {"first_frame", "still"},
    "move": {"prompt", "options", "move"},
}


def _worth_telling(each: ShotChange) -> bool:
    return each.change is not Change.SAME or each.renamed or bool(each.moved or each.scene)


def _generates(id_: str) -> bool:
    return id_.startswith(f"{Kind.GENERATE}:")


def _root(field: str) -> str:
    return field.partition(".")[0].partition("[")[0].partition(" ")[0]


def _shots(storyboard: Storyboard) -> Iterator[str]:
    """Every shot's id: the seen ones in order, then those that only hand over frames."""
    seen = (each.shot for cut in storyboard.cuts for each in cut.order)
    all_ = (name for cut in storyboard.cuts for name in cut.shots)
    yield from dict.fromkeys((*seen, *all_))


def _scene_of(side: _Side, shot: str) -> str:
    cuts = side.film.storyboard.cuts
    return next((cut.shots[shot].scene for cut in cuts if shot in cut.shots), "")


def _by_signature(side: _Side, shots: set[str], *, deep: bool) -> dict[str, list[str]]:
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
