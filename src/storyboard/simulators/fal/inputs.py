"""What fal's endpoints take, checked as strictly as they check it, with their errors.

An error is an item of the `detail` of a 422: where, what, and a type that says
which kind of mistake it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from storyboard.simulators.fal.errors import mistake

APP = "fal-ai/kling-video"

Check: TypeAlias = Callable[[Any], tuple[str, str, dict[str, Any]] | None]
"""Says what is wrong with a value: the type of the error, a sentence, its context."""


@dataclass(frozen=True, slots=True)
class Field:
    """A parameter: how its value is checked, and what it is where it is not given."""

    check: Check
    default: Any = None
    required: bool = False


def _text(longest: int = 2500) -> Check:
    def check(value: Any) -> tuple[str, str, dict[str, Any]] | None:
        if not isinstance(value, str):
            return "string_type", "Input should be a valid string", {}
        if len(value) > longest:
            said = f"String should have at most {longest} characters"
            return "string_too_long", said, {"max_length": longest}
        return None

    return check


def _one_of(*values: str) -> Check:
    listed = [f"'{value}'" for value in values]
    said = ", ".join(listed[:-1]) + f" or {listed[-1]}"

    def check(value: Any) -> tuple[str, str, dict[str, Any]] | None:
        if isinstance(value, str) and value in values:
            return None
        return "literal_error", f"Input should be {said}", {"expected": said}

    return check


def _truth(value: Any) -> tuple[str, str, dict[str, Any]] | None:
    return None if isinstance(value, bool) else ("bool_type", "Input should be a valid boolean", {})


def _share(value: Any) -> tuple[str, str, dict[str, Any]] | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "float_type", "Input should be a valid number", {}
    if value < 0:
        return "greater_than_equal", "Input should be greater than or equal to 0", {"ge": 0}
    if value > 1:
        return "less_than_equal", "Input should be less than or equal to 1", {"le": 1}
    return None


def _voices(value: Any) -> tuple[str, str, dict[str, Any]] | None:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        return "list_type", "Input should be a valid list of strings", {}
    if len(value) > 2:
        said = f"List should have at most 2 items after validation, not {len(value)}"
        return "sequence_too_long", said, {"max_length": 2, "actual_length": len(value)}
    return None


_DURATION = Field(_one_of("5", "10"), "5")
_NEGATIVE = Field(_text(), "blur, distort, and low quality")
_SOUND = Field(_truth, True)

ENDPOINTS: Mapping[str, Mapping[str, Field]] = {
    f"{APP}/v2.6/pro/image-to-video": {
        "prompt": Field(_text(), required=True),
        "start_image_url": Field(_text(1 << 26), required=True),
        "end_image_url": Field(_text(1 << 26)),
        "duration": _DURATION,
        "negative_prompt": _NEGATIVE,
        "generate_audio": _SOUND,
        "voice_ids": Field(_voices),
    },
    f"{APP}/v2.6/pro/text-to-video": {
        "prompt": Field(_text(), required=True),
        "duration": _DURATION,
        "aspect_ratio": Field(_one_of("16:9", "9:16", "1:1"), "16:9"),
        "negative_prompt": _NEGATIVE,
        "cfg_scale": Field(_share, 0.5),
        "generate_audio": _SOUND,
    },
    f"{APP}/v2.6/pro/motion-control": {
        "image_url": Field(_text(1 << 26), required=True),
        "video_url": Field(_text(1 << 26), required=True),
        "character_orientation": Field(_one_of("image", "video"), required=True),
        "keep_original_sound": Field(_truth, True),
        "prompt": Field(_text()),
    },
}
"""The parameters of each endpoint. Those of 2.6 on fal: pro only."""


def mistakes(
    fields: Mapping[str, Field], body: Mapping[str, Any], *, strict: bool, silent_end: bool
) -> Iterator[dict[str, Any]]:
    """Every error in the input of an endpoint, as fal lists them.

    Args:
        fields: of the endpoint.
        body: the JSON object that was sent.
        strict: whether an unknown parameter is an error; else it is ignored.
        silent_end: whether sound between two frames is left out; else it is an error.
    """
    for name, field in fields.items():
        if name not in body:
            if field.required:
                yield mistake((name,), "missing", "Field required", {}, dict(body))
        elif (body[name] is not None or field.required) and (found := field.check(body[name])):
            yield mistake((name,), *found, body[name])
    for name in body if strict else ():
        if name not in fields:
            said = "Extra inputs are not permitted"
            yield mistake((name,), "extra_forbidden", said, {}, body[name])
    voices = body.get("voice_ids")
    if isinstance(voices, list) and voices and not given(fields, body, "generate_audio"):
        said = "Voices need generate_audio"
        yield mistake(("voice_ids",), "feature_not_supported", said, {}, voices)
    if not silent_end and body.get("end_image_url") and given(fields, body, "generate_audio"):
        said = "A video between two frames has no audio"
        yield mistake(("generate_audio",), "feature_not_supported", said, {}, True)


def given(fields: Mapping[str, Field], body: Mapping[str, Any], name: str) -> Any:
    """The value of a parameter: as it was sent, or its default."""
    return body.get(name, fields[name].default if name in fields else None)
