"""Words that are drawn already, laid on pictures.

Colours are mixed in linear light, as light itself mixes: soft edges are then
neither too thin on white nor too fat on black. Pixels that no letter, shadow
or box covers keep their very values.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cache

import numpy as np
import numpy.typing as npt

from storyboard.media.colour import rgb_frame, to_rgb, to_yuv
from storyboard.media.fit import Planes, frame_of, planes
from storyboard.media.transitions import rgb
from storyboard.model import Size

Light = npt.NDArray[np.float32]

_GAMMA = 2.2
_FINE = 1 << 18
"""Steps of linear light: fewer would be seen in the darks."""


@dataclass(frozen=True, slots=True, eq=False)
class Stamp:
    """Words, ready to be laid on a picture.

    Attributes:
        left: of the canvas's left edge; even, as all of its lengths are.
        top: of its upper edge.
        light: height x width x 3: their colours in linear light, from 0 to 1,
            already weighted with how much they cover.
        cover: height x width x 1: how much of the picture they cover, from 0 to 1.
    """

    left: int
    top: int
    light: Light
    cover: Light

    def lay_on(self, picture: Planes, strength: float) -> Planes:
        """The picture with the words on it; `strength` is from 0 to 1."""
        strength = strength * strength * (3 - 2 * strength)  # they come and go softly
        height, width = self.cover.shape[:2]
        rows, columns = slice(self.top, self.top + height), slice(self.left, self.left + width)
        half = _halved(rows), _halved(columns)
        places = (rows, columns), half, half
        below = tuple(plane[place].copy() for plane, place in zip(picture, places, strict=True))
        under = _to_light()[to_rgb(frame_of((below[0], below[1], below[2])))]
        mixed = self.light * np.float32(strength) + under * (1 - self.cover * np.float32(strength))
        seen = _from_light()[(mixed * (_FINE - 1) + 0.5).astype(np.int32)]
        touched = self.cover[..., 0] > 0
        touched_half = touched.reshape(height // 2, 2, width // 2, 2).any(axis=(1, 3))
        laid = []
        for plane, place, new, mask in zip(
            picture,
            places,
            planes(to_yuv(rgb_frame(seen))),
            (touched, touched_half, touched_half),
            strict=True,
        ):
            whole = plane.copy()
            whole[place] = np.where(mask, new, plane[place])
            laid.append(whole)
        return laid[0], laid[1], laid[2]


def over(light: Light, cover: Light, color: str, more: Light) -> tuple[Light, Light]:
    """A layer of a colour on top."""
    more = more[..., None].astype(np.float32)
    shine = _to_light()[np.array(rgb(color), np.uint8)]
    return shine * more + light * (1 - more), more + cover * (1 - more)


def within(canvas: Size, left: int, top: int, light: Light, cover: Light) -> Stamp:
    """What of a stamp is on the canvas."""
    rows = slice(max(0, -top), max(0, min(cover.shape[0], canvas.height - top)))
    columns = slice(max(0, -left), max(0, min(cover.shape[1], canvas.width - left)))
    return Stamp(max(0, left), max(0, top), light[rows, columns], cover[rows, columns])


def dimming(part: Fraction) -> float:
    """How much light is taken away for a picture to look so much darker."""
    return float(1 - (1 - float(part)) ** _GAMMA)


def _halved(part: slice) -> slice:
    return slice(part.start // 2, part.stop // 2)


@cache
def _to_light() -> Light:
    """For each level of a picture, its linear light."""
    return np.asarray((np.arange(256) / 255) ** _GAMMA, np.float32)


@cache
def _from_light() -> npt.NDArray[np.uint8]:
    """For each step of linear light, its level in a picture."""
    levels = (np.arange(_FINE) / (_FINE - 1)) ** (1 / _GAMMA) * 255
    return np.asarray(levels + 0.5, np.uint8)
