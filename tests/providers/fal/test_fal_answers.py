"""What fal's answers mean: every shape on record, and some that are none of them."""

from __future__ import annotations

from typing import Any

import pytest
from fal_asked import ID, answer

from storyboard.exchange import (
    Done,
    HttpRequest,
    HttpResponse,
    Intent,
    JobFailed,
    Kind,
    Media,
    Operation,
    Rejected,
    Result,
    Running,
    Unclear,
)
from storyboard.providers.fal import provider

CLIP = "https://v3b.fal.media/files/b/rabbit/x_output.mp4"
VIDEO = {"video": {"url": CLIP, "content_type": "video/mp4", "file_name": "output.mp4"}}
LOCKED = (
    "User is locked. Reason: Exhausted balance. Top up your balance at fal.ai/dashboard/billing."
)


def detail(type_: str, name: str = "prompt", msg: str = "no") -> dict[str, Any]:
    item = {"loc": ["body", name], "msg": msg, "type": type_, "url": "https://docs", "input": 1}
    return {"detail": [item]}


# --- a submit


@pytest.mark.parametrize(
    ("response", "kind", "words", "field"),
    [
        (
            answer(422, detail("literal_error", "duration", "Input should be '5' or '10'")),
            Kind.INVALID,
            "Input should be '5' or '10'",
            "duration",
        ),
        (
            answer(422, detail("content_policy_violation", "prompt", "The content is flagged")),
            Kind.REFUSED,
            "The content is flagged",
            "prompt",
        ),
        (
            answer(422, detail("image_too_small", "end_image_url", "Too small")),
            Kind.INVALID,
            "Too small",
            "last_frame",
        ),
        (
            answer(422, detail("one_of", "character_orientation")),
            Kind.INVALID,
            "no",
            "motion.orientation",
        ),
        (
            answer(
                422,
                {
                    "detail": [
                        *detail("missing", "something_new", "Field required")["detail"],
                        *detail("too_long", "voice_ids", "At most 2")["detail"],
                    ]
                },
            ),
            Kind.INVALID,
            "something_new: Field required; voice_ids: At most 2",
            "voices",
        ),
        (answer(422, {"detail": "Unprocessable"}), Kind.INVALID, "Unprocessable", None),
        (
            answer(400, {"detail": "bad", "error_type": "bad_request"}),
            Kind.INVALID,
            "bad",
            None,
        ),
        (
            answer(400, {"detail": "upstream", "error_type": "downstream_service_error"}),
            Kind.FAULT,
            "upstream",
            None,
        ),
        (
            answer(401, {"detail": "Authorization header is required"}),
            Kind.KEY,
            "Authorization header is required",
            None,
        ),
        (answer(402, {"detail": "Pay"}), Kind.NO_CREDIT, "Pay", None),
        (answer(403, {"detail": LOCKED}), Kind.NO_CREDIT, LOCKED, None),
        (answer(403, {"detail": "No access"}), Kind.KEY, "No access", None),
        (
            answer(404, {"detail": "Application not found"}),
            Kind.INVALID,
            "Application not found",
            None,
        ),
        (answer(405, {"detail": "Method Not Allowed"}), Kind.INVALID, "Method Not Allowed", None),
    ],
)
def test_a_definite_no_keeps_fals_words_and_names_the_field(
    intent: Intent, response: HttpResponse, kind: Kind, words: str, field: str | None
) -> None:
    assert provider.submitted(intent, response) == Rejected(kind=kind, words=words, field=field)


@pytest.mark.parametrize(
    ("headers", "wait"),
    [({"retry_after": "12"}, 12.0), ({}, 5.0), ({"retry_after": "Fri, 20 Nov 2026"}, 5.0)],
)
def test_too_many_requests_says_when_to_ask_again(
    intent: Intent, headers: dict[str, str], wait: float
) -> None:
    body = {"detail": "Too many", "error_type": "concurrent_requests_limit"}
    found = provider.submitted(intent, answer(429, body, **headers))
    assert found == Rejected(kind=Kind.RATE, words="Too many", retry_after=wait)


@pytest.mark.parametrize(
    "response",
    [
        answer(200, ""),
        answer(200, "<html>"),
        answer(200, {"status": "IN_QUEUE"}),
        answer(200, {"request_id": 7}),
        answer(200, {"request_id": ""}),
        answer(200, [ID]),
        answer(302, ""),
        answer(408, {"detail": "Timeout"}),
        answer(409, {"detail": "Conflict"}),
        answer(429, "<html>slow down</html>"),
        answer(404, "<html>nginx</html>"),
        answer(422, {"error": "of another shape"}),
        answer(500, {"detail": "Internal", "error_type": "internal_server_error"}),
        answer(502, "<html>nginx</html>"),
        answer(503, {"detail": "No runner", "error_type": "runner_scheduling_failure"}),
        answer(504, "", x_fal_request_timeout_type="user"),
    ],
)
def test_an_answer_from_which_nothing_certain_follows_is_no_refusal(
    intent: Intent, response: HttpResponse
) -> None:
    found = provider.submitted(intent, response)
    assert isinstance(found, Unclear)
    assert str(response.status) in found.why


# --- how a job stands


def asked(operation: Operation, response: HttpResponse) -> HttpRequest:
    """The further question that an answer leads to."""
    found = provider.polled(operation, response)
    assert isinstance(found, HttpRequest)
    return found


def test_a_job_waits_runs_and_is_done(operation: Operation) -> None:
    status = provider.poll(operation)
    waiting = answer(202, {"status": "IN_QUEUE", "queue_position": 3}, status.memo)
    assert provider.polled(operation, waiting) == Running(queue_position=3)
    running = answer(202, {"status": "IN_PROGRESS", "logs": []}, status.memo)
    assert provider.polled(operation, running) == Running()
    completed = answer(200, {"status": "COMPLETED", "logs": None, "metrics": {}}, status.memo)
    result = asked(operation, completed)
    assert (result.method, result.url) == ("GET", operation.urls["response"])
    done = provider.polled(operation, answer(200, VIDEO, result.memo))
    assert done == Done(results=(Result(url=CLIP, id=ID),))


@pytest.mark.parametrize(
    "response",
    [
        answer(202, {"status": "IN_QUEUE"}),
        answer(202, {"status": "IN_QUEUE", "queue_position": None}),
        answer(200, {"status": "SOMETHING_NEW"}),
        answer(200, "<html>"),
        answer(200, []),
        answer(401, {"detail": "invalid key credentials"}),
        answer(403, {"detail": LOCKED}),
        answer(405, {"detail": "Method Not Allowed"}),
        answer(429, {"detail": "Too many"}),
        answer(500, {"detail": "Internal", "error_type": "internal_error"}, x_fal_request_id=ID),
        answer(502, "<html>nginx</html>"),
    ],
)
def test_what_is_no_status_never_loses_a_job(operation: Operation, response: HttpResponse) -> None:
    memo = provider.poll(operation).memo
    response = HttpResponse(response.status, response.headers, response.body, memo)
    assert isinstance(provider.polled(operation, response), Running)


@pytest.mark.parametrize(
    "response",
    [
        answer(200, {}),
        answer(200, {"video": None}),
        answer(200, "<html>"),
        answer(400, {"detail": "Request is still in progress"}),
        answer(401, {"detail": "invalid key credentials"}),
        answer(403, {"detail": LOCKED}),
        answer(408, {"detail": "Timeout"}),
        answer(429, {"detail": "Too many", "error_type": "rate"}),
        answer(500, "<html>"),
        answer(500, {"detail": "Internal Server Error"}, x_fal_request_id=ID),
        answer(503, {"detail": "No runner", "error_type": "runner_scheduling_failure"}),
    ],
)
def test_what_is_no_result_never_loses_a_job(operation: Operation, response: HttpResponse) -> None:
    memo = asked(operation, completed(operation)).memo
    response = HttpResponse(response.status, response.headers, response.body, memo)
    assert isinstance(provider.polled(operation, response), Running)


def completed(operation: Operation, **error: str) -> HttpResponse:
    body = {"status": "COMPLETED", "logs": None, "metrics": {}, **error}
    return answer(200, body, provider.poll(operation).memo)


@pytest.mark.parametrize(
    ("error", "result", "kind", "words", "field"),
    [
        (
            {"error": "Flagged", "error_type": "content_policy_violation"},
            answer(422, detail("content_policy_violation", "start_image_url", "A face")),
            Kind.REFUSED,
            "A face",
            "first_frame",
        ),
        (
            {},
            answer(422, detail("image_load_error", "start_image_url", "Cannot load")),
            Kind.INVALID,
            "Cannot load",
            "first_frame",
        ),
        ({}, answer(422, {"detail": "Bad input"}), Kind.INVALID, "Bad input", None),
        (
            {"error": "Request was cancelled", "error_type": "client_cancelled"},
            answer(499, {"detail": "Request was cancelled", "error_type": "client_cancelled"}),
            Kind.CANCELLED,
            "Request was cancelled",
            None,
        ),
        (
            {"error": "Timed out", "error_type": "request_timeout"},
            answer(504, {"detail": "Timed out"}, x_fal_error_type="request_timeout"),
            Kind.BUSY,
            "Timed out",
            None,
        ),
        (
            {"error": "Runner lost", "error_type": "runner_disconnected"},
            answer(502, "<html>nginx</html>"),
            Kind.FAULT,
            "Runner lost",
            None,
        ),
        (
            {"error": "Flagged", "error_type": "content_policy_violation"},
            answer(404, {"detail": "Request not found"}),
            Kind.REFUSED,
            "Flagged",
            None,
        ),
        (
            {"error_type": "generation_timeout"},
            answer(401, {"detail": "invalid key credentials"}),
            Kind.FAULT,
            "generation_timeout",
            None,
        ),
        (
            {},
            answer(
                500,
                {"detail": "It broke", "error_type": "internal_server_error"},
                x_fal_request_id=ID,
            ),
            Kind.FAULT,
            "It broke",
            None,
        ),
        (
            {},
            answer(400, {"detail": "Upstream", "error_type": "downstream_service_error"}),
            Kind.FAULT,
            "Upstream",
            None,
        ),
    ],
)
def test_a_failed_job_is_completed_too(
    operation: Operation,
    error: dict[str, str],
    result: HttpResponse,
    kind: Kind,
    words: str,
    field: str | None,
) -> None:
    memo = asked(operation, completed(operation, **error)).memo
    result = HttpResponse(result.status, result.headers, result.body, memo)
    assert provider.polled(operation, result) == JobFailed(kind=kind, words=words, field=field)


# --- a job that the queue has forgotten


@pytest.mark.parametrize("by", ["status", "result"])
def test_a_job_that_the_queue_has_forgotten_is_looked_up_in_the_records(
    operation: Operation, by: str
) -> None:
    if by == "status":
        gone = answer(404, {"status": "NOT_FOUND"}, provider.poll(operation).memo)
    else:
        memo = asked(operation, completed(operation)).memo
        gone = answer(404, {"detail": "Request not found"}, memo)
    record = asked(operation, gone)
    assert record.url == (
        "https://api.fal.ai/v1/models/requests/by-endpoint?endpoint_id=fal-ai%2Fkling-video%2Fv2.6"
        f"%2Fpro%2Fimage-to-video&request_id={ID}&expand=payloads"
    )
    item = {"request_id": ID, "status_code": 200, "json_output": VIDEO}
    other = {"request_id": "other", "status_code": 422, "json_output": None}
    found = provider.polled(operation, answer(200, {"items": [other, item]}, record.memo))
    assert found == Done(results=(Result(url=CLIP, id=ID),))


@pytest.mark.parametrize(
    ("item", "found"),
    [
        (
            {"status_code": 422, "json_output": detail("content_policy_violation")},
            JobFailed(kind=Kind.REFUSED, words="no", field="prompt"),
        ),
        (
            {"status_code": 500, "json_output": None},
            JobFailed(kind=Kind.FAULT, words="fal's record of the request says 500"),
        ),
        ({"status_code": None, "json_output": None}, Running()),
        ({"status_code": 200, "json_output": None}, Running()),
    ],
)
def test_a_record_tells_how_a_job_ended(operation: Operation, item: Any, found: object) -> None:
    page = answer(200, {"items": [{"request_id": ID, **item}]}, {"asked": "record"})
    assert provider.polled(operation, page) == found


@pytest.mark.parametrize(
    "page", [{"items": []}, {"items": None}, {}, [], "<html>", {"items": ["odd"]}]
)
def test_a_job_without_a_record_is_not_given_up(operation: Operation, page: Any) -> None:
    said = provider.polled(operation, answer(200, page, {"asked": "record"}))
    assert isinstance(said, Running)


# --- uploads

PICTURE = Media(type="image/png", digest="ab", data=b"x")


def test_a_refused_upload_keeps_fals_words() -> None:
    said = provider.uploaded(PICTURE, answer(401, {"detail": "invalid key credentials"}))
    assert said == Rejected(kind=Kind.KEY, words="invalid key credentials")


@pytest.mark.parametrize("response", [answer(200, ""), answer(200, {"upload_url": "https://x"})])
def test_an_upload_without_addresses_is_a_fault_of_fals(response: HttpResponse) -> None:
    said = provider.uploaded(PICTURE, response)
    assert isinstance(said, Rejected)
    assert said.kind is Kind.FAULT


def test_an_upload_that_fails_on_the_way_may_be_tried_again() -> None:
    said = provider.uploaded(PICTURE, answer(503, "<html>", {"asked": "store", "file_url": "u"}))
    assert said == Rejected(
        kind=Kind.FAULT,
        words="fal answered 503, and nothing that can be read",
        retry_after=5.0,
    )
