"""What is seen where two clips meet: the step from the last frame shown to the first of the next.

Frames are measured small: a seam is seen in the whole picture, and the noise of
an encoder is not to be taken for one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from PIL import Image

from storyboard.media.colour import to_rgb, turned
from storyboard.media.excerpt import excerpt
from storyboard.media.frames import frame_at
from storyboard.media.perception import (
    Floats,
    Look,
    difference,
    look_of,
    mean_of,
    sharpness_of,
    to_oklab,
)
from storyboard.media.picture import read_picture
from storyboard.media.segment import read_segment
from storyboard.model import Seconds, Size
from storyboard.quality import Picture, Seam

_LONGEST_SIDE = 320
"""Pixels of a picture that is measured, on its longer side."""

_SAME = 0.35
"""What an encoder alone makes of a picture that stands still: a mean distance in Oklab, times 100."""


@dataclass(frozen=True, slots=True)
class Side:
    """What stands on one side of a hard cut: a piece of the film, and by its roles its clips."""

    piece: Path
    clips: Mapping[str, Path]


def measure_seam(
    before: Side,
    after: Side,
    begins: Path | None = None,
    given: Path | None = None,
    *,
    chained: bool = True,
) -> Seam:
    """Measure a hard cut between two pieces of a film.

    Args:
        before: the piece that ends there.
        after: the one that begins there.
        begins: the second clip, of which the first frame stands behind the cut.
        given: the picture that it was asked to begin with.
        chained: whether the second shot goes on from the first. How it moves
            bears on nothing else: to see its second frame takes as long again
            as to see its first.

    Raises:
        BadMedia: a piece, a clip or the picture cannot be read.
        OSError: a file is not there, or the disk fails.
    """
    left, right = read_segment(before.piece), read_segment(after.piece)
    ends = sum(len(part.pictures) for part in left.parts)
    *earlier, last = map(_small, excerpt(left, before.clips, range(max(0, ends - 2), ends)))
    behind = range(2 if chained or not earlier else 1)
    first, *later = map(_small, excerpt(right, after.clips, behind))
    step = difference(last, first)
    moves = [difference(each, last) for each in earlier]
    moves += [difference(first, each) for each in later]
    motion = max(moves, default=0.0)
    was, now = _picture(last), _picture(first)
    strayed = None
    if begins and given:
        copied = right.parts[0].clip is not None  # the clip's own first frame, as it is
        strayed = difference(_asked(given, first), first) if copied else _strayed(begins, given)
    return Seam(
        difference=step,
        motion=motion,
        lightness=now.mean[0] - was.mean[0],
        color=float(np.hypot(now.mean[1] - was.mean[1], now.mean[2] - was.mean[2])),
        doubled=step < _SAME and motion > 2 * _SAME,
        given=strayed,
        last=was,
        first=now,
    )


def _picture(lab: Floats) -> Picture:
    return Picture(mean=mean_of(lab), sharpness=sharpness_of(lab))


def look_at(clip: Path, at: Seconds) -> Look:
    """How a clip's picture looks at a time.

    Raises:
        BadMedia: the clip cannot be read.
        OSError: it is not there, or the disk fails.
    """
    return look_of(_upright(frame_at(clip, at)[1]))


def _strayed(clip: Path, given: Path) -> float:
    """How far a clip's first frame is from the picture that it was to begin with."""
    first = _upright(frame_at(clip, Fraction(0))[1])
    return difference(_asked(given, first), first)


def _asked(given: Path, beside: Floats) -> Floats:
    """The picture that a clip was to begin with, as large as the one beside it."""
    size = (beside.shape[1], beside.shape[0])
    asked = Image.fromarray(read_picture(given)).resize(size, Image.Resampling.BOX)
    return to_oklab(np.asarray(asked))


def _upright(frame: av.VideoFrame) -> Floats:
    """A clip's frame in Oklab, small, turned as it is to be seen."""
    return to_oklab(turned(to_rgb(frame, _size(frame)), frame))


def _small(frame: av.VideoFrame) -> Floats:
    """A film's frame in Oklab, as large as one is measured; made small on the way to RGB."""
    return to_oklab(to_rgb(frame, _size(frame)))


def _size(frame: av.VideoFrame) -> Size:
    scale = min(1.0, _LONGEST_SIDE / max(frame.width, frame.height))
    return Size(max(3, round(frame.width * scale)), max(3, round(frame.height * scale)))
