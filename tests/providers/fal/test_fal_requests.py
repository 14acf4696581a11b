"""What is sent to fal, byte for byte."""

from __future__ import annotations

from base64 import b64decode
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from fal_asked import (
    END,
    ID,
    NONCE,
    START,
    VIDEO,
    answer,
    frames_of,
    intent_of,
    request_of,
)
from PIL import Image

from storyboard import pipeline
from storyboard.exchange import Media
from storyboard.provider import Request
from storyboard.providers.fal import provider

HERE = {"first_frame": START, "last_frame": END, "motion": VIDEO}

# A shot of a storyboard, the endpoint, and the body that fal's own pages ask for.
BODIES: list[tuple[str, str, str, dict[str, Any]]] = [
    (
        "a first frame",
        "{prompt: Waves, first_frame: a.png}",
        "image-to-video",
        {"prompt": "Waves", "start_image_url": START, "duration": "5", "generate_audio": False},
    ),
    (
        "between two frames, which is silent",
        "{prompt: Waves, first_frame: a.png, last_frame: b.png, duration: 10}",
        "image-to-video",
        {
            "prompt": "Waves",
            "start_image_url": START,
            "end_image_url": END,
            "duration": "10",
            "generate_audio": False,
        },
    ),
    (
        "sound, voices, and what is not wanted",
        "{prompt: '<<<keeper>>> says: Light! <<<boy>>> laughs', first_frame: a.png, duration: 8,"
        " audio: true, voices: [keeper, boy], negative_prompt: blur}",
        "image-to-video",
        {
            "prompt": "<<<voice_1>>> says: Light! <<<voice_2>>> laughs",
            "start_image_url": START,
            "duration": "10",
            "negative_prompt": "blur",
            "generate_audio": True,
            "voice_ids": ["829826751244537879", "17"],
        },
    ),
    (
        "text",
        "{prompt: Waves, first_frame: none, audio: true, cfg_scale: 0.7, aspect_ratio: '9:16',"
        " negative_prompt: blur}",
        "text-to-video",
        {
            "prompt": "Waves",
            "duration": "5",
            "aspect_ratio": "9:16",
            "negative_prompt": "blur",
            "cfg_scale": 0.7,
            "generate_audio": True,
        },
    ),
    (
        "text, at the canvas's aspect ratio",
        "{prompt: Waves, first_frame: none}",
        "text-to-video",
        {"prompt": "Waves", "duration": "5", "aspect_ratio": "1:1", "generate_audio": False},
    ),
    (
        "motion control",
        "{first_frame: a.png, prompt: She dances, motion: {video: 'https://v.example/c.mp4',"
        " orientation: video, keep_sound: true}}",
        "motion-control",
        {
            "prompt": "She dances",
            "image_url": START,
            "video_url": VIDEO,
            "character_orientation": "video",
            "keep_original_sound": True,
        },
    ),
    (
        "motion control without a word",
        "{first_frame: a.png, motion: {video: 'https://v.example/c.mp4', orientation: image}}",
        "motion-control",
        {
            "image_url": START,
            "video_url": VIDEO,
            "character_orientation": "image",
            "keep_original_sound": False,
        },
    ),
]


@pytest.mark.parametrize(
    ("shot", "ending", "body"), [row[1:] for row in BODIES], ids=[row[0] for row in BODIES]
)
def test_a_shot_asks_for_exactly_this(
    tmp_path: Path, shot: str, ending: str, body: dict[str, Any]
) -> None:
    request, roles = lowered(tmp_path, shot)
    addresses = {role: HERE[role] for role in roles}
    asked = provider.submit(intent_of(request, addresses), frames_of(**addresses))
    assert asked.method == "POST"
    assert asked.url == f"https://queue.fal.run/fal-ai/kling-video/v2.6/pro/{ending}"
    assert asked.json == body
    assert (asked.headers, asked.query, asked.authorized) == ({}, {}, True)


def lowered(folder: Path, shot: str) -> tuple[Request, set[str]]:
    """The request of a storyboard's only shot, and the roles of its inputs."""
    for name in ("a.png", "b.png"):
        Image.new("RGB", (320, 320)).save(folder / name)
    film = folder / "storyboard.yaml"
    film.write_text(
        "version: 1\nsize: 720x720\nvoices: {keeper: {fal: 829826751244537879}, boy: {fal: 17}}\n"
        f"defaults: {{model: fal/kling-2.6-pro}}\nshots:\n  - {shot.replace('{', '{id: it, ', 1)}\n"
    )
    graph = pipeline.compile_film(film, pipeline.Choices()).graph
    action = next(action for action in graph if action.id == "generate:it")
    assert isinstance(action.work, Request)
    return action.work, set(action.inputs)


def test_motion_control_is_one_clip_as_long_as_its_video(tmp_path: Path) -> None:
    motion = "{video: 'https://v.example/c.mp4', orientation: video}"
    request, _ = lowered(tmp_path, f"{{first_frame: a.png, duration: 17.5, motion: {motion}}}")
    assert request.duration == Fraction("17.5")


def test_every_delivery_option_has_its_place_beside_the_input() -> None:
    delivery = {
        "webhook": "https://me.example/hook?film=1",
        "max_queue_length": 7,
        "request_timeout": 30,
        "queue_priority": "low",
        "runner_hint": "lighthouse",
        "object_lifecycle": {"expiration_duration_seconds": 3600},
        "store_io": False,
        "no_retry": True,
        "disable_fallback": True,
        "tags": "film=lighthouse",
    }
    model = provider.models()["fal/kling-2.6-pro"]
    assert set(delivery) == set(model.options) == model.delivery
    request = request_of(delivery=delivery)
    asked = provider.submit(
        intent_of(request, {"first_frame": START}), frames_of(first_frame=START)
    )
    assert asked.query == {
        "fal_webhook": f"https://me.example/hook?film=1&job={NONCE}",
        "fal_max_queue_length": "7",
    }
    assert asked.headers == {
        "X-Fal-Request-Timeout": "30.0",
        "X-Fal-Queue-Priority": "low",
        "X-Fal-Runner-Hint": "lighthouse",
        "X-Fal-Object-Lifecycle-Preference": '{"expiration_duration_seconds": 3600}',
        "X-Fal-Store-IO": "0",
        "X-Fal-No-Retry": "1",
        "x-app-fal-disable-fallback": "true",
        "X-Fal-Tags": "film=lighthouse",
    }
    assert (
        asked.json
        == provider.submit(
            intent_of(request_of(), {"first_frame": START}), frames_of(first_frame=START)
        ).json
    )


def test_sound_is_never_asked_for_between_two_frames() -> None:
    frames = frames_of(first_frame=START, last_frame=END)
    asked = provider.submit(
        intent_of(request_of(audio=True), {"first_frame": START, "last_frame": END}), frames
    )
    assert isinstance(asked.json, dict)
    assert asked.json["generate_audio"] is False


def test_a_frame_that_was_not_uploaded_goes_along() -> None:
    asked = provider.submit(
        intent_of(request_of(), {}), {"first_frame": Media(type="image/png", data=b"picture")}
    )
    assert isinstance(asked.json, dict)
    address = str(asked.json["start_image_url"])
    assert address.startswith("data:image/png;base64,")
    assert b64decode(address.partition(",")[2]) == b"picture"


def test_an_upload_asks_for_an_address_then_sends_the_bytes_without_the_key() -> None:
    picture = Media(type="image/png", digest="ab" * 32, data=b"picture")
    asked = provider.upload(picture)
    assert (asked.method, asked.url) == ("POST", "https://rest.fal.ai/storage/upload/initiate")
    assert asked.query == {"storage_type": "fal-cdn-v3"}
    assert asked.json == {"content_type": "image/png", "file_name": "abababababababab.png"}
    assert asked.authorized
    given = {"upload_url": "https://v3.fal.media/up?sig=1", "file_url": START}
    put = provider.uploaded(picture, answer(200, given, asked.memo))
    assert not isinstance(put, str)
    assert put == type(asked)(
        method="PUT",
        url="https://v3.fal.media/up?sig=1",
        headers={"Content-Type": "image/png"},
        content=b"picture",
        authorized=False,
        memo={"asked": "store", "file_url": START},
    )
    assert provider.uploaded(picture, answer(200, "", put.memo)) == START


def test_a_job_is_asked_after_at_the_addresses_that_fal_gave() -> None:
    base = "https://queue.fal.run/fal-ai/kling-video/requests/x"
    given = {
        "status": "IN_QUEUE",
        "request_id": ID,
        "response_url": base,
        "status_url": f"{base}/status",
        "cancel_url": f"{base}/cancel",
        "queue_position": 0,
    }
    intent = intent_of(request_of(), {"first_frame": START})
    job = provider.submitted(intent, answer(200, given))
    assert provider.poll(job).url == f"{base}/status"  # type: ignore[arg-type]
    assert provider.cancel(job).url == f"{base}/cancel"  # type: ignore[arg-type]
    assert provider.cancel(job).method == "PUT"  # type: ignore[arg-type]


def test_without_those_the_addresses_have_no_part_of_the_endpoint_behind_the_app() -> None:
    intent = intent_of(request_of(), {"first_frame": START})
    job = provider.submitted(intent, answer(200, {"request_id": ID}))
    base = f"https://queue.fal.run/fal-ai/kling-video/requests/{ID}"
    status = provider.poll(job)  # type: ignore[arg-type]
    assert (status.url, status.query) == (f"{base}/status", {"logs": "false"})
    assert provider.cancel(job).url == f"{base}/cancel"  # type: ignore[arg-type]


def test_the_cheapest_question_asks_for_no_job() -> None:
    ping = provider.ping()
    assert ping.url == "https://rest.fal.ai/storage/auth/token"
    assert ping.authorized


def test_the_key_goes_to_hosts_of_fal_only() -> None:
    assert provider.hosts == ("https://queue.fal.run", "https://rest.fal.ai", "https://api.fal.ai")
    assert provider.auth.scheme == "Key"
    assert provider.auth.variables == ("FAL_KEY",)


def test_what_a_second_costs() -> None:
    model = provider.models()["fal/kling-2.6-pro"]
    silent, loud = request_of(), request_of(audio=True)
    spoken = request_of(audio=True, voices=("1",))
    asked = {
        "text": model.price("text", silent),
        "first and last": model.price("first_last", silent),
        "sound": model.price("first_frame", loud),
        "voice": model.price("first_frame", spoken),
        "motion": model.price("motion", silent),
    }
    assert {name: (p.low_usd, p.high_usd, p.confidence) for name, p in asked.items() if p} == {
        "text": (Fraction("0.07"), Fraction("0.07"), "source page"),
        "first and last": (Fraction("0.07"), Fraction("0.07"), "source page"),
        "sound": (Fraction("0.14"), Fraction("0.14"), "source page"),
        "voice": (Fraction(0), Fraction("0.168"), "unknown"),
        "motion": (Fraction("0.112"), Fraction("0.112"), "inferred"),
    }
