"""Two pictures mixed evenly, plane by plane.

Y'CbCr is a linear image of R'G'B', so a mix of the one is the mix of the other,
up to rounding; and of 4:2:0 there is half as much to mix.
"""

from __future__ import annotations

import numpy as np

from storyboard.media.fit import Bytes, Planes

_BITS = 16
"""Of a share: its rounding is not seen, and integers give the same on every processor."""

_BAND = 64
"""Rows that are mixed at a time: what is in between stays in the processor's cache."""


def mixed(first: Planes, second: Planes, share: float) -> Planes:
    """Two pictures of one size as one; `share` is how much of the second is seen, from 0 to 1.

    Every value is the exact mix, rounded.
    """
    weight = round(share * (1 << _BITS))
    y, u, v = (_mixed(plane, over, weight) for plane, over in zip(first, second, strict=True))
    return y, u, v


def plain(picture: Planes, color: tuple[int, int, int]) -> Planes:
    """A sheet of one colour (its Y, U and V), of a picture's size; it takes no memory."""
    y, u, v = (
        np.broadcast_to(np.uint8(value), plane.shape)
        for plane, value in zip(picture, color, strict=True)
    )
    return y, u, v


def _mixed(plane: Bytes, over: Bytes, weight: int) -> Bytes:
    first, second = np.uint32((1 << _BITS) - weight), np.uint32(weight)
    out = np.empty(plane.shape, np.uint8)
    for top in range(0, len(plane), _BAND):
        rows = slice(top, top + _BAND)
        total = np.multiply(plane[rows], first, dtype=np.uint32)
        total += np.multiply(over[rows], second, dtype=np.uint32)
        total += 1 << (_BITS - 1)
        np.right_shift(total, _BITS, out=out[rows], casting="unsafe")
    return out
