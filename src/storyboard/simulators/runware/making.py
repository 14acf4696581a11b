"""The clip that a Runware task asks for: its pictures, its price, what it will be."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, TypeAlias

from storyboard.digest import digest_bytes
from storyboard.model import Size
from storyboard.simulators.clips import Container, Wanted, picture_of
from storyboard.simulators.films import seconds_of
from storyboard.simulators.runware.inputs import (
    RATES,
    STANDARD,
    frames_of,
    is_motion,
    settings_of,
)

Fetch: TypeAlias = Callable[[str], Awaitable[bytes | None]]
"""The bytes of what a task names; None where nothing is known of it."""

_CONTAINERS: Mapping[str, Container] = {
    "MP4": "mp4", "MOV": "mov", "WEBM": "webm",
}  # fmt: skip
_LONGEST_MOTION = {"image": Fraction(10), "video": Fraction(30)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Making:
    """What a task comes to.

    Attributes:
        asked: the task without its id, with digests for pictures.
        media: the pictures and videos that came with it, in order.
        cost: of each result, in US dollars.
        unfit: why its model cannot use its pictures.
    """

    wanted: Wanted
    asked: dict[str, Any]
    media: tuple[bytes, ...]
    cost: Fraction
    unfit: str | None = None


async def making_of(task: Mapping[str, Any], fetch: Fetch, least_px: float) -> Making:
    """What a task comes to, which is right in itself.

    Args:
        task: as it was sent.
        fetch: finds what it names.
        least_px: the shortest side that a picture may have.
    """
    named = frames_of(task)
    inputs = task.get("inputs", {})
    first_name = named.get("first") or next(iter(inputs.get("referenceImages", [])), None)
    video_name = next(iter(inputs.get("referenceVideos", [])), None)
    names = [name for name in (first_name, named.get("last"), video_name) if name]
    got = {name: await fetch(name) for name in names}
    first, last = got.get(first_name), got.get(named.get("last"))
    seconds, rate = _length(task, got.get(video_name)), _rate(task)
    size = Size(task.get("width") or 1920, task.get("height") or 1080)
    if task["model"] == STANDARD and "width" not in task:
        size = Size(1280, 720)
    sound = bool(settings_of(task).get("sound")) and last is None
    kept = settings_of(task).get("keepOriginalSound", False)
    return Making(
        wanted=Wanted(
            seconds=seconds,
            size=size,
            shots=((task["positivePrompt"], seconds),),
            first=first,
            last=last,
            sound=sound or (kept and is_motion(task)),
            container=_CONTAINERS[task.get("outputFormat", "MP4")],
        ),
        asked=_without_media(
            {name: value for name, value in task.items() if name != "taskUUID"}, got
        ),
        media=tuple(data for name in names if (data := got[name])),
        cost=rate * round(seconds),
        unfit=_unfit([first, last], least_px),
    )


def _length(task: Mapping[str, Any], video: bytes | None) -> Fraction:
    if not is_motion(task):
        return Fraction(task.get("duration", 5))
    longest = _LONGEST_MOTION[settings_of(task).get("characterOrientation", "image")]
    return min(seconds_of(video) if video else Fraction(5), longest)


def _rate(task: Mapping[str, Any]) -> Fraction:
    rates = RATES[task["model"]]
    if is_motion(task):
        return rates["motion"]
    silent = "last" in frames_of(task) or not settings_of(task).get("sound")
    return rates["off" if silent else "on"]


def _unfit(pictures: list[bytes | None], least_px: float) -> str | None:
    """Kling's own rules for pictures."""
    for data in pictures:
        picture = picture_of(data) if data else None
        if picture is None:
            continue
        short, long = sorted(picture.size)
        if short < least_px:
            return f"Image side is {short} px, and must be at least {least_px:.0f} px"
        if long > 2.5 * short:
            return "Image aspect ratio must be between 1:2.5 and 2.5:1"
    return None


def _without_media(value: Any, got: Mapping[str, bytes | None]) -> Any:
    """A value with digests in the place of what was sent or uploaded."""
    match value:
        case str() if data := got.get(value):
            return digest_bytes(data)
        case list():
            return [_without_media(item, got) for item in value]
        case dict():
            return {name: _without_media(item, got) for name, item in value.items()}
    return value
