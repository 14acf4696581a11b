"""What ModelStream's answers mean, in every shape that is known of it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from fractions import Fraction

import pytest

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
from storyboard.provider import Prompt, Request
from storyboard.providers.modelstream import provider

CLIP = "https://files.modelstream.ai/task_1.mp4"
INTENT = Intent(
    key="key",
    request=Request(
        model="modelstream/kling-2.6",
        prompts=(Prompt("A lamp", Fraction(5)),),
        duration=Fraction(5),
    ),
    nonce="6f2b1c0e-5f6b-4c0a-9f43-0a3f6c1d2e11",
    made_at=datetime(2026, 11, 20, 12, tzinfo=UTC),
)
JOB = Operation(
    provider="modelstream",
    model="modelstream/kling-2.6",
    id="task_1",
    urls={"status": "https://api.modelstream.ai/v1/video/generations/task_1"},
)


def answer(status: int, body: object, **headers: str) -> HttpResponse:
    data = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    return HttpResponse(status, headers, data)


def openai(status: int, message: str, code: object = None, param: object = None) -> HttpResponse:
    error = {"message": message, "type": "invalid_request_error", "param": param, "code": code}
    return answer(status, {"error": error})


def gateway(status: int, code: str, message: str) -> HttpResponse:
    return answer(status, {"code": code, "message": message, "data": None})


def wrapped(status: str, **fields: object) -> dict[str, object]:
    return {
        "code": "success",
        "message": "",
        "data": {"task_id": "task_1", "status": status, **fields},
    }


# --- a submit


@pytest.mark.parametrize(
    "body",
    [
        {"task_id": "task_1", "status": "queued"},
        {
            "id": "task_1",
            "task_id": "task_1",
            "object": "video",
            "model": "kling-v2-6",
            "status": "queued",
            "progress": 0,
            "created_at": 1722769557,
        },
        {"id": "task_1", "status": "a new word"},
        {"code": "success", "message": "", "data": "task_1"},
        wrapped("SUBMITTED"),
        {"code": 0, "message": "SUCCEED", "data": {"task_id": "task_1"}},
    ],
)
@pytest.mark.parametrize("status", [200, 201, 202])
def test_accepted_with_an_id(status: int, body: object) -> None:
    assert provider.submitted(INTENT, answer(status, body)) == JOB


@pytest.mark.parametrize(
    ("response", "kind", "words", "field"),
    [
        (
            openai(400, "image is smaller than 300 px", "invalid_image", "image"),
            Kind.INVALID,
            "image is smaller than 300 px",
            "first_frame",
        ),
        (
            openai(400, "durations must add up", None, "multi_prompt[1].duration"),
            Kind.INVALID,
            "durations must add up",
            "multi_prompt",
        ),
        (
            openai(400, "sound needs mode pro", None, "sound"),
            Kind.INVALID,
            "sound needs mode pro",
            "audio",
        ),
        (openai(400, "at least 1300 px", None, None), Kind.INVALID, "at least 1300 px", None),
        (
            gateway(400, "invalid_request", "prompt is required"),
            Kind.INVALID,
            "prompt is required",
            None,
        ),
        (
            gateway(400, "task_failed", "code: 1301, message: risk control"),
            Kind.REFUSED,
            "code: 1301, message: risk control",
            None,
        ),
        (
            openai(400, "Your prompt is not within our policy"),
            Kind.REFUSED,
            "Your prompt is not within our policy",
            None,
        ),
        (openai(401, "Invalid token", "invalid_api_key"), Kind.KEY, "Invalid token", None),
        (openai(402, "Quota exhausted"), Kind.NO_CREDIT, "Quota exhausted", None),
        (openai(403, "The key is frozen"), Kind.KEY, "The key is frozen", None),
        (
            openai(403, "Not enough", "insufficient_user_quota"),
            Kind.NO_CREDIT,
            "Not enough",
            None,
        ),
        (
            gateway(429, "task_failed", "code: 1102, pack depleted"),
            Kind.NO_CREDIT,
            "code: 1102, pack depleted",
            None,
        ),
        # A refusal in an answer that says 200.
        (
            gateway(200, "invalid_request", "no such model"),
            Kind.INVALID,
            "no such model",
            None,
        ),
        (answer(400, {"error": "no such model"}), Kind.INVALID, "no such model", None),
    ],
)
def test_a_definite_no(response: HttpResponse, kind: Kind, words: str, field: str | None) -> None:
    rejected = provider.submitted(INTENT, response)
    assert rejected == Rejected(kind=kind, words=words, field=field)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [({}, 5.0), ({"retry-after": "12"}, 12.0), ({"retry-after": "soon"}, 5.0)],
)
@pytest.mark.parametrize("code", ["rate_limit", "1303"])
def test_too_many_requests_may_be_asked_again(
    headers: dict[str, str], seconds: float, code: str
) -> None:
    body = {"error": {"message": "Slow down", "code": code}}
    rejected = provider.submitted(INTENT, answer(429, body, **headers))
    assert rejected == Rejected(kind=Kind.RATE, words="Slow down", retry_after=seconds)


@pytest.mark.parametrize(
    "response",
    [
        openai(500, "Internal error"),
        openai(503, "No channel is available"),
        gateway(500, "fail_to_fetch_task", "upstream"),
        openai(408, "Timeout"),
        answer(403, "<html>Just a moment…</html>"),
        answer(200, "<html></html>"),
        answer(200, {"status": "queued"}),
        answer(200, {"task_id": ""}),
        answer(200, []),
        answer(502, ""),
    ],
)
def test_nobody_knows_what_became_of_it(response: HttpResponse) -> None:
    unclear = provider.submitted(INTENT, response)
    assert isinstance(unclear, Unclear)
    assert str(response.status) in unclear.why


# --- a job


@pytest.mark.parametrize(
    ("body", "progress"),
    [
        *(
            ({"task_id": "task_1", "status": word}, None)
            for word in (
                "not_start",
                "submitted",
                "queued",
                "unknown",
                "in_progress",
                "processing",
                "new",
            )
        ),
        (wrapped("IN_PROGRESS", progress="40%", finish_time=0, fail_reason=""), 0.4),
        (wrapped("IN_PROGRESS", progress="strange"), None),
        ({"id": "task_1", "status": "in_progress", "progress": 30}, 0.3),
        ({"id": "task_1", "status": "in_progress", "progress": 900}, 1.0),
        ({"task_id": "task_1", "status": "completed"}, None),  # and no address yet
        (wrapped("SUCCESS", progress="100%"), 1.0),
        ({"task_id": "task_1"}, None),
        ([], None),
        ("<html></html>", None),
    ],
)
def test_everything_else_is_running(body: object, progress: float | None) -> None:
    assert provider.polled(JOB, answer(200, body)) == Running(progress=progress)


@pytest.mark.parametrize(
    "response",
    [
        gateway(400, "task_not_exist", "task not exist"),
        openai(500, "Internal error"),
        openai(429, "Slow down"),
        answer(502, "<html></html>"),
        gateway(200, "fail_to_fetch_task", "upstream"),
    ],
)
def test_trouble_of_asking_loses_no_job(response: HttpResponse) -> None:
    assert isinstance(provider.polled(JOB, response), Running)


@pytest.mark.parametrize(
    "body",
    [
        *(
            {
                "task_id": "task_1",
                "status": word,
                "url": CLIP,
                "format": "mp4",
                "metadata": {"duration": 5},
            }
            for word in ("completed", "succeeded", "succeed", "SUCCESS")
        ),
        wrapped("SUCCESS", progress="100%", result_url=CLIP, data={}),
        wrapped("succeeded", url=CLIP, format="mp4", error=None),
        wrapped("SUCCESS", data={"code": 0, "data": {"task_result": {"videos": [{"url": CLIP}]}}}),
        wrapped("SUCCESS", fail_reason=CLIP),
        wrapped("SUCCESS", url=CLIP, result_url="https://other.example/x.mp4"),
        wrapped("SUCCESS", result_url=CLIP, fail_reason="https://other.example/x.mp4"),
    ],
)
def test_a_finished_clip(body: object) -> None:
    assert provider.polled(JOB, answer(200, body)) == Done(results=(Result(url=CLIP, id="task_1"),))


@pytest.mark.parametrize(
    ("body", "kind", "words"),
    [
        (
            {"task_id": "task_1", "status": "failed", "error": {"code": 0, "message": "It broke"}},
            Kind.FAULT,
            "It broke",
        ),
        (wrapped("FAILURE", fail_reason="upstream timeout"), Kind.FAULT, "upstream timeout"),
        (
            wrapped("FAILURE", fail_reason="Failure to pass the risk control system"),
            Kind.REFUSED,
            "Failure to pass the risk control system",
        ),
        (
            wrapped("FAILURE", data={"code": 1301, "message": "unsuitable"}),
            Kind.REFUSED,
            "unsuitable",
        ),
        (
            wrapped("FAILURE", data={"code": 0, "data": {"task_status_msg": "It broke"}}),
            Kind.FAULT,
            "It broke",
        ),
        # Too many jobs at Kling: this one has ended, and asking after it again changes nothing.
        (wrapped("failed", error={"message": "code: 1303"}), Kind.FAULT, "code: 1303"),
        (wrapped("failed", error={"message": "code: 1304"}), Kind.FAULT, "code: 1304"),
        (wrapped("failed", error={"message": "code: 1102"}), Kind.NO_CREDIT, "code: 1102"),
        (wrapped("FAILURE", fail_reason=""), Kind.FAULT, "no reason given"),
        ({"id": "task_1", "status": "failed", "error": None}, Kind.FAULT, "no reason given"),
    ],
)
def test_a_failed_job_in_its_own_words(body: object, kind: Kind, words: str) -> None:
    failed = provider.polled(JOB, answer(200, body))
    assert isinstance(failed, JobFailed)
    assert (failed.kind, failed.words) == (kind, words)


def test_a_failed_job_names_the_field() -> None:
    body = {
        "task_id": "task_1",
        "status": "failed",
        "error": {"message": "Too dark", "param": "image_tail"},
    }
    failed = provider.polled(JOB, answer(200, body))
    assert isinstance(failed, JobFailed)
    assert failed.field == "last_frame"
