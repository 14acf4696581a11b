"""What Runware answers: tasks accepted and refused, how jobs stand, why they failed.

An answer holds `data` and `errors`, about several tasks perhaps, and each item
names its task. Errors may come with any status, 200 too; so may a job's own.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
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
)
from storyboard.providers.runware.inputs import FIELDS
from storyboard.source import Plain

_CODES: Mapping[Kind, tuple[str, ...]] = {
    Kind.REFUSED: (
        "contentPolicyViolation", "providerContentPolicyViolation", "invalidProviderContent",
        "sensitiveContentDetected", "unsafeContentDetected", "nsfwContentDetected",
        "promptBlocked", "imageBlocked", "moderationFailed",
    ),
    Kind.KEY: ("invalidApiKey", "missingApiKey", "unauthorized", "forbidden", "permissionDenied"),
    Kind.NO_CREDIT: ("insufficientCredits", "providerInsufficientCredits", "quotaExceeded"),
    Kind.RATE: ("rateLimitExceeded", "providerRateLimitExceeded"),
    Kind.BUSY: ("noAvailableServer", "modelNotReady"),
    Kind.CANCELLED: ("taskCancelled",),
    Kind.FAULT: (
        "providerError", "providerInternalError", "providerUnavailable", "internalServerError",
        "serviceUnavailable", "providerTimeout", "timeoutProvider", "providerGatewayTimeout",
        "inferenceError", "processingFailed", "taskFailed", "downloadFailed", "uploadFailed",
    ),
}  # fmt: skip
_KINDS: Mapping[str, Kind] = {code: kind for kind, codes in _CODES.items() for code in codes}

_BY_STATUS: Mapping[int, Kind] = {401: Kind.KEY, 402: Kind.NO_CREDIT, 403: Kind.KEY,
                                  429: Kind.RATE}  # fmt: skip

_ABOUT_THE_CALLER = frozenset(
    {"invalidApiKey", "missingApiKey", "insufficientCredits", "rateLimitExceeded"}
)
"""Codes of an answer to a question that say nothing about the job it asks after."""

_NO_TRACE = frozenset({"taskNotFound", "taskExpired", "taskFailedOrNotFound"})

_PERHAPS_ACCEPTED = frozenset({408, 409, 425, 499})
"""Statuses under 500 that do not say whether a submit was accepted."""

_WAIT = 5.0
"""Seconds to wait where it asks for fewer requests and does not say for how long."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The items of an answer that are about one task, or about none in particular.

    Attributes:
        archived: whether the archive has a record of the task.
    """

    data: tuple[Mapping[str, Plain], ...]
    errors: tuple[Mapping[str, Plain], ...]
    archived: bool = False


def operation_of(intent: Intent) -> Operation:
    """The job of an intent, whose id it chose."""
    return Operation(
        provider="runware", model=intent.request.model, id=intent.nonce, count=intent.count
    )


def submitted(intent: Intent, response: HttpResponse) -> Operation | Rejected | Unclear:
    """What the answer to a submit says."""
    answer = _read(response, intent.nonce)
    if answer and any(error.get("code") == "conflictTaskUUID" for error in answer.errors):
        return operation_of(intent)  # it was sent before, and arrived
    definite = response.status < 500 and response.status not in _PERHAPS_ACCEPTED
    if answer and answer.errors and definite:
        return _rejected(answer.errors[0], response)
    if answer and response.status < 300:  # an acknowledgement may be empty
        return operation_of(intent)
    if response.status == 429:
        return _rejected({}, response)
    said = f": {_words(answer.errors[0])}" if answer and answer.errors else ""
    return Unclear(f"Runware answered {response.status}{said or ', and nothing that can be read'}")


def told_of(webhook: bytes) -> str | None:
    """The task that a webhook names: a flat object, or an error in the shape of an answer."""
    try:
        body = json.loads(webhook)
    except ValueError:
        return None
    if not isinstance(body, dict):
        return None
    for item in (body, *_items(body.get("data")), *_items(body.get("errors"))):
        if isinstance(id_ := item.get("taskUUID"), str):
            return id_
    return None


def stored(response: HttpResponse) -> str | Rejected:
    """The UUID of an upload."""
    answer = _read(response, None)
    for item in answer.data if answer else ():
        for name in ("mediaUUID", "imageUUID"):
            if isinstance(id_ := item.get(name), str):
                return id_
    return _rejected(answer.errors[0] if answer and answer.errors else {}, response)


def polled(operation: Operation, response: HttpResponse) -> Running | Done | JobFailed | None:
    """How a job stands; None where the answer knows of no such job."""
    answer = _read(response, operation.id)
    if answer is None:
        return Running()
    lost = any(error.get("code") in _NO_TRACE for error in answer.errors)
    about = [item for item in answer.data if item.get("taskUUID") == operation.id]
    failures = [*_own(answer.errors, response.status, operation.id)]
    failures += [item for item in about if item.get("status") == "error"]
    finished = _finished(about)
    going = [item for item in about if not _url(item) and item.get("status") != "error"]
    if not about and not failures:
        return None if lost or (response.status < 300 and not answer.errors) else Running()
    if len(finished) < operation.count and (going or not failures):
        return Running(progress=_progress(going, len(finished), operation.count))
    if finished:
        return Done(results=tuple(finished), charged_usd=_charged(about))
    return _failed(failures[0])


def traced(intent: Intent, response: HttpResponse) -> bool | None:
    """Whether an answer knows the task of an intent; None where it does not say."""
    answer = _read(response, intent.nonce)
    if answer is None or response.status >= 500:
        return None
    if answer.archived or any(item.get("taskUUID") == intent.nonce for item in answer.data):
        return True
    if any(error.get("code") in _NO_TRACE for error in answer.errors):
        return False
    if any(True for _ in _own(answer.errors, response.status, intent.nonce)):
        return True
    return False if response.status < 300 and not answer.errors else None


def _read(response: HttpResponse, id_: str | None) -> Answer | None:
    """What an answer says of a task; None where it is none of Runware's.

    What the archive tells of a task is read as if it had been asked after.
    """
    body = response.json()
    if not isinstance(body, dict) or not ("data" in body or "errors" in body or "error" in body):
        return None
    data, errors = _items(body.get("data")), _items(body.get("errors") or body.get("error"))
    records = [item for item in data if item.get("taskType") == "getTaskDetails"]
    data = [item for item in data if item not in records]
    for record in records:
        kept = record.get("response")
        if isinstance(kept, dict):
            data = [*data, *_items(kept.get("data"))]
            errors = [
                *errors,
                *({"status": "error", **item} for item in _items(kept.get("errors"))),
            ]
    return Answer(
        tuple(item for item in data if id_ in {None, item.get("taskUUID", id_)}),
        tuple(item for item in errors if id_ in {None, item.get("taskUUID", id_)}),
        archived=any(record.get("taskUUID") == id_ for record in records),
    )


def _items(listed: Plain) -> list[Mapping[str, Plain]]:
    items = listed if isinstance(listed, list) else [listed]
    return [item for item in items if isinstance(item, dict)]


def _own(
    errors: Sequence[Mapping[str, Plain]], status: int, id_: str
) -> Iterator[Mapping[str, Plain]]:
    """The errors that are a job's end, not one of asking after it."""
    for error in errors:
        if error.get("taskUUID") != id_ or error.get("code") in _ABOUT_THE_CALLER | _NO_TRACE:
            continue
        plain = status < 300 or status == 400
        if error.get("status") == "error" or (plain and error.get("taskType") == "videoInference"):
            yield error


def _finished(items: Sequence[Mapping[str, Plain]]) -> list[Result]:
    results = {}
    for item in items:
        if url := _url(item):
            id_ = item.get("videoUUID")
            results[url] = Result(url=url, id=id_ if isinstance(id_, str) else None)
    return list(results.values())


def _url(item: Mapping[str, Plain]) -> str | None:
    url = item.get("videoURL")
    return url if isinstance(url, str) and item.get("status") != "error" else None


def _progress(going: Sequence[Mapping[str, Plain]], finished: int, count: int) -> float | None:
    """How much is done of all results, from 0 to 1."""
    said = [
        float(each)
        for item in going
        if isinstance(each := item.get("progress"), int | float) and not isinstance(each, bool)
    ]
    if not said and not finished:
        return None
    return (
        min((finished + sum(said) / 100) / count, 1.0) if count > 1 else min(sum(said) / 100, 1.0)
    )


def _charged(items: Sequence[Mapping[str, Plain]]) -> Fraction | None:
    """What all results cost; None where one does not say."""
    costs = [item.get("cost") for item in items if _url(item)]
    known = [Fraction(str(cost)) for cost in costs if isinstance(cost, int | float)]
    return sum(known, Fraction(0)) if len(known) == len(costs) else None


def _failed(item: Mapping[str, Plain]) -> JobFailed:
    inner = item.get("error")
    error = inner if isinstance(inner, dict) else item
    kind = _KINDS.get(str(error.get("code")), Kind.FAULT)
    return JobFailed(
        # A limit or an empty account of Runware's own at Kling ends a job: neither is ours.
        kind=kind if kind in {Kind.REFUSED, Kind.INVALID, Kind.CANCELLED} else Kind.FAULT,
        words=_words(error),
        field=_field(error.get("parameter")),
    )


def _rejected(error: Mapping[str, Plain], response: HttpResponse) -> Rejected:
    usual = _BY_STATUS.get(response.status, Kind.INVALID if response.status < 500 else Kind.FAULT)
    kind = _KINDS.get(str(error.get("code")), usual)
    return Rejected(
        kind=kind,
        words=_words(error) if error else f"status {response.status}",
        field=_field(error.get("parameter")),
        retry_after=_seconds(response) if kind in {Kind.RATE, Kind.BUSY} else None,
    )


def _words(error: Mapping[str, Plain]) -> str:
    code, message = error.get("code"), error.get("message")
    if not message:
        return str(code or "no reason given")
    return f"{message} ({code})" if code else str(message)


def _field(parameter: Plain) -> str | None:
    """The shot's field that an error is about: the first that is known of the parameters named."""
    for named in parameter if isinstance(parameter, list) else [parameter]:
        path = str(named or "")
        for known, field in FIELDS.items():
            if path == known or path.startswith((f"{known}.", f"{known}[")):
                return field
    return None


def _seconds(response: HttpResponse) -> float:
    try:
        return max(0.0, float(response.headers.get("retry-after", _WAIT)))
    except ValueError:
        return _WAIT  # a date
