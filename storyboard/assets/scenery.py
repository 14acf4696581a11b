"""What stands in this film's pictures: sky, sea and weather, rocks, a lighthouse, a boat."""

from __future__ import annotations

from math import cos, pi, sin

import numpy as np
from gouache import (
    COLUMNS,
    HIGH,
    ROWS,
    SCALE,
    SIZE,
    WIDE,
    Array,
    Point,
    cloud,
    down,
    lay,
    light,
    noise,
    ragged,
    shape,
    shifted,
    soften,
    textured,
)  # fmt: skip


def clouds(picture: Array, paint: str, *, seed: int, low: float, strength: float) -> Array:
    """Banks of cloud above the row `low`, thicker higher up."""
    bank = cloud(seed, 4, 9, 5) + 0.35 * noise(3, 14, seed + 6)
    height = np.clip(1 - ROWS / low, 0, 1) ** 0.4
    return lay(picture, np.clip(bank * 1.5 - 0.1, 0, 1) * height, paint, strength)


def stars(picture: Array, *, count: int, low: float, seed: int) -> Array:
    """Small stars above the row `low`, more of them higher up."""
    dice = np.random.default_rng(seed)
    for x, y, size in zip(dice.uniform(0, SIZE[0], count), low * dice.beta(1, 1.6, count),
                          dice.exponential(0.5, count) + 0.5, strict=True):  # fmt: skip
        at = np.s_[
            max(0, int(y - 9) * SCALE) : int(y + 9) * SCALE,
            max(0, int(x - 9) * SCALE) : int(x + 9) * SCALE,
        ]
        spot = np.clip(1.2 - np.hypot(COLUMNS[at] - x, ROWS[at] - y) / size, 0, 1)
        picture[at] = 1 - (1 - picture[at]) * (1 - spot[..., None] * 0.85)
    return picture


def sea(picture: Array, *, horizon: float, near: str, far: str, crest: str, seed: int) -> Array:
    """Water from the horizon down, with dabs of light on it that grow nearer."""
    water = down((horizon, far), (horizon + 70, near), (SIZE[1], near))
    below = np.clip((ROWS - horizon) * SCALE, 0, 1)
    picture = lay(picture, below, textured(water, seed, 0.09))
    depth = np.clip((ROWS - horizon) / (SIZE[1] - horizon), 0, 1)
    for across, rows, at in ((60, 330, 0.06), (30, 220, 0.35), (16, 130, 0.8)):
        near_enough = np.exp(-(((depth - at) / 0.32) ** 2))
        dabs = ragged(
            np.clip((noise(across, rows, seed + rows) - 0.6) * 5, 0, 1), seed + across, 0.6
        )
        picture = lay(picture, dabs * below * near_enough, crest, 0.42)
    return picture


def glitter(picture: Array, x: float, horizon: float, *, seed: int) -> Array:
    """The lane of light that a low sun lays on the water."""
    depth = np.clip((ROWS - horizon) / (SIZE[1] - horizon), 0, 1)
    lane = np.exp(-(((COLUMNS - x) / (26 + 190 * depth)) ** 2)) * (horizon < ROWS)
    dabs = np.clip((noise(60, 130, seed) + 0.9 * lane - 0.7) * 4, 0, 1)
    return lay(picture, ragged(dabs, seed + 1, 0.5) * lane, "#fff0c9", 0.85)


def waves(picture: Array, rows: list[tuple[float, float, float, str]], *, seed: int) -> Array:
    """Torn paper waves, each (row, height, length, colour), with foam on the crests."""
    for number, (row, tall, long, paint) in enumerate(rows):
        dice = np.random.default_rng(seed * 10 + number)
        phase = dice.uniform(0, 2 * pi)
        crest = COLUMNS / long * 2 * pi + phase
        line = row - tall * np.abs(np.sin(crest / 2 + 0.35 * np.sin(crest / 3))) ** 1.7
        line = line + 0.3 * tall * noise(9, 1, seed + number)
        body = ragged(np.clip((ROWS - line) * SCALE / 3 + 0.5, 0, 1), seed + number, 0.8)
        toned = textured(lay(np.ones_like(picture), np.ones_like(body), paint), seed + number, 0.13)
        picture = lay(picture, body, toned)
        inside = ROWS - line
        foam = np.exp(-((inside / (0.2 * tall)) ** 2)) * np.clip(
            0.55 + 0.8 * cloud(seed + number, 90, 200, 3), 0, 1
        )
        picture = lay(picture, foam * body, "#b9c7c2", 0.5)
        streak = np.clip((noise(34, 120, seed + number + 5) - 0.55) * 4, 0, 1) * np.exp(
            -np.abs(inside) / (2.2 * tall)
        )
        picture = lay(picture, streak * body, "#8fa5a6", 0.3)
    return picture


def rain(picture: Array, *, seed: int) -> Array:
    """Slanting streaks, fine ones far off and longer ones near."""
    sheet = np.zeros((HIGH, WIDE), np.float32)
    for length, slant, share, part in ((13, 4, 0.0016, 0.30), (26, 8, 0.0007, 0.42)):
        drops = (np.random.default_rng(seed + length).random((HIGH, WIDE)) < share / 3).astype(
            np.float32
        )
        for i in range(length * SCALE):
            sheet = np.maximum(sheet, part * np.roll(drops, (i, -i * slant // length), (0, 1)))
    return light(picture, soften(sheet, 0.5), "#c7d5d6", 0.8)


def rock(picture: Array, outline: list[Point], dark: str, lit: str, *, seed: int) -> Array:
    """A rock or a headland, lit along its upper edge."""
    mask = ragged(shape(outline), seed, 2.5)
    stone = textured(lay(np.ones_like(picture), mask * 0 + 1, dark), seed, 0.2)
    picture = lay(picture, mask, stone)
    top = np.clip(mask - shifted(mask, 5, 13), 0, 1)
    facets = np.clip(cloud(seed + 3, 44, 16, 4) * 2.2 - 0.9, 0, 1) * mask
    picture = lay(picture, facets, lit, 0.16)
    return lay(picture, ragged(top, seed + 1, 1.2) * mask, lit, 0.7)


def lighthouse(
    picture: Array,
    x: float,
    base: float,
    tall: float,
    *,
    seed: int,
    body: str = "#e9e2cf",
    shade: str = "#46606c",
) -> Array:
    """A banded tower with gallery, lantern and roof; the lamp sits at 0.88 of its height."""

    def box(left: float, right: float, low: float, high: float, taper: float = 0.0) -> Array:
        points = [(x + left * tall, base - low * tall), (x + right * tall, base - low * tall),
                  (x + (right - taper) * tall, base - high * tall), (x + (left + taper) * tall, base - high * tall)]  # fmt: skip
        return ragged(shape(points), seed, 0.9)

    tower = box(-0.105, 0.105, 0, 0.78, 0.042)
    picture = lay(picture, tower, body)
    for low in (0.16, 0.47):
        picture = lay(picture, tower * box(-0.2, 0.2, low, low + 0.15), "#b3402f")
    across = np.clip((COLUMNS - x) / (0.1 * tall), -1, 1)
    picture = lay(picture, tower * np.clip(0.5 + 0.75 * across, 0, 1), shade, 0.62)
    picture = lay(picture, tower, textured(picture, seed, 0.08))
    for low in (0.08, 0.36, 0.66):
        picture = lay(
            picture, box(-0.018, 0.014, low, low + 0.05), "#f3b95f" if low == 0.36 else "#1d2d36"
        )
    picture = lay(picture, box(-0.098, 0.098, 0.775, 0.80), "#1b2a33")
    for post in np.linspace(-0.09, 0.09, 9):
        picture = lay(picture, box(post - 0.002, post + 0.002, 0.80, 0.845), "#1b2a33")
    picture = lay(picture, box(-0.094, 0.094, 0.843, 0.851), "#1b2a33")
    picture = lay(picture, box(-0.05, 0.05, 0.80, 0.94), "#ffe2a0")
    for post in (-0.05, -0.017, 0.017, 0.05):
        picture = lay(picture, box(post - 0.003, post + 0.003, 0.80, 0.94), "#22323a")
    picture = lay(picture, box(-0.068, 0.068, 0.938, 0.955), "#1b2a33")
    picture = lay(picture, box(-0.062, 0.062, 0.95, 1.02, 0.054), "#8e3529")
    return lay(picture, box(-0.004, 0.004, 1.0, 1.07), "#1b2a33")


def cottage(picture: Array, x: float, base: float, *, seed: int, lit: bool = True) -> Array:
    """The keeper's cottage; `base` is the ground it stands on."""
    wall = [(x - 38, base + 6), (x - 38, base - 26), (x + 38, base - 26), (x + 38, base + 6)]
    roof = [(x - 46, base - 24), (x - 28, base - 52), (x + 28, base - 52), (x + 46, base - 24)]
    chimney = [(x + 12, base - 48), (x + 12, base - 66), (x + 23, base - 66), (x + 23, base - 48)]
    picture = lay(picture, ragged(shape(wall), seed, 1), "#8fa3a0" if lit else "#efe3cb")
    picture = lay(picture, ragged(shape(chimney), seed + 1, 1), "#2a3b44")
    picture = lay(picture, ragged(shape(roof), seed + 2, 1), "#22343d" if lit else "#8a4b3c")
    for left in (-24, 10):
        pane = [
            (x + left, base - 16),
            (x + left + 13, base - 16),
            (x + left + 13, base - 3),
            (x + left, base - 3),
        ]
        picture = lay(picture, ragged(shape(pane), seed + 3, 0.7), "#ffc765" if lit else "#4b6670")
    return picture


def boat(
    picture: Array, x: float, y: float, size: float, *, tilt: float, hull: str = "#7d2f27"
) -> Array:
    """A fishing boat, tilted by so many degrees."""
    turn = tilt * pi / 180

    def part(points: list[Point], paint: str, seed: int) -> Array:
        placed = [(x + size * (px * cos(turn) - py * sin(turn)), y + size * (px * sin(turn) + py * cos(turn)))
                  for px, py in points]  # fmt: skip
        return lay(picture, ragged(shape(placed), seed, 0.8), paint)

    picture = part([(-62, -10), (-50, 22), (44, 22), (74, -20), (40, -10)], hull, 71)
    picture = part([(-60, -12), (74, -22), (72, -15), (-60, -5)], "#e8dcc2", 72)
    picture = part([(-34, -10), (-34, -40), (2, -40), (6, -12)], "#dfd5bd", 73)
    picture = part([(-38, -40), (-36, -47), (6, -47), (6, -40)], "#2b3b42", 74)
    picture = part([(-22, -33), (-22, -23), (-6, -23), (-6, -33)], "#ffc765", 75)
    picture = part([(22, -14), (21, -92), (25, -92), (26, -14)], "#22323a", 76)
    return part([(24, -90), (72, -21), (70, -20), (23, -86)], "#3b4d54", 77)


def gull(picture: Array, x: float, y: float, size: float) -> Array:
    """A gull far off."""
    wing = [(x - 2 * size, y - 0.3 * size), (x - size, y - 0.75 * size), (x, y), (x + size, y - 0.8 * size),
            (x + 2 * size, y - 0.2 * size), (x + size, y - 0.45 * size), (x, y + 0.35 * size), (x - size, y - 0.4 * size)]  # fmt: skip
    return lay(picture, ragged(shape(wing), int(x), 0.7), "#2b4a55", 0.9)
