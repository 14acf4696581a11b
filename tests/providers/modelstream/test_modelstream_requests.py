"""What ModelStream is asked for: from storyboards to the very bodies."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from storyboard.abilities import Cancels, Uploads
from storyboard.exchange import HttpRequest, HttpResponse, Intent, Operation, Undecided
from storyboard.provider import Prompt, Request
from storyboard.providers.modelstream import provider

Submits = Callable[[str], list[HttpRequest]]
Complaints = Callable[[str], list[str]]
NONCE = "6f2b1c0e-5f6b-4c0a-9f43-0a3f6c1d2e11"
MODEL = provider.models()["modelstream/kling-2.6"]


def shot(fields: str) -> str:
    return f"shots: [{{id: a, model: modelstream/kling-2.6, {fields}}}]"


def body_of(request: HttpRequest) -> dict[str, Any]:
    """The body without the mark, which is an id."""
    assert isinstance(request.json, dict)
    body = dict(request.json)
    assert body.pop("metadata") == {"external_task_id": NONCE}
    return body


@pytest.mark.parametrize(
    ("fields", "body"),
    [
        (
            "prompt: The lamp, first_frame: https://a.example/lamp.png, negative_prompt: blur,"
            " options: {modelstream: {mode: std, size: 1080P, mirror_prompt: false}}",
            {
                "model": "kling-v2-6",
                "image": "https://a.example/lamp.png",
                "multi_prompt": [{"index": 1, "prompt": "The lamp", "duration": "5"}],
                "multi_shot": False,
                "duration": 5,
                "mode": "std",
                "sound": "off",
                "size": "1080P",
                "negative_prompt": "blur",
            },
        ),
        (
            "first_frame: none, audio: true, multi_prompt_mode: native,"
            " multi_prompt: [{prompt: Rain, duration: 4}, {prompt: Sun, duration: 6}],"
            " options: {modelstream: {mirror_prompt: false}}",
            {
                "model": "kling-v2-6",
                "multi_shot": True,
                "shot_type": "customize",
                "duration": 10,
                "mode": "pro",
                "sound": "on",
                "multi_prompt": [
                    {"index": 1, "prompt": "Rain", "duration": "4"},
                    {"index": 2, "prompt": "Sun", "duration": "6"},
                ],
            },
        ),
        (
            "prompt: The lamp, first_frame: https://a.example/a.png, cfg_scale: 0.5,"
            " last_frame: https://a.example/b.png, options: {modelstream: {watermark_enabled: false}}",
            {
                "model": "kling-v2-6",
                "image": "https://a.example/a.png",
                "image_tail": "https://a.example/b.png",
                "prompt": "The lamp",
                "multi_prompt": [{"index": 1, "prompt": "The lamp", "duration": "5"}],
                "multi_shot": False,
                "duration": 5,
                "mode": "pro",
                "sound": "off",
                "cfg_scale": 0.5,
                "watermark_enabled": False,
            },
        ),
        (
            "prompt: The lamp, duration: 10, options: {modelstream: {shot_type: intelligence}}",
            {
                "model": "kling-v2-6",
                "prompt": "The lamp",
                "multi_prompt": [{"index": 1, "prompt": "The lamp", "duration": "10"}],
                "multi_shot": True,
                "shot_type": "intelligence",
                "duration": 10,
                "mode": "pro",
                "sound": "off",
            },
        ),
    ],
)
def test_a_shot_is_this_body(submits: Submits, fields: str, body: dict[str, Any]) -> None:
    (request,) = submits(shot(fields))
    assert body_of(request) == body
    assert (request.method, request.url) == (
        "POST",
        "https://api.modelstream.ai/v1/video/generations",
    )
    assert request.authorized


def test_the_length_is_a_number_that_the_prompts_add_up_to(submits: Submits) -> None:
    (request,) = submits(
        shot(
            "multi_prompt_mode: native, multi_prompt:"
            " [{prompt: Rain, duration: 2.5}, {prompt: Wind, duration: 2}, {prompt: Sun, duration: 3}]"
        )
    )
    body = body_of(request)
    assert body["duration"] == 10
    assert [item["duration"] for item in body["multi_prompt"]] == ["2.5", "2", "5.5"]
    assert body["prompt"] == "Rain"


def test_prompts_are_chained_unless_native_is_asked_for(submits: Submits) -> None:
    requests = submits(
        shot("multi_prompt: [{prompt: Rain, duration: 4}, {prompt: Sun, duration: 6}]")
    )
    assert [body_of(request)["duration"] for request in requests] == [5, 10]
    assert [body_of(request)["multi_shot"] for request in requests] == [False, False]
    assert body_of(requests[1])["image"] == "<frame of frame:a#1@hand-over>"


def test_pictures_travel_as_bare_base64(submits: Submits, film: Path) -> None:
    (request,) = submits(shot("prompt: The lamp, first_frame: start.png, last_frame: end.png"))
    body = body_of(request)
    for name, picture in (("image", "start.png"), ("image_tail", "end.png")):
        assert body[name] == b64encode((film.parent / picture).read_bytes()).decode()


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        (
            "audio: true, options: {modelstream: {mode: std}}",
            "The option `mode` of `modelstream/kling-2.6` must be `pro` with sound.",
        ),
        (
            "first_frame: start.png, last_frame: end.png, options: {modelstream: {mode: std}}",
            "The option `mode` of `modelstream/kling-2.6` must be `pro` where the last frame is given.",
        ),
        (
            "first_frame: start.png, last_frame: end.png, audio: true",
            "`modelstream/kling-2.6` makes no sound between two given frames.",
        ),
        (
            "aspect_ratio: '9:16'",
            "`modelstream/kling-2.6` follows the first frame's shape: it takes no `aspect_ratio` here.",
        ),
        (
            "cfg_scale: 1.5",
            "`cfg_scale` of `modelstream/kling-2.6` goes from 0 to 1.",
        ),
        (
            "options: {modelstream: {shot_type: Customise}}",
            "The option `shot_type` of `modelstream/kling-2.6` does not fit: 'Customise' is not one of ['customize', 'intelligence'].",
        ),
    ],
)
def test_what_it_cannot_do_is_said_before_anything_is_paid(
    complaints: Complaints, fields: str, words: str
) -> None:
    assert words in complaints(shot(f"prompt: The sea, {fields}"))


def test_a_long_prompt_is_said_before_anything_is_paid(complaints: Complaints) -> None:
    (said,) = complaints(shot(f"prompt: {'a' * 2501}"))
    assert "2501 characters" in said


def test_the_quality_sets_the_price() -> None:
    def high(**fields: Any) -> Fraction:
        asked = Request(model=MODEL.name, prompts=(), duration=Fraction(5), **fields)
        price = MODEL.price("first_frame", asked)
        assert price is not None
        assert price.low_usd == 0
        assert price.confidence == "unknown"
        return price.high_usd

    assert high() == Fraction("0.07")
    assert high(options={"mode": "std"}) == Fraction("0.042")
    assert high(audio=True) == Fraction("0.14")


def test_the_address_of_a_job_can_be_set() -> None:
    def asked_at(**delivery: str) -> str:
        seconds = Fraction(5)
        intent = Intent(
            key="key",
            request=Request(
                model=MODEL.name,
                prompts=(Prompt("A lamp", seconds),),
                duration=seconds,
                delivery=delivery,
            ),
            nonce=NONCE,
            made_at=datetime(2026, 11, 20, 12, tzinfo=UTC),
        )
        operation = provider.submitted(intent, HttpResponse(200, {}, b'{"task_id": "task_1/2"}'))
        assert isinstance(operation, Operation)
        return provider.poll(operation).url

    assert asked_at() == "https://api.modelstream.ai/v1/video/generations/task_1%2F2"
    path = "/kling/v1/videos/text2video/{task_id}"
    assert (
        asked_at(poll_path=path)
        == "https://api.modelstream.ai/kling/v1/videos/text2video/task_1%2F2"
    )


def test_how_to_deliver_is_in_no_key() -> None:
    assert {"mirror_prompt", "poll_path"} == MODEL.delivery


def test_a_key_is_tried_by_asking_after_no_job() -> None:
    asked = provider.ping()
    assert asked.method == "GET"
    assert asked.authorized
    assert asked.url.startswith(provider.hosts[0])


def test_a_lost_job_can_only_be_judged_by_the_user() -> None:
    intent = Intent(
        key="key",
        request=Request(model=MODEL.name, prompts=(), duration=Fraction(5)),
        nonce=NONCE,
        made_at=datetime(2026, 11, 20, 12, tzinfo=UTC),
    )
    undecided = provider.recover(intent, [])
    assert isinstance(undecided, Undecided)
    assert "no list of jobs" in undecided.asked
    assert NONCE in undecided.asked


def test_nothing_is_uploaded_and_nothing_can_be_cancelled() -> None:
    assert not isinstance(provider, Uploads | Cancels)
