"""Why a shot stands as it does, as the document of `explain --json` and as text."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from storyboard.changes import change, source_in_words
from storyboard.cli.money import price
from storyboard.cli.plans import COLORS
from storyboard.consent import dollars
from storyboard.diagnostics import listed
from storyboard.graph import Given, Made, Named
from storyboard.provider import Request
from storyboard.source import Plain
from storyboard.steps import Status, Step
from storyboard.terminal import coloured
from storyboard.why import Hop, Input, Why

_SHORT = 8  # digits of a digest that tell two pictures apart on a screen
_MOST = 10  # clips of a way that are shown


def document(shot: str, profile: str | None, found: Sequence[Why]) -> Plain:
    """The document of `explain --json`."""
    return {
        "version": 1,
        "shot": shot,
        "profile": profile,
        "steps": [_entry(each) for each in found],
    }


def _entry(why: Why) -> Plain:
    step = why.step
    low, high = step.cost_usd
    take = why.take
    return {
        "id": step.action.id,
        "segment": step.action.segment,
        "status": step.status.value,
        "key": step.key,
        "model": step.action.model,
        "reasons": [
            {"field": each.field, "old": each.old, "new": each.new} for each in why.reasons
        ],
        "inputs": [_input_entry(each) for each in why.inputs],
        "waits_for": list(step.waits_for),
        "path": [
            {
                "id": each.step.action.id,
                "shot": each.step.action.shot,
                "status": each.step.status.value,
                "given": each.given,
                "reasons": [
                    {"field": one.field, "old": one.old, "new": one.new} for one in each.reasons
                ],
            }
            for each in why.path
        ],
        "decided": why.decided,
        "cost_usd": {"low": float(low), "high": float(high)},
        "asked_for": step.asked_for,
        "clip": str(why.clip) if why.clip else None,
        "take": None
        if take is None
        else {
            "job": take.operation.id if take.operation else None,
            "state": take.state.value,
            "charged_usd": None if take.charged is None else float(take.charged),
            "date": take.created_at.isoformat(),
        },
        "followers": list(why.followers),
    }


def _input_entry(each: Input) -> Plain:
    match each.source:
        case Made(action):
            origin = action
        case Given(path, _):
            origin = path
        case Named(text):
            origin = text
    now = each.source.digest if isinstance(each.source, Given) else None
    if each.maker is not None:
        now = each.maker.output
    return {"role": each.role, "from": origin, "digest": now, "before": each.before}


def text(shot: str, found: Sequence[Why], columns: int) -> str:
    """The same for people."""
    if not found:
        return f"{shot} is footage: it is cut in as it is, and nothing is generated for it."
    return "\n\n".join("\n".join(_lines(each, columns)) for each in found)


def _lines(why: Why, columns: int) -> Iterator[str]:
    step = why.step
    color = coloured(sys.stdout)

    def style(said: str, **how: object) -> str:
        return click.style(said, **how) if color else said  # type: ignore[arg-type]

    request = step.action.work
    asked = f", asked for {float(request.duration):g} s" if isinstance(request, Request) else ""
    status = style(step.status.value, fg=COLORS[step.status])
    yield f"{style(_name(step), bold=True)} is {status}: {_verdict(why)}"
    yield ""
    for reason in why.reasons:
        yield f"  {change(reason, columns - 2)}"
    if why.reasons:
        yield ""
    yield f"  {'model':<12} {step.action.model}{asked}"
    for each in why.inputs:
        yield f"  {each.role.replace('_', ' '):<12} {_input(each)}"
    if why.clip:
        yield f"  {'clip' if step.status is Status.FRESH else 'clip so far':<12} {_seen_from_here(why.clip)}"
    if why.take and why.take.operation:
        yield f"  {'take':<12} {_take(why)}"
    yield f"  {'cost':<12} {_cost(why)}"
    if why.followers:
        yield f"  {'gives frames':<12} to {listed(why.followers, last='and')}"
    if why.path:
        yield ""
        yield from _way(why.path, columns)
        yield ""
        yield from _decision(why)


def _verdict(why: Why) -> str:
    step = why.step
    match step.status:
        case Status.FRESH if step.waits_for:
            other = step.waits_for[0].partition(":")[2]
            return f"it asks for the very clip that {other} asks for, and shares it."
        case Status.FRESH:
            return "its clip was made for exactly this request and these frames."
        case Status.NEW:
            return "no clip was ever made for it."
        case Status.STALE:
            return "what is asked for now is not what its clip was made for:"
        case Status.WAITING:
            cause = ", ".join(each.partition(":")[2] for each in step.waits_for)
            return f"its frame is not there before {cause} is made."
        case Status.HELD:
            return "its take is kept, though another clip would be asked for now."
        case Status.MISSING:
            return "a clip was made for it, and its bytes are not here."
    return "something that it needs failed."


def _input(each: Input) -> str:
    match each.source:
        case Given(path, digest):
            return f"{path} ({digest[:_SHORT]})"
        case Named(text):
            return text
        case Made(action):
            said = source_in_words(action)
            maker = each.maker
            if maker is None:
                return said
            if maker.output:
                return f"{said} ({maker.output[:_SHORT]}, at hand)"
            before = f"; before, it was {each.before[:_SHORT]}" if each.before else ""
            return f"{said} (not made yet{before})"


def _take(why: Why) -> str:
    take = why.take
    if take is None or take.operation is None:
        return ""
    charged = f", {dollars(take.charged)} charged" if take.charged is not None else ""
    if charged and take.brought > 1:
        charged += f" for {take.brought} takes"
    return f"job {take.operation.id} of {take.created_at:%Y-%m-%d}, {take.state.value}{charged}"


def _cost(why: Why) -> str:
    step = why.step
    low, high = step.cost_usd
    if step.asked_for:
        return "nothing more: it is asked for already"
    if not high:
        free = step.to_do and not step.action.cost[1]
        return "nothing: it is drawn on this machine" if free else "nothing"
    if step.status is not Status.WAITING:
        return price(low, high)
    whole = price(*step.action.cost)
    return whole if why.decided else f"nothing, or {whole} if it follows"


def _way(path: Sequence[Hop], columns: int) -> Iterator[str]:
    """From the change down to the step, a line a clip; the middle of a long way is left out."""
    width = max(len(_name(each.step)) for each in path)
    skipped = range(_MOST // 2, len(path) - _MOST // 2) if len(path) > _MOST else range(0)
    for number, each in enumerate(path):
        if number in skipped:
            if number == skipped.start:
                yield f"  … {len(skipped)} more, each from the one before"
            continue
        given = f"  needs {source_in_words(each.given)}" if each.given else ""
        yield f"  {_name(each.step):<{width}}  {each.step.status.value:<7}{given}".rstrip()
        for reason in each.reasons:
            yield f"  {'':<{width}}  {change(reason, columns - width - 4)}"


def _decision(why: Why) -> Iterator[str]:
    name = _name(why.step)
    if why.reasons:
        fields = listed([each.field for each in why.reasons], last="and")
        yield f"  {name} is made again whatever its frames will be: its own {fields} changed."
        return
    if why.decided:
        yield f"  {name} was never made: it is made as soon as its frames are there."
        return
    made = [each for each in why.inputs if isinstance(each.source, Made) and each.before]
    frames = " and ".join(source_in_words(each.source.action) for each in made if isinstance(each.source, Made))  # fmt: skip
    yield f"  If {frames} comes out with the same bytes as before, {name} stays"
    yield "  fresh and costs nothing: the rebuild stops there. Any other picture, and it follows."
    if why.another:
        first = why.path[0].step.action
        yield f"  {first.model} never makes the same clip twice: expect that it follows."


def _name(step: Step) -> str:
    return step.action.id.partition(":")[2]


def _seen_from_here(path: Path) -> str:
    near = os.path.relpath(path)
    return str(path) if near.startswith(os.pardir + os.sep + os.pardir) else near
