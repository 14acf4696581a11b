"""What is seen where two clips meet: the step from the last frame shown to the first of the next.

Frames are measured small: a seam is seen in the whole picture, and the noise of
an encoder is not to be taken for one.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path

import numpy as np
from PIL import Image

from storyboard.media.colour import Bytes, to_rgb, turned
from storyboard.media.frames import frames_in_order
from storyboard.media.perception import Floats, Look, difference, look_of, to_oklab
from storyboard.media.picture import read_picture
from storyboard.model import Seconds, Size

_LONGEST_SIDE = 320
"""Pixels of a picture that is measured, on its longer side."""

_SAME = 0.35
"""What an encoder alone makes of a picture that stands still: a mean distance in Oklab, times 100."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """A clip on one side of a seam.

    Attributes:
        clip: the file.
        at: in the clip's own time, the frame that stands at the seam: the last
            one shown before it, or the first one behind it.
        interval: how far the neighbouring frame is that is measured with it.
    """

    clip: Path
    at: Seconds
    interval: Seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class SeamMeasure:
    """A seam in numbers. Distances are those of Oklab, times 100: about 2 is just seen.

    Attributes:
        difference: between the two frames at the seam, pixel by pixel.
        motion: from one frame to the next within the clips, beside the seam:
            what the difference would be if nothing met here.
        lightness: by how much the whole picture becomes lighter (or, below 0, darker).
        color: how far its colour moves.
        doubled: whether the same frame stands on both sides, though things move.
        given: between the frame that the second clip was asked to begin with
            and the one that it begins with; None where it was given none.
        before: how the picture before the seam looks, and `after` the one behind it.
    """

    difference: float
    motion: float
    lightness: float
    color: float
    doubled: bool
    given: float | None
    before: Look
    after: Look

    def json(self) -> str:
        """As the store keeps it."""
        return json.dumps(asdict(self), sort_keys=True)


def read_seam(text: str) -> SeamMeasure:
    """The measure that `json` wrote."""
    data = json.loads(text)
    looks = {
        name: Look(tuple(data[name]["mean"]), tuple(data[name]["spread"]), data[name]["sharpness"])
        for name in ("before", "after")
    }
    return SeamMeasure(**(data | looks))


def measure_seam(before: Side, after: Side, given: Path | None = None) -> SeamMeasure:
    """Measure where two clips meet in a hard cut.

    Args:
        before: its last frame that is shown.
        after: its first frame that is shown.
        given: the picture that the second clip was asked to begin with, where
            what is shown begins with its first frame.

    Raises:
        BadMedia: a clip or the picture cannot be read, or is damaged there.
        OSError: a file is not there, or the disk fails.
    """
    earlier, last = _at(before)
    size = Size(last.shape[1], last.shape[0])
    first, later = _at(after, size, first=True)
    step = difference(last, first)
    motion = max(difference(earlier, last), difference(first, later))
    was, now = look_of(last), look_of(first)
    return SeamMeasure(
        difference=step,
        motion=motion,
        lightness=now.mean[0] - was.mean[0],
        color=float(np.hypot(now.mean[1] - was.mean[1], now.mean[2] - was.mean[2])),
        doubled=step < _SAME and motion > 2 * _SAME,
        given=None if given is None else difference(_seen(read_picture(given), size), first),
        before=was,
        after=now,
    )


def _at(side: Side, size: Size | None = None, *, first: bool = False) -> tuple[Floats, Floats]:
    """The frame at the seam and its neighbour in the same clip, in the order of time."""
    start = side.at if first else max(side.at - side.interval, Seconds(0))
    shown = [frame for _, frame in islice(frames_in_order(side.clip, start), 2)]
    # Made small on the way to RGB: a sixth of the work at 1080p.
    pictures = [
        turned(to_rgb(frame, _small(Size(frame.width, frame.height))), frame) for frame in shown
    ]
    if side.at == 0 and not first:  # of this clip only the first frame is shown
        pictures = pictures[:1]
    return _seen(pictures[0], size), _seen(pictures[-1], size)


def _small(size: Size) -> Size:
    """As large as a picture is measured, whatever its size."""
    scale = min(1.0, _LONGEST_SIDE / max(size.width, size.height))
    return Size(max(3, round(size.width * scale)), max(3, round(size.height * scale)))


def _seen(picture: Bytes, size: Size | None = None) -> Floats:
    """A picture in Oklab, of a size, or else as large as one is measured."""
    height, width = picture.shape[:2]
    size = size or _small(Size(width, height))
    if (width, height) == (size.width, size.height):
        return to_oklab(picture)
    small = Image.fromarray(picture).resize((size.width, size.height), Image.Resampling.BOX)
    return to_oklab(np.asarray(small))
