"""Runware's errors: a code, a sentence, the parameter, and the HTTP status of an answer that is all errors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from storyboard.exchange import Kind

STATUS: Mapping[str, int] = {
    "invalidApiKey": 401,
    "missingApiKey": 401,
    "insufficientCredits": 402,
    "taskNotFound": 404,
    "mediaNotFound": 404,
    "rateLimitExceeded": 429,
    "providerError": 500,
    "internalServerError": 500,
    "providerUnavailable": 503,
    "timeoutProvider": 504,
}
"""Of the codes that are not 400."""

CODES: Mapping[Kind, tuple[str, str]] = {
    Kind.REFUSED: ("contentPolicyViolation", "The prompt was refused by the content policy."),
    Kind.NO_CREDIT: ("insufficientCredits", "Insufficient credits. Please top up your balance."),
    Kind.RATE: ("rateLimitExceeded", "Too many requests. Please slow down."),
    Kind.BUSY: ("providerUnavailable", "No server is available for this model."),
    Kind.FAULT: ("internalServerError", "An internal error occurred."),
}
"""How troubles are called."""


def error(
    code: str,
    message: str,
    parameter: str | Sequence[str] | None = None,
    task: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """An item of `errors`, about a task of the request."""
    item: dict[str, Any] = {"code": code, "message": message}
    if parameter is not None:
        item["parameter"] = parameter
    for name in ("taskType", "taskUUID"):
        if task and isinstance(task.get(name), str):
            item[name] = task[name]
    return item | {"documentation": "https://runware.ai/docs/en/getting-started/errors"}


def status_of(errors: Sequence[Mapping[str, Any]]) -> int:
    """The status of an answer that holds nothing but these errors."""
    return STATUS.get(errors[0]["code"], 400)
