"""What Runware's answers mean, and how a job is found again whose answer was lost."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

import pytest

from storyboard.exchange import (
    Done,
    Found,
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
    SafeToSend,
    Unclear,
    Undecided,
    Unseen,
)
from storyboard.provider import Prompt, Request
from storyboard.providers.runware import provider

ID = "6f2b1c0e-5f6b-4c0a-9f43-0a3f6c1d2e11"
CLIP = "https://vm.runware.ai/video/os/a/vi/1.mp4"
JOB = Operation(provider="runware", model="runware/kling-2.6-pro", id=ID)
INTENT = Intent(
    key="key",
    request=Request(
        model="runware/kling-2.6-pro",
        prompts=(Prompt("A lamp", Fraction(5)),),
        duration=Fraction(5),
    ),
    nonce=ID,
    made_at=datetime(2026, 11, 20, 12, tzinfo=UTC),
)


def answer(status: int, body: object, asked: str = "", **headers: str) -> HttpResponse:
    data = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return HttpResponse(status, names, data, {"asked": asked} if asked else {})


def item(**more: Any) -> dict[str, Any]:
    return {"taskType": "videoInference", "taskUUID": ID, **more}


def error(code: str, **more: Any) -> dict[str, Any]:
    return item(code=code, message="in its own words", **more)


def errors(*listed: dict[str, Any]) -> dict[str, Any]:
    return {"data": [], "errors": list(listed)}


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, {"data": [item()]}),
        (200, {"data": [item(status="processing")]}),
        (200, {"data": []}),
        (400, errors(error("conflictTaskUUID", parameter="taskUUID"))),  # it was sent before
    ],
)
def test_a_submit_is_accepted(status: int, body: object) -> None:
    assert provider.submitted(INTENT, answer(status, body)) == JOB


@pytest.mark.parametrize(
    ("status", "code", "parameter", "kind", "field"),
    [
        (400, "invalidPositivePromptLength", "positivePrompt", Kind.INVALID, "prompt"),
        (200, "unsupportedDuration", "duration", Kind.INVALID, "duration"),
        (400, "unsupportedDimensions", ["width", "height"], Kind.INVALID, "aspect_ratio"),
        (
            400,
            "incompatibleParameters",
            ["unheard", "providerSettings.klingai.sound"],
            Kind.INVALID,
            "audio",
        ),
        (400, "invalidInputs", "inputs.referenceVideos[0]", Kind.INVALID, "motion.video"),
        (400, "valueTooLarge", "ttl", Kind.INVALID, "options.runware.ttl"),
        (400, "somethingNew", "whatever", Kind.INVALID, None),
        (400, "contentPolicyViolation", None, Kind.REFUSED, None),
        (200, "promptBlocked", "positivePrompt", Kind.REFUSED, "prompt"),
        (401, "invalidApiKey", None, Kind.KEY, None),
        (403, "somethingForbidden", None, Kind.KEY, None),
        (402, "insufficientCredits", None, Kind.NO_CREDIT, None),
        (400, "quotaExceeded", None, Kind.NO_CREDIT, None),
    ],
)
def test_a_refusal_is_definite_and_names_the_field(
    status: int, code: str, parameter: object, kind: Kind, field: str | None
) -> None:
    body = errors(error(code, **({"parameter": parameter} if parameter else {})))
    refused = provider.submitted(INTENT, answer(status, body))
    assert refused == Rejected(kind=kind, words=f"in its own words ({code})", field=field)


@pytest.mark.parametrize(
    ("headers", "wait"), [({"retry_after": "7"}, 7.0), ({}, 5.0), ({"retry_after": "Fri"}, 5.0)]
)
@pytest.mark.parametrize("body", [errors(error("rateLimitExceeded")), "slow down"])
def test_too_many_requests(headers: dict[str, str], wait: float, body: object) -> None:
    refused = provider.submitted(INTENT, answer(429, body, **headers))
    assert isinstance(refused, Rejected)
    assert (refused.kind, refused.retry_after) == (Kind.RATE, wait)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, "<html>"),
        (200, {"unheard": 1}),
        (500, errors(error("internalServerError"))),
        (503, errors(error("noAvailableServer"))),
        (502, "<html>"),
        (408, errors(error("timeout"))),
        (404, "nginx"),
    ],
)
def test_what_says_nothing_certain_is_unclear(status: int, body: object) -> None:
    assert isinstance(provider.submitted(INTENT, answer(status, body)), Unclear)


@pytest.mark.parametrize(
    ("body", "progress"),
    [
        ({"data": [item(status="processing", progress=40)]}, 0.4),
        ({"data": [item(status="processing")]}, None),
        ({"data": [item(status="queued")]}, None),
        ({"data": [item(status="quite new", progress="x")]}, None),
        ({"data": [item()]}, None),
    ],
)
def test_a_job_is_running(body: object, progress: float | None) -> None:
    assert provider.polled(JOB, answer(200, body)) == Running(progress=progress)


@pytest.mark.parametrize("status", ["success", None])
def test_a_job_is_done(status: str | None) -> None:
    told = {"status": status} if status else {}
    body = {"data": [item(videoUUID="v", videoURL=CLIP, cost=1.4, seed=123, **told)]}
    assert provider.polled(JOB, answer(200, body)) == Done(
        results=(Result(url=CLIP, id="v"),), charged_usd=Fraction(7, 5)
    )
    del body["data"][0]["cost"]
    assert provider.polled(JOB, answer(200, body)) == Done(results=(Result(url=CLIP, id="v"),))


def test_several_takes_are_done_when_all_are() -> None:
    job = Operation(provider="runware", model="m", id=ID, count=2)
    first, second = (
        item(status="success", videoUUID=str(n), videoURL=f"{CLIP}?{n}", cost=0.7) for n in (1, 2)
    )
    going = item(status="processing", progress=50)
    assert provider.polled(job, answer(200, {"data": [first, going]})) == Running(progress=0.75)
    assert provider.polled(job, answer(200, {"data": [first]})) == Running(progress=0.5)
    done = provider.polled(job, answer(200, {"data": [first, second, first]}))
    assert isinstance(done, Done)
    assert [result.id for result in done.results] == ["1", "2"]
    part = provider.polled(
        job, answer(200, {"data": [first], "errors": [error("providerError", status="error")]})
    )
    assert isinstance(part, Done)
    assert len(part.results) == 1


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("invalidProviderContent", Kind.REFUSED),
        ("moderationFailed", Kind.REFUSED),
        ("providerError", Kind.FAULT),
        ("timeoutProvider", Kind.FAULT),
        ("providerRateLimitExceeded", Kind.FAULT),
        ("unheard", Kind.FAULT),
        ("taskCancelled", Kind.CANCELLED),
    ],
)
def test_a_job_has_failed_wherever_that_is_said(code: str, kind: Kind) -> None:
    inner = {"code": code, "message": "in its own words"}
    for status, body in [
        (200, errors(error(code, status="error"))),
        (200, errors(error(code))),
        (400, errors(error(code))),
        (500, errors(error(code, status="error"))),
        (200, {"data": [item(status="error", error=inner)]}),
    ]:
        failed = provider.polled(JOB, answer(status, body))
        assert failed == JobFailed(kind=kind, words=f"in its own words ({code})"), (status, body)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, errors(error("internalServerError", taskType="getResponse"))),
        (500, errors(error("internalServerError"))),
        (429, errors(error("rateLimitExceeded"))),
        (401, errors(error("invalidApiKey"))),
        (503, "<html>"),
        (200, "<html>"),
        (200, {"data": [], "errors": [error("providerError") | {"taskUUID": "another"}]}),
    ],
)
def test_trouble_with_asking_is_no_failure(status: int, body: object) -> None:
    standing = provider.polled(JOB, answer(status, body))
    assert isinstance(standing, Running | HttpRequest)


def test_a_job_that_is_not_known_any_more_is_looked_for_in_the_archive() -> None:
    for body in ({"data": []}, errors(error("taskExpired"))):
        further = provider.polled(JOB, answer(200, body, "getResponse"))
        assert isinstance(further, HttpRequest)
        assert further.json == [{"taskType": "getTaskDetails", "taskUUID": ID}]
    kept = {"data": [item(videoUUID="v", videoURL=CLIP)]}
    record = {"taskType": "getTaskDetails", "taskUUID": ID, "request": [], "response": kept}
    found = provider.polled(JOB, answer(200, {"data": [record]}, "getTaskDetails"))
    assert found == Done(results=(Result(url=CLIP, id="v"),))
    record["response"] = {"errors": [error("providerError")]}
    failed = provider.polled(JOB, answer(200, {"data": [record]}, "getTaskDetails"))
    assert isinstance(failed, JobFailed)
    nothing = provider.polled(JOB, answer(404, errors(error("taskNotFound")), "getTaskDetails"))
    assert nothing == Unseen()


def test_one_answer_tells_of_many_jobs() -> None:
    other = Operation(provider="runware", model="m", id="other")
    body = {
        "data": [item(videoUUID="v", videoURL=CLIP)],
        "errors": [error("providerError") | {"taskUUID": "other"}],
    }
    told = provider.polled_many([JOB, other], answer(200, body))
    assert isinstance(told[ID], Done)
    assert isinstance(told["other"], JobFailed)


def test_an_upload_gives_a_uuid() -> None:
    media = Media(type="video/mp4", data=b"x", digest="d")
    kept = {"taskType": "mediaStorage", "taskUUID": "t", "mediaUUID": "m", "mediaURL": "u"}
    assert provider.uploaded(media, answer(200, {"data": [kept]})) == "m"
    refused = provider.uploaded(media, answer(400, errors(error("invalidMedia"))))
    assert isinstance(refused, Rejected)
    assert refused.kind is Kind.INVALID


class TestRecovery:
    """The questions after a submit without an answer, one at a time."""

    EMPTY = answer(200, {"data": []})
    NOT_FOUND = answer(404, errors(error("taskNotFound", taskType="getTaskDetails")))

    @pytest.mark.parametrize(
        "body",
        [
            {"data": [item(status="processing")]},
            {"data": [item(videoUUID="v", videoURL=CLIP)]},
            errors(error("providerError", status="error")),
        ],
    )
    def test_any_trace_is_the_job(self, body: object) -> None:
        question = provider.recover(INTENT, [])
        assert isinstance(question, HttpRequest)
        assert question.json == [{"taskType": "getResponse", "taskUUID": ID}]
        assert provider.recover(INTENT, [answer(200, body)]) == Found(JOB)

    def test_the_archive_is_asked_next(self) -> None:
        question = provider.recover(INTENT, [self.EMPTY])
        assert isinstance(question, HttpRequest)
        assert question.json == [{"taskType": "getTaskDetails", "taskUUID": ID}]
        record = {"taskType": "getTaskDetails", "taskUUID": ID, "response": {"data": []}}
        assert provider.recover(INTENT, [self.EMPTY, answer(200, {"data": [record]})]) == Found(JOB)

    @pytest.mark.parametrize("last", [EMPTY, NOT_FOUND])
    def test_without_a_trace_it_may_be_sent_again_under_the_same_id(
        self, last: HttpResponse
    ) -> None:
        assert provider.recover(INTENT, [self.EMPTY, last]) == SafeToSend()

    @pytest.mark.parametrize(
        "unsettled", [answer(500, "<html>"), answer(429, errors(error("rateLimitExceeded")))]
    )
    def test_without_a_clear_answer_it_is_asked_again_and_then_left_to_the_user(
        self, unsettled: HttpResponse
    ) -> None:
        question = provider.recover(INTENT, [unsettled])
        assert isinstance(question, HttpRequest)
        assert question.json == [{"taskType": "getResponse", "taskUUID": ID}]
        assert provider.recover(INTENT, [unsettled, self.EMPTY, self.NOT_FOUND]) == SafeToSend()
        undecided = provider.recover(INTENT, [unsettled] * 3)
        assert isinstance(undecided, Undecided)
        assert ID in undecided.asked
