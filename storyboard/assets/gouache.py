"""Paint, brush and paper: what the pictures of this film are painted with.

Pictures are float32 arrays, rows by columns by 3, from 0 to 1; masks are the
same without colours. All is painted at twice the size and made smaller at
the end. Everything is seeded: the same picture comes out each time.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

SCALE = 2
SIZE = (1280, 720)
WIDE, HIGH = SIZE[0] * SCALE, SIZE[1] * SCALE

Array = np.ndarray
Point = tuple[float, float]

_rows, _columns = np.mgrid[0:HIGH, 0:WIDE].astype(np.float32) / SCALE
ROWS, COLUMNS = _rows, _columns  # the place of each painted pixel, in the picture's pixels


def colour(code: str) -> Array:
    """A colour like `#1d3b4f` as three numbers."""
    return np.array([int(code[i : i + 2], 16) for i in (1, 3, 5)], np.float32) / 255


@lru_cache(maxsize=6)
def noise(across: int, down: int, seed: int) -> Array:
    """Smooth noise, mean 0, about -1 to 1, with so many cells across and down."""
    cells = np.random.default_rng(seed).normal(0, 0.5, (down + 3, across + 3)).astype(np.float32)
    picture = Image.fromarray(cells).resize(
        (WIDE, HIGH), Image.Resampling.BICUBIC, box=(1, 1, across + 2, down + 2)
    )
    return np.clip(np.asarray(picture), -1.5, 1.5)


def cloud(seed: int, across: int = 5, down: int = 4, depth: int = 5) -> Array:
    """Noise of several sizes on top of each other."""
    layers = [noise(across * 2**i, down * 2**i, seed + i) * 0.55**i for i in range(depth)]
    return np.sum(layers, axis=0)


def bristles(seed: int) -> Array:
    """The marks of a broad brush drawn across the paper."""
    return (
        0.6 * noise(7, 240, seed) + 0.4 * noise(24, 520, seed + 1) + 0.3 * noise(340, 200, seed + 2)
    )


def soften(mask: Array, radius: float) -> Array:
    """A mask with its edges blurred."""
    picture = Image.fromarray((np.clip(mask, 0, 1) * 255).astype(np.uint8))
    return np.asarray(picture.filter(ImageFilter.GaussianBlur(radius * SCALE)), np.float32) / 255


def shape(points: Sequence[Point]) -> Array:
    """The inside of a polygon, as a mask."""
    picture = Image.new("L", (WIDE, HIGH), 0)
    ImageDraw.Draw(picture).polygon([(x * SCALE, y * SCALE) for x, y in points], fill=255)
    return np.asarray(picture, np.float32) / 255


def disc(x: float, y: float, radius: float) -> Array:
    """A round mask with a sharp edge."""
    return np.clip((radius - np.hypot(COLUMNS - x, ROWS - y)) * SCALE + 0.5, 0, 1)


def ragged(mask: Array, seed: int, reach: float = 2.2) -> Array:
    """A mask with the edge that a loaded brush leaves on rough paper."""
    soft = soften(mask, reach)
    edge = soft - 0.5 + 0.2 * noise(300, 170, seed) + 0.14 * noise(640, 360, seed + 1)
    return np.select([soft < 0.06, soft > 0.94], [0, 1], np.clip(edge * 3.2 + 0.5, 0, 1)).astype(
        np.float32
    )


def shifted(mask: Array, right: int, low: int) -> Array:
    """A mask moved by so many of the picture's pixels; its border runs on."""
    padded = np.pad(mask, ((low * SCALE, 0), (right * SCALE, 0)), mode="edge")
    return padded[:HIGH, :WIDE]


def down(*stops: tuple[float, str]) -> Array:
    """Colours one under the other: (row, colour) from the top down."""
    rows = np.arange(HIGH, dtype=np.float32) / SCALE
    codes = np.stack([colour(code) for _, code in stops])
    at = [row for row, _ in stops]
    column = np.stack([np.interp(rows, at, codes[:, c]) for c in range(3)], axis=1)
    return np.repeat(column[:, None, :], WIDE, axis=1).astype(np.float32)


def lay(picture: Array, mask: Array, paint: Array | str, strength: float = 1.0) -> Array:
    """Opaque paint on what is there."""
    fill = colour(paint) if isinstance(paint, str) else paint
    cover = (np.clip(mask, 0, 1) * strength)[..., None]
    return picture * (1 - cover) + fill * cover


def light(picture: Array, mask: Array, paint: str, strength: float = 1.0) -> Array:
    """Light on what is there: never darker, never more than white."""
    return 1 - (1 - picture) * (1 - colour(paint) * (np.clip(mask, 0, 1) * strength)[..., None])


def glow(x: float, y: float, radius: float, sharpness: float = 2.0) -> Array:
    """Light that falls off about a point."""
    return 1 / (1 + (np.hypot(COLUMNS - x, ROWS - y) / radius) ** 2) ** sharpness


def beam(x: float, y: float, angle: float, half: float, reach: float) -> Array:
    """A lamp's beam from a point: degrees clockwise from three o'clock, half its spread."""
    across, along = COLUMNS - x, ROWS - y
    distance = np.hypot(across, along) + 1e-3
    turned = np.degrees(np.arctan2(along, across)) - angle
    turned = (turned + 180) % 360 - 180
    side = np.clip(1 - (np.abs(turned) / half) ** 1.6, 0, 1)
    return side * np.exp(-distance / reach) * np.clip(distance / 14, 0, 1)


def textured(picture: Array, seed: int, amount: float = 0.045) -> Array:
    """The brush's marks and the paper's tooth, in what is there."""
    marks = bristles(seed) + 0.5 * cloud(seed + 7, 3, 2, 3)
    return np.clip(picture * (1 + amount * marks[..., None]), 0, 1)


def finish(picture: Array, colours: int = 224) -> Image.Image:
    """Darken the corners, make it small, and keep so many colours."""
    away = np.hypot((COLUMNS - SIZE[0] / 2) / SIZE[0], (ROWS - SIZE[1] / 2) / SIZE[1])
    shaded = picture * (1 - 0.42 * np.clip(away - 0.32, 0, 1) ** 1.3)[..., None]
    full = Image.fromarray((np.clip(shaded, 0, 1) * 255 + 0.5).astype(np.uint8))
    small = np.asarray(full.resize(SIZE, Image.Resampling.LANCZOS), np.float32)
    # A little grain where paint is smooth, so that few colours make no steps.
    grain = np.random.default_rng(0).normal(0, 0.45, small.shape[:2]).astype(np.float32)
    grainy = Image.fromarray(np.clip(small + grain[..., None] + 0.5, 0, 255).astype(np.uint8))
    return grainy.quantize(
        colours, method=Image.Quantize.MEDIANCUT, kmeans=3, dither=Image.Dither.NONE
    )
