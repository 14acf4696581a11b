"""A plan, as a table and as the document of `plan --json`."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import groupby

import click

from storyboard.changes import change
from storyboard.cli.money import price
from storyboard.diagnostics import listed
from storyboard.graph import Kind
from storyboard.passages import CutWork, FormatWork
from storyboard.source import Plain
from storyboard.steps import Plan, Status, Step
from storyboard.terminal import coloured

COLORS = {
    Status.FRESH: "green", Status.NEW: "yellow", Status.STALE: "yellow", Status.WAITING: "cyan",
    Status.HELD: "blue", Status.MISSING: "red", Status.BLOCKED: "red",
}  # fmt: skip

_LONG = 40
"""Lines of a plan that are not folded yet."""
_FOLDED = 4
"""Clips in a row that share a line."""


def document(plan: Plan) -> Plain:
    """The document of `plan --json`: a contract."""
    low, high = plan.cost_usd
    return {
        "version": 1,
        "profile": plan.profile,
        "steps": [_entry(step) for step in plan],
        "totals": {
            "generate": plan.to_generate,
            "cost_usd": {"low": float(low), "high": float(high)},
        },
    }


def _entry(step: Step) -> Plain:
    action = step.action
    entry: dict[str, Plain] = {
        "id": action.id,
        "kind": action.kind.value,
        "shot": action.shot,
        "segment": action.segment,
        "status": step.status.value,
        "reasons": [
            {"field": each.field, "old": each.old, "new": each.new} for each in step.reasons
        ],
        "waits_for": list(step.waits_for),
        "model": action.model,
        "duration_s": None if action.seconds is None else float(action.seconds),
        "generated_s": _asked(step),
        "notes": list(action.notes),
        "cuts": list(action.cuts),
    }
    if action.kind is Kind.GENERATE:
        entry["asked_for"] = step.asked_for
        entry["retakes_begun"] = step.retakes_begun
        low, high = step.cost_usd
        entry["cost_usd"] = {"low": float(low), "high": float(high)}
    return entry


def _asked(step: Step) -> float | None:
    from storyboard.provider import Request

    work = step.action.work
    return float(work.duration) if isinstance(work, Request) else None


def table(plan: Plan, title: str, columns: int, *, fold: bool = False) -> str:
    """The plan for people: a line a clip and a cut, reasons below; frames only where they matter.

    Args:
        plan: what is shown.
        title: the film's.
        columns: how wide reasons may be.
        fold: whether, in a long plan, clips in a row that stand alike share a line.
    """
    return "\n".join(_lines(plan, title, columns, fold=fold))


def _lines(plan: Plan, title: str, columns: int, *, fold: bool) -> Iterator[str]:
    color = coloured(sys.stdout)

    def style(text: str, **how: object) -> str:
        return click.style(text, **how) if color else text  # type: ignore[arg-type]

    yield style(title, bold=True) + (f" · {plan.profile}" if plan.profile else "")
    shown = plan.in_short()
    rows = _rows(shown, fold=fold and len(shown) > _LONG)
    width = max((len(_names(row)) for row in rows), default=0)
    priced = [row for row in rows if _cost(row) or _notes(row)]
    makers = max((len(_maker(row)) for row in priced), default=0)
    costs = max((len(_cost(row)) for row in priced), default=0)
    for row in rows:
        step = row[0]
        status = style(f"{step.status.value:<8}", fg=COLORS[step.status])
        what = _maker(row)
        if row in priced:
            cost = f"  {_cost(row):>{costs}}" if costs else ""
            what = f"{what:<{makers}}{cost}  {_notes(row)}"
        yield f"  {status} {_names(row):<{width}} {_seconds(row)}  {what}".rstrip()
        for note in step.action.notes:
            yield f"  {'':<8} {'':<{width}}   {style(note, dim=True)}"
        for reason in step.reasons:
            yield f"  {'':<8}   {style(change(reason, columns - 12), dim=True)}"
    yield _totals(plan)


def _rows(steps: Sequence[Step], *, fold: bool) -> list[tuple[Step, ...]]:
    """The steps, each on its own, or those in a row together that stand alike."""
    if not fold:
        return [(step,) for step in steps]
    rows: list[tuple[Step, ...]] = []
    for alike, run in groupby(steps, key=_standing):
        together = tuple(run)
        if alike is None or len(together) < _FOLDED:
            rows += [(step,) for step in together]
        else:
            rows.append(together)
    return rows


def _standing(step: Step) -> tuple[object, ...] | None:
    """What a line says of a step beside its name; None where it says more, or the step is a cut."""
    if step.action.kind is not Kind.GENERATE or step.reasons or step.action.notes:
        return None
    return step.status, step.action.model, step.waits_for, step.asked_for, step.retakes_begun


def _names(row: tuple[Step, ...]) -> str:
    if len(row) == 1:
        return _name(row[0])
    return f"{_name(row[0])} … {_name(row[-1])} ({len(row)} clips)"


def _seconds(row: tuple[Step, ...]) -> str:
    lengths = [step.action.seconds for step in row if step.action.seconds is not None]
    return f"{float(sum(lengths)):7.2f} s" if lengths else " " * 9


def _name(step: Step) -> str:
    kind, _, rest = step.action.id.partition(":")
    return rest if kind == Kind.GENERATE else step.action.id


def _maker(row: tuple[Step, ...]) -> str:
    """The model that makes the clips of a row; of a cut how long it is."""
    action = row[0].action
    if action.kind is Kind.CUT and isinstance(action.work, CutWork | FormatWork):
        return f"{action.work.edit.frames} frames"
    return action.model or ""


def _cost(row: tuple[Step, ...]) -> str:
    costs = [each.cost_usd for each in row if each.to_do]
    low, high = (sum((cost[end] for cost in costs), Fraction(0)) for end in (0, 1))
    return price(low, high) if high else ""


def _notes(row: tuple[Step, ...]) -> str:
    """What there is to know of a row beside its price."""
    step = row[0]
    waits = ", ".join(each.partition(":")[2] for each in step.waits_for)
    if step.status is Status.WAITING and waits and step.action.kind is not Kind.CUT:
        return f"(after {waits})"
    if step.asked_for:
        return "(asked for already: nothing more to pay)"
    return "(a retake is under way)" if step.retakes_begun else ""


def _retakes(plan: Plan) -> str:
    """A sentence on retakes that were begun, with a space before it; nothing without any."""
    shots = dict.fromkeys(step.action.shot or "" for step in plan if step.retakes_begun)
    if not shots:
        return ""
    one = len(shots) == 1
    return (
        f" {'A retake' if one else 'Retakes'} of {listed(list(shots), last='and')}"
        f" {'is' if one else 'are'} under way: a build uses {'it' if one else 'each'} once it has"
        f" come, and makes anew what follows; `storyboard retake {next(iter(shots))}` waits for it."
    )


def _totals(plan: Plan) -> str:
    low, high = plan.cost_usd
    count = plan.to_generate
    missing = sum(step.status is Status.MISSING and not step.action.repeatable for step in plan)
    lacking = (
        f" {missing} clip{'s' if missing > 1 else ''} of the lock"
        f" {'are' if missing > 1 else 'is'} not here: copy .storyboard/blobs from where the film"
        " was built, or pay for new ones with `build --remake-missing`."
        if missing
        else ""
    )
    lacking += _retakes(plan)
    if not any(step.to_do for step in plan):
        return f"Nothing to do.{lacking}" if lacking else "Nothing to do: everything is fresh."
    certain = sum(
        step.status in {Status.NEW, Status.STALE}
        for step in plan
        if step.action.kind is Kind.GENERATE
    )
    said = f"{count} to generate"
    if count > certain:
        waiting = count - certain
        wait = "waits for its frames" if waiting == 1 else "wait for their frames"
        change_ = "its frames change" if count == 1 else "their frames change"
        said = (
            f"{certain} to generate, and {waiting} that {wait}"
            if certain
            else f"{count} to generate if {change_}"
        )
    return f"{said}; {price(low, high) if high else 'no cost'}.{lacking}"
