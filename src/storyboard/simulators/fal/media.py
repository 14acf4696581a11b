"""The pictures and the video of a request: fetched, and looked at as fal looks at them."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from storyboard.media.probe import BadMedia, probe
from storyboard.simulators.clips import picture_of
from storyboard.simulators.deliveries import LOOPBACK
from storyboard.simulators.fal.errors import mistake
from storyboard.simulators.world import World

_PICTURES = ("start_image_url", "end_image_url", "image_url")
_LARGEST = 10 << 20
_SMALLEST = 300  # pixels a side
_WIDEST = 2.5
_UNSEEN = Fraction(5)  # how long a video is that is on another machine
_LONGEST = {"image": 10, "video": 30}
_SHORTEST = 3


@dataclass(slots=True)
class Media:
    """What came with a request, by parameter; what is on other machines is not in it.

    Attributes:
        video_s: how long its video is.
        mistakes: what is wrong with them, as items of a `detail`.
    """

    data: dict[str, bytes] = field(default_factory=dict)
    video_s: Fraction = _UNSEEN
    mistakes: list[dict[str, Any]] = field(default_factory=list)


async def fetched(world: World, body: Mapping[str, Any]) -> Media:
    """The pictures and the video of a request."""
    media = Media()
    for name in (*_PICTURES, "video_url"):
        address = body.get(name)
        if not isinstance(address, str):
            continue
        parts = urlsplit(address)
        known = parts.scheme == "data" or parts.hostname in LOOPBACK
        data = await world.media(address) if known else None
        if data is not None:
            media.data[name] = data
        elif known or parts.scheme not in {"http", "https"}:
            said = "Failed to download the file. Please check that the URL is accessible."
            media.mistakes.append(mistake((name,), "file_download_error", said, {}, address))
    for name, data in media.data.items():
        found = _video(media, data, body) if name == "video_url" else _picture(world, data)
        if found:
            media.mistakes.append(mistake((name,), *found, body[name]))
    return media


def _picture(world: World, data: bytes) -> tuple[str, str, dict[str, Any]] | None:
    if len(data) > _LARGEST:
        said = "The file is too large."
        return "file_too_large", said, {"max_size": _LARGEST}
    picture = picture_of(data)
    if picture is None:
        return "image_load_error", "Failed to load the image.", {}
    # Clips that are made smaller hand over smaller frames.
    least = round(_SMALLEST * min(1.0, world.switches["scale"]))
    if min(picture.size) < least:
        said = f"Image dimensions are too small. Minimum dimensions are {least}x{least} pixels."
        return "image_too_small", said, {"min_width": least, "min_height": least}
    if max(picture.size) > _WIDEST * min(picture.size):
        said = f"Image aspect ratio must be between 1:{_WIDEST} and {_WIDEST}:1."
        return "value_error", said, {}
    return None


def _video(
    media: Media, data: bytes, body: Mapping[str, Any]
) -> tuple[str, str, dict[str, Any]] | None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "motion.mp4")
        path.write_bytes(data)
        try:
            media.video_s = probe(path).duration
        except BadMedia:
            return "file_download_error", "Failed to read the video.", {}
    longest = _LONGEST.get(str(body.get("character_orientation")), max(_LONGEST.values()))
    # Clips of so many seconds hold one frame more.
    if not _SHORTEST <= media.video_s < longest + 1:
        said = f"Video duration must be between {_SHORTEST} and {longest} seconds."
        return "value_error", said, {"min_duration": _SHORTEST, "max_duration": longest}
    return None
