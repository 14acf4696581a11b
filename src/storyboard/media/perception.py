"""Pictures as eyes see them: in Oklab, where equal distances look equally far apart.

Oklab: Björn Ottosson, https://bottosson.github.io/posts/oklab/. Its lightness is
given here from 0 to 100, and its colour axes on the same scale, as CIELAB's are:
a difference of about 2 is just seen.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from storyboard.media.colour import Bytes

Floats = npt.NDArray[np.float32]

# sRGB's curve, for each of the 256 levels. Video's own curve (bt.709) differs from
# it in the deepest shadows only, and players show video with sRGB's or a near one.
_LEVELS = np.arange(256) / 255
_LINEAR = np.where(_LEVELS <= 0.04045, _LEVELS / 12.92, ((_LEVELS + 0.055) / 1.055) ** 2.4).astype(
    np.float32
)
_TO_CONES = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ],
    np.float32,
)
_TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ],
    np.float32,
)
_FROM_LAB = np.linalg.inv(_TO_LAB.astype(np.float64)).astype(np.float32)
_FROM_CONES = np.linalg.inv(_TO_CONES.astype(np.float64)).astype(np.float32)


def to_oklab(picture: Bytes) -> Floats:
    """An RGB picture (height x width x 3) in Oklab, times 100."""
    cones = np.cbrt(_LINEAR[picture] @ _TO_CONES.T)
    return np.asarray(cones @ _TO_LAB.T * np.float32(100), np.float32)


def from_oklab(lab: Floats) -> Bytes:
    """A picture in Oklab, times 100, as RGB; what no screen can show is clipped."""
    return np.asarray(np.rint(shares_of(lab) * 255), np.uint8)


def shares_of(lab: Floats) -> Floats:
    """A picture in Oklab, times 100, as shares of red, green and blue from 0 to 1, not rounded."""
    linear = ((lab / np.float32(100)) @ _FROM_LAB.T) ** 3 @ _FROM_CONES.T
    bright = 1.055 * np.power(np.maximum(linear, 0.0031308), 1 / 2.4) - 0.055
    return np.asarray(
        np.clip(np.where(linear <= 0.0031308, 12.92 * linear, bright), 0, 1), np.float32
    )


@dataclass(frozen=True, slots=True)
class Look:
    """How a picture looks as a whole.

    Attributes:
        mean: of lightness and the two colour axes, times 100.
        spread: the standard deviation of each.
        sharpness: how much fine detail its lightness has: the mean of what a
            Laplacian leaves of it. It compares pictures of one size only.
    """

    mean: tuple[float, float, float]
    spread: tuple[float, float, float]
    sharpness: float


def look_of(lab: Floats) -> Look:
    """How a picture in Oklab looks."""
    wide, wider, widest = (float(each) for each in lab.std(axis=(0, 1), dtype=np.float64))
    return Look(mean=mean_of(lab), spread=(wide, wider, widest), sharpness=sharpness_of(lab))


def mean_of(lab: Floats) -> tuple[float, float, float]:
    """The means of a picture in Oklab, as `Look` has them."""
    first, second, third = (float(each) for each in lab.mean(axis=(0, 1), dtype=np.float64))
    return first, second, third


def sharpness_of(lab: Floats) -> float:
    """How sharp a picture in Oklab is, as `Look` has it."""
    light = lab[..., 0]
    inner = light[1:-1, 1:-1]
    around = light[:-2, 1:-1] + light[2:, 1:-1] + light[1:-1, :-2] + light[1:-1, 2:]
    return float(np.abs(4 * inner - around).mean(dtype=np.float64))


def difference(one: Floats, other: Floats) -> float:
    """How far two pictures in Oklab are apart: the mean over their pixels."""
    return float(np.sqrt(((one - other) ** 2).sum(axis=-1)).mean(dtype=np.float64))
