"""Built places under the sky: a skyline and a street."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from storyboard.providers.animatic.easel import Easel, Point, box
from storyboard.providers.animatic.palette import Colour, mix
from storyboard.providers.animatic.sky import mist, sky


def city(easel: Easel) -> None:
    """A skyline in layers, its windows lit where it is dark."""
    horizon = 0.72
    easel.sun = (easel.sun[0], 0.34)
    sky(easel, horizon)
    palette = easel.palette
    for layer in range(4):
        depth = layer / 3
        blocks = _blocks(easel, int(30 - 16 * depth), horizon + 0.1 * depth, 0.16 + 0.2 * depth)
        mask = easel.polygons(blocks)
        body = mix(mix(palette.horizon, palette.far, 0.45 + 0.4 * depth), palette.near, depth * 0.9)
        easel.wash(
            mask,
            easel.gradient(
                ((0, body), (1, mix(body, palette.horizon, 0.35 * (1 - depth)))), 0.3, 1
            ),
        )
        if palette.dark and layer:
            _lit_windows(easel, blocks, 0.011 + 0.008 * depth, 0.35)
        mist(easel, horizon, 0.22 * (1 - depth))
    easel.wash(easel.below(0.93, 0.1), palette.near)


def street(easel: Easel) -> None:
    """A street between houses, wet where it rains, with signs where there is neon."""
    palette, wet = easel.palette, bool(easel.reading.weather & {"rain"})
    end = (0.5 + 0.05 * easel.mood_of(3), 0.58)
    easel.sun = (end[0], 0.36)
    sky(easel, 0.62)
    easel.shine(easel.halo(end, 0.3), mix(palette.horizon, palette.light, 0.4), 0.9)
    easel.wash(easel.below(end[1]), mix(palette.near, palette.far, 0.4))
    signs: list[tuple[list[Point], int]] = []
    for side in (-1, 1):
        _row_of_houses(easel, end, side, signs)
    for corners, kind in signs:
        _sign(
            easel,
            corners,
            (palette.light, palette.accent, mix(palette.accent, (1, 1, 1), 0.35))[kind],
        )
    _reflect(easel, end[1], 0.75 if wet or easel.reading.light == "neon" else 0.2)
    mist(easel, end[1], 0.35)


def _row_of_houses(
    easel: Easel,
    end: Point,
    side: int,
    signs: list[tuple[list[Point], int]],
) -> None:
    """House fronts from the far end to the eye, on one side of the street."""
    palette, rng = easel.palette, easel.rng
    near = [0.03, 0.055, 0.09, 0.15, 0.25, 0.42, 0.75]
    for index, (far_at, near_at) in enumerate(pairwise(near)):
        tall = 1.5 + 1.4 * rng.random()
        depth = index / (len(near) - 2)
        left, right = (end[0] + side * at * 0.95 for at in (far_at, near_at))

        def up(at: float, level: float) -> float:
            return end[1] - at * level * 1.15 * easel.aspect / 1.6

        def down(at: float) -> float:
            return end[1] + at * 0.55 * easel.aspect / 1.6

        front = [
            (left, up(far_at, tall)),
            (right, up(near_at, tall)),
            (right, down(near_at)),
            (left, down(far_at)),
        ]
        body = mix(mix(palette.horizon, palette.far, 0.6), palette.near, 0.25 + 0.65 * depth)
        easel.wash(easel.polygons([front]), body)
        rows, columns = 6, 3 + index // 2
        panes: list[list[Point]] = []
        for row in range(rows):
            for column in range(columns):
                if rng.random() < (0.4 if palette.dark else 0.0):
                    one, two = (
                        far_at + (near_at - far_at) * (column + part) / columns
                        for part in (0.25, 0.75)
                    )
                    top, low = (tall * (1 - (row + part) / (rows + 0.6)) for part in (0.25, 0.7))
                    panes.append([(end[0] + side * at * 0.95, up(at, level))
                                  for at, level in ((one, top), (two, top), (two, low), (one, low))])  # fmt: skip
        easel.wash(
            easel.polygons(panes) * (0.25 + 0.35 * rng.random()),
            mix(palette.light, palette.accent, rng.random()),
        )
        if easel.reading.light == "neon" or (palette.dark and rng.random() < 0.35):
            for _ in range(1 + int(rng.random() * 2)):
                at = far_at + (near_at - far_at) * rng.random()
                wide, level, long = (
                    (near_at - far_at) * 0.13,
                    tall * (0.25 + 0.5 * rng.random()),
                    tall * 0.24 * rng.random(),
                )
                corners = [(end[0] + side * (at + dx) * 0.95, up(at, level + dy))
                           for dx, dy in ((-wide, long), (wide, long), (wide, -0.06), (-wide, -0.06))]  # fmt: skip
                signs.append((corners, int(rng.integers(3))))


def _sign(easel: Easel, corners: list[Point], colour: Colour) -> None:
    """A tube around a board with characters one below the other, and its glow on all around."""
    (left, top), (right, _), (_, low), _ = corners
    left, right = min(left, right), max(left, right)
    wide = (right - left) * easel.aspect
    board = easel.polygons([box(left, top, right, low)])
    inner = easel.polygons(
        [
            box(
                left + wide * 0.07 / easel.aspect,
                top + wide * 0.07,
                right - wide * 0.07 / easel.aspect,
                low - wide * 0.07,
            )
        ],
    )
    easel.wash(board * 0.85, mix(easel.palette.near, colour, 0.12))
    strokes: list[list[Point]] = []
    thick, count = wide * 0.09, max(1, int((low - top) / max(wide * 0.95, 1e-6)))
    for row in range(count):
        y0 = top + (row + 0.2) * (low - top) / count
        y1 = y0 + min(0.6 * (low - top) / count, wide * 0.7)
        x0, x1 = left + (right - left) * 0.24, left + (right - left) * 0.76
        for part in range(3):
            if easel.rng.random() < 0.75:
                y = y0 + (y1 - y0) * part / 2
                strokes.append(
                    box(x0, y, x0 + (x1 - x0) * (0.5 + 0.5 * easel.rng.random()), y + thick)
                )
            if easel.rng.random() < 0.55:
                x = x0 + (x1 - x0) * part / 2
                strokes.append(
                    box(
                        x,
                        y0,
                        x + thick / easel.aspect,
                        y0 + (y1 - y0) * (0.5 + 0.5 * easel.rng.random()),
                    )
                )
    lit = np.clip(board - inner + easel.polygons(strokes), 0, 1)
    easel.wash(lit * 0.95, mix(colour, (1, 1, 1), 0.35))
    easel.shine(easel.blurred(lit, 0.008), colour, 0.9)
    easel.shine(easel.blurred(board, 0.05), colour, 0.8)
    easel.shine(easel.blurred(board, 0.14), colour, 0.6)


def _reflect(easel: Easel, level: float, strength: float) -> None:
    """Turn the picture above a level over onto the ground below it, drawn out and broken up."""
    top = int(level * easel.height)
    rows = np.arange(easel.height - top)
    source = np.clip(top - rows * 1.15, 0, top).astype(int)
    mirrored = np.zeros_like(easel.picture)
    mirrored[top:] = easel.picture[source]
    ripple = (easel.noise(5 * easel.aspect, 70, 4, 0.6) - 0.5) * 0.05 * easel.height
    at = np.clip(np.arange(easel.height)[:, None] + ripple, top, easel.height - 1).astype(int)
    broken = mirrored[at, np.arange(easel.width)[None, :]]
    broken = 0.45 * broken + 0.55 * easel.blurred(np.clip(broken, 0, 1), 0.018)
    puddles = np.clip(easel.noise(3 * easel.aspect, 14, 4, 0.55) * 1.6 - 0.25, 0.25, 1)
    easel.wash(easel.below(level, 0.004) * puddles * strength, broken)


def _blocks(easel: Easel, count: int, base: float, tall: float) -> list[list[Point]]:
    boxes, x = [], -0.02
    while x < 1.02:
        wide = (0.6 + 0.9 * easel.rng.random()) / count
        top = base - tall * (0.25 + 0.75 * easel.rng.random() ** 1.6)
        boxes.append(box(x, top, x + wide, 1.05))
        if easel.rng.random() < 0.25:
            boxes.append(box(x + wide * 0.45, top - 0.05, x + wide * 0.5, top))
        if easel.rng.random() < 0.4:
            boxes.append(box(x + wide * 0.2, top - 0.02, x + wide * 0.7, top))
        x += wide * (0.85 + 0.3 * easel.rng.random())
    return boxes


def _lit_windows(easel: Easel, blocks: list[list[Point]], size: float, share: float) -> None:
    panes = []
    for (left, top), _, (right, _), _ in blocks:
        step = size * 1.25 / easel.aspect
        columns = int((right - left) / step) - 1
        for row in range(int((0.95 - top) / (size * 1.5)) - 1):
            for column in range(columns):
                if easel.rng.random() < share * 0.6:
                    x, y = left + step * (column + 0.7), top + size * 1.5 * (row + 0.6)
                    panes.append(box(x, y, x + step * 0.55, y + size * 0.7))
    lit = easel.polygons(panes)
    flicker = 0.35 + 0.65 * easel.noise(50 * easel.aspect, 50, 1)
    easel.wash(lit * flicker * 0.85, mix(easel.palette.accent, easel.palette.light, 0.55))
    easel.shine(easel.blurred(lit, 0.015), easel.palette.accent, 0.35)
