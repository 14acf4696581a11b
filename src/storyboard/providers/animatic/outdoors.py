"""Places under the sky: sea, hills, mountains, forest, desert, road, space, under water."""

from __future__ import annotations

import numpy as np
from PIL import ImageDraw

from storyboard.providers.animatic.easel import Easel, Floats
from storyboard.providers.animatic.palette import Colour, mix
from storyboard.providers.animatic.sky import mist, sky, stars


def sea(easel: Easel) -> None:
    """A sea, perhaps with land far off."""
    horizon = 0.56 + 0.05 * easel.mood_of(2)
    easel.sun = (easel.sun[0], horizon * 0.62)
    sky(easel, horizon)
    if easel.mood_of(1) > -0.2:
        line = horizon - 0.055 * easel.ridge(3.0, 6)[None, :] * np.clip(
            np.abs(easel.x - easel.sun[0]) * 2.2 - 0.12, 0, 1
        )
        easel.wash(easel.below(line) * 0.85, mix(easel.palette.horizon, easel.palette.far, 0.75))
    water(easel, horizon)


def hills(easel: Easel) -> None:
    """Rolling country."""
    horizon = 0.55 + 0.05 * easel.mood_of(2)
    easel.sun = (easel.sun[0], horizon * 0.55)
    sky(easel, horizon + 0.04)
    ground(easel, horizon)
    green = mix(easel.palette.far, easel.palette.ground, 0.85)
    for depth, tall in ((0.0, 0.10), (0.3, 0.09), (0.7, 0.12)):
        line = horizon + 0.42 * depth - tall * easel.ridge(1.6 + depth, 3, 0.35)[None, :]
        body = mix(
            mix(easel.palette.horizon, green, 0.66 + 0.34 * depth), easel.palette.near, 0.5 * depth
        )
        shade = np.clip((easel.y - line) / np.float32(0.25), 0, 1)[..., None]
        tufts = (easel.noise(30 * easel.aspect, 50, 3, 0.7) - 0.5)[..., None] * np.float32(0.16)
        paint = np.asarray(mix(body, easel.palette.light, 0.22), np.float32) * (1 - shade)
        paint = paint + np.asarray(mix(body, easel.palette.near, 0.3), np.float32) * shade
        easel.wash(easel.below(line), (paint * (1 + tufts)).astype(np.float32))
        # Hedges and copses: dark where noise along a contour is high, lower down a paler row.
        for drop, tall_hedge in ((0.004, 0.012), (0.07, 0.009)):
            grown = np.clip((easel.noise(26 * easel.aspect, 2, 4, 0.7) - 0.52) * 5, 0, 1)
            crown = (
                line
                + drop
                - tall_hedge * (0.4 + depth) * (0.3 + easel.ridge(70, 3, 0.7)[None, :]) * 2 * grown
            )
            hedge = easel.below(crown) * (1 - easel.below(line + drop + 0.004)) * (grown > 0.05)
            easel.wash(hedge * 0.75, mix(body, easel.palette.near, 0.55))
    mist(easel, horizon, 0.25)


def mountains(easel: Easel) -> None:
    """High ranges."""
    easel.sun = (easel.sun[0], 0.24)
    sky(easel, 0.62)
    ranges(easel, 0.56, layers=4, height=0.34, waves=2.1, fade=0.5)
    mist(easel, 0.62, 0.5)


def desert(easel: Easel) -> None:
    """Dunes with sharp crests."""
    horizon = 0.5
    easel.sun = (easel.sun[0], 0.26)
    sky(easel, horizon + 0.06, cover=0.18)
    palette = easel.palette
    for depth in (0.0, 0.33, 0.66, 1.0):
        line = (
            horizon
            + 0.36 * depth**1.3
            - 0.12 * (0.5 + depth) * easel.ridge(1.3 + 1.5 * (1 - depth), 2, 0.3)[None, :]
        )
        body = mix(mix(palette.horizon, palette.far, 0.5), palette.ground, depth)
        slope = np.gradient(line[0]) * easel.width * (1 if easel.sun[0] > 0.5 else -1)
        lit = np.clip(0.5 - slope * 1.4, 0, 1)[None, :, None]
        fall = np.clip((easel.y - line) / np.float32(0.3), 0, 1)[..., None]
        bright = np.asarray(mix(body, palette.light, 0.4), np.float32)
        shade = np.asarray(mix(body, palette.near, 0.45), np.float32)
        grains = (easel.noise(8 * easel.aspect, 90, 3, 0.6) - 0.5)[..., None] * np.float32(0.07)
        paint = (bright * lit + shade * (1 - lit)) * (1 - 0.25 * fall) * (1 + grains)
        easel.wash(easel.below(line), paint.astype(np.float32))


def forest(easel: Easel) -> None:
    """Trunks behind trunks, with light between them."""
    palette = easel.palette
    stops = (
        (0.0, mix(palette.sky, palette.near, 0.35)),
        (0.5, palette.horizon),
        (1.0, palette.far),
    )
    easel.picture[:] = easel.gradient(stops, 0, 0.85)
    easel.sun = (easel.sun[0], 0.36)
    easel.shine(easel.halo(easel.sun, 0.35), palette.light, 0.9)
    for layer in range(5):
        depth = layer / 4
        colour = mix(mix(palette.horizon, palette.far, 0.5), palette.near, depth**0.9)
        trunks = _trunks(
            easel, int(26 - 18 * depth), 0.005 + 0.026 * depth**1.5, 0.6 + 0.32 * depth
        )
        crown = 0.12 + 0.1 * easel.ridge(9, 6, 0.65)[None, :] * (0.6 + depth)
        leaves = 1 - easel.below(crown * (0.7 + 0.4 * depth), 0.03)
        easel.wash(np.maximum(trunks, leaves * 0.8), colour)
        floor = 0.62 + 0.3 * depth - 0.03 * easel.ridge(7, 6, 0.6)[None, :]
        easel.wash(easel.below(floor), mix(colour, palette.ground, 0.25 * (1 - depth)))
        if layer < 4:
            easel.wash(
                easel.halo((easel.sun[0], 0.5), 0.5) * 0.22,
                mix(palette.horizon, palette.light, 0.5),
            )
    rays = np.clip(easel.noise(14, 1, 3, 0.6) - 0.5, 0, 1) * np.clip(
        1 - np.abs(easel.y - 0.45) * 2, 0, 1
    )
    easel.shine(_slanted(easel, rays) * easel.halo(easel.sun, 0.6), palette.light, 0.9)


def road(easel: Easel) -> None:
    """A road to the horizon through open country."""
    hills(easel)
    horizon = 0.62 + 0.04 * easel.mood_of(2)
    palette = easel.palette
    ground(easel, horizon)
    rows = np.clip((easel.y - horizon) / np.float32(1 - horizon), 0, 1)
    bend = 0.5 + 0.1 * easel.mood_of(3) * (1 - rows) ** 2
    half = 0.006 + 0.3 * rows**1.15 / max(easel.aspect, 0.8)
    edge = 1.5 / easel.width
    inside = np.clip((half - np.abs(easel.x - bend)) / np.float32(edge) + 0.5, 0, 1) * easel.below(
        horizon
    )
    tar = mix(mix(palette.near, palette.far, 0.45), palette.horizon, 0.12)
    easel.wash(
        inside * 0.96, easel.gradient(((0, mix(tar, palette.horizon, 0.5)), (1, tar)), horizon, 1)
    )
    dash = (np.sin(np.maximum(rows, 0.004) ** -0.7 * 7) > 0) & (rows > 0.02)
    line = (np.abs(easel.x - bend) < half * 0.025) & dash
    verge = np.abs(np.abs(easel.x - bend) - half * 0.93) < half * 0.012
    easel.wash(
        easel.blurred(((line | verge) * inside).astype(np.float32), 0.0015) * 0.7, palette.light
    )


def space(easel: Easel) -> None:
    """Stars, a nebula, the rim of a planet."""
    palette = easel.palette
    easel.picture[:] = np.asarray(palette.zenith, np.float32)
    cloud = easel.noise(1.6 * easel.aspect, 1.8, 6, 0.55)
    other = easel.noise(1.1 * easel.aspect, 1.3, 6, 0.55)
    easel.wash(np.clip(cloud - 0.35, 0, 1) * 0.9, mix(palette.horizon, palette.accent, 0.25))
    easel.shine(np.clip(other - 0.6, 0, 1) * cloud, palette.accent, 0.8)
    stars(easel, 1.05, 1.0)
    centre, radius = (easel.sun[0], 1.32), 0.78
    easel.wash(easel.disc(centre, radius, 0.004), mix(palette.near, palette.far, 0.25))
    rim = np.exp(-np.abs(easel.distance(centre) - radius) / np.float32(0.02))
    side = np.clip(1 - np.abs(easel.x - easel.sun[0] - 0.12) * 1.6, 0, 1)
    easel.shine(rim * side, palette.light, 1.0)
    easel.shine(easel.blurred(rim * side, 0.05), palette.accent, 0.5)


def underwater(easel: Easel) -> None:
    """Light falling through water."""
    palette = easel.palette
    easel.picture[:] = easel.gradient(
        ((0, palette.zenith), (0.4, palette.sky), (1, palette.near)), 0, 1
    )
    easel.shine(easel.halo((easel.sun[0], -0.05), 0.4), palette.light, 0.9)
    rays = np.clip(easel.noise(12 * easel.aspect, 0.8, 4, 0.6) - 0.42, 0, 1)
    easel.shine(
        _slanted(easel, rays) * np.clip(1 - easel.y * 1.1, 0, 1) ** 1.5, palette.light, 0.75
    )
    ranges(easel, 0.82, layers=3, height=0.16, waves=3.0, fade=0.6)
    motes = np.clip(easel.noise(60 * easel.aspect, 60, 1) - 0.93, 0, 1) * 9
    easel.shine(motes * easel.noise(3, 3, 2), palette.light, 0.35)


def open_air(easel: Easel) -> None:
    """Open air with a soft light: a place for words that name none."""
    palette = easel.palette
    horizon = 0.6 + 0.08 * easel.mood_of(2)
    easel.sun = (easel.sun[0], 0.4 + 0.1 * easel.mood_of(0))
    sky(easel, horizon + 0.2)
    ranges(easel, horizon, layers=5, height=0.13, waves=1.1, fade=0.32)
    mist(easel, horizon + 0.02, 0.6)
    easel.shine(easel.halo(easel.sun, 0.6), palette.light, 0.25)


def ranges(
    easel: Easel, horizon: float, *, layers: int, height: float, waves: float, fade: float
) -> None:
    """Ridges one behind the other, paler with distance, with mist at their feet."""
    palette = easel.palette
    for layer in range(layers):
        depth = layer / max(layers - 1, 1)
        base = horizon + (0.95 - horizon) * depth**1.5 * 0.8
        tall = height * (1 - 0.35 * depth)
        line = base - tall * easel.ridge(waves * (1 + 0.35 * (layers - layer)), 7, fade)[None, :]
        body = mix(
            mix(palette.horizon, palette.far, 0.35 + 0.5 * depth), palette.near, depth**1.6 * 0.85
        )
        foot = mix(body, palette.horizon, 0.5 * (1 - depth))
        grown = np.clip((easel.y - line) / np.float32(tall * 1.3 + 0.02), 0, 1)[..., None]
        texture = (easel.noise(9 * easel.aspect, 16, 4, 0.6) - 0.5)[..., None] * (
            0.05 + 0.06 * depth
        )
        paint = np.asarray(body, np.float32) * (1 - grown) + np.asarray(foot, np.float32) * grown
        # The side towards the light catches it.
        slope = np.gradient(line[0]) * easel.width * (1 if easel.sun[0] < 0.5 else -1)
        lit = np.clip(-slope * 0.05 + 0.15, 0, 0.5)[None, :, None] * (1 - grown) * (1 - 0.5 * depth)
        paint = (
            paint + texture * paint + (np.asarray(palette.light, np.float32) - paint) * lit * 0.45
        )
        easel.wash(easel.below(line), np.clip(paint, 0, 1).astype(np.float32))


def water(easel: Easel, horizon: float) -> None:
    """Open water: the sky's colours turned over, ripples, and the light's path on it."""
    palette = easel.palette
    deep = mix(palette.zenith, palette.near, 0.45)
    stops = ((0.0, mix(palette.horizon, palette.far, 0.35)), (0.25, mix(palette.sky, palette.far, 0.4)),
             (1.0, deep))  # fmt: skip
    rows = np.clip((easel.y - horizon) / np.float32(1 - horizon), 0.002, 1)
    easel.wash(easel.below(horizon), easel.gradient(stops, horizon, 1.0))
    # Waves grow towards the eye: noise in coordinates that converge on the horizon.
    swell = _in_perspective(easel, easel.noise(10 * easel.aspect, 46, 4, 0.62), rows)
    sea = easel.below(horizon)
    easel.wash(sea * np.clip(swell - 0.55, 0, 1) * (0.5 + 0.6 * rows), palette.horizon)
    easel.wash(sea * np.clip(0.45 - swell, 0, 1) * (0.6 + 0.9 * rows), palette.near)
    spread = 0.03 + 0.16 * rows
    path = np.exp(-(((easel.x - easel.sun[0]) * easel.aspect / spread) ** 2))
    sparkle = np.clip((swell - 0.42) * 3.2, 0, 1) ** 1.5
    strength = 0.35 if easel.reading.light == "storm" else 1.1
    easel.shine(sea * path * sparkle, palette.light, strength)
    haze = np.exp(-np.abs(easel.y - horizon) / np.float32(0.018))
    easel.wash(haze * 0.45, mix(palette.horizon, palette.light, 0.3))


def ground(easel: Easel, horizon: float, near: Colour | None = None) -> None:
    """Level ground to the horizon, with the texture of grass, sand or snow."""
    palette = easel.palette
    colour = near or palette.ground
    stops = ((0.0, mix(palette.horizon, colour, 0.45)), (0.2, mix(palette.far, colour, 0.75)),
             (0.6, colour), (1.0, mix(colour, palette.near, 0.55)))  # fmt: skip
    rows = np.clip((easel.y - horizon) / np.float32(1 - horizon), 0.002, 1)
    easel.wash(easel.below(horizon), easel.gradient(stops, horizon, 1.0))
    tufts = _in_perspective(easel, easel.noise(16 * easel.aspect, 40, 4, 0.65), rows)
    easel.wash(
        easel.below(horizon) * np.clip(tufts - 0.55, 0, 1) * 0.5, mix(colour, palette.light, 0.45)
    )
    easel.wash(
        easel.below(horizon) * np.clip(0.42 - tufts, 0, 1) * 0.9, mix(colour, palette.near, 0.7)
    )


def _in_perspective(easel: Easel, noise: Floats, rows: Floats) -> Floats:
    """The noise laid on a plane that runs to the horizon: its rows crowd there."""
    source = (rows[:, 0] ** 0.42 * (easel.height - 1)).astype(int)
    laid: Floats = noise[source]
    return laid


def _trunks(easel: Easel, count: int, thick: float, foot: float) -> Floats:
    spots = [
        (
            easel.rng.random(),
            thick * (0.6 + 0.8 * easel.rng.random()),
            easel.rng.normal(0, 0.012),
            easel.rng.random(),
        )
        for _ in range(count)
    ]

    def draw(pen: ImageDraw.ImageDraw, width: float, height: float) -> None:
        for x, half, lean, chance in spots:
            half = half * height / width  # noqa: PLW2901 - in widths from here on
            low = foot + 0.06 * chance
            corners = [(x + lean - half * 0.55, 0), (x + lean + half * 0.55, 0), (x + half, low), (x + half * 2.2, low + 0.02),
                       (x - half * 2.2, low + 0.02), (x - half, low)]  # fmt: skip
            pen.polygon([(a * width, b * height) for a, b in corners], fill=255)
            for branch in range(3):
                at = 0.12 + 0.13 * branch + 0.1 * chance
                side = 1 if (branch + int(chance * 10)) % 2 else -1
                end = (x + side * half * (3 + 5 * chance), at - 0.05)
                pen.line([(x * width, at * height), (end[0] * width, end[1] * height)], fill=255,
                         width=max(1, int(half * width * 0.22)))  # fmt: skip

    return easel.drawn(draw)


def _slanted(easel: Easel, field: Floats) -> Floats:
    shift = (np.arange(easel.height) * 0.35).astype(int)
    columns = (np.arange(easel.width)[None, :] + shift[:, None]) % easel.width
    return np.take_along_axis(field, columns, 1)
