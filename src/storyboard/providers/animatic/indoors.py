"""Places with a roof: a room, a spiral stair, a stage, a studio."""

from __future__ import annotations

from math import cos, sin

import numpy as np

from storyboard.providers.animatic.easel import Easel, Floats, Point, box
from storyboard.providers.animatic.palette import mix


def room(easel: Easel) -> None:
    """A room with a tall window whose light falls across wall and floor."""
    palette = easel.palette
    side = -1 if easel.sun[0] < 0.5 else 1
    floor = 0.76
    easel.picture[:] = easel.gradient(
        ((0, mix(palette.zenith, palette.near, 0.3)), (1, palette.sky)), 0, floor
    )
    easel.wash((easel.noise(5 * easel.aspect, 5, 5, 0.6) - 0.5) * 0.25, palette.near)
    planks = np.abs(((easel.x - 0.5) / np.maximum(easel.y - 0.35, 0.05) * 3.2) % 1 - 0.5)
    easel.wash(easel.below(floor), mix(palette.ground, palette.sky, 0.3))
    easel.wash(easel.below(floor) * np.clip(1 - planks * 26, 0, 1) * 0.5, palette.near)
    easel.wash(np.exp(-np.abs(easel.y - floor) / np.float32(0.012)) * 0.7, palette.near)
    left = 0.16 if side < 0 else 0.62
    wide, top, low = 0.22, 0.14, 0.58
    easel.sun = (left + wide / 2, 0.3)
    outside = mix(palette.horizon, palette.light, 0.35)
    panes = [
        box(left + wide * (column + 0.06) / 2, top + (low - top) * (row + 0.04) / 3,
             left + wide * (column + 0.94) / 2, top + (low - top) * (row + 0.96) / 3)
        for column in range(2) for row in range(3)
    ]  # fmt: skip
    frame = easel.polygons([box(left - 0.012, top - 0.02, left + wide + 0.012, low + 0.03)])
    easel.wash(frame, mix(palette.near, palette.sky, 0.35))
    view = easel.polygons(panes)
    easel.wash(
        view, easel.gradient(((0, mix(outside, palette.zenith, 0.25)), (1, outside)), top, low)
    )
    if "rain" in easel.reading.weather:
        _rain_on_glass(easel, view)
    easel.shine(easel.blurred(view, 0.12), palette.light, 0.55 * palette.glow)
    shift = -side * 0.3
    patches = [
        [(x + shift * (1.0 + 0.5 * (y - top)), 0.8 + (y - top) * 0.36) for x, y in pane]
        for pane in panes
    ]
    easel.shine(easel.blurred(easel.polygons(patches), 0.008), palette.light, 0.5 * palette.glow)
    shaft = [
        (left, top),
        (left + wide, top),
        (left + wide + shift * 1.25, 0.95),
        (left + shift * 1.05, 0.82),
    ]
    dust = 0.5 + 0.5 * easel.noise(6, 6, 4, 0.6)
    easel.shine(
        easel.blurred(easel.polygons([shaft]), 0.03) * dust, palette.light, 0.2 * palette.glow
    )
    _furniture(easel, floor, side)


def _rain_on_glass(easel: Easel, glass: Floats) -> None:
    """Rain behind the panes, and drops and runnels on them."""
    palette = easel.palette
    easel.wash(
        glass * 0.35 * easel.noise(3 * easel.aspect, 3, 4), mix(palette.near, palette.sky, 0.6)
    )
    easel.wash(easel.streaks(1500, 0.12, 0.1) * glass * 0.7, mix(palette.near, palette.sky, 0.45))
    runnels = easel.streaks(260, 0.3, 0.012) * glass
    easel.wash(runnels, mix(palette.light, (1, 1, 1), 0.4))
    drops = easel.flakes(900, 0.0028) * glass
    easel.wash(np.roll(drops, max(1, easel.height // 360), 0) * 0.5, palette.near)
    easel.wash(drops * 0.8, mix(palette.light, (1, 1, 1), 0.5))


def _furniture(easel: Easel, floor: float, side: int) -> None:
    """A table and a shelf, mere shapes in the shade on the side away from the window."""
    palette = easel.palette
    at = 0.72 if side < 0 else 0.28
    table = [box(at - 0.17, floor - 0.075, at + 0.17, floor - 0.055),
             box(at - 0.155, floor - 0.06, at - 0.142, floor + 0.09), box(at + 0.142, floor - 0.06, at + 0.155, floor + 0.09)]  # fmt: skip
    shelf = [box(at - 0.13, 0.30, at + 0.13, 0.312)]
    x = at - 0.12
    while x < at + 0.1:
        wide, tall = 0.008 + 0.02 * easel.rng.random(), 0.04 + 0.07 * easel.rng.random()
        shelf.append(box(x, 0.30 - tall, x + wide, 0.30))
        x += wide + 0.004 + 0.02 * easel.rng.random()
    easel.wash(easel.polygons(shelf) * 0.75, mix(palette.near, palette.sky, 0.25))
    easel.wash(easel.polygons(table) * 0.95, mix(palette.near, palette.sky, 0.12))
    easel.shine(
        easel.polygons([box(at - 0.17, floor - 0.077, at + 0.17, floor - 0.0735)]),
        palette.light,
        0.4,
    )


def stair(easel: Easel) -> None:
    """A spiral stair seen from below: steps that turn upwards around a column, towards a light."""
    palette = easel.palette
    side = 1 if easel.sun[0] < 0.5 else -1
    easel.picture[:] = easel.gradient(((0, palette.sky), (1, palette.near)), 0, 1.1)
    courses = np.abs((easel.y * 26 + 0.15 * easel.noise(4, 4, 3)) % 1 - 0.5)
    easel.wash(np.clip(0.09 - courses, 0, 1) * 3 * (1 - 0.5 * easel.y), palette.near)
    easel.wash(
        np.clip(easel.noise(9 * easel.aspect, 22, 4, 0.6) - 0.5, 0, 1) * 0.4,
        mix(palette.sky, palette.light, 0.3),
    )
    easel.sun = (0.5 - 0.17 * side, 0.2)
    easel.shine(easel.halo(easel.sun, 0.36), palette.light, 0.8 * palette.glow)
    _steps(easel, side, behind=True)
    column = np.clip(
        (0.03 - np.abs(easel.x - 0.5) * easel.aspect) / np.float32(0.002), 0, 1
    ) * np.ones_like(easel.y)
    lit = (
        np.clip(0.45 - side * (easel.x - 0.5) * easel.aspect * 16, 0, 1)[..., None]
        * np.clip(1.1 - easel.y, 0, 1)[..., None]
    )
    stone = np.asarray(mix(palette.near, palette.sky, 0.3), np.float32)
    easel.wash(column, stone * (1 - 0.5 * lit) + np.asarray(palette.light, np.float32) * 0.5 * lit)
    _steps(easel, side, behind=False)
    easel.shine(easel.halo(easel.sun, 0.5), palette.light, 0.25 * palette.glow)


def _steps(easel: Easel, side: int, *, behind: bool) -> None:
    """The steps and the railing behind the column, paler, or those in front of it."""
    palette, turn, rise = easel.palette, 0.3, 0.0165
    reach, tilt = min(0.3, 0.42 * easel.aspect), 0.035
    far = mix(palette.sky, palette.near, 0.35)
    tone = mix(far, palette.light, 0.12) if behind else mix(palette.near, palette.ground, 0.25)

    def at(angle: float, radius: float, level: float) -> Point:
        return 0.5 + side * radius * cos(angle) / easel.aspect, level - tilt * sin(
            angle
        ) * radius / reach

    treads, fronts, bars, rails = [], [], [], []
    for step in range(72):
        angle, level = step * turn, 1.12 - rise * step
        if (sin(angle + turn / 2) > 0) is not behind:
            continue
        out, end = at(angle, reach, level), at(angle + turn, reach, level)
        treads.append([at(angle, 0.03, level), out, end, at(angle + turn, 0.03, level)])
        fronts.append([out, end, (end[0], end[1] + 0.02), (out[0], out[1] + 0.02)])
        fronts.append(
            [at(angle, 0.03, level), out, (out[0], out[1] + 0.02), (at(angle, 0.03, level + 0.012))]
        )
        bars.append([(out[0], out[1] - 0.1), out])
        rails.append([(out[0], out[1] - 0.1), (end[0], end[1] - 0.1 - rise)])
    easel.wash(easel.polygons(treads), mix(tone, palette.light, 0.16 if behind else 0.05))
    easel.wash(easel.polygons(fronts), tone)
    easel.wash(easel.lines(bars, 0.0028), tone)
    rail = easel.lines(rails, 0.008)
    easel.wash(rail, tone)
    easel.shine(
        easel.lines(rails, 0.003) * easel.halo(easel.sun, 0.35),
        palette.light,
        0.3 if behind else 0.9,
    )


def stage(easel: Easel) -> None:
    """A stage with curtains and beams of light."""
    palette = easel.palette
    easel.picture[:] = easel.gradient(
        ((0, palette.near), (1, mix(palette.near, palette.sky, 0.6))), 0, 0.75
    )
    easel.wash(easel.below(0.75), mix(palette.near, palette.ground, 0.7))
    folds = np.abs(np.sin(easel.x * 55 + 2.5 * np.sin(easel.y * 2.2))) * np.ones_like(easel.y)
    wing = np.clip((np.abs(easel.x - 0.5) - 0.36 - 0.03 * np.sin(easel.y * 3)) * 60, 0, 1)
    red = mix((0.45, 0.05, 0.07), palette.near, 0.3)
    curtain = np.asarray(red, np.float32) * (0.25 + 0.75 * folds)[..., None]
    easel.wash(wing * np.ones_like(easel.y), curtain.astype(np.float32))
    smoke = 0.45 + 0.55 * easel.noise(3 * easel.aspect, 4, 5, 0.55)
    for index, start in enumerate((0.2, 0.5, 0.8)):
        foot = 0.5 + (start - 0.5) * 0.25
        cone = [
            (start - 0.012, -0.02),
            (start + 0.012, -0.02),
            (foot + 0.13, 0.84),
            (foot - 0.13, 0.84),
        ]
        colour = palette.light if index == 1 else mix(palette.accent, palette.light, 0.3)
        fall = np.clip(1.15 - easel.y, 0.2, 1)
        easel.shine(easel.blurred(easel.polygons([cone]), 0.012) * smoke * fall, colour, 0.42)
    pool = np.exp(-(((easel.x - 0.5) / 0.2) ** 2 + ((easel.y - 0.84) / 0.06) ** 2))
    easel.shine(pool, palette.light, 0.7)


def studio(easel: Easel) -> None:
    """A dark backdrop, a soft light from above and a turntable that shines."""
    palette = easel.palette
    easel.picture[:] = easel.gradient(
        ((0, palette.zenith), (0.7, palette.horizon), (1, palette.zenith)), 0, 0.95
    )
    easel.wash(1 - easel.halo((0.5, 0.46), 0.52), palette.zenith)
    easel.sun = (0.3, 0.18)
    table = 0.74
    for rim, colour in (
        (0.02, mix(palette.near, palette.horizon, 0.5)),
        (0.0, mix(palette.near, palette.horizon, 0.9)),
    ):
        across = (easel.x - 0.5) * easel.aspect / 0.5
        disc = 1 - np.sqrt(across**2 + ((easel.y - table - rim) / 0.105) ** 2)
        easel.wash(np.clip(disc * 120, 0, 1), colour)
    across = (easel.x - 0.5) * easel.aspect
    edge = np.abs(np.sqrt((across / 0.5) ** 2 + ((easel.y - table) / 0.105) ** 2) - 1)
    easel.shine(np.exp(-edge * 110) * np.clip(easel.y - table + 0.08, 0, 1) * 6, palette.light, 0.5)
    easel.shine(
        np.exp(-((across / 0.26) ** 2 + ((easel.y - table) / 0.06) ** 2)), palette.light, 0.35
    )
