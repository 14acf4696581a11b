"""Colour between decoded frames and RGB, exact enough for a chain of twenty clips.

How a frame's numbers are meant is read from its tags: matrix and range. A
frame without tags is taken as players take it: bt.709 when it is of high
definition (over 576 lines on its shorter side, or 1280 on its longer one),
bt.601 below; limited range. Primaries and transfer curves are left alone.

What is written is always yuv420p, bt.709, limited range, with the colour
samples in the middle of the four pixels that they colour. swscale is asked to
round and to be bit-exact: by default it cuts off, about a level with each
conversion, and its result depends on the processor.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import av
import numpy as np
import numpy.typing as npt
from av.sidedata.sidedata import SideDataContainer
from av.video.reformatter import ColorRange, Colorspace, ColorTrc, Interpolation

from storyboard.media.container import BadMedia
from storyboard.model import Size

Bytes = npt.NDArray[np.uint8]

# Bicubic both ways: bilinear softens colour edges by 5 dB more over twenty hops.
_ACCURATE = (
    Interpolation.BICUBIC
    | Interpolation.ACCURATE_RND
    | Interpolation.FULL_CHR_H_INT
    | Interpolation.FULL_CHR_H_INP
    | Interpolation.BITEXACT
)

# H.273's matrix coefficients, as frames are tagged, to swscale's names.
_UNTAGGED = 2
_MATRICES = {
    1: Colorspace.ITU709,
    4: Colorspace.FCC,
    5: Colorspace.ITU601,
    6: Colorspace.ITU601,
    7: Colorspace.SMPTE240M,
    9: Colorspace.BT2020,
}
_HDR = {ColorTrc.SMPTE2084: "PQ", ColorTrc.ARIB_STD_B67: "HLG"}


def matrix_of(frame: av.VideoFrame) -> Colorspace:
    """The matrix that a frame's YUV was made with, by its tag or by its size.

    Raises:
        BadMedia: it is one that cannot be converted.
    """
    tag = int(frame.colorspace)
    if tag in _MATRICES:
        return _MATRICES[tag]
    if tag != _UNTAGGED and not frame.format.is_rgb:
        raise BadMedia(f"its colours are coded in a way that is not supported (matrix {tag})")
    high = max(frame.width, frame.height) >= 1280 or min(frame.width, frame.height) > 576
    return Colorspace.ITU709 if high else Colorspace.ITU601


def is_full_range(frame: av.VideoFrame) -> bool:
    """Whether black is 0 and white 255, as in RGB, and not 16 and 235."""
    tagged = frame.color_range == ColorRange.JPEG
    return tagged or frame.format.is_rgb or frame.format.name.startswith("yuvj")


def is_plain(frame: av.VideoFrame) -> bool:
    """Whether a frame's planes are as this package writes them: no conversion is needed."""
    return (
        frame.format.name == "yuv420p"
        and matrix_of(frame) == Colorspace.ITU709
        and not is_full_range(frame)
    )


def to_rgb(frame: av.VideoFrame, size: Size | None = None) -> Bytes:
    """A frame's picture: height x width x 3, RGB, 0 to 255; scaled where a size is given.

    Raises:
        BadMedia: it is HDR, or coded in a way that cannot be converted.
    """
    _check_transfer(frame)
    size = size or Size(frame.width, frame.height)
    converted = frame.reformat(
        width=size.width,
        height=size.height,
        format="rgb24",
        src_colorspace=matrix_of(frame),
        src_color_range=ColorRange.JPEG if is_full_range(frame) else ColorRange.MPEG,
        dst_color_range=ColorRange.JPEG,
        interpolation=_ACCURATE,
        threads=1,
    )
    return np.asarray(converted.to_ndarray(), np.uint8)


def to_yuv(frame: av.VideoFrame, size: Size | None = None) -> av.VideoFrame:
    """A frame as yuv420p, bt.709, limited range; the frame itself where it is that already.

    Raises:
        BadMedia: as `to_rgb`.
    """
    _check_transfer(frame)
    size = size or Size(frame.width, frame.height)
    if is_plain(frame) and size == Size(frame.width, frame.height):
        return frame
    return frame.reformat(
        width=size.width,
        height=size.height,
        format="yuv420p",
        src_colorspace=matrix_of(frame),
        src_color_range=ColorRange.JPEG if is_full_range(frame) else ColorRange.MPEG,
        dst_colorspace=Colorspace.ITU709,
        dst_color_range=ColorRange.MPEG,
        interpolation=_ACCURATE,
        threads=1,
    )


def rgb_frame(picture: Bytes) -> av.VideoFrame:
    """An RGB picture (height x width x 3) as a frame, for `to_yuv`."""
    return av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")


def is_upright(frame: av.VideoFrame) -> bool:
    """Whether a frame is to be seen as it is stored, neither turned nor mirrored."""
    return _turn(frame) == (1, 0, 0, 1)


def turned(picture: Bytes, frame: av.VideoFrame) -> Bytes:
    """A frame's picture turned or mirrored as its display matrix says it is to be seen.

    Raises:
        BadMedia: it is to be turned by something else than quarters.
    """
    a, b, c, d = _turn(frame)
    if b == c == 0 and a and d:
        return picture[::d, ::a]
    if a == d == 0 and b and c:
        return picture[::c, ::b].transpose(1, 0, 2)
    raise BadMedia("it is to be shown turned by a part of a quarter, which is not supported")


def square_size(frame: av.VideoFrame, pixel_aspect: Fraction) -> Size:
    """The size of a frame's picture in square pixels: never smaller on a side than it is stored."""
    if pixel_aspect > 1:
        return Size(round(frame.width * pixel_aspect), frame.height)
    return Size(frame.width, round(frame.height / pixel_aspect))


def _check_transfer(frame: av.VideoFrame) -> None:
    for transfer, name in _HDR.items():
        if frame.color_trc == transfer:
            raise BadMedia(f"it is HDR ({name}); convert it to SDR, bt.709, first")


def _turn(frame: av.VideoFrame) -> tuple[int, ...]:
    """The signs of the display matrix: x goes to (a, b), y to (c, d)."""
    # A frame that is asked itself (`frame.side_data`) holds what holds it: it would stay, and
    # with it all of its decoder's pictures, until the next garbage collection.
    asked = SideDataContainer(frame)  # type: ignore[call-arg]
    matrix: Any = asked.get("DISPLAYMATRIX")  # a buffer, which av does not say
    if matrix is None:
        return 1, 0, 0, 1
    # Fixed point, 16.16; what is under a hundredth is a rounding.
    entries = np.frombuffer(matrix, np.int32)[[0, 1, 3, 4]].astype(np.int64)
    return tuple(int(np.sign(entry)) if abs(entry) > 655 else 0 for entry in entries)
