"""What ModelStream answers, in the three shapes that are known: flat, wrapped and mixed.

Flat is what its page shows, and mirrors OpenAI's; wrapped is what the gateway
gives that it seems to be, with Kling's own answer inside; mixed was seen at a
gateway of the same family.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

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
from storyboard.providers.modelstream.inputs import FIELDS, status_url
from storyboard.source import Plain

_DONE = frozenset({"completed", "succeeded", "succeed", "success"})
_FAILED = frozenset({"failed", "failure"})

_BY_STATUS: Mapping[int, Kind] = {401: Kind.KEY, 402: Kind.NO_CREDIT, 403: Kind.KEY,
                                  429: Kind.RATE}  # fmt: skip

_BY_CODE: Mapping[str, Kind] = {
    "insufficient_quota": Kind.NO_CREDIT, "insufficient_user_quota": Kind.NO_CREDIT,
    "1100": Kind.NO_CREDIT, "1101": Kind.NO_CREDIT, "1102": Kind.NO_CREDIT, "1103": Kind.KEY,
    "1200": Kind.INVALID, "1201": Kind.INVALID, "1300": Kind.REFUSED, "1301": Kind.REFUSED,
    "1302": Kind.RATE, "1303": Kind.RATE, "1304": Kind.KEY,
}  # fmt: skip
"""What codes mean that say more than the status: the gateway's, and Kling's behind it.

Kling says that money has run out (1102) with the status of too many requests.
"""

_REFUSALS = ("safety", "moderation", "policy", "sensitive", "risk control", "nsfw", "prohibited")
"""What stands in the words of a refusal that comes without its code."""

_PERHAPS_ACCEPTED = frozenset({408, 409, 425, 499})
"""Statuses under 500 that do not say whether a submit was accepted."""

_WAIT = 5.0
"""Seconds to wait where it asks for fewer requests and does not say for how long."""


@dataclass(frozen=True, slots=True)
class Problem:
    """An error: its own words, its codes (the gateway's, Kling's within), the parameter."""

    words: str
    codes: tuple[str, ...] = ()
    parameter: str | None = None


def operation_of(intent: Intent, id_: str) -> Operation:
    """A job by its id, with the address at which it is asked after."""
    return Operation(
        provider="modelstream",
        model=intent.request.model,
        id=id_,
        urls={"status": status_url(intent.request, id_)},
    )


def submitted(intent: Intent, response: HttpResponse) -> Operation | Rejected | Unclear:
    """What the answer to a submit says, whatever its status: errors are read from the body."""
    answer = response.json()
    if response.status < 300 and (id_ := _id(answer)):
        return operation_of(intent, id_)
    problem = _problem(answer)
    definite = response.status < 500 and response.status not in _PERHAPS_ACCEPTED
    if problem is None or not definite:
        said = f": {problem.words}" if problem else ", without the id of a job"
        return Unclear(f"ModelStream answered {response.status}{said}")
    kind = _kind(problem, _BY_STATUS.get(response.status, Kind.INVALID))
    return Rejected(
        kind=kind,
        words=problem.words,
        field=FIELDS.get(problem.parameter or ""),
        retry_after=_seconds(response) if kind is Kind.RATE else None,
    )


def polled(operation: Operation, response: HttpResponse) -> Running | Done | JobFailed:
    """Reads the status; one that is not known, and any trouble of asking, is running."""
    task = _task(response.json())
    if response.status >= 300 or task is None:
        return Unseen() if _knows_none(response) else Running()
    word = str(task.get("status", "")).casefold()
    if word in _DONE and (url := next(_urls(task), None)):
        return Done(results=(Result(url=url, id=operation.id),))
    if word in _FAILED:
        problem = _failure(task)
        kind = _kind(problem, Kind.FAULT)
        return JobFailed(
            # Kling's "too many" and "no permission" end a job here: neither passes, nor is it our key.
            kind=Kind.FAULT if kind in {Kind.RATE, Kind.KEY} else kind,
            words=problem.words,
            field=FIELDS.get(problem.parameter or ""),
        )
    return Running(progress=_progress(task.get("progress")))


def _knows_none(response: HttpResponse) -> bool:
    """Whether an answer says, in an error of its own, that there is no such task."""
    problem = _problem(response.json())
    missing = problem is not None and (
        "not_exist" in "".join(problem.codes) or "not exist" in problem.words
    )
    return problem is not None and (missing or response.status == 404)


def _id(answer: Plain) -> str | None:
    """`task_id`, else `id`; within `data` where the answer is wrapped, which may be the id itself."""
    if not isinstance(answer, dict):
        return None
    for place in (answer, answer.get("data")):
        if isinstance(place, dict):
            for name in ("task_id", "id"):
                if isinstance(id_ := place.get(name), str) and id_:
                    return id_
    data = answer.get("data")
    return data if isinstance(data, str) and data.startswith("task_") else None


def _task(answer: Plain) -> dict[str, Plain] | None:
    """What is said of a task: the answer itself, or what it wraps. None where it is an error."""
    if not isinstance(answer, dict):
        return None
    for place in (answer.get("data"), answer):
        if isinstance(place, dict) and isinstance(place.get("status"), str):
            return place
    return None


def _urls(task: dict[str, Plain]) -> Iterator[str]:
    """The places where a clip's address may stand, the surest first."""
    places = [task.get("url"), task.get("result_url")]
    match task.get("data"):
        case {"data": {"task_result": {"videos": [{"url": place}, *_]}}}:
            places.append(place)
    places.append(task.get("fail_reason"))  # so did older builds of the gateway
    for place in places:
        if isinstance(place, str) and place.startswith(("https://", "http://")):
            yield place


def _failure(task: dict[str, Plain]) -> Problem:
    """Why a task failed: its error, its `fail_reason`, or what Kling said of it."""
    if told := _problem(task):
        return told
    reason = task.get("fail_reason")
    match task.get("data"):
        case {"code": int(code), "message": str(message)} if code:
            return Problem(str(reason or message), (str(code),))
        case {"data": {"task_status_msg": str(message)}} if message and not reason:
            return Problem(message)
    return Problem(str(reason) if reason else "no reason given")


def _problem(answer: Plain) -> Problem | None:
    """The error that an answer tells: as OpenAI has it, or as the gateway; None without one."""
    match answer:
        case {"error": {"message": str(message), **rest}}:
            return Problem(
                message or "no reason given",
                _codes(message, rest.get("code"), rest.get("type")),
                _name(rest.get("param")),
            )
        case {"error": str(message)} if message:
            return Problem(message, _codes(message))
        case {"code": str(code) | int(code), "message": str(message)} if code not in {"success", 0}:
            return Problem(message or str(code), _codes(message, code))
    return None


def _codes(message: str, *codes: object) -> tuple[str, ...]:
    """An error's codes; Kling's may stand in the words only: `code: 1301`."""
    within = re.findall(r"code\W{0,4}(1[123]0\d)\b", message, re.IGNORECASE)
    return (*within, *(str(code) for code in codes if code is not None))


def _name(path: object) -> str | None:
    """The parameter that a path begins with: `multi_prompt` of `multi_prompt[0].prompt`."""
    found = re.match(r"\w+", path) if isinstance(path, str) else None
    return found[0] if found else None


def _kind(problem: Problem, otherwise: Kind) -> Kind:
    for code in problem.codes:
        if code in _BY_CODE:
            return _BY_CODE[code]
    if otherwise in {Kind.INVALID, Kind.FAULT}:
        words = problem.words.casefold()
        return Kind.REFUSED if any(refusal in words for refusal in _REFUSALS) else otherwise
    return otherwise


def _progress(said: Plain) -> float | None:
    """How much is done, from 0 to 1, of `40%` or 40."""
    match said:
        case bool() | None:
            return None
        case int() | float():
            percent = float(said)
        case str() if re.fullmatch(r"\d{1,3}(\.\d+)?%?", said):
            percent = float(said.rstrip("%"))
        case _:
            return None
    return min(max(percent / 100, 0.0), 1.0)


def _seconds(response: HttpResponse) -> float:
    try:
        return max(0.0, float(response.headers.get("retry-after", _WAIT)))
    except ValueError:
        return _WAIT  # a date
