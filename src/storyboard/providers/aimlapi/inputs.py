"""What AI/ML API is asked: the model of the mode, and its parameters."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping

from storyboard.exchange import FrameRefs, Media
from storyboard.provider import Mode, Request
from storyboard.requests import mode_given
from storyboard.source import Plain

HOST = "https://api.aimlapi.com"
JOBS = f"{HOST}/v2/video/generations"
"""Where jobs are asked for, and asked after."""

MODEL_IDS: Mapping[Mode, str] = {
    "text": "klingai/video-v2-6-pro-text-to-video",
    "first_frame": "klingai/video-v2-6-pro-image-to-video",
    "motion": "klingai/video-v2-6-motion-control",
}
"""Its models, by mode."""

FIELDS: Mapping[str, str] = {
    "prompt": "prompt",
    "image_url": "first_frame",
    "video_url": "motion.video",
    "character_orientation": "motion.orientation",
    "keep_audio": "motion.keep_sound",
    "mode": "options.aimlapi.mode",
    "duration": "duration",
    "aspect_ratio": "aspect_ratio",
    "negative_prompt": "negative_prompt",
    "cfg_scale": "cfg_scale",
    "generate_audio": "audio",
    "provider": "options.aimlapi.provider",
    "model": "model",
}
"""The shot's field that each parameter of the requests comes from."""


def arguments(request: Request, frames: FrameRefs) -> dict[str, Plain]:
    """The body of a submit.

    Length and sound are always said: its own default for sound is on, at twice
    the price. The length is an integer.
    """
    mode = mode_given(frames)
    if mode == "motion":  # how long it is, the video says
        given: dict[str, Plain] = {
            "prompt": _prompt(request) or None,
            "image_url": _address(frames["first_frame"]),
            "video_url": _address(frames["motion"]),
            "character_orientation": request.orientation,
            "keep_audio": request.keep_sound,
            "mode": request.options.get("mode", "pro"),
        }
    else:
        text = mode == "text"
        given = {
            "prompt": _prompt(request),
            "image_url": None if text else _address(frames["first_frame"]),
            "aspect_ratio": request.aspect_ratio if text else None,
            "duration": int(request.duration),
            "negative_prompt": request.negative_prompt,
            "cfg_scale": float(request.cfg_scale)
            if text and request.cfg_scale is not None
            else None,
            "generate_audio": request.audio,
            "provider": request.options.get("provider"),
        }
    kept = {name: value for name, value in given.items() if value is not None}
    return {"model": MODEL_IDS[mode], **kept}


def _prompt(request: Request) -> str:
    return " ".join(prompt.text for prompt in request.prompts)


def _address(media: Media) -> str:
    if media.reference is not None:
        return media.reference
    return f"data:{media.type};base64,{b64encode(media.data).decode()}"
