"""What a build would ask of each model, as the document of `requests --json` and as text."""

from __future__ import annotations

import json
from fractions import Fraction

from storyboard.digest import Digestible
from storyboard.graph import Given, InputSource, Kind, Made, Named
from storyboard.project import Project
from storyboard.provider import Request
from storyboard.source import Plain
from storyboard.steps import Plan, Step

_LONGEST = 1000  # characters without a blank: no address is as long, every picture is longer


def document(project: Project, plan: Plan, shot: str | None) -> dict[str, Plain]:
    """The document of `requests --json`: a contract. A local model has no address; its parameters are the body."""
    asked: list[Plain] = [
        {
            "step": step.action.id,
            "shot": step.action.shot,
            "segment": step.action.segment,
            "provider": (step.action.model or "").partition("/")[0],
            **(project.submit(step, plan) or _drawn(step)),
        }
        for step in plan
        if step.action.kind is Kind.GENERATE and (shot is None or step.action.shot == shot)
    ]
    return {"version": 1, "requests": asked}


def _drawn(step: Step) -> dict[str, Plain]:
    action, request = step.action, step.action.work
    if not isinstance(request, Request):
        raise TypeError(f"{action.id} generates without a request")
    body: dict[str, Plain] = {name: _plain(value) for name, value in request.canonical().items()}
    body["inputs"] = {role: _input(source) for role, source in action.inputs.items()}
    return {"method": "DRAW", "url": None, "headers": {}, "body": body}


def _plain(value: Digestible) -> Plain:
    match value:
        case Fraction():
            return int(value) if value.denominator == 1 else float(value)
        case list() | tuple():
            return [_plain(each) for each in value]
        case dict():
            return {str(name): _plain(each) for name, each in value.items()}
        case str() | int() | float() | None:
            return value
    return str(value)


def _input(source: InputSource) -> str:
    match source:
        case Made(action):
            return f"<frame of {action}>"
        case Given(path, _):
            return path
        case Named(text):
            return text


def text(asked: dict[str, Plain]) -> str:
    """The same for people: pictures within a body are cut short."""
    parts = []
    for entry in asked["requests"] if isinstance(asked["requests"], list) else []:
        if isinstance(entry, dict) and isinstance(entry["headers"], dict):
            lines = [f"{entry['step']}  {entry['method']} {entry['url'] or entry['provider']}"]
            lines += [f"{name}: {value}" for name, value in entry["headers"].items()]
            lines.append(json.dumps(_cut(entry["body"]), ensure_ascii=False, indent=2))
            parts.append("\n".join(lines))
    return "\n\n".join(parts) or "Nothing is asked of any model."


def _cut(value: Plain) -> Plain:
    match value:
        case str() if len(value) > _LONGEST and " " not in value:
            return f"{value[:60]}… ({len(value)} characters)"
        case list():
            return [_cut(each) for each in value]
        case dict():
            return {name: _cut(each) for name, each in value.items()}
    return value
