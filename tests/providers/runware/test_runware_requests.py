"""What Runware is sent for a shot: exact bodies."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from storyboard.abilities import Cancels
from storyboard.exchange import HttpRequest, Intent, Media, Operation
from storyboard.provider import Prompt, Request
from storyboard.providers.runware import provider

NONCE = "6f2b1c0e-5f6b-4c0a-9f43-0a3f6c1d2e11"
PRO = "klingai:kling-video@2.6-pro"
STANDARD = "klingai:kling-video@2.6-standard"
HER = "https://example.com/her.png"
HIM = "https://example.com/him.png"
WAVE = "https://example.com/wave.mp4"

ALWAYS = {
    "taskType": "videoInference",
    "taskUUID": NONCE,
    "outputType": "URL",
    "outputFormat": "MP4",
    "deliveryMethod": "async",
    "includeCost": True,
    "numberResults": 1,
}
SILENT = {"providerSettings": {"klingai": {"sound": False}}}

SHOTS: dict[str, tuple[str, dict[str, Any]]] = {
    "the example of the text page": (
        "{prompt: A lamp, negative_prompt: blur, first_frame: none, duration: 10, cfg_scale: 0.6,"
        " audio: true, options: {runware: {output_quality: 95}}}",
        {
            "model": PRO,
            "positivePrompt": "A lamp",
            "negativePrompt": "blur",
            "width": 1920,
            "height": 1080,
            "duration": 10,
            "CFGScale": 0.6,
            "outputQuality": 95,
            "providerSettings": {"klingai": {"sound": True}},
        },
    ),
    "from a first frame": (
        f"{{prompt: A lamp, first_frame: '{HER}', duration: 5, audio: true}}",
        {
            "model": PRO,
            "positivePrompt": "A lamp",
            "duration": 5,
            "inputs": {"frameImages": [{"image": HER, "frame": "first"}]},
            "providerSettings": {"klingai": {"sound": True}},
        },
    ),
    "from a first frame to a last": (
        f"{{prompt: A lamp, first_frame: '{HER}', last_frame: '{HIM}', duration: 10}}",
        {
            "model": PRO,
            "positivePrompt": "A lamp",
            "duration": 10,
            "inputs": {
                "frameImages": [
                    {"image": HER, "frame": "first"},
                    {"image": HIM, "frame": "last"},
                ]
            },
            **SILENT,
        },
    ),
    "motion control": (
        f"{{prompt: She waves, first_frame: '{HER}', duration: 5,"
        f" motion: {{video: '{WAVE}', orientation: video, keep_sound: true}}}}",
        {
            "model": PRO,
            "positivePrompt": "She waves",
            "inputs": {
                "frameImages": [{"image": HER, "frame": "first"}],
                "referenceVideos": [WAVE],
            },
            "providerSettings": {
                "klingai": {"characterOrientation": "video", "keepOriginalSound": True}
            },
        },
    ),
    "motion control of Standard": (
        f"{{model: runware/kling-2.6-standard, prompt: She waves, first_frame: '{HER}',"
        f" duration: 5, motion: {{video: '{WAVE}', orientation: image}}}}",
        {
            "model": STANDARD,
            "positivePrompt": "She waves",
            "inputs": {"referenceImages": [HER], "referenceVideos": [WAVE]},
            "providerSettings": {
                "klingai": {"characterOrientation": "image", "keepOriginalSound": False}
            },
        },
    ),
    "upright, at Standard": (
        "{model: runware/kling-2.6-standard, prompt: A lamp, first_frame: none, duration: 5,"
        ' aspect_ratio: "9:16"}',
        {
            "model": STANDARD,
            "positivePrompt": "A lamp",
            "width": 720,
            "height": 1280,
            "duration": 5,
            **SILENT,
        },
    ),
    "square": (
        '{prompt: A lamp, first_frame: none, duration: 5, aspect_ratio: "1:1"}',
        {
            "model": PRO,
            "positivePrompt": "A lamp",
            "width": 1440,
            "height": 1440,
            "duration": 5,
            **SILENT,
        },
    ),
    "with all that says how to deliver": (
        "{prompt: A lamp, first_frame: none, duration: 5, options: {runware: {output_format: WEBM,"
        ' safety: none, ttl: 60, webhook: "https://example.com/done",'
        ' upload_endpoint: "https://example.com/put", include_cost: false, routing: {a: 1}}}}',
        {
            "model": PRO,
            "positivePrompt": "A lamp",
            "width": 1920,
            "height": 1080,
            "duration": 5,
            "outputFormat": "WEBM",
            "safety": {"checkContent": False, "mode": "none"},
            "ttl": 60,
            "webhookURL": "https://example.com/done",
            "uploadEndpoint": "https://example.com/put",
            "includeCost": False,
            "routing": {"a": 1},
            **SILENT,
        },
    ),
}


@pytest.mark.parametrize("name", SHOTS)
def test_a_shot_makes_exactly_this_task(
    name: str, submits: Callable[[str], list[HttpRequest]]
) -> None:
    shot, task = SHOTS[name]
    model = "" if "model:" in shot else "model: runware/kling-2.6-pro, "
    (request,) = submits(f"shots:\n  - {{id: a, {model}{shot[1:]}\n")
    assert (request.method, request.url) == ("POST", "https://api.runware.ai/v1")
    assert request.authorized
    assert request.json == [{**ALWAYS, **task}]


def test_a_picture_of_ones_own_travels_in_the_request(
    submits: Callable[[str], list[HttpRequest]], film: Path
) -> None:
    (request,) = submits(
        "shots:\n  - {id: a, model: runware/kling-2.6-pro, prompt: A lamp, duration: 5,"
        " first_frame: start.png}\n"
    )
    encoded = b64encode((film.parent / "start.png").read_bytes()).decode()
    assert isinstance(request.json, list)
    (task,) = request.json
    assert isinstance(task, dict)
    assert task["inputs"] == {
        "frameImages": [{"image": f"data:image/png;base64,{encoded}", "frame": "first"}]
    }


@pytest.mark.parametrize(
    ("shot", "said"),
    [
        ("{model: runware/kling-2.6-standard, audio: true}", "makes no sound"),
        ("{model: runware/kling-2.6-pro, aspect_ratio: '4:3'}", "cannot make 4:3"),
        ("{model: runware/kling-2.6-pro, cfg_scale: 1.5}", "goes from 0 to 1"),
        ("{model: runware/kling-2.6-pro, options: {runware: {ttl: 59}}}", "does not fit"),
        (
            "{model: runware/kling-2.6-pro, options: {runware: {motion_picture: frameImages}}}",
            "no option `motion_picture` for such a shot",
        ),
    ],
)
def test_what_a_model_cannot_do_is_told_before_anything_is_paid(
    shot: str, said: str, complaints: Callable[[str], list[str]]
) -> None:
    found = complaints(
        f"shots:\n  - {{id: a, prompt: A lamp, duration: 5, first_frame: none, {shot[1:]}\n"
    )
    assert any(said in complaint for complaint in found), found


def test_a_prompt_of_one_character_is_told_before_anything_is_paid(
    complaints: Callable[[str], list[str]],
) -> None:
    (said,) = complaints(
        "shots:\n  - {id: a, prompt: A, duration: 5, first_frame: none, model: runware/kling-2.6-pro}\n"
    )
    assert said == (
        "The prompt has 1 character with its style, and `runware/kling-2.6-pro` wants 2 at least."
    )


def intent(**fields: Any) -> Intent:
    request = Request(
        model="runware/kling-2.6-pro",
        prompts=(Prompt("A lamp", Fraction(5)),),
        duration=Fraction(5),
        aspect_ratio="16:9",
    )
    made_at = datetime(2026, 11, 20, 12, tzinfo=UTC)
    return replace(Intent(key="k", request=request, nonce=NONCE, made_at=made_at), **fields)


def test_several_takes_are_one_request() -> None:
    body = provider.submit(intent(count=3), {}).json
    assert isinstance(body, list)
    (task,) = body
    assert isinstance(task, dict)
    assert task["numberResults"] == 3
    assert provider.models()["runware/kling-2.6-pro"].results == 4
    assert provider.models()["runware/kling-2.6-standard"].results == 20


def test_only_a_video_is_uploaded() -> None:
    assert provider.uploads == {"motion"}
    request = provider.upload(Media(type="video/mp4", data=b"mp4", digest="d"))
    assert isinstance(request.json, list)
    (task,) = request.json
    assert isinstance(task, dict)
    assert {**task, "taskUUID": ""} == {
        "taskType": "mediaStorage",
        "taskUUID": "",
        "operation": "upload",
        "media": "data:video/mp4;base64,bXA0",
    }


def test_many_jobs_are_asked_after_at_once() -> None:
    jobs = [Operation(provider="runware", model="m", id=f"id-{n}") for n in range(3)]
    assert provider.poll(jobs[0]).json == [{"taskType": "getResponse", "taskUUID": "id-0"}]
    assert provider.poll_many(jobs).json == [
        {"taskType": "getResponse", "taskUUID": f"id-{n}"} for n in range(3)
    ]
    assert not isinstance(provider, Cancels)
