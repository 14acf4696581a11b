"""What fal is asked: the input of the model, and how to deliver."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping

from storyboard.exchange import FrameRefs, Media
from storyboard.provider import Request
from storyboard.requests import mode_given
from storyboard.source import Plain

FIELDS: Mapping[str, str] = {
    "prompt": "prompt",
    "start_image_url": "first_frame",
    "image_url": "first_frame",
    "end_image_url": "last_frame",
    "video_url": "motion.video",
    "character_orientation": "motion.orientation",
    "keep_original_sound": "motion.keep_sound",
    "duration": "duration",
    "aspect_ratio": "aspect_ratio",
    "negative_prompt": "negative_prompt",
    "cfg_scale": "cfg_scale",
    "generate_audio": "audio",
    "voice_ids": "voices",
}
"""The shot's field that each parameter of the endpoints comes from."""


def arguments(request: Request, frames: FrameRefs) -> dict[str, Plain]:
    """The input of the model: the body of a submit.

    Length and sound are always said: fal's own default for sound is on, at
    twice the price. The length is a string there.
    """
    given: dict[str, Plain]
    match mode_given(frames):
        case "motion":
            return _motion(request, frames)
        case "text":
            given = {
                "prompt": _prompt(request),
                "duration": _seconds(request),
                "aspect_ratio": request.aspect_ratio,
                "negative_prompt": request.negative_prompt,
                "cfg_scale": None if request.cfg_scale is None else float(request.cfg_scale),
                "generate_audio": request.audio,
            }
        case _:
            last = frames.get("last_frame")
            given = {
                "prompt": _prompt(request),
                "start_image_url": _address(frames["first_frame"]),
                "end_image_url": _address(last) if last else None,
                "duration": _seconds(request),
                "negative_prompt": request.negative_prompt,
                # Kling makes no sound between two given frames.
                "generate_audio": request.audio and last is None,
                "voice_ids": list(request.voices) or None,
            }
    return {name: value for name, value in given.items() if value is not None}


def _motion(request: Request, frames: FrameRefs) -> dict[str, Plain]:
    # How long it is, the video says.
    given: dict[str, Plain] = {
        "image_url": _address(frames["first_frame"]),
        "video_url": _address(frames["motion"]),
        "character_orientation": request.orientation,
        "keep_original_sound": request.keep_sound,
    }
    prompt = _prompt(request)
    return {**given, "prompt": prompt} if prompt else given


def _prompt(request: Request) -> str:
    return " ".join(prompt.text for prompt in request.prompts)


def _seconds(request: Request) -> str:
    return f"{float(request.duration):g}"


def _address(media: Media) -> str:
    if media.reference is not None:
        return media.reference
    return f"data:{media.type};base64,{b64encode(media.data).decode()}"


def headers_of(delivery: Mapping[str, Plain]) -> dict[str, str]:
    """The headers that say how to deliver."""
    headers: dict[str, str] = {}
    for option, value in delivery.items():
        match option, value:
            case "request_timeout", int() | float():
                headers["X-Fal-Request-Timeout"] = str(float(value))
            case "queue_priority", str():
                headers["X-Fal-Queue-Priority"] = value
            case "runner_hint", str():
                headers["X-Fal-Runner-Hint"] = value
            case "object_lifecycle", dict():
                headers["X-Fal-Object-Lifecycle-Preference"] = json.dumps(value)
            case "store_io", bool():
                headers["X-Fal-Store-IO"] = "1" if value else "0"
            case "no_retry", True:
                headers["X-Fal-No-Retry"] = "1"
            case "disable_fallback", True:
                headers["x-app-fal-disable-fallback"] = "true"
            case "tags", str():
                headers["X-Fal-Tags"] = value
    return headers


def query_of(delivery: Mapping[str, Plain], nonce: str) -> dict[str, str]:
    """The query that says how to deliver; a webhook's address carries the mark of this submit."""
    query: dict[str, str] = {}
    webhook, longest = delivery.get("webhook"), delivery.get("max_queue_length")
    if isinstance(webhook, str):
        query["fal_webhook"] = f"{webhook}{'&' if '?' in webhook else '?'}job={nonce}"
    if longest is not None:
        query["fal_max_queue_length"] = str(longest)
    return query
