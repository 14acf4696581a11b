"""Matching a shot's colours to another's: measured in Oklab, applied to frames as a table.

Mean and spread of lightness and of both colour axes are moved to those of the
picture that is to be matched (Reinhard et al., Color Transfer between Images,
2001, in a newer space). Spreads are moved by a quarter at most: a face in front
of a wall is not to be stretched into a crowd.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter

from storyboard.media.colour import Bytes
from storyboard.media.perception import Look, shares_of, to_oklab
from storyboard.media.seams import look_at
from storyboard.model import Seconds

_MOST_STRETCH = 1.25
_STEP = 5  # levels between the points of a table: 52 points from 0 to 255
_FLAT = 0.5  # a spread below which a picture is plain: there is nothing to stretch


@dataclass(frozen=True, slots=True)
class Correction:
    """By how much colours are moved: `(lab - mean) * stretch + target`."""

    mean: tuple[float, float, float]
    stretch: tuple[float, float, float]
    target: tuple[float, float, float]

    def of(self, look: Look) -> Look:
        """How a picture looks when it is corrected."""
        moved = [
            (was - mean) * stretch + target
            for was, mean, stretch, target in zip(
                look.mean, self.mean, self.stretch, self.target, strict=True
            )
        ]
        spread = [was * by for was, by in zip(look.spread, self.stretch, strict=True)]
        return Look(
            mean=(moved[0], moved[1], moved[2]),
            spread=(spread[0], spread[1], spread[2]),
            sharpness=look.sharpness * self.stretch[0],
        )


def correction(shot: Look, wanted: Look) -> Correction:
    """What makes a picture of one look seem to be of another."""
    stretch = [
        1.0 if was < _FLAT or now < _FLAT else min(max(now / was, 1 / _MOST_STRETCH), _MOST_STRETCH)
        for was, now in zip(shot.spread, wanted.spread, strict=True)
    ]
    return Correction(shot.mean, (stretch[0], stretch[1], stretch[2]), wanted.mean)


@dataclass(frozen=True, slots=True)
class Grade:
    """A correction as a table of colours, made once and used for many pictures."""

    table: ImageFilter.Color3DLUT

    def applied(self, picture: Bytes, weight: float = 1.0) -> Bytes:
        """A picture (height x width x 3, RGB), corrected by a part of the way.

        Args:
            picture: what is to be corrected.
            weight: from 0, as it is, to 1, wholly matched.
        """
        if weight <= 0:
            return picture
        matched = np.asarray(Image.fromarray(picture).filter(self.table))
        if weight >= 1:
            return matched
        mixed = picture + (matched.astype(np.float32) - picture) * np.float32(weight)
        return np.asarray(np.rint(mixed), np.uint8)


def grade(made: Correction) -> Grade:
    """The table of a correction."""
    levels = np.arange(0, 256, _STEP, dtype=np.uint8)
    blue, green, red = np.meshgrid(levels, levels, levels, indexing="ij")  # red runs fastest
    lab = to_oklab(np.stack([red, green, blue], axis=-1).reshape(1, -1, 3))
    mean, stretch, target = (
        np.array(each, np.float32) for each in (made.mean, made.stretch, made.target)
    )
    moved = shares_of((lab - mean) * stretch + target)
    return Grade(ImageFilter.Color3DLUT(len(levels), moved.ravel().tolist()))


def matched_grade(clip: Path, at: Seconds, other: Path, other_at: Seconds) -> Grade:
    """What gives a clip's picture at a time the colours that another clip has at another.

    Raises:
        BadMedia: a clip cannot be read.
        OSError: one is not there, or the disk fails.
    """
    return grade(correction(look_at(clip, at), look_at(other, other_at)))
