"""What AI/ML API is asked for: from storyboards to the very bodies."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from storyboard.abilities import Cancels, Uploads
from storyboard.exchange import HttpRequest, Operation
from storyboard.providers.aimlapi import provider

Submits = Callable[[str], list[HttpRequest]]
Complaints = Callable[[str], list[str]]
NONCE = "6f2b1c0e-5f6b-4c0a-9f43-0a3f6c1d2e11"


def shot(fields: str) -> str:
    return f"shots: [{{id: a, model: aimlapi/kling-2.6-pro, {fields}}}]"


@pytest.mark.parametrize(
    ("fields", "body"),
    [
        (
            "prompt: The lamp turns, first_frame: https://a.example/lamp.png, negative_prompt: blur",
            {
                "model": "klingai/video-v2-6-pro-image-to-video",
                "prompt": "The lamp turns",
                "image_url": "https://a.example/lamp.png",
                "duration": 5,
                "negative_prompt": "blur",
                "generate_audio": False,
            },
        ),
        (
            "prompt: The lamp turns, first_frame: https://a.example/lamp.png, audio: true, duration: 10,"
            " options: {aimlapi: {provider: kling}}",
            {
                "model": "klingai/video-v2-6-pro-image-to-video",
                "prompt": "The lamp turns",
                "image_url": "https://a.example/lamp.png",
                "duration": 10,
                "generate_audio": True,
                "provider": "kling",
            },
        ),
        (
            "prompt: The sea, aspect_ratio: '9:16', cfg_scale: 0.25, negative_prompt: blur, duration: 7",
            {
                "model": "klingai/video-v2-6-pro-text-to-video",
                "prompt": "The sea",
                "aspect_ratio": "9:16",
                "duration": 10,
                "negative_prompt": "blur",
                "cfg_scale": 0.25,
                "generate_audio": False,
            },
        ),
        (
            "prompt: She waves, first_frame: https://a.example/her.png, duration: 5,"
            " motion: {video: https://a.example/wave.mp4, orientation: image, keep_sound: true}",
            {
                "model": "klingai/video-v2-6-motion-control",
                "prompt": "She waves",
                "image_url": "https://a.example/her.png",
                "video_url": "https://a.example/wave.mp4",
                "character_orientation": "image",
                "keep_audio": True,
                "mode": "pro",
            },
        ),
        (
            "first_frame: https://a.example/her.png, duration: 5,"
            " motion: {video: https://a.example/wave.mp4, orientation: video},"
            " options: {aimlapi: {mode: std}}",
            {
                "model": "klingai/video-v2-6-motion-control",
                "image_url": "https://a.example/her.png",
                "video_url": "https://a.example/wave.mp4",
                "character_orientation": "video",
                "keep_audio": False,
                "mode": "std",
            },
        ),
    ],
)
def test_a_shot_is_this_body(submits: Submits, fields: str, body: dict[str, Any]) -> None:
    (request,) = submits(shot(fields))
    assert request.json == body
    assert request.method == "POST"
    assert request.url == "https://api.aimlapi.com/v2/video/generations"
    assert request.headers == {"X-Client-Request-Id": NONCE}
    assert request.authorized


def test_integers_are_integers_and_sound_is_a_boolean(submits: Submits) -> None:
    (request,) = submits(shot("prompt: The sea, duration: 5, first_frame: none"))
    assert isinstance(request.json, dict)
    assert type(request.json["duration"]) is int
    assert request.json["generate_audio"] is False


def test_a_picture_travels_as_a_data_uri(submits: Submits, film: Path) -> None:
    (request,) = submits(shot("prompt: The lamp turns, first_frame: start.png"))
    assert isinstance(request.json, dict)
    encoded = b64encode((film.parent / "start.png").read_bytes()).decode()
    assert request.json["image_url"] == f"data:image/png;base64,{encoded}"


def test_prompts_are_chained_each_from_the_frame_before(submits: Submits) -> None:
    requests = submits(
        shot(
            "first_frame: start.png, multi_prompt: [{prompt: Rain, duration: 3}, {prompt: Sun, duration: 7}]"
        )
    )
    bodies = [request.json for request in requests]
    assert [(body["prompt"], body["duration"]) for body in bodies] == [("Rain", 5), ("Sun", 10)]  # type: ignore[index,call-overload]
    assert bodies[1]["image_url"] == "<frame of frame:a#1@hand-over>"  # type: ignore[index,call-overload]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ("prompt: The sea, first_frame: start.png, last_frame: end.png", "given frame"),
        ("prompt: The sea, first_frame: start.png, cfg_scale: 0.5", "cfg_scale"),
        ("prompt: The sea, first_frame: start.png, aspect_ratio: '16:9'", "aspect_ratio"),
        ("prompt: The sea, voices: [keeper], audio: true", "no voices"),
        ("prompt: The sea, options: {aimlapi: {mode: std}}", "no option `mode` for such a shot"),
        ("prompt: The sea, options: {aimlapi: {provider: luma}}", "does not fit"),
        (
            "first_frame: start.png, duration: 5, negative_prompt: blur,"
            " motion: {video: https://a.example/wave.mp4, orientation: image}",
            "no negative prompt",
        ),
    ],
)
def test_what_it_cannot_do_is_said_before_anything_is_paid(
    complaints: Complaints, fields: str, words: str
) -> None:
    said = complaints(f"voices: {{keeper: {{fal: '1'}}}}\n{shot(fields)}")
    assert any(words in message for message in said), said


def test_an_inherited_option_of_another_mode_is_left_out(submits: Submits) -> None:
    (request,) = submits(
        f"defaults: {{options: {{aimlapi: {{mode: std}}}}}}\n{shot('prompt: Sea')}"
    )
    assert isinstance(request.json, dict)
    assert "mode" not in request.json


def test_an_id_with_colons_and_slashes_is_encoded_in_the_query() -> None:
    id_ = "60ac7c34:klingai/video-v2-6-pro-image-to-video"
    asked = provider.poll(Operation(provider="aimlapi", model="aimlapi/kling-2.6-pro", id=id_))
    sent = httpx.Request(asked.method, asked.url, params=asked.query)
    assert (
        sent.url.raw_path
        == b"/v2/video/generations?generation_id=60ac7c34%3Aklingai%2Fvideo-v2-6-pro-image-to-video"
    )


def test_a_key_is_tried_by_asking_for_the_balance() -> None:
    asked = provider.ping()
    assert (asked.method, asked.url) == ("GET", "https://api.aimlapi.com/v2/billing")
    assert asked.authorized


def test_nothing_is_uploaded_and_nothing_can_be_cancelled() -> None:
    assert not isinstance(provider, Uploads | Cancels)
