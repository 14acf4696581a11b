"""What Runware is asked: the parameters of a clip."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from fractions import Fraction

from storyboard.exchange import FrameRefs, Media
from storyboard.provider import Model, Request
from storyboard.requests import mode_given
from storyboard.source import Plain

MODELS: Mapping[str, str] = {
    "runware/kling-2.6-pro": "klingai:kling-video@2.6-pro",
    "runware/kling-2.6-standard": "klingai:kling-video@2.6-standard",
}
"""Runware's own names of its models."""

FIELDS: Mapping[str, str] = {
    "model": "model",
    "positivePrompt": "prompt",
    "negativePrompt": "negative_prompt",
    "width": "aspect_ratio",
    "height": "aspect_ratio",
    "duration": "duration",
    "CFGScale": "cfg_scale",
    "inputs.frameImages": "first_frame",
    "inputs.referenceImages": "first_frame",
    "inputs.referenceVideos": "motion.video",
    "providerSettings.klingai.sound": "audio",
    "providerSettings.klingai.characterOrientation": "motion.orientation",
    "providerSettings.klingai.keepOriginalSound": "motion.keep_sound",
    "outputFormat": "options.runware.output_format",
    "outputQuality": "options.runware.output_quality",
    "safety": "options.runware.safety",
    "ttl": "options.runware.ttl",
    "uploadEndpoint": "options.runware.upload_endpoint",
    "webhookURL": "options.runware.webhook",
    "includeCost": "options.runware.include_cost",
    "routing": "options.runware.routing",
}
"""The shot's field that each parameter of a task comes from."""

_MOTION_PICTURE: Mapping[str, str] = {"runware/kling-2.6-standard": "referenceImages"}
"""Where a model wants the picture for motion control, if not with the frames."""


def arguments(request: Request, frames: FrameRefs, model: Model) -> dict[str, Plain]:
    """The parameters of the task, but its id and how many results it has.

    Length and sound are always said, but for motion control, where the video
    says them. The size is said where no picture does.
    """
    mode = mode_given(frames)
    options = {**request.options, **request.delivery}
    prompt = " ".join(prompt.text for prompt in request.prompts)
    given: dict[str, Plain] = {
        "model": MODELS[request.model],
        "positivePrompt": prompt or None,
        "negativePrompt": request.negative_prompt,
        **(_size(request, model) if mode == "text" else {}),
        "duration": _number(request.duration) if mode != "motion" else None,
        "CFGScale": None if request.cfg_scale is None else round(float(request.cfg_scale), 2),
        "inputs": _inputs(request, frames) or None,
        "providerSettings": {"klingai": _settings(request, frames)},
        "outputType": "URL",
        "outputFormat": options.get("output_format", "MP4"),
        "outputQuality": options.get("output_quality"),
        "safety": _safety(options.get("safety")),
        "ttl": options.get("ttl"),
        "uploadEndpoint": options.get("upload_endpoint"),
        "webhookURL": options.get("webhook"),
        "routing": options.get("routing"),
        "deliveryMethod": "async",
        "includeCost": options.get("include_cost", True),
    }
    return {name: value for name, value in given.items() if value is not None}


def _size(request: Request, model: Model) -> dict[str, Plain]:
    size = (model.sizes or {}).get(request.aspect_ratio or "")
    if size is None:
        return {}
    square = request.options.get("square")
    if size.width == size.height and isinstance(square, int):
        return {"width": square, "height": square}
    return {"width": size.width, "height": size.height}


def _inputs(request: Request, frames: FrameRefs) -> dict[str, Plain]:
    if not frames:
        return {}
    first = _place(frames["first_frame"])
    if "motion" in frames:
        usual = _MOTION_PICTURE.get(request.model, "frameImages")
        holder = str(request.delivery.get("motion_picture", usual))
        picture: Plain = {"image": first, "frame": "first"} if holder == "frameImages" else first
        return {holder: [picture], "referenceVideos": [_place(frames["motion"])]}
    pictures: list[Plain] = [{"image": first, "frame": "first"}]
    if "last_frame" in frames:
        pictures.append({"image": _place(frames["last_frame"]), "frame": "last"})
    return {"frameImages": pictures}


def _settings(request: Request, frames: FrameRefs) -> dict[str, Plain]:
    if "motion" in frames:
        return {
            "characterOrientation": request.orientation,
            "keepOriginalSound": request.keep_sound,
        }
    # Kling makes no sound between two given frames.
    return {"sound": request.audio and "last_frame" not in frames}


def _safety(mode: Plain) -> Plain:
    return None if mode is None else {"checkContent": mode != "none", "mode": mode}


def _place(media: Media) -> str:
    """An address or a UUID; or the file itself."""
    if media.reference is not None:
        return media.reference
    return f"data:{media.type};base64,{b64encode(media.data).decode()}"


def _number(seconds: Fraction) -> int | float:
    return int(seconds) if seconds.denominator == 1 else float(seconds)
