"""The plate: the picture that a camera moves over, as planes of H.264's own colours."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter

from storyboard.model import Size
from storyboard.providers.animatic.camera import View

Planes: TypeAlias = tuple[Image.Image, Image.Image, Image.Image]
"""Y, U and V: 8 bits, bt.709, limited range; U and V of half the size."""

_SHARPENINGS = 8
"""How many steps lie between the picture as it is and the sharpest one."""

_SHARPEST = 0.2
"""How much of its fine detail is added there: about what one resampling takes away."""


class Plate:
    """A picture with enough around it for every view of a camera path.

    What a view needs beyond the picture is its mirror image, ever softer and
    a little darker, so that no edge shows.

    A picture that is resampled again and again, from shot to shot of a chain,
    softens. So the plate also holds sharper versions of itself, and a view
    takes the one that makes up for what its resampling loses.
    """

    def __init__(
        self, picture: npt.NDArray[np.uint8], canvas: Size, views: Sequence[View], *, sharpen: bool
    ) -> None:
        """Lay out a plate.

        Args:
            picture: height by width by 3; the canvas lies in its middle.
            canvas: the size of the frames.
            views: all that will be asked for.
            sharpen: whether views that are not the first may be made sharper.
        """
        self._canvas = canvas
        room_x = (picture.shape[1] - canvas.width) // 2
        room_y = (picture.shape[0] - canvas.height) // 2
        left, right = _needed([(view.x, view.scale) for view in views], canvas.width, room_x)
        top, low = _needed([(view.y, view.scale) for view in views], canvas.height, room_y)
        self._origin = (left + room_x, top + room_y)
        luma, *chroma = (
            _extended(plane, tuple(side // (2 if half else 1) for side in (left, right, top, low)))
            for half, plane in enumerate(to_planes(picture))
        )
        self._chroma = chroma
        self._luma = _sharpened(luma) if sharpen else [luma]

    def view(self, view: View, sharpness: float = 0.0) -> Planes:
        """What the camera sees, as large as the canvas; `sharpness` from 0 to 1."""
        width, height = self._canvas.width, self._canvas.height
        wide, tall = width * view.scale, height * view.scale
        left = self._origin[0] + width * (0.5 + view.x) - wide / 2
        top = self._origin[1] + height * (0.5 + view.y) - tall / 2
        box = (left, top, left + wide, top + tall)
        half = (left / 2, top / 2, box[2] / 2, box[3] / 2)
        small = (width // 2, height // 2)
        luma = self._luma[round(sharpness * (len(self._luma) - 1))]
        u, v = (plane.resize(small, Image.Resampling.BILINEAR, half) for plane in self._chroma)
        return luma.resize((width, height), Image.Resampling.BICUBIC, box), u, v


def to_planes(picture: npt.NDArray[np.uint8]) -> Planes:
    """A picture's planes: bt.709, limited range, rounded; both sides of the picture are even."""
    rgb = picture.astype(np.float32)
    red, green, blue = rgb[..., 0], rgb[..., 1], rgb[..., 2]
    luma = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    u = (blue - luma) * np.float32(224 / 255 / 1.8556)
    v = (red - luma) * np.float32(224 / 255 / 1.5748)
    return (
        Image.fromarray((luma * np.float32(219 / 255) + 16.5).astype(np.uint8)),
        Image.fromarray((_halved(u) + 128.5).astype(np.uint8)),
        Image.fromarray((_halved(v) + 128.5).astype(np.uint8)),
    )


def blended(one: Planes, other: Planes, share: float) -> Planes:
    """A mix of two frames: the first at 0, the other at 1."""
    y, u, v = (Image.blend(a, b, share) for a, b in zip(one, other, strict=True))
    return y, u, v


def _halved(plane: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    height, width = plane.shape
    small: npt.NDArray[np.float32] = plane.reshape(height // 2, 2, width // 2, 2).mean((1, 3))
    return small


def _needed(path: Sequence[tuple[float, float]], side: int, room: int) -> tuple[int, int]:
    """How many pixels the views need beyond the picture, before it and after; even."""
    before = max((scale - 1) / 2 - centre for centre, scale in path) * side - room
    after = max((scale - 1) / 2 + centre for centre, scale in path) * side - room
    # Two pixels more for the reach of the resampling.
    first, second = (0 if need <= -2 else 2 * ceil((need + 2) / 2) for need in (before, after))
    return first, second


def _extended(plane: Image.Image, sides: tuple[int, ...]) -> Image.Image:
    left, right, top, low = sides
    if not any(sides):
        return plane
    array = np.pad(np.asarray(plane), ((top, low), (left, right)), "symmetric")
    if max(sides) < 8:
        return Image.fromarray(array)
    padded = Image.fromarray(array)
    height, width = array.shape
    x, y = np.arange(width, dtype=np.float32)[None, :], np.arange(height, dtype=np.float32)[:, None]
    beyond_x = np.maximum(left - x, x - (width - right - 1))
    beyond_y = np.maximum(top - y, y - (height - low - 1))
    reach = 0.1 * min(plane.size)
    beyond = np.clip(np.maximum(beyond_x, beyond_y) / np.float32(reach), 0, 1)
    soft = np.asarray(padded.filter(ImageFilter.GaussianBlur(reach * 0.12)), np.float32)
    mixed = array + (soft - array) * beyond
    return Image.fromarray((mixed + 0.5).astype(np.uint8))


def _sharpened(luma: Image.Image) -> list[Image.Image]:
    """The plane in steps from as it is to sharper.

    No pixel goes beyond the brightest and darkest of its neighbours, so that
    sharpening hop after hop along a chain settles instead of building up.
    """
    array = np.asarray(luma, np.float32)
    soft = np.asarray(luma.filter(ImageFilter.GaussianBlur(1.0)), np.float32)
    lowest = np.asarray(luma.filter(ImageFilter.MinFilter(3)), np.float32)
    highest = np.asarray(luma.filter(ImageFilter.MaxFilter(3)), np.float32)
    detail = np.clip(array + (array - soft) * np.float32(_SHARPEST), lowest, highest) - array
    return [
        Image.fromarray((array + detail * np.float32(step / _SHARPENINGS) + 0.5).astype(np.uint8))
        for step in range(_SHARPENINGS + 1)
    ]
