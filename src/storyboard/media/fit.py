"""Fitting a picture of any size to the canvas of a cut.

`pad` shows all of it between black bars, `crop` fills the canvas and lets the
rest go, `blur` is `pad` with the picture itself, out of focus, for bars. A
picture that has the canvas's size and colours already passes as it is.

Sizes and positions within the canvas are even, as 4:2:0 wants them.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TypeAlias

import av
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter

from storyboard.media.colour import rgb_frame, square_size, to_rgb, to_yuv, turned
from storyboard.model import Size

Bytes = npt.NDArray[np.uint8]
Planes: TypeAlias = tuple[Bytes, Bytes, Bytes]
"""Y, U and V of 4:2:0, bt.709, limited range; U and V have half of Y's size."""

_BLACK = (16, 128, 128)
_CENTRE = (Fraction(1, 2), Fraction(1, 2))
_SMALL = 8
"""A blurred background is made at an eighth of the canvas's size."""


def fitted(
    frame: av.VideoFrame,
    canvas: Size,
    fit: str,
    focus: tuple[Fraction, Fraction] = _CENTRE,
    *,
    pixel_aspect: Fraction = Fraction(1),
    turn: av.VideoFrame | None = None,
) -> Planes:
    """A decoded frame as the canvas shows it.

    Args:
        frame: in any format and size.
        canvas: the size wanted; both sides even.
        fit: `pad`, `crop` or `blur`.
        focus: for `crop`, the point of the picture to keep in the middle, from
            0 to 1 across and down.
        pixel_aspect: a pixel's width over its height.
        turn: where the clip is to be turned, its first frame, which says how.

    Raises:
        BadMedia: its colours or its turn cannot be converted.
    """
    if turn is not None:
        frame = rgb_frame(turned(to_rgb(frame, square_size(frame, pixel_aspect)), turn))
        pixel_aspect = Fraction(1)
    if pixel_aspect == 1 and (frame.width, frame.height) == (canvas.width, canvas.height):
        return planes(to_yuv(frame))
    aspect = Fraction(frame.width, frame.height) * pixel_aspect
    match fit:
        case "crop":
            return _covering(frame, aspect, canvas, focus)
        case "blur":
            return _inside(frame, aspect, canvas, _blurred(frame, aspect, canvas))
        case _:
            return _inside(frame, aspect, canvas, _filled(canvas))


def planes(frame: av.VideoFrame) -> Planes:
    """The planes of a yuv420p frame, not copied."""
    y, u, v = (
        np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)[
            : plane.height, : plane.width
        ]
        for plane in frame.planes
    )
    return y, u, v


def frame_of(picture: Planes) -> av.VideoFrame:
    """A frame of planes, tagged with what they are."""
    height, width = picture[0].shape
    frame = av.VideoFrame(width, height, "yuv420p")
    for into, plane in zip(planes(frame), picture, strict=True):
        into[:] = plane
    frame.colorspace, frame.color_range = 1, 1  # bt.709, limited
    return frame


def _inside(frame: av.VideoFrame, aspect: Fraction, canvas: Size, ground: Planes) -> Planes:
    """The whole picture, as large as it goes, in the middle of a ground."""
    if aspect > canvas.aspect:
        size = Size(canvas.width, _even(canvas.width / aspect))
    else:
        size = Size(_even(canvas.height * aspect), canvas.height)
    left, top = (canvas.width - size.width) // 4, (canvas.height - size.height) // 4
    for below, part, scale in zip(ground, planes(to_yuv(frame, size)), (2, 1, 1), strict=True):
        height, width = part.shape
        below[top * scale : top * scale + height, left * scale : left * scale + width] = part
    return ground


def _covering(
    frame: av.VideoFrame, aspect: Fraction, canvas: Size, focus: tuple[Fraction, Fraction]
) -> Planes:
    """As much of the picture as fills the canvas, the focus as near to its middle as it goes."""
    if aspect > canvas.aspect:
        size = Size(_even(canvas.height * aspect), canvas.height)
    else:
        size = Size(canvas.width, _even(canvas.width / aspect))
    left = _start(focus[0], size.width, canvas.width)
    top = _start(focus[1], size.height, canvas.height)
    y, u, v = planes(to_yuv(frame, size))
    half = slice(top // 2, (top + canvas.height) // 2), slice(left // 2, (left + canvas.width) // 2)
    return y[top : top + canvas.height, left : left + canvas.width], u[half], v[half]


def _start(focus: Fraction, length: int, wanted: int) -> int:
    """Where a stretch of the wanted length starts that has the focus in its middle; even."""
    start = round(focus * length - Fraction(wanted, 2))
    return min(max(start, 0), length - wanted) // 2 * 2


def _blurred(frame: av.VideoFrame, aspect: Fraction, canvas: Size) -> Planes:
    """The picture filling the canvas, out of focus and darker."""
    small = Size(_even(Fraction(canvas.width, _SMALL)), _even(Fraction(canvas.height, _SMALL)))
    y, u, v = _covering(frame, aspect, small, _CENTRE)
    radius = min(small.width, small.height) / 12
    soft = [
        np.asarray(Image.fromarray(plane).filter(ImageFilter.GaussianBlur(blur)))
        for plane, blur in ((y, radius), (u, radius / 2), (v, radius / 2))
    ]
    large = planes(to_yuv(frame_of((soft[0], soft[1], soft[2])), canvas))
    dark = [
        (black + (plane.astype(np.float32) - black) * 0.6 + 0.5).astype(np.uint8)
        for plane, black in zip(large, _BLACK, strict=True)
    ]
    return dark[0], dark[1], dark[2]


def _filled(canvas: Size) -> Planes:
    """Black."""
    y, u, v = _BLACK
    half = canvas.height // 2, canvas.width // 2
    whole = canvas.height, canvas.width
    return np.full(whole, y, np.uint8), np.full(half, u, np.uint8), np.full(half, v, np.uint8)


def _even(length: Fraction) -> int:
    """The even number nearest to a length, and no less than 2."""
    return max(2, 2 * round(length / 2))
