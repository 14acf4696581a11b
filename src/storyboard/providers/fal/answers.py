"""What fal answers: jobs accepted and refused, how they stand, why they failed.

A failed job is `COMPLETED` too: its status may hold the error, and what the
result's address answers is then the model's own, with the guilty input.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from storyboard.exchange import (
    Done,
    HttpRequest,
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
from storyboard.providers.fal.addresses import operation_of
from storyboard.providers.fal.inputs import FIELDS
from storyboard.source import Plain

_KINDS: Mapping[str, Kind] = {
    "content_policy_violation": Kind.REFUSED,
    "client_cancelled": Kind.CANCELLED,
    "client_disconnected": Kind.CANCELLED,
    "concurrent_requests_limit": Kind.RATE,
    "request_timeout": Kind.BUSY,
    "runner_scheduling_failure": Kind.BUSY,
    "downstream_service_error": Kind.FAULT,
    "downstream_service_unavailable": Kind.FAULT,
    "generation_timeout": Kind.FAULT,
    "internal_error": Kind.FAULT,
    "internal_server_error": Kind.FAULT,
    "no_media_generated": Kind.FAULT,
    "startup_timeout": Kind.FAULT,
}
"""What fal's types of errors mean; `runner_…` are faults, and the others are of the input."""

_BY_STATUS: Mapping[int, Kind] = {401: Kind.KEY, 402: Kind.NO_CREDIT, 403: Kind.KEY,
                                  429: Kind.RATE, 499: Kind.CANCELLED}  # fmt: skip

_ABOUT_THE_CALLER = frozenset({401, 402, 403, 408, 429})
"""Statuses that say nothing about a job: asking again later may be answered."""

_PERHAPS_ACCEPTED = frozenset({408, 409, 425, 499})
"""Statuses under 500 that do not say whether a submit was accepted."""

_WAIT = 5.0
"""Seconds to wait where fal asks for fewer requests and does not say for how long."""


@dataclass(frozen=True, slots=True)
class Problem:
    """An error of fal's: what it means, its own words, the shot's field that it is about."""

    kind: Kind
    words: str
    field: str | None = None


def submitted(intent: Intent, response: HttpResponse) -> Operation | Rejected | Unclear:
    """What the answer to a submit says."""
    answer = response.json()
    if 200 <= response.status < 300:
        if isinstance(answer, dict) and isinstance(id_ := answer.get("request_id"), str) and id_:
            return operation_of(intent, id_, answer)
        return Unclear(f"fal answered {response.status} without the id of a request")
    found = problem(response.status, answer, response.headers)
    definite = 400 <= response.status < 500 and response.status not in _PERHAPS_ACCEPTED
    if found is None or not definite:
        said = f": {found.words}" if found else ", and nothing that can be read"
        return Unclear(f"fal answered {response.status}{said}")
    return rejected(response)


def rejected(response: HttpResponse) -> Rejected:
    """A definite no, in fal's words; or what can be said of an answer without any."""
    found = problem(response.status, response.json(), response.headers) or Problem(
        _BY_STATUS.get(response.status, Kind.FAULT),
        f"fal answered {response.status}, and nothing that can be read",
    )
    again = found.kind is Kind.RATE or response.status >= 500
    return Rejected(
        kind=found.kind,
        words=found.words,
        field=found.field,
        retry_after=_seconds(response.headers.get("retry-after")) if again else None,
    )


def _seconds(header: str | None) -> float:
    try:
        return max(0.0, float(header or _WAIT))
    except ValueError:
        return _WAIT  # a date


def polled(
    operation: Operation, response: HttpResponse
) -> Running | Done | JobFailed | HttpRequest:
    """What the answer to one of the questions after a job says; or the next question."""
    answer = response.json()
    if not isinstance(answer, dict):
        answer = {}
    match response.memo.get("asked"):
        case "result":
            return _result(operation, response, answer)
        case "record":
            return _record(operation, answer)
    match answer.get("status"):
        case "IN_QUEUE":
            position = answer.get("queue_position")
            return Running(queue_position=position if isinstance(position, int) else None)
        case "COMPLETED":
            return _ask(operation, "response", "result", **_error_of(answer))
        case "NOT_FOUND":  # the queue forgets a job about an hour after its end
            return _ask(operation, "record", "record")
    return Running()


def cancelled(response: HttpResponse) -> bool | None:
    """What the answer to a cancellation says: whether the job will be ended."""
    match response.json():
        case {"status": "CANCELLATION_REQUESTED"}:
            return True
        case {"status": "ALREADY_COMPLETED" | "NOT_FOUND"}:
            return False
    return None


def _ask(operation: Operation, url: str, question: str, **memo: str) -> HttpRequest:
    return HttpRequest(method="GET", url=operation.urls[url], memo={"asked": question, **memo})


def _error_of(answer: Mapping[str, Plain]) -> dict[str, str]:
    """The error that a status tells, as a memo of the next question."""
    told = {"error": answer.get("error"), "error_type": answer.get("error_type")}
    return {name: str(value) for name, value in told.items() if value}


def _result(
    operation: Operation, response: HttpResponse, answer: Mapping[str, Plain]
) -> Running | Done | JobFailed | HttpRequest:
    if response.status == 200 and (url := _clip(answer)):
        return Done(results=(Result(url=url, id=operation.id),))
    found = problem(response.status, dict(answer), response.headers)
    told = response.memo.get("error") or response.memo.get("error_type")
    if told:  # that it failed is known; perhaps the answer says more about it
        type_ = response.memo.get("error_type", "")
        if found is None or not _is_final(operation, response, answer):
            found = Problem(_kind(type_, 500), told)
        return JobFailed(kind=found.kind, words=found.words, field=found.field)
    if found and _is_final(operation, response, answer):
        return JobFailed(kind=found.kind, words=found.words, field=found.field)
    return _ask(operation, "record", "record") if response.status == 404 else Running()


def _is_final(operation: Operation, response: HttpResponse, answer: Mapping[str, Plain]) -> bool:
    """Whether an error at the result's address is the job's own, not one of asking.

    "Still in progress" has no type. A gateway's error does not name the request.
    """
    status = response.status
    if status in _ABOUT_THE_CALLER or status in {404, 405} or status < 400:
        return False
    typed = bool(_types(answer, response.headers))
    if status >= 500:
        return typed and response.headers.get("x-fal-request-id") == operation.id
    return typed or status == 422


def _record(operation: Operation, answer: Mapping[str, Plain]) -> Running | Done | JobFailed:
    """What fal's list of requests says of a job; it may be late with one that is not there."""
    for item in _mappings(answer.get("items")):
        if item.get("request_id") != operation.id:
            continue
        output, status = item.get("json_output"), item.get("status_code")
        if isinstance(output, dict) and (url := _clip(output)):
            return Done(results=(Result(url=url, id=operation.id),))
        if isinstance(status, int) and status >= 400:
            found = problem(status, output, {}) or Problem(
                _kind("", status), f"fal's record of the request says {status}"
            )
            return JobFailed(kind=found.kind, words=found.words, field=found.field)
        return Running()
    return Unseen() if isinstance(answer.get("items"), list) else Running()


def _clip(output: Mapping[str, Plain]) -> str | None:
    match output.get("video"):
        case {"url": str(url)}:
            return url
    return None


def problem(status: int, answer: Plain, headers: Mapping[str, str]) -> Problem | None:
    """The error that an answer tells; None where it has not the shape of fal's errors."""
    details = answer.get("detail") if isinstance(answer, dict) else None
    if not isinstance(answer, dict) or not isinstance(details, list | str):
        return None
    items = [{"msg": details}] if isinstance(details, str) else _mappings(details)
    types = _types(answer, headers)
    words = "; ".join(_words(item, alone=len(items) == 1) for item in items)
    refused = "content_policy_violation" in types
    kind = Kind.REFUSED if refused else _kind(types[0] if types else "", status)
    # An account without money is locked, which fal says with the status of a wrong key.
    if status == 403 and "balance" in words.casefold():
        kind = Kind.NO_CREDIT
    fields = (FIELDS.get(_input(item) or "") for item in items)
    return Problem(kind, words or f"status {status}", next(filter(None, fields), None))


def _mappings(listed: Plain) -> list[dict[str, Plain]]:
    return [item for item in listed if isinstance(item, dict)] if isinstance(listed, list) else []


def _kind(type_: str, status: int) -> Kind:
    if type_.startswith("runner_") and type_ not in _KINDS:
        return Kind.FAULT
    default = Kind.INVALID if 400 <= status < 500 or type_ else Kind.FAULT
    return _KINDS.get(type_) or _BY_STATUS.get(status, default)


def _types(answer: Mapping[str, Plain], headers: Mapping[str, str]) -> list[str]:
    """The types of an answer's errors."""
    types = [item.get("type") for item in _mappings(answer.get("detail"))]
    types += [answer.get("error_type"), headers.get("x-fal-error-type")]
    return [type_ for type_ in types if isinstance(type_, str)]


def _input(item: Mapping[str, Plain]) -> str | None:
    """The parameter that an error is about: the second part of `["body", "prompt"]`."""
    match item.get("loc"):
        case ["body", str(name), *_]:
            return name
    return None


def _words(item: Mapping[str, Plain], *, alone: bool) -> str:
    """An error in fal's words, with the parameter where the shot's field does not say it."""
    said, about = str(item.get("msg") or item.get("type") or "no reason given"), _input(item)
    return said if about is None or (alone and about in FIELDS) else f"{about}: {said}"
