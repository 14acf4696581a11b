"""What ModelStream takes for kling-v2-6, checked as its page and Kling behind it say."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from io import BytesIO
from typing import Any

from jsonschema import Draft202012Validator
from PIL import Image, UnidentifiedImageError

from storyboard.simulators.calls import inline_media

MODEL = "kling-v2-6"

_SECONDS = {"type": ["string", "number"], "pattern": r"^\d+(\.\d+)?$", "exclusiveMinimum": 0}
_TEXT = {"type": "string", "maxLength": 2500}
_PICTURE = {"type": "string", "minLength": 1}
_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "required": ["model", "multi_prompt"],
    "properties": {
        "model": {"type": "string"},
        "prompt": _TEXT,
        "image": _PICTURE,
        "image_tail": _PICTURE,
        "multi_prompt": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["prompt", "duration"],
                "properties": {
                    "index": {"type": "integer", "minimum": 1},
                    "prompt": _TEXT,
                    "duration": _SECONDS,
                },
                "additionalProperties": False,
            },
        },
        "multi_shot": {"type": "boolean"},
        "shot_type": {"enum": ["customize", "intelligence", "Customize", "Intelligence"]},
        "size": {"type": "string", "pattern": r"^\d{3,4}[Pp]$"},
        "duration": {"type": "number", "exclusiveMinimum": 0},
        "mode": {"enum": ["std", "pro"]},
        "sound": {"enum": ["on", "off"]},
        "negative_prompt": _TEXT,
        "cfg_scale": {"type": "number", "minimum": 0, "maximum": 1},
        "watermark_enabled": {"type": "boolean"},
        "metadata": {"type": "object"},
    },
    "additionalProperties": False,
}

_LONGEST_PICTURE = 10 * 1024 * 1024
_SHORTEST_SIDE = 300


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong with a body: a sentence, and the parameter that it is about."""

    message: str
    parameter: str | None = None


def mistakes(body: Any, *, lenient: bool) -> Iterator[Mistake]:
    """Everything that is wrong with a body.

    Args:
        body: what was sent.
        lenient: whether a picture may have a `data:` prefix.
    """
    found = list(Draft202012Validator(_SCHEMA).iter_errors(body))
    for error in found:
        path = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in error.path)
        yield Mistake(error.message, path.lstrip(".") or None)
    if found:
        return
    yield from _shots(body)
    if body.get("sound") == "on" and body.get("mode", "std") != "pro":
        yield Mistake("sound needs mode pro", "sound")
    if "image_tail" in body and "image" not in body:
        yield Mistake("image_tail needs image", "image_tail")
    if "image_tail" in body and body.get("sound") == "on":
        yield Mistake("a video between two frames has no sound", "sound")
    for name in ("image", "image_tail"):
        if name in body and (wrong := _picture(body[name], lenient=lenient)):
            yield Mistake(f"{name} {wrong}", name)


def _shots(body: Mapping[str, Any]) -> Iterator[Mistake]:
    shots, duration = body["multi_prompt"], Fraction(str(body.get("duration", 5)))
    if not body.get("multi_shot"):
        if duration not in {5, 10}:
            yield Mistake("duration must be 5 or 10 for a single shot", "duration")
        if not (shots[0]["prompt"] or body.get("prompt")):
            yield Mistake("the prompt is empty", "multi_prompt[0].prompt")
        return
    if "shot_type" not in body:
        yield Mistake("multi_shot needs shot_type", "shot_type")
    total = sum((Fraction(str(shot["duration"])) for shot in shots), Fraction(0))
    if total != duration:
        yield Mistake(
            f"the durations of multi_prompt add up to {float(total):g}, not to {float(duration):g}",
            "multi_prompt",
        )


def _picture(text: str, *, lenient: bool) -> str | None:
    """What is wrong with a picture."""
    if re.match(r"https?://\S+$", text):
        return None
    if text.startswith("data:") and not lenient:
        return "must be Base64 without a data: prefix"
    data = inline_media(text)
    if not data:
        return "is neither a URL nor Base64"
    if len(data) > _LONGEST_PICTURE:
        return "is larger than 10 MB"
    try:
        with Image.open(BytesIO(data)) as picture:
            kind, sides = picture.format, picture.size
    except (UnidentifiedImageError, OSError):
        return "is no picture"
    if kind not in {"JPEG", "PNG"}:
        return "must be JPG or PNG"
    return f"is smaller than {_SHORTEST_SIDE} px" if min(sides) < _SHORTEST_SIDE else None
