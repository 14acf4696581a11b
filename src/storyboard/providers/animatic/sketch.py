"""Shapes that stand in a picture: drawn on their own, then placed, lit and grounded."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from PIL import Image, ImageDraw

from storyboard.providers.animatic.easel import Easel, Floats, Point
from storyboard.providers.animatic.palette import Colour, mix

Shape: TypeAlias = Callable[["Sketch"], None]


class Sketch:
    """A shape drawn in its own square: 0 to 1 across, 0 to 1 from its top to its foot."""

    def __init__(self, pixels: int) -> None:
        self.side = max(8, pixels) * 3
        self.plane = Image.new("L", (self.side, self.side), 0)
        self.pen = ImageDraw.Draw(self.plane)

    def polygon(self, *points: Point) -> None:
        """A filled polygon with straight edges."""
        self.pen.polygon([(x * self.side, y * self.side) for x, y in points], fill=255)

    def blob(self, *points: Point) -> None:
        """A filled shape that runs smoothly through its points."""
        self.polygon(*smooth(points))

    def oval(self, x: float, y: float, across: float, down: float | None = None) -> None:
        """A filled ellipse around a point."""
        half = across if down is None else down
        self.pen.ellipse(
            [v * self.side for v in (x - across, y - half, x + across, y + half)], fill=255
        )

    def hoop(self, x: float, y: float, radius: float, thick: float) -> None:
        """A ring."""
        box = [v * self.side for v in (x - radius, y - radius, x + radius, y + radius)]
        self.pen.ellipse(box, outline=255, width=max(2, int(thick * self.side)))

    def stroke(self, thick: float, *points: Point) -> None:
        """A line."""
        path = [(x * self.side, y * self.side) for x, y in points]
        self.pen.line(path, fill=255, width=max(2, int(thick * self.side)), joint="curve")

    def mask(self) -> Floats:
        """The shape, antialiased, as tall as asked for."""
        return np.asarray(self.plane.reduce(3), np.float32) / np.float32(255)


def stand(
    easel: Easel,
    shape: Shape,
    at: Point,
    height: float,
    colour: Colour | None = None,
    rim: float = 0.8,
) -> None:
    """Put a shape with the middle of its foot at a point, lit on the side of the light."""
    pixels = int(height * easel.height)
    sketch = Sketch(pixels)
    shape(sketch)
    mask = sketch.mask()
    tall, wide = mask.shape
    top, left = int(at[1] * easel.height) - tall, int(at[0] * easel.width - wide / 2)
    cover: Floats = np.zeros((easel.height, easel.width), np.float32)
    y0, y1, x0, x1 = (
        max(top, 0),
        min(top + tall, easel.height),
        max(left, 0),
        min(left + wide, easel.width),
    )
    if y0 >= y1 or x0 >= x1:
        return
    cover[y0:y1, x0:x1] = mask[y0 - top : y1 - top, x0 - left : x1 - left]
    body = colour or mix(easel.palette.near, easel.palette.far, 0.12)
    easel.wash(cover * 0.98, body)
    # The edge that faces the light: what the shape loses when it is moved away from it.
    step = max(1, round(min(pixels * 0.012, easel.height * 0.0022)))
    side = step if easel.sun[0] > at[0] else -step
    edge = np.clip(cover - np.roll(np.roll(cover, -side, 1), step // 2, 0), 0, 1)
    easel.shine(edge, easel.palette.light, rim)


def glowing(easel: Easel, at: Point, radius: float) -> None:
    """A flame or a bulb: a white core, a warm halo."""
    palette = easel.palette
    easel.shine(easel.halo(at, radius * 4), mix(palette.accent, palette.light, 0.5), 0.9)
    easel.shine(easel.halo(at, radius * 1.3), palette.light, 1.0)
    easel.wash(easel.disc(at, radius * 0.5, radius * 0.5), mix(palette.light, (1, 1, 1), 0.6))


def shadow(easel: Easel, foot: Point, reach: float) -> None:
    """The shade on the ground around a foot; its reach in heights of the picture."""
    across = (easel.x - foot[0]) * easel.aspect / np.float32(reach)
    pool = np.exp(-(across**2) - ((easel.y - foot[1]) / np.float32(reach * 0.16)) ** 2)
    easel.wash(pool * 0.6, easel.palette.near)


def smooth(points: tuple[Point, ...]) -> list[Point]:
    """A closed curve through the points (Catmull-Rom)."""
    count, curve = len(points), []
    for index in range(count):
        p0, p1, p2, p3 = (points[(index + k) % count] for k in (-1, 0, 1, 2))
        for step in range(8):
            t = step / 8
            curve.append(tuple(
                0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)
                for a, b, c, d in zip(p0, p1, p2, p3, strict=True)
            ))  # fmt: skip
    return [(x, y) for x, y in curve]
