"""fal's errors, in fal's shapes: about the input, and about everything else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from starlette.responses import JSONResponse, Response

from storyboard.exchange import Kind
from storyboard.simulators.world import Trouble

LOCKED = (
    "User is locked. Reason: Exhausted balance. Top up your balance at fal.ai/dashboard/billing."
)
REFUSED = "The content could not be processed because it was flagged by a content checker."


def mistake(
    where: Sequence[str], type_: str, said: str, context: Mapping[str, Any], value: Any
) -> dict[str, Any]:
    """An item of the `detail` of a 422."""
    return {
        "loc": ["body", *where],
        "msg": said,
        "type": type_,
        "url": f"https://docs.fal.ai/errors#{type_}",
        "ctx": dict(context),
        "input": value,
    }


def of_input(detail: Sequence[Mapping[str, Any]], request_id: str | None = None) -> JSONResponse:
    """A 422 about the input."""
    headers = {"X-Fal-Retryable": "false"} | (
        {"x-fal-request-id": request_id} if request_id else {}
    )
    return JSONResponse({"detail": list(detail)}, 422, headers)


def plain(
    status: int,
    said: str,
    type_: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """Any other error: a sentence, and a type where the machinery speaks."""
    if type_ is None:
        return JSONResponse({"detail": said}, status, dict(headers or {}))
    told = {"X-Fal-Error-Type": type_, "X-Fal-Retryable": "true" if status >= 500 else "false"}
    return JSONResponse({"detail": said, "error_type": type_}, status, told | dict(headers or {}))


def flagged(words: str | None) -> dict[str, Any]:
    """Moderation's item in the `detail` of a 422."""
    said = words or REFUSED
    return mistake(("prompt",), "content_policy_violation", said, {}, None)


def refusal(trouble: Trouble) -> Response:
    """A refusal in fal's shape."""
    words = trouble.words
    match trouble.kind:
        case Kind.REFUSED:
            return of_input([flagged(words)])
        case Kind.NO_CREDIT:
            return plain(403, words or LOCKED)
        case Kind.KEY:
            return plain(401, words or "invalid key credentials")
        case Kind.RATE:
            wait = trouble.retry_after
            headers = {} if wait is None else {"Retry-After": f"{wait:g}"}
            said = words or "Too many requests"
            status = trouble.status or 429
            return plain(status, said, "concurrent_requests_limit", headers)
    said = words or "Internal Server Error"
    return plain(trouble.status or 500, said, "internal_server_error")
