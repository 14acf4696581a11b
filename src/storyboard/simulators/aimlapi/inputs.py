"""What AI/ML API's models take, checked strictly, with messages as it words them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from storyboard.simulators.calls import inline_media

IMAGE = "klingai/video-v2-6-pro-image-to-video"
TEXT = "klingai/video-v2-6-pro-text-to-video"
MOTION = "klingai/video-v2-6-motion-control"

ALIASES: Mapping[str, str] = {"klingai/video-v2-6-pro-motion-control": MOTION}
"""Another name that stands in the title of a page."""

_PROMPT = {"type": "string", "minLength": 1, "maxLength": 2500}
_DURATION = {"type": "integer", "enum": [5, 10]}
_TRUTH = {"type": "boolean"}
_WHO = {"enum": ["auto", "kling", "fal"]}
_MEDIA = {"type": "string", "minLength": 1}

_FIELDS: Mapping[str, Mapping[str, Any]] = {
    IMAGE: {
        "prompt": _PROMPT,
        "image_url": _MEDIA,
        "duration": _DURATION,
        "negative_prompt": {"type": "string"},
        "generate_audio": _TRUTH,
        "provider": _WHO,
    },
    TEXT: {
        "prompt": _PROMPT,
        "aspect_ratio": {"enum": ["16:9", "9:16", "1:1"]},
        "duration": _DURATION,
        "negative_prompt": {"type": "string"},
        "cfg_scale": {"type": "number", "minimum": 0, "maximum": 1},
        "generate_audio": _TRUTH,
        "provider": _WHO,
    },
    MOTION: {
        "image_url": _MEDIA,
        "video_url": _MEDIA,
        "prompt": {"type": "string", "maxLength": 2500},
        "character_orientation": {"enum": ["image", "video"]},
        "keep_audio": _TRUTH,
        "mode": {"enum": ["std", "pro"]},
    },
}
_REQUIRED: Mapping[str, list[str]] = {
    IMAGE: ["prompt", "image_url"],
    TEXT: ["prompt"],
    MOTION: ["image_url", "video_url"],
}


def model_of(body: Any) -> str | None:
    """The id of the model that a body asks for; None where there is no such model."""
    name = body.get("model") if isinstance(body, dict) else None
    known = ALIASES.get(name, name) if isinstance(name, str) else None
    return known if known in _FIELDS else None


def mistake(model: str, body: Mapping[str, Any], *, strict: bool, bare: bool) -> str | None:
    """What is wrong with a body, in a sentence; None for a good one.

    Args:
        model: one of the models here.
        body: what was sent.
        strict: whether an unknown parameter is an error; else it is ignored.
        bare: whether a picture may be Base64 without `data:`.
    """
    schema = {
        "type": "object",
        "properties": {"model": {}, **_FIELDS[model]},
        "required": _REQUIRED[model],
        "additionalProperties": not strict,
    }
    errors = sorted(Draft202012Validator(schema).iter_errors(body), key=lambda error: error.path)
    if errors:
        return "; ".join(map(_worded, errors))
    for name in ("image_url", "video_url"):
        if name in body and not _is_media(body[name], bare=bare):
            return f"{name}: Invalid url"
    return None


def _is_media(text: str, *, bare: bool) -> bool:
    if re.match(r"https?://\S+$", text):
        return True
    named = re.match(r"data:(image|video)/[\w.+-]+;base64,", text) is not None
    return (named or bare) and inline_media(text) is not None


def _worded(error: ValidationError) -> str:
    where = ".".join(map(str, error.path))
    match error.validator, error.validator_value:
        case "enum", list() as values:
            said = f"invalid enum value, expected {' | '.join(map(str, values))}"
        case "type", wanted:
            said = f"expected {wanted}, received {_kind(error.instance)}"
        case _:
            said = error.message
    return f"{where}: {said}" if where else said


def _kind(value: Any) -> str:
    names = {bool: "boolean", int: "number", float: "number", str: "string", list: "array"}
    return "null" if value is None else names.get(type(value), "object")
