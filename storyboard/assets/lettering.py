"""Hand lettering: capitals as strokes of a brush, for the film's cards.

A letter is a few strokes on a grid one unit high (0 is the top, 1 the base
line). A stroke is a polyline, or an arc; the brush goes along it with a
slightly unsteady hand, which is seeded, so that a card comes out the same
each time.
"""

from __future__ import annotations

import itertools
from math import cos, hypot, radians, sin

import numpy as np
from PIL import Image, ImageDraw

Point = tuple[float, float]


def arc(x: float, y: float, rx: float, ry: float, start: float, end: float) -> list[Point]:
    """Part of an ellipse about (x, y); degrees run clockwise from three o'clock."""
    steps = max(8, int(abs(end - start) / 8))
    angles = (radians(start + (end - start) * i / steps) for i in range(steps + 1))
    return [(x + rx * cos(a), y + ry * sin(a)) for a in angles]


# Width of the letter, then its strokes.
LETTERS: dict[str, tuple[float, list[list[Point]]]] = {
    "A": (0.72, [[(0, 1), (0.36, 0), (0.72, 1)], [(0.14, 0.66), (0.58, 0.66)]]),
    "B": (0.56, [[(0, 0), (0, 1)], [(0, 0), *arc(0.24, 0.24, 0.24, 0.24, -90, 90), (0, 0.48)],
                 [(0, 0.48), *arc(0.28, 0.74, 0.28, 0.26, -90, 90), (0, 1)]]),
    "C": (0.72, [arc(0.42, 0.5, 0.42, 0.5, -48, -312)]),
    "D": (0.70, [[(0, 0), (0, 1)], [(0, 0), *arc(0.24, 0.5, 0.46, 0.5, -90, 90), (0, 1)]]),
    "E": (0.50, [[(0.5, 0), (0, 0), (0, 1), (0.5, 1)], [(0, 0.48), (0.42, 0.48)]]),
    "F": (0.48, [[(0.48, 0), (0, 0), (0, 1)], [(0, 0.48), (0.4, 0.48)]]),
    "G": (0.76, [[*arc(0.42, 0.5, 0.42, 0.5, -48, -350), (0.83, 0.56), (0.5, 0.56)]]),
    "H": (0.62, [[(0, 0), (0, 1)], [(0.62, 0), (0.62, 1)], [(0, 0.48), (0.62, 0.48)]]),
    "I": (0.0, [[(0, 0), (0, 1)]]),
    "J": (0.40, [[(0.4, 0), (0.4, 0.7), *arc(0.17, 0.74, 0.23, 0.26, 0, 130)]]),
    "K": (0.60, [[(0, 0), (0, 1)], [(0.56, 0), (0, 0.58)], [(0.18, 0.42), (0.6, 1)]]),
    "L": (0.46, [[(0, 0), (0, 1), (0.46, 1)]]),
    "M": (0.80, [[(0.04, 1), (0.08, 0), (0.4, 0.72), (0.72, 0), (0.76, 1)]]),
    "N": (0.66, [[(0, 1), (0, 0), (0.66, 1), (0.66, 0)]]),
    "O": (0.84, [arc(0.42, 0.5, 0.42, 0.5, -100, 262)]),
    "P": (0.52, [[(0, 0), (0, 1)], [(0, 0), *arc(0.25, 0.27, 0.27, 0.27, -90, 90), (0, 0.54)]]),
    "Q": (0.84, [arc(0.42, 0.5, 0.42, 0.5, -100, 262), [(0.52, 0.74), (0.82, 1.08)]]),
    "R": (0.58, [[(0, 0), (0, 1)], [(0, 0), *arc(0.26, 0.26, 0.26, 0.26, -90, 90), (0, 0.52)],
                 [(0.24, 0.52), (0.58, 1)]]),
    "S": (0.52, [[*arc(0.27, 0.25, 0.25, 0.25, -35, -225), *arc(0.26, 0.74, 0.26, 0.26, -60, 150)]]),
    "T": (0.64, [[(0, 0), (0.64, 0)], [(0.32, 0), (0.32, 1)]]),
    "U": (0.64, [[(0, 0), (0, 0.66), *arc(0.32, 0.68, 0.32, 0.32, 180, 0), (0.64, 0)]]),
    "V": (0.68, [[(0, 0), (0.34, 1), (0.68, 0)]]),
    "W": (0.98, [[(0, 0), (0.25, 1), (0.49, 0.2), (0.73, 1), (0.98, 0)]]),
    "X": (0.64, [[(0, 0), (0.64, 1)], [(0.64, 0), (0, 1)]]),
    "Y": (0.64, [[(0, 0), (0.32, 0.5), (0.64, 0)], [(0.32, 0.5), (0.32, 1)]]),
    "Z": (0.60, [[(0, 0), (0.6, 0), (0, 1), (0.6, 1)]]),
    " ": (0.30, []),
    ".": (0.0, [[(0, 0.98), (0.01, 1)]]),
    ",": (0.04, [[(0.03, 0.96), (-0.03, 1.14)]]),
}  # fmt: skip


def width(text: str, height: float, spacing: float) -> float:
    """How wide a line comes out; `spacing` is between letters, in heights."""
    return height * (sum(LETTERS[c][0] for c in text) + spacing * (len(text) - 1))


def letter(
    size: tuple[int, int], text: str, at: Point, height: float, *,
    spacing: float = 0.34, weight: float = 0.1, seed: int = 1,
) -> np.ndarray:  # fmt: skip
    """Coverage (0 to 1, rows by columns) of a line of text.

    Args:
        size: width and height of the picture.
        text: capitals, spaces, full stops and commas.
        at: the top left corner of the line, in pixels.
        height: of a letter, in pixels.
        spacing: between letters, as a part of the height.
        weight: of the brush, as a part of the height.
        seed: of the hand's unsteadiness.
    """
    hand = np.random.default_rng(seed)
    picture = Image.new("L", size, 0)
    brush = ImageDraw.Draw(picture)
    x = at[0]
    for character in text:
        wide, strokes = LETTERS[character]
        for stroke in strokes:
            wander = hand.normal(0, 0.012, 2) * height
            points = [
                (x + px * height + wander[0], at[1] + py * height + wander[1]) for px, py in stroke
            ]
            _sweep(brush, points, weight * height, hand)
        x += (wide + spacing) * height
    return np.asarray(picture, np.float32) / 255


def _sweep(
    brush: ImageDraw.ImageDraw, points: list[Point], weight: float, hand: np.random.Generator
) -> None:
    """Press the brush along a polyline: full at first, lighter towards the end."""
    lengths = [hypot(b[0] - a[0], b[1] - a[1]) for a, b in itertools.pairwise(points)]
    total = sum(lengths) or 1.0
    done = 0.0
    for a, b, length in zip(points, points[1:], lengths, strict=False):
        steps = max(1, int(length))
        for i in range(steps + 1):
            part = i / steps
            progress = (done + length * part) / total
            radius = weight / 2 * (1.06 - 0.3 * progress) * (1 + hand.normal(0, 0.02))
            px, py = a[0] + (b[0] - a[0]) * part, a[1] + (b[1] - a[1]) * part
            brush.ellipse((px - radius, py - radius, px + radius, py + radius), fill=255)
        done += length
