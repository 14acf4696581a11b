"""What changed between two states of a film, as the document of `diff --json` and as text."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import click

from storyboard.changes import change
from storyboard.cli.money import price
from storyboard.comparison import Change, Comparison, CutChange, ShotChange
from storyboard.diagnostics import listed
from storyboard.source import Plain
from storyboard.steps import Reason
from storyboard.terminal import coloured

_COLORS = {
    Change.ADDED: "green", Change.REMOVED: "red", Change.CHANGED: "yellow",
    Change.FOLLOWS: "cyan", Change.FREE: "blue", Change.SAME: "blue",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two states: a revision and its commit; both None for the working tree."""

    revision: str | None = None
    commit: str | None = None

    def __str__(self) -> str:
        return f"{self.revision} ({(self.commit or '')[:7]})" if self.revision else "working tree"


def document(old: Side, new: Side, profile: str | None, found: Comparison) -> Plain:
    """The document of `diff --json`."""
    low, high = found.cost_usd
    return {
        "version": 1,
        "old": {"revision": old.revision, "commit": old.commit},
        "new": {"revision": new.revision, "commit": new.commit},
        "profile": profile,
        "film": _reasons(found.film),
        "shots": [_shot_entry(each) for each in found.shots],
        "cuts": [
            {"cut": each.cut, "change": each.change.value, "fields": _reasons(each.fields)}
            for each in found.cuts
        ],
        "totals": {
            **dict(_counts(found)),
            "cost_usd": {"low": float(low), "high": float(high)},
        },
    }


def _shot_entry(each: ShotChange) -> Plain:
    return {
        "shot": each.shot,
        "was": each.was,
        "change": each.change.value,
        "renamed": each.renamed,
        "moved": {"from": each.moved[0], "to": each.moved[1]} if each.moved else None,
        "scene": {"from": each.scene[0], "to": each.scene[1]} if each.scene else None,
        "asked": _reasons(each.asked),
        "free": _reasons(each.free),
        "after": list(each.after),
        "steps": list(each.steps),
        "made": list(each.made),
        "cost_usd": {"low": float(each.low), "high": float(each.high)},
    }


def _reasons(reasons: Iterable[Reason]) -> list[Plain]:
    return [{"field": each.field, "old": each.old, "new": each.new} for each in reasons]


def _counts(found: Comparison) -> Iterator[tuple[str, Plain]]:
    """How many clips are made again for certain, may be, and are made already."""
    steps = {s: each for each in found.shots for s in each.steps if s not in each.made}
    follow = sum(each.change is Change.FOLLOWS for each in steps.values())
    yield "generate", len(steps) - follow
    yield "follow", follow
    yield "made", sum(len(each.made) for each in found.shots)


def text(old: Side, new: Side, title: str, found: Comparison, columns: int) -> str:
    """The same for people."""
    return "\n".join(_lines(old, new, title, found, columns))


def _lines(old: Side, new: Side, title: str, found: Comparison, columns: int) -> Iterator[str]:
    color = coloured(sys.stdout)

    def style(said: str, **how: object) -> str:
        return click.style(said, **how) if color else said  # type: ignore[arg-type]

    yield f"{style(title, bold=True)} · {old} → {new}"
    if not (found.shots or found.cuts or found.film):
        yield "The same film: nothing that it is made of has changed."
        return
    for reason in found.film:
        yield f"  {'film':<8} {change(reason, columns - 11)}"
    width = max((len(_name(each)) for each in found.shots), default=0)
    for each in found.shots:
        word = style(f"{_word(each):<8}", fg=_COLORS[each.change])
        yield f"  {word} {_name(each):<{width}}  {_about(each)}".rstrip()
        for reason in each.asked:
            yield f"  {'':<8}   {style(change(reason, columns - 13), dim=True)}"
        for reason in each.free:
            yield f"  {'':<8}   {style(change(reason, columns - 20) + '  (free)', dim=True)}"
    for cut in found.cuts:
        yield from _cut_lines(cut, style(f"{'cut':<8}", fg="blue"), columns)
    yield _totals(found)


def _cut_lines(cut: CutChange, word: str, columns: int) -> Iterator[str]:
    said = "is put together anew, free of charge" if cut.change is Change.CHANGED else cut.change
    yield f"  {word} {cut.cut}: {said}"
    for reason in cut.fields:
        yield f"  {'':<8}   {change(reason, columns - 13)}"


def _word(each: ShotChange) -> str:
    if each.change is not Change.SAME:
        return each.change.value
    if each.renamed:
        return "renamed"
    return "moved"


def _name(each: ShotChange) -> str:
    return f"{each.was} → {each.shot}" if each.renamed else each.shot


def _about(each: ShotChange) -> str:
    """What is to be said of a shot beside its fields: its price, its new place."""
    said = []
    todo = [step for step in each.steps if step not in each.made]
    if len(each.steps) > 1:
        said.append(f"{len(each.steps)} clips")
    if each.high:
        said.append(
            price(each.low, each.high) if each.low else f"up to {price(each.high, each.high)}"
        )
    elif todo:
        said.append("no cost")
    if each.made:
        said.append("made already" if not todo else f"{len(each.made)} of them made already")
    if each.change is Change.FOLLOWS and each.after:
        said.append(f"if the frames of {listed(each.after, last='and', most=3)} change")
    if each.moved:
        word = "" if _word(each) == "moved" else "moved "
        said.append(f"{word}from place {each.moved[0]} to {each.moved[1]}")
    if each.scene:
        said.append(f"from scene {each.scene[0]} to {each.scene[1]}")
    return ", ".join(said)


def _totals(found: Comparison) -> str:
    counts = dict(_counts(found))
    low, high = found.cost_usd
    certain, follow, made = counts["generate"], counts["follow"], counts["made"]
    if not (certain or follow):
        said = f"all {made} clips are made already" if made else "no clip is to be made"
        return f"{said[:1].upper()}{said[1:]}: no cost."
    parts = [f"{certain} to generate"] if certain else []
    parts += [f"{follow} that may follow"] if follow else []
    parts += [f"{made} made already"] if made else []
    return f"{_in_a_row(parts)}; {price(low, high) if high else 'no cost'}."


def _in_a_row(parts: list[str]) -> str:
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)
