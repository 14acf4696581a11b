"""The painter's tools: noise, masks, glow, washes of colour and the finishing touches.

Pictures are float32 arrays, height by width by 3, from 0 to 1. Masks and noise
are float32, height by width, from 0 to 1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from math import ceil
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFilter

from storyboard.providers.animatic.palette import Colour, Palette
from storyboard.providers.animatic.reading import Reading

Floats: TypeAlias = npt.NDArray[np.floating[Any]]
Point: TypeAlias = tuple[float, float]


class Easel:
    """A picture being painted.

    Attributes:
        picture: what has been painted so far.
        width: of the picture, in pixels.
        height: of the picture, in pixels.
        x: each column's place, from 0 to 1; shape 1 by width.
        y: each row's place, from 0 to 1; shape height by 1.
        sun: where the light stands, in the same places.
    """

    def __init__(self, width: int, height: int, reading: Reading, palette: Palette) -> None:
        self.width, self.height = width, height
        self.reading, self.palette = reading, palette
        self.rng = np.random.Generator(np.random.PCG64(reading.seed))
        self.picture: Floats = np.zeros((height, width, 3), np.float32)
        self.x: Floats = np.linspace(0, 1, width, dtype=np.float32)[None, :]
        self.y: Floats = np.linspace(0, 1, height, dtype=np.float32)[:, None]
        side = 1 / 3 if reading.mood[3] < 0 else 2 / 3
        self.sun: Point = (side + 0.05 * reading.mood[4], 0.3)

    @property
    def aspect(self) -> float:
        """Width over height."""
        return self.width / self.height

    def mood_of(self, axis: int) -> float:
        """One of the mood's numbers, from -1 to 1."""
        return self.reading.mood[axis]

    def wash(self, mask: Floats | float, colour: Colour | Floats) -> None:
        """Paint a colour, or a picture, where the mask says, from the top row of the mask down."""
        paint = np.asarray(colour, np.float32)
        cover = np.asarray(mask, np.float32)
        self.picture += (paint - self.picture) * (cover[..., None] if cover.ndim else cover)

    def shine(self, mask: Floats, colour: Colour, strength: float = 1.0) -> None:
        """Add light: it brightens what is there and never beyond white."""
        light = mask[..., None] * (np.asarray(colour, np.float32) * np.float32(strength))
        self.picture += light * (1 - np.clip(self.picture, 0, 1))

    def gradient(self, stops: Sequence[tuple[float, Colour]], top: float, bottom: float) -> Floats:
        """A picture of colours from top to bottom (places from 0 to 1); shape height by 1 by 3."""
        at = np.clip((self.y[:, 0] - top) / max(bottom - top, 1e-6), 0, 1)
        places = [place for place, _ in stops]
        channels = [np.interp(at, places, [colour[c] for _, colour in stops]) for c in range(3)]
        return np.stack(channels, -1).astype(np.float32)[:, None, :]

    def noise(self, across: float, down: float, octaves: int = 4, fade: float = 0.5) -> Floats:
        """Soft noise; `across` and `down` say how many waves there are in the picture."""
        total: Floats = np.zeros((self.height, self.width), np.float32)
        weight, sum_of_weights = 1.0, 0.0
        for octave in range(octaves):
            # Not quite doubled, and begun anywhere, so that no two lattices line up.
            wide, tall = across * 1.87**octave, down * 1.93**octave
            columns, rows = ceil(wide) + 4, ceil(tall) + 4
            if columns > self.width or rows > self.height:
                break
            grid = Image.fromarray(self.rng.random((rows, columns), dtype=np.float32))
            left, top = 1 + self.rng.random(2)
            box = (left, top, left + wide, top + tall)
            layer = grid.resize((self.width, self.height), Image.Resampling.BICUBIC, box)
            total += np.float32(weight) * np.asarray(layer, np.float32)
            sum_of_weights += weight
            weight *= fade
        low, high = np.percentile(total[::7, ::7], (1, 99))
        even: Floats = np.clip((total - low) / max(high - low, 1e-6), 0, 1).astype(np.float32)
        return even

    def warped(self, field: Floats, amount: float) -> Floats:
        """A field pushed about by soft noise, so that no lattice shows in it; in heights."""
        push = amount * self.height
        rows = np.arange(self.height)[:, None] + (self.noise(3 * self.aspect, 4, 3) - 0.5) * push
        columns = (
            np.arange(self.width)[None, :] + (self.noise(2.5 * self.aspect, 5, 3) - 0.5) * 2 * push
        )
        at = (
            np.clip(rows, 0, self.height - 1).astype(int),
            np.clip(columns, 0, self.width - 1).astype(int),
        )
        pushed: Floats = field[at]
        return pushed

    def ridge(self, waves: float, octaves: int = 6, fade: float = 0.5) -> Floats:
        """A jagged line across the picture: one height from 0 to 1 a column."""
        line = np.zeros(self.width)
        at = np.linspace(0, waves, self.width)
        for octave in range(octaves):
            points = self.rng.random(ceil(waves * 2**octave) + 3)
            place = at * 2**octave
            index = place.astype(int)
            part = place - index
            part = part * part * (3 - 2 * part)
            line += fade**octave * (points[index] * (1 - part) + points[index + 1] * part)
        line -= line.min()
        return (line / max(float(line.max()), 1e-6)).astype(np.float32)

    def below(self, line: Floats | float, softness: float = 0.0) -> Floats:
        """The mask of all that lies below a line (places from 0 to 1), its edge antialiased."""
        width = max(softness, 1 / self.height)
        mask: Floats = np.clip((self.y - line) / np.float32(width) + 0.5, 0, 1).astype(np.float32)
        return mask

    def disc(self, centre: Point, radius: float, softness: float = 0.0) -> Floats:
        """The mask of a disc; its radius and softness in heights of the picture."""
        width = max(softness, 1.5 / self.height)
        mask: Floats = np.clip((radius - self.distance(centre)) / np.float32(width) + 0.5, 0, 1)
        return mask

    def distance(self, centre: Point) -> Floats:
        """How far each place is from a point, in heights of the picture."""
        across = (self.x - centre[0]) * np.float32(self.aspect)
        far: Floats = np.sqrt(across * across + (self.y - centre[1]) ** 2).astype(np.float32)
        return far

    def halo(self, centre: Point, radius: float) -> Floats:
        """Light that falls off around a point: 1 there, a third at the radius."""
        far = self.distance(centre) / np.float32(radius)
        light: Floats = (1 / (1 + 2 * far * far)).astype(np.float32) * np.exp(-far / 3)
        return light

    def drawn(self, draw: Callable[[ImageDraw.ImageDraw, float, float], None]) -> Floats:
        """The mask that a function draws, antialiased; it is given the width and the height."""
        plane = Image.new("L", (self.width * 2, self.height * 2), 0)
        draw(ImageDraw.Draw(plane), float(plane.width), float(plane.height))
        return np.asarray(plane.reduce(2), np.float32) / np.float32(255)

    def polygons(self, polygons: Iterable[Sequence[Point]]) -> Floats:
        """The mask of filled polygons."""

        def draw(pen: ImageDraw.ImageDraw, width: float, height: float) -> None:
            for corners in polygons:
                pen.polygon([(x * width, y * height) for x, y in corners], fill=255)

        return self.drawn(draw)

    def lines(self, paths: Iterable[Sequence[Point]], thick: float) -> Floats:
        """The mask of lines; how thick they are in heights of the picture."""

        def draw(pen: ImageDraw.ImageDraw, width: float, height: float) -> None:
            stroke = max(2, round(thick * height))
            for path in paths:
                pen.line([(x * width, y * height) for x, y in path], fill=255, width=stroke)

        return self.drawn(draw)

    def streaks(self, count: int, longest: float, lean: float) -> Floats:
        """The mask of slanted streaks, as of rain; their length in heights of the picture."""
        rng = self.rng
        drops = [
            (rng.random() * 1.2 - 0.1, rng.random(), rng.random(), rng.random())
            for _ in range(count)
        ]

        def draw(pen: ImageDraw.ImageDraw, width: float, height: float) -> None:
            for x, y, size, bright in drops:
                long = longest * (0.3 + 0.7 * size) * height
                start = (x * width, y * 1.1 * height - long)
                end = (start[0] - lean * long, start[1] + long)
                thick = max(1, round(height * (0.0008 + 0.0016 * size**3)))
                pen.line([start, end], fill=int(50 + 190 * bright**2), width=thick)

        return self.drawn(draw)

    def flakes(self, count: int, radius: float) -> Floats:
        """The mask of soft round flakes, as of snow; their radius in heights of the picture."""
        rng = self.rng
        spots = [(rng.random(), rng.random(), 0.6 + 0.8 * rng.random()) for _ in range(count)]

        def draw(pen: ImageDraw.ImageDraw, width: float, height: float) -> None:
            for x, y, size in spots:
                half = max(1.0, radius * size * height)
                pen.ellipse(
                    (x * width - half, y * height - half, x * width + half, y * height + half),
                    fill=255,
                )

        return self.blurred(self.drawn(draw), radius * 0.6)

    def blurred(self, field: Floats, radius: float) -> Floats:
        """A mask or a picture, blurred; the radius in heights of the picture."""
        pixels = radius * self.height
        step = max(1, int(pixels / 2))
        small = (max(2, self.width // step), max(2, self.height // step))
        image = Image.fromarray((np.clip(field, 0, 1) * 255 + 0.5).astype(np.uint8))
        image = image.resize(small, Image.Resampling.BOX)
        image = image.filter(ImageFilter.GaussianBlur(pixels / step))
        image = image.resize((self.width, self.height), Image.Resampling.BICUBIC)
        return np.asarray(image, np.float32) / np.float32(255)

    def finish(self) -> npt.NDArray[np.uint8]:
        """The finished picture: bloom, vignette and grain on it; height by width by 3 bytes."""
        bright = np.clip((self.picture - 0.72) * 2.2, 0, 1)
        bloom = self.blurred(bright, 0.03) * 0.6 + self.blurred(bright, 0.1) * 0.5
        self.picture += (
            bloom * np.float32(0.5 * self.palette.glow) * (1 - np.clip(self.picture, 0, 1))
        )
        away = ((self.x - 0.5) ** 2 + (self.y - 0.5) ** 2) * 2
        self.picture *= (1 - 0.34 * away**1.3)[..., None]
        grain = self.rng.standard_normal((self.height, self.width), dtype=np.float32)
        soft = np.asarray(
            Image.fromarray(grain).resize((self.width, self.height), Image.Resampling.BILINEAR,
                                          (0.5, 0.5, self.width - 0.5, self.height - 0.5)),
            np.float32,
        )  # fmt: skip
        self.picture += (soft * np.float32(0.013))[..., None]
        return (np.clip(self.picture, 0, 1) * 255 + 0.5).astype(np.uint8)


def box(left: float, top: float, right: float, low: float) -> list[Point]:
    """The corners of an upright box, from the upper left one clockwise."""
    return [(left, top), (right, top), (right, low), (left, low)]
