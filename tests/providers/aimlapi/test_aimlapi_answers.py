"""What AI/ML API's answers mean, and how a job is found again whose answer was lost."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction

import pytest

from storyboard.exchange import (
    Done,
    Found,
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
    Undecided,
)
from storyboard.provider import Prompt, Request
from storyboard.providers.aimlapi import provider

MODEL = "klingai/video-v2-6-pro-image-to-video"
ID = f"60ac7c34-3224-4b14-8e7d-0aa0db708325:{MODEL}"
OTHER = f"99ac7c34-3224-4b14-8e7d-0aa0db708325:{MODEL}"
NONCE = "6f2b1c0e-5f6b-4c0a-9f43-0a3f6c1d2e11"
CLIP = "https://cdn.aimlapi.com/x/y_output.mp4"
JOB = Operation(provider="aimlapi", model="aimlapi/kling-2.6-pro", id=ID)


def intent(known: frozenset[str] = frozenset()) -> Intent:
    seconds = Fraction(5)
    return Intent(
        key="key",
        request=Request(
            model="aimlapi/kling-2.6-pro", prompts=(Prompt("A lamp", seconds),), duration=seconds
        ),
        nonce=NONCE,
        made_at=datetime(2026, 11, 20, 12, 0, tzinfo=UTC),
        inputs={"first_frame": "digest"},
        known=known,
    )


def answer(status: int, body: object, asked: str = "", **headers: str) -> HttpResponse:
    data = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    return HttpResponse(status, headers, data, {"asked": asked} if asked else {})


def error(status: int, message: object) -> HttpResponse:
    body = {
        "message": message,
        "path": "/v2/video/generations",
        "requestId": "r",
        "statusCode": status,
        "timestamp": "2026-11-20T12:00:00Z",
    }
    return answer(status, body)


# --- a submit


@pytest.mark.parametrize("status", [200, 201])
def test_accepted_with_an_id(status: int) -> None:
    body = {"id": ID, "status": "queued", "meta": {"usage": {"credits_used": 0}}}
    assert provider.submitted(intent(), answer(status, body)) == JOB


@pytest.mark.parametrize(
    ("response", "kind", "words", "field"),
    [
        (
            error(400, "body validation error: duration: invalid enum value, expected 5 | 10"),
            Kind.INVALID,
            "body validation error: duration: invalid enum value, expected 5 | 10",
            "duration",
        ),
        (
            error(400, [{"path": ["image_url"], "message": "Invalid url"}]),
            Kind.INVALID,
            "path: image_url; message: Invalid url",
            "first_frame",
        ),
        (
            error(400, "Content policy: the prompt is sensitive"),
            Kind.REFUSED,
            "Content policy: the prompt is sensitive",
            "prompt",
        ),
        (
            error(400, "prompt and image_url do not fit"),
            Kind.INVALID,
            "prompt and image_url do not fit",
            None,
        ),
        (
            error(401, "A valid API key is required"),
            Kind.KEY,
            "A valid API key is required",
            None,
        ),
        (
            error(403, "You have run out of credits. Please top up"),
            Kind.NO_CREDIT,
            "You have run out of credits. Please top up",
            None,
        ),
        (error(404, "Cannot POST /v2/video"), Kind.INVALID, "Cannot POST /v2/video", None),
    ],
)
def test_a_definite_no(response: HttpResponse, kind: Kind, words: str, field: str | None) -> None:
    rejected = provider.submitted(intent(), response)
    assert rejected == Rejected(kind=kind, words=words, field=field)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [({}, 5.0), ({"retry-after": "12"}, 12.0), ({"retry-after": "Fri, 20 Nov 2026"}, 5.0)],
)
def test_too_many_requests_may_be_asked_again(headers: dict[str, str], seconds: float) -> None:
    rejected = provider.submitted(
        intent(), answer(429, {"message": "Too Many Requests", "statusCode": 429}, **headers)
    )
    assert rejected == Rejected(kind=Kind.RATE, words="Too Many Requests", retry_after=seconds)


@pytest.mark.parametrize(
    "response",
    [
        error(500, "Internal error"),
        error(502, "Bad gateway"),
        error(503, "Maintenance"),
        error(504, "Generation timeout"),
        error(408, "Request timeout"),
        answer(403, "<html>Just a moment…</html>"),
        answer(404, "<html>nginx</html>"),
        answer(400, '"no"'),
        answer(200, "<html></html>"),
        answer(200, {"status": "queued"}),
        answer(200, {"id": "", "status": "queued"}),
        answer(200, []),
        answer(302, ""),
    ],
)
def test_nobody_knows_what_became_of_it(response: HttpResponse) -> None:
    unclear = provider.submitted(intent(), response)
    assert isinstance(unclear, Unclear)
    assert str(response.status) in unclear.why


# --- a job


@pytest.mark.parametrize(
    "response",
    [
        *(
            answer(200, {"id": ID, "status": word, "video": None, "error": None, "meta": None})
            for word in ("queued", "generating", "waiting", "active", "a new word")
        ),
        answer(200, {"id": ID, "status": "completed", "video": None}),
        answer(200, {"id": ID, "status": 7}),
        error(404, "Generation not found"),
        error(500, "Internal error"),
        error(429, "Too Many Requests"),
        answer(200, "<html></html>"),
        answer(502, ""),
    ],
)
def test_everything_else_is_running(response: HttpResponse) -> None:
    assert isinstance(provider.polled(JOB, response), Running)


@pytest.mark.parametrize(
    ("meta", "charged"),
    [
        ({"usage": {"credits_used": 910000, "usd_spent": 0.455}}, Fraction("0.455")),
        ({"usage": {"credits_used": 910000}}, Fraction("0.455")),
        ({"usage": {}}, None),
        (None, None),
    ],
)
def test_a_finished_clip_and_what_it_cost(meta: object, charged: Fraction | None) -> None:
    body = {"id": ID, "status": "completed", "video": {"url": CLIP}, "error": None, "meta": meta}
    done = provider.polled(JOB, answer(200, body))
    assert done == Done(results=(Result(url=CLIP, id=ID),), charged_usd=charged)


def test_an_infinite_price_is_none() -> None:
    body = f'{{"status":"completed","video":{{"url":"{CLIP}"}},"meta":{{"usage":{{"usd_spent":Infinity}}}}}}'
    done = provider.polled(JOB, answer(200, body))
    assert isinstance(done, Done)
    assert done.charged_usd is None


@pytest.mark.parametrize(
    ("said", "kind", "words"),
    [
        ({"name": "Timeout", "message": "took too long"}, Kind.FAULT, "Timeout: took too long"),
        (
            {"name": "Error", "message": "Failure to pass the risk control system"},
            Kind.REFUSED,
            "Error: Failure to pass the risk control system",
        ),
        ("it broke", Kind.FAULT, "it broke"),
        (None, Kind.FAULT, "no reason given"),
    ],
)
def test_a_failed_job_in_its_own_words_is_free(said: object, kind: Kind, words: str) -> None:
    body = {"id": ID, "status": "error", "video": None, "error": said, "meta": None}
    failed = provider.polled(JOB, answer(200, body))
    assert failed == JobFailed(kind=kind, words=words, charged_usd=Fraction(0))


# --- a job whose answer was lost


def row(mark: str | None, id_: str = ID) -> dict[str, object]:
    return {
        "created": "2026-11-20T12:00:03Z",
        "status": 200,
        "model": MODEL,
        "cost": {"usd": 0.455, "credits": 910000},
        "request_id": "r",
        "inference_id": id_,
        "client_request_id": mark,
    }


def charge(id_: str, when: str) -> dict[str, object]:
    return {"reference_id": id_, "created_at": when, "amount": -0.455, "currency": "USD"}


def test_first_the_log_is_asked_for_the_time_of_the_intent() -> None:
    assert provider.recover(intent(), []) == HttpRequest(
        method="GET",
        url="https://api.aimlapi.com/v2/logs",
        query={
            "model": MODEL,
            "start": "2026-11-20T11:50:00Z",
            "end": "2026-11-21T12:00:00Z",
            "limit": "100",
            "offset": "0",
        },
        memo={"asked": "log"},
    )


def test_the_model_is_known_by_an_input_that_has_an_address_only() -> None:
    asked = replace(intent(), inputs={}, references={"first_frame": "https://a.example/a.png"})
    question = provider.recover(asked, [])
    assert isinstance(question, HttpRequest)
    assert question.query["model"] == MODEL


@pytest.mark.parametrize(
    "log", [[row(None, OTHER), row(NONCE)], {"data": [row(NONCE)], "total": 1}]
)
def test_the_call_that_carries_the_mark_is_it(log: object) -> None:
    assert provider.recover(intent(), [answer(200, log, "log")]) == Found(JOB)


def test_the_log_is_read_page_by_page() -> None:
    full = answer(200, [row("someone else's", OTHER)] * 100, "log")
    further = provider.recover(intent(), [full])
    assert isinstance(further, HttpRequest)
    assert further.query["offset"] == "100"
    assert provider.recover(intent(), [full, answer(200, [row(NONCE)], "log")]) == Found(JOB)


def test_a_long_log_is_given_up_in_the_end() -> None:
    full = answer(200, [row(None, OTHER)] * 100, "log")
    question = provider.recover(intent(), [full] * 15)
    assert isinstance(question, HttpRequest)
    assert question.url.endswith("/v2/billing/transactions")


@pytest.mark.parametrize(
    ("known", "charges", "said"),
    [
        (frozenset(), [], "nothing was charged since then that is not recorded here"),
        (frozenset(), [charge(OTHER, "2026-11-20T12:03:00Z")], OTHER),
        (frozenset(), [charge(OTHER, "2026-11-20T12:03:00")], OTHER),
        (frozenset({OTHER}), [charge(OTHER, "2026-11-20T12:03:00Z")], "nothing was charged"),
        (frozenset(), [charge(OTHER, "2026-11-19T12:03:00Z")], "nothing was charged"),
        (frozenset(), [charge("top-up", "2026-11-20T12:03:00Z")], "nothing was charged"),
    ],
)
def test_an_absent_row_proves_nothing(
    known: frozenset[str], charges: list[object], said: str
) -> None:
    empty = answer(200, {"data": [], "total": 0}, "log")
    question = provider.recover(intent(known), [empty])
    assert isinstance(question, HttpRequest)
    assert question.url == "https://api.aimlapi.com/v2/billing/transactions"
    last = answer(200, {"data": charges}, question.memo["asked"])
    undecided = provider.recover(intent(known), [empty, last])
    assert isinstance(undecided, Undecided)
    assert said in undecided.asked
    assert "proves nothing" in undecided.asked
    assert NONCE in undecided.asked


@pytest.mark.parametrize(
    "log", [error(500, "Internal error"), answer(200, "<html>"), answer(200, {"total": 0})]
)
def test_a_log_that_cannot_be_read_decides_nothing(log: HttpResponse) -> None:
    undecided = provider.recover(intent(), [log])
    assert isinstance(undecided, Undecided)
    assert "could not be read" in undecided.asked


def test_charges_that_cannot_be_read_decide_nothing() -> None:
    seen = [answer(200, [], "log"), answer(503, "", "charges")]
    undecided = provider.recover(intent(), seen)
    assert isinstance(undecided, Undecided)
    assert "could not be read" in undecided.asked


def test_two_jobs_with_one_mark_are_for_the_user_to_judge() -> None:
    undecided = provider.recover(intent(), [answer(200, [row(NONCE), row(NONCE, OTHER)], "log")])
    assert isinstance(undecided, Undecided)
    assert ID in undecided.asked
    assert OTHER in undecided.asked
