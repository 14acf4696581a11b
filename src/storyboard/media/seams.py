"""What is seen where two clips meet: the step from the last frame shown to the first of the next.

Frames are measured small: a seam is seen in the whole picture, and the noise of
an encoder is not to be taken for one.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from fractions import Fraction
from itertools import islice
from pathlib import Path

import av
import numpy as np
from PIL import Image

from storyboard.media.colour import to_rgb, turned
from storyboard.media.frames import frame_at, frames_in_order
from storyboard.media.perception import Floats, Look, difference, look_of, to_oklab
from storyboard.media.picture import read_picture
from storyboard.model import Seconds, Size

_LONGEST_SIDE = 320
"""Pixels of a picture that is measured, on its longer side."""

_SAME = 0.35
"""What an encoder alone makes of a picture that stands still: a mean distance in Oklab, times 100."""


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


def measure_seam(
    film: Path, frame: int, fps: Fraction, begins: Path | None = None, given: Path | None = None
) -> SeamMeasure:
    """Measure a hard cut in a film.

    Args:
        film: the film.
        frame: the first frame behind the cut; not the film's first one.
        fps: the film's frames a second.
        begins: the second clip, of which the first frame stands behind the cut.
        given: the picture that it was asked to begin with.

    Raises:
        BadMedia: the film, the clip or the picture cannot be read.
        OSError: a file is not there, or the disk fails.
    """
    start = max(0, frame - 2)
    shown = [each for _, each in islice(frames_in_order(film, start / fps), frame - start + 2)]
    pictures = [_small(each) for each in shown]
    last, first = pictures[frame - start - 1], pictures[frame - start]
    earlier, later = pictures[0], pictures[-1]
    step = difference(last, first)
    motion = max(difference(earlier, last), difference(first, later))
    was, now = look_of(last), look_of(first)
    return SeamMeasure(
        difference=step,
        motion=motion,
        lightness=now.mean[0] - was.mean[0],
        color=float(np.hypot(now.mean[1] - was.mean[1], now.mean[2] - was.mean[2])),
        doubled=step < _SAME and motion > 2 * _SAME,
        given=_strayed(begins, given) if begins and given else None,
        before=was,
        after=now,
    )


def look_at(clip: Path, at: Seconds) -> Look:
    """How a clip's picture looks at a time.

    Raises:
        BadMedia: the clip cannot be read.
        OSError: it is not there, or the disk fails.
    """
    return look_of(_small(frame_at(clip, at)[1]))


def _strayed(clip: Path, given: Path) -> float:
    """How far a clip's first frame is from the picture that it was to begin with."""
    first = _small(frame_at(clip, Fraction(0))[1])
    size = (first.shape[1], first.shape[0])
    asked = Image.fromarray(read_picture(given)).resize(size, Image.Resampling.BOX)
    return difference(to_oklab(np.asarray(asked)), first)


def _small(frame: av.VideoFrame) -> Floats:
    """A frame in Oklab, as large as one is measured; made small on the way to RGB."""
    scale = min(1.0, _LONGEST_SIDE / max(frame.width, frame.height))
    size = Size(max(3, round(frame.width * scale)), max(3, round(frame.height * scale)))
    return to_oklab(turned(to_rgb(frame, size), frame))
