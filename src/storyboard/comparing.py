"""Two states of a film against each other, shot by shot: what changed, and what that has made again.

Steps are told apart by what they ask for, down to the files that they start
from: an input that another step makes counts by what *that* asks for, not by
its bytes. So films can be compared of which nothing was ever built.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction

from storyboard.asked import wanted
from storyboard.comparison import Change, Comparison, CutChange, ShotChange
from storyboard.graph import Action, Kind
from storyboard.matching import Side, moved_shots, renamed_ids, same_shots
from storyboard.pipeline import Compiled
from storyboard.reasons import differences
from storyboard.source import Plain
from storyboard.steps import Plan, Reason, Status


def compare(old: Compiled, new: Compiled, plan: Plan) -> Comparison:
    """What became of each shot.

    Args:
        old: the film before.
        new: the film now.
        plan: of the new one: what is made already costs nothing.
    """
    return _Comparing(old, new, plan).comparison()


class _Comparing:
    def __init__(self, old: Compiled, new: Compiled, plan: Plan) -> None:
        self._old, self._new = Side(old), Side(new)
        self._planned = {step.action.id: step for step in plan}
        self._was = same_shots(self._old, self._new)
        self._ids = dict(renamed_ids(self._old, self._was))
        self._counterparts = {now: before for before, now in self._ids.items()}
        self._known = {want for id_, want in self._old.wants.items() if _generates(id_)}

    def comparison(self) -> Comparison:
        moved = moved_shots(self._old, self._new, self._was)
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

    # One shot

    def _shot(self, name: str, moved: tuple[int, int] | None) -> ShotChange:
        was = self._was.get(name)
        steps = [s for s in self._new.steps[name] if self._new.wants[s.id] not in self._known]
        asked = _once(reason for step in steps for reason in self._asked(step))
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


def _once(reasons: Iterable[Reason]) -> tuple[Reason, ...]:
    """Each reason once, in order. They hold lists too, so that no set can hold them."""
    found: list[Reason] = []
    for reason in reasons:
        if reason not in found:
            found.append(reason)
    return tuple(found)


def _scene_of(side: Side, shot: str) -> str:
    cuts = side.film.storyboard.cuts
    return next((cut.shots[shot].scene for cut in cuts if shot in cut.shots), "")
