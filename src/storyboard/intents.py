"""An intent as JSON, for the ledger: written before it is sent, read again after a crash."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from fractions import Fraction
from typing import Any

from storyboard.exchange import Intent
from storyboard.model import Size
from storyboard.provider import Prompt, Request
from storyboard.source import Plain


def intent_json(intent: Intent) -> dict[str, Plain]:
    """Everything that the intent holds but `known`, which is looked up when it is needed."""
    return {
        "key": intent.key,
        "nonce": intent.nonce,
        "made_at": intent.made_at.isoformat(),
        "count": intent.count,
        "inputs": dict(intent.inputs),
        "references": dict(intent.references),
        "request": _request_json(intent.request),
        "asked": dict(intent.asked),
    }


def read_intent(data: Mapping[str, Any]) -> Intent:
    """The intent that `intent_json` wrote, in this version or an earlier one.

    Raises:
        KeyError, TypeError, ValueError: it is none.
    """
    return Intent(
        key=data["key"],
        nonce=data["nonce"],
        made_at=datetime.fromisoformat(data["made_at"]),
        count=data["count"],
        inputs=data["inputs"],
        references=data["references"],
        request=_read_request(data["request"]),
        asked=data.get("asked", {}),
    )


def _request_json(request: Request) -> dict[str, Plain]:
    asked: dict[str, Plain] = {
        "prompts": [{"text": each.text, "duration": str(each.duration)} for each in request.prompts]
    }
    for field in fields(request):
        value = getattr(request, field.name)
        match value:
            case Fraction() | Size():
                asked[field.name] = str(value)
            case Mapping():
                asked[field.name] = dict(value)
            case (int(), int(), Fraction()) as segment:
                asked[field.name] = [segment[0], segment[1], str(segment[2])]
            case tuple() if field.name == "voices":
                asked[field.name] = list(value)
            case None | bool() | int() | str():
                asked[field.name] = value
    return asked


def _read_request(data: Mapping[str, Any]) -> Request:
    known = {field.name for field in fields(Request)}
    asked = {name: value for name, value in data.items() if name in known and value is not None}
    asked["prompts"] = tuple(
        Prompt(each["text"], Fraction(each["duration"])) for each in data["prompts"]
    )
    for name in ("duration", "fps", "cfg_scale"):
        if name in asked:
            asked[name] = Fraction(asked[name])
    if "size" in asked:
        asked["size"] = Size(*map(int, asked["size"].split("x")))
    if "segment" in asked:
        number, count, starts = asked["segment"]
        asked["segment"] = (number, count, Fraction(starts))
    asked["voices"] = tuple(asked.get("voices", ()))
    return Request(**asked)
