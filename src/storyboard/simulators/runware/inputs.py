"""What Runware takes for a clip, checked strictly, with the errors that it gives."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any, TypeAlias
from urllib.parse import urlsplit
from uuid import UUID

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from storyboard.simulators.runware.errors import error

PRO = "klingai:kling-video@2.6-pro"
STANDARD = "klingai:kling-video@2.6-standard"

RATES: Mapping[str, Mapping[str, Fraction]] = {
    PRO: {"off": Fraction("0.07"), "on": Fraction("0.14"), "motion": Fraction("0.112")},
    STANDARD: {"off": Fraction("0.042"), "on": Fraction("0.084"), "motion": Fraction("0.07")},
}
"""US dollars a second; those that nobody published are Kling's own."""

SIZES: Mapping[str, frozenset[tuple[int, int]]] = {
    PRO: frozenset({(1920, 1080), (1080, 1920)}),
    STANDARD: frozenset({(1280, 720), (720, 1280), (960, 960)}),
}
"""The pairs of width and height. What is square at Pro is not certain: a switch says."""

RESULTS: Mapping[str, int] = {PRO: 4, STANDARD: 20}

_TEXT = {"type": "string", "minLength": 2, "maxLength": 2500}
_URL = {"type": "string", "pattern": r"^https?://\S+$"}
_IMAGE = {"type": "string", "minLength": 1}
SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "required": ["taskType", "taskUUID", "model", "positivePrompt"],
    "additionalProperties": False,
    "properties": {
        "taskType": {"const": "videoInference"},
        "taskUUID": {"type": "string"},
        "model": {"type": "string"},
        "positivePrompt": _TEXT,
        "negativePrompt": _TEXT,
        "width": {"type": "integer"},
        "height": {"type": "integer"},
        "duration": {"type": "number", "enum": [5, 10]},
        "CFGScale": {"type": "number", "minimum": 0, "maximum": 1},
        "outputType": {"const": "URL"},
        "outputFormat": {"enum": ["MP4", "WEBM", "MOV"]},
        "outputQuality": {"type": "integer", "minimum": 20, "maximum": 99},
        "deliveryMethod": {"const": "async"},
        "webhookURL": _URL,
        "uploadEndpoint": _URL,
        "safety": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "checkContent": {"type": "boolean"},
                "mode": {"enum": ["none", "fast", "full"]},
            },
        },
        "ttl": {"type": "integer", "minimum": 60},
        "includeCost": {"type": "boolean"},
        "numberResults": {"type": "integer", "minimum": 1},
        "inputs": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "frameImages": {
                    "type": "array",
                    "minItems": 1,
                    "maxItems": 2,
                    "items": {
                        "anyOf": [
                            _IMAGE,
                            {
                                "type": "object",
                                "required": ["image"],
                                "additionalProperties": False,
                                "properties": {
                                    "image": _IMAGE,
                                    "frame": {"enum": ["first", "last", 0, -1]},
                                },
                            },
                        ]
                    },
                },
                "referenceVideos": {"type": "array", "minItems": 1, "maxItems": 1, "items": _IMAGE},
                "referenceImages": {"type": "array", "minItems": 1, "maxItems": 1, "items": _IMAGE},
            },
        },
        "providerSettings": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "klingai": {
                    "type": "object",
                    "additionalProperties": False,
                    "properties": {
                        "characterOrientation": {"enum": ["image", "video"]},
                        "keepOriginalSound": {"type": "boolean"},
                        "sound": {"type": "boolean"},
                    },
                }
            },
        },
        "routing": {"type": "object"},
    },
}


def mistakes(task: Mapping[str, Any], switches: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Every error in a task that asks for a clip."""
    found: dict[str, ValidationError] = {}  # the first one about each parameter
    for each in Draft202012Validator(SCHEMA).iter_errors(task):
        found.setdefault(each.json_path if each.path else each.message, each)
    if found:
        return [_from_schema(each, task) for each in found.values()]
    return [error(*each, task) for each in _mistakes(task, switches)]


def frames_of(task: Mapping[str, Any]) -> dict[str, str]:
    """The pictures that a task begins and ends with, as they are named in it.

    Those without a place are the first and the last, in order.
    """
    listed = task.get("inputs", {}).get("frameImages", [])
    items = [item if isinstance(item, dict) else {"image": item} for item in listed]
    usual = ("first", "last")
    places = [_PLACES.get(item.get("frame")) for item in items]
    return {
        place or usual[number]: item["image"]
        for number, (place, item) in enumerate(zip(places, items, strict=True))
    }


def is_motion(task: Mapping[str, Any]) -> bool:
    """Whether a task is to move a picture as a video does."""
    return "referenceVideos" in task.get("inputs", {})


def settings_of(task: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a task says to Kling alone."""
    found: Mapping[str, Any] = task.get("providerSettings", {}).get("klingai", {})
    return found


_PLACES: Mapping[Any, str] = {"first": "first", "last": "last", 0: "first", -1: "last"}
_Mistake: TypeAlias = tuple[str, str, str | list[str]]


def _mistakes(task: Mapping[str, Any], switches: Mapping[str, Any]) -> Iterator[_Mistake]:
    """What only several parameters together, or their meaning, have wrong."""
    model = task["model"]
    if not _is_uuid4(task["taskUUID"]):
        yield "invalidTaskUUID", "taskUUID must be a UUID v4.", "taskUUID"
    if model not in RATES:
        yield "invalidModel", f"There is no model {model!r}.", "model"
        return
    if task.get("numberResults", 1) > RESULTS[model]:
        said = f"numberResults goes from 1 to {RESULTS[model]}."
        yield "valueTooLarge", said, "numberResults"
    cfg = task.get("CFGScale", 0) * 100
    if abs(cfg - round(cfg)) > 1e-6:
        yield "invalidCFGScale", "CFGScale goes in steps of 0.01.", "CFGScale"
    if "ttl" in task and task.get("outputType", "URL") != "URL":
        yield "incompatibleParameters", "ttl needs outputType URL.", ["ttl", "outputType"]
    for name in ("webhookURL", "uploadEndpoint"):
        if name in task and not _is_address(task[name]):
            yield f"invalid{_capital(name)}", f"{name} must be a URI.", name
    yield from _mistaken_size(task, switches)
    yield from _mistaken_pictures(task, switches)


def _mistaken_size(task: Mapping[str, Any], switches: Mapping[str, Any]) -> Iterator[_Mistake]:
    size = (task.get("width"), task.get("height"))
    if size == (None, None):
        if not task.get("inputs"):
            yield "missingWidth", "Text to video needs width and height.", ["width", "height"]
    elif task.get("inputs"):
        said = "width and height follow the given pictures: leave them out."
        yield "incompatibleParameters", said, ["width", "height", "inputs"]
    else:
        known = set(SIZES[task["model"]])
        if task["model"] == PRO:
            known.add((switches["square"], switches["square"]))
        if size not in known:
            listed = ", ".join(f"{w}x{h}" for w, h in sorted(known))
            yield "unsupportedDimensions", f"The size is one of {listed}.", ["width", "height"]


def _mistaken_pictures(task: Mapping[str, Any], switches: Mapping[str, Any]) -> Iterator[_Mistake]:
    settings, frames, motion = settings_of(task), frames_of(task), is_motion(task)
    images = task.get("inputs", {}).get("referenceImages")
    listed = task.get("inputs", {}).get("frameImages", [])
    if len(frames) != len(listed):
        yield "invalidFrameImages", "Two pictures have the same place.", "inputs.frameImages"
    if "last" in frames and "first" not in frames:
        yield "invalidFrameImages", "A last frame needs a first one.", "inputs.frameImages"
    if "last" in frames and settings.get("sound") and switches["end_frame_sound"] == "reject":
        named = ["inputs.frameImages", "providerSettings.klingai.sound"]
        yield "incompatibleParameters", "A clip with a last frame has no sound.", named
    if motion and not (images or "first" in frames):
        yield "missingInputs", "Motion control needs a picture.", "inputs"
    if images and not motion:
        yield "missingReferenceVideos", "A reference image needs a video.", "inputs.referenceVideos"
    if motion and "last" in frames:
        named = ["inputs.frameImages", "inputs.referenceVideos"]
        yield "incompatibleParameters", "Motion control takes one picture.", named
    for name in ("characterOrientation", "keepOriginalSound"):
        if name in settings and not motion:
            where = f"providerSettings.klingai.{name}"
            yield "unsupportedParameter", f"{name} is for motion control.", where
    if task["model"] == STANDARD and not motion and switches["standard"] == "motion":
        yield "unsupportedParameter", "This model is for motion control.", "inputs"


def _from_schema(found: ValidationError, task: Mapping[str, Any]) -> dict[str, Any]:
    """An error of the schema in Runware's words."""
    path = ".".join(map(str, found.absolute_path))
    name = next((step for step in reversed(path.split(".")) if not step.isdigit()), path)
    required, instance, schema = map(_any, (found.validator_value, found.instance, found.schema))
    match found.validator:
        case "required":
            missing = next(each for each in required if each not in instance)
            said = f"{missing} is required."
            return error(f"missing{_capital(missing)}", said, _joined(path, missing), task)
        case "additionalProperties":
            stranger = next(each for each in instance if each not in schema["properties"])
            said = f"{stranger} is not a parameter of this model."
            return error("unknownParameter", said, _joined(path, stranger), task)
        case "minLength" | "maxLength":
            code = f"invalid{_capital(name)}Length"
        case "maximum" | "maxItems":
            code = "valueTooLarge"
        case _:
            code = "unsupportedDuration" if path == "duration" else f"invalid{_capital(name)}"
    return error(code, f"Invalid value for {path}: {found.message[:200]}", path, task)


def _any(value: Any) -> Any:
    """A value of an error, whose types depend on what was wrong."""
    return value


def _joined(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _capital(name: str) -> str:
    return name[:1].upper() + name[1:]


def _is_address(text: str) -> bool:
    try:
        return bool(urlsplit(text).hostname)
    except ValueError:
        return False


def _is_uuid4(text: str) -> bool:
    try:
        return str(UUID(text)) == text.lower() and UUID(text).version == 4
    except ValueError:
        return False
