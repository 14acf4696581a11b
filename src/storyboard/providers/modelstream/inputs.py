"""What ModelStream is asked: the parameters of a clip, and where a job is asked after."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from fractions import Fraction
from urllib.parse import quote

from storyboard.exchange import FrameRefs, Media
from storyboard.provider import Prompt, Request
from storyboard.source import Plain

HOST = "https://api.modelstream.ai"
JOBS = f"{HOST}/v1/video/generations"
"""Where jobs are asked for."""

FIELDS: Mapping[str, str] = {
    "model": "model",
    "prompt": "prompt",
    "image": "first_frame",
    "image_tail": "last_frame",
    "multi_prompt": "multi_prompt",
    "multi_shot": "multi_prompt_mode",
    "shot_type": "options.modelstream.shot_type",
    "size": "options.modelstream.size",
    "duration": "duration",
    "mode": "options.modelstream.mode",
    "sound": "audio",
    "negative_prompt": "negative_prompt",
    "cfg_scale": "cfg_scale",
    "watermark_enabled": "options.modelstream.watermark_enabled",
}
"""The shot's field that each parameter of a request comes from."""


def arguments(request: Request, frames: FrameRefs) -> dict[str, Plain]:
    """The body of a submit.

    Length, sound and mode are always said. Sound and an end frame are made in
    mode `pro` alone, and a clip with an end frame has no sound.
    """
    last = frames.get("last_frame")
    shots = _shots(request)
    options = request.options
    storyboard = len(shots) > 1 or "shot_type" in options
    mirrored = request.delivery.get("mirror_prompt", True) and request.prompts
    given: dict[str, Plain] = {
        "model": "kling-v2-6",
        "image": _image(frames.get("first_frame")),
        "image_tail": _image(last),
        "prompt": request.prompts[0].text if mirrored else None,
        "multi_prompt": [
            {"index": index, "prompt": shot.text, "duration": f"{float(shot.duration):g}"}
            for index, shot in enumerate(shots, 1)
        ],
        "multi_shot": storyboard,
        "shot_type": options.get("shot_type", "customize") if storyboard else None,
        "duration": _number(request.duration),
        "mode": "pro" if request.audio or last else options.get("mode", "pro"),
        "sound": "on" if request.audio and last is None else "off",
        "size": options.get("size"),
        "negative_prompt": request.negative_prompt,
        "cfg_scale": None if request.cfg_scale is None else float(request.cfg_scale),
        "watermark_enabled": options.get("watermark_enabled"),
    }
    return {name: value for name, value in given.items() if value is not None}


def status_url(request: Request, id_: str) -> str:
    """Where a job is asked after."""
    path = request.delivery.get("poll_path")
    template = f"{HOST}{path}" if isinstance(path, str) else f"{JOBS}/{{task_id}}"
    return template.replace("{task_id}", quote(id_, safe=""))


def _shots(request: Request) -> tuple[Prompt, ...]:
    """The prompts with their times, whose sum is the clip's: the last one lasts to its end.

    What the film does not show of a clip is at its end, so that is where the
    time goes which a clip is longer than its prompts ask for.
    """
    if not request.prompts:
        return ()
    *before, last = request.prompts
    rest = request.duration - sum((shot.duration for shot in before), Fraction(0))
    return (*before, Prompt(last.text, rest))


def _image(media: Media | None) -> str | None:
    """An address, or bare Base64: Kling refuses a `data:` prefix."""
    if media is None:
        return None
    return media.reference or b64encode(media.data).decode()


def _number(seconds: Fraction) -> int | float:
    return int(seconds) if seconds.denominator == 1 else float(seconds)
