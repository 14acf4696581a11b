"""What AI/ML API answers: jobs accepted and refused, how they stand, why they failed."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from fractions import Fraction

from storyboard.exchange import (
    Done,
    HttpResponse,
    Intent,
    JobFailed,
    Kind,
    Operation,
    Rejected,
    Result,
    Running,
    Unclear,
    Unseen,
)
from storyboard.providers.aimlapi.inputs import FIELDS
from storyboard.source import Plain

_KINDS: Mapping[int, Kind] = {401: Kind.KEY, 402: Kind.NO_CREDIT, 403: Kind.NO_CREDIT,
                              429: Kind.RATE}  # fmt: skip
"""What the statuses mean that are not about the request itself."""

_PERHAPS_ACCEPTED = frozenset({408, 409, 425, 499})
"""Statuses under 500 that do not say whether a submit was accepted."""

_REFUSALS = ("safety", "moderation", "policy", "sensitive", "risk control", "nsfw", "prohibited")
"""What stands in the words of a job that was refused: there is no code for it."""

_CREDITS_PER_USD = 2_000_000
_WAIT = 5.0
"""Seconds to wait where it asks for fewer requests and does not say for how long."""


def operation_of(intent: Intent, id_: str) -> Operation:
    """A job by its id."""
    return Operation(provider="aimlapi", model=intent.request.model, id=id_)


def submitted(intent: Intent, response: HttpResponse) -> Operation | Rejected | Unclear:
    """Accepted with an id (200, or 201 as older pages have it), refused, or nobody knows."""
    answer = response.json()
    if 200 <= response.status < 300:
        match answer:
            case {"id": str(id_)} if id_:
                return operation_of(intent, id_)
        return Unclear(f"AI/ML API answered {response.status} without the id of a job")
    words = words_of(answer) if isinstance(answer, dict) else None
    definite = 400 <= response.status < 500 and response.status not in _PERHAPS_ACCEPTED
    if words is None or not definite:
        said = f": {words}" if words else ", and nothing that can be read"
        return Unclear(f"AI/ML API answered {response.status}{said}")
    kind = _KINDS.get(response.status, Kind.INVALID)
    refused = kind is Kind.INVALID and _refuses(words)
    return Rejected(
        kind=Kind.REFUSED if refused else kind,
        words=words,
        field=_field(words) if kind is Kind.INVALID else None,
        retry_after=_seconds(response) if kind is Kind.RATE else None,
    )


def polled(operation: Operation, response: HttpResponse) -> Running | Done | JobFailed:
    """Reads the status; one that is not known, and any trouble of asking, is running."""
    answer = response.json()
    if response.status == 404 and words_of(answer):
        return Unseen()
    if response.status != 200 or not isinstance(answer, dict):
        return Running()
    match answer:
        case {"status": "completed", "video": {"url": str(url)}}:
            result = Result(url=url, id=operation.id)
            return Done(results=(result,), charged_usd=_charged(answer))
        case {"status": "error"}:
            words = words_of(answer.get("error")) or "no reason given"
            kind = Kind.REFUSED if _refuses(words) else Kind.FAULT
            # Clips that fail are not charged, as its documentation says.
            return JobFailed(kind=kind, words=words, charged_usd=Fraction(0))
    return Running()


def words_of(answer: Plain) -> str | None:
    """What an error says: `message`, which may be structured, after its name; None if nothing."""
    if not isinstance(answer, dict):
        return answer if isinstance(answer, str) and answer else None
    said = [text for key in ("name", "message") if (text := _flat(answer.get(key)))]
    return ": ".join(said) or None


def _flat(message: Plain) -> str:
    """A message as one text: validation errors may come as lists and mappings of messages."""
    match message:
        case None:
            return ""
        case dict():
            parts = [(name, _flat(value)) for name, value in message.items()]
            return "; ".join(f"{name}: {value}" for name, value in parts if value)
        case list():
            return "; ".join(filter(None, map(_flat, message)))
    return str(message)


def _refuses(words: str) -> bool:
    return any(refusal in words.casefold() for refusal in _REFUSALS)


def _field(words: str) -> str | None:
    """The shot's field that an error is about: where it names one parameter, and no other."""
    named = {FIELDS[name] for name in re.findall(r"\w+", words) if name in FIELDS}
    return named.pop() if len(named) == 1 else None


def _seconds(response: HttpResponse) -> float:
    try:
        return max(0.0, float(response.headers.get("retry-after", _WAIT)))
    except ValueError:
        return _WAIT  # a date


def _charged(answer: Mapping[str, Plain]) -> Fraction | None:
    """What a finished job says that it cost: in dollars, else in credits."""
    match answer.get("meta"):
        case {"usage": {"usd_spent": int() | float() as dollars}} if math.isfinite(dollars):
            return Fraction(str(dollars))
        case {"usage": {"credits_used": int() | float() as credits_}} if math.isfinite(credits_):
            return Fraction(str(credits_)) / _CREDITS_PER_USD
    return None
