"""The sky, what shines in it and what hangs before it."""

from __future__ import annotations

import numpy as np
from PIL import ImageDraw

from storyboard.providers.animatic.easel import Easel, Floats
from storyboard.providers.animatic.palette import mix


def sky(easel: Easel, horizon: float, *, cover: float | None = None) -> None:
    """A sky down to the horizon: graded, with the light's glow, and clouds lit by it."""
    palette, weather = easel.palette, easel.reading.weather
    stops = ((0.0, palette.zenith), (0.55, palette.sky), (1.0, palette.horizon))
    easel.picture[:] = easel.gradient(stops, 0, horizon)
    if "stars" in weather or (palette.dark and easel.reading.light in {"night", "dusk", ""}):
        stars(easel, horizon, 0.6 if easel.reading.light == "dusk" else 1.0)
    overcast = bool(weather & {"rain", "lightning", "snow"}) or easel.reading.light == "storm"
    if not overcast:
        light(easel)
    amount = cover if cover is not None else (0.75 if overcast else 0.42 + 0.12 * easel.mood_of(4))
    clouds(easel, horizon, amount)
    if overcast:
        # The light is only guessed at, behind the clouds.
        easel.shine(easel.halo((easel.sun[0], horizon * 0.9), 0.5), palette.light, 0.25)
    if "lightning" in weather:
        lightning(easel, horizon)


def light(easel: Easel) -> None:
    """The sun, or the moon, and its glow."""
    palette = easel.palette
    radius = 0.032 if palette.dark else 0.045
    easel.shine(easel.halo(easel.sun, 0.42), palette.light, 0.55 * palette.glow)
    easel.shine(easel.halo(easel.sun, 0.12), palette.light, 0.6 * palette.glow)
    easel.wash(easel.disc(easel.sun, radius, 0.006) * 0.95, mix(palette.light, (1, 1, 1), 0.45))


def clouds(easel: Easel, horizon: float, amount: float) -> None:
    """Banks of cloud, thinner and flatter towards the horizon, bright on the side of the light."""
    palette = easel.palette
    body = easel.warped(easel.noise(2.2 * easel.aspect, 6.5, 6, 0.56), 0.05)
    wisps = easel.noise(1.2 * easel.aspect, 14, 5, 0.6)
    rise = np.clip(easel.y / np.float32(horizon), 0, 1)
    threshold = 1 - amount * (0.55 + 0.45 * np.sin(np.pi * np.clip(rise, 0, 1) ** 0.8))
    mask = np.clip((0.75 * body + 0.25 * wisps - threshold * 0.9) / 0.3, 0, 1)
    mask = mask * mask * (3 - 2 * mask) * np.clip((1 - rise) * 7, 0, 1)
    # Light from the sun's side: the slope of the cloud towards it.
    step = max(2, easel.height // 90)
    lit = np.clip((np.roll(body, -step, 0) - body) * -3.2 + 0.42, 0, 1)
    near = np.clip(1.15 - easel.distance(easel.sun), 0.12, 1)
    shade = np.asarray(mix(palette.sky, palette.near, 0.28), np.float32)
    bright = np.asarray(mix(palette.horizon, palette.light, 0.55), np.float32)
    tone = (lit * (0.35 + 0.65 * near))[..., None]
    easel.wash(mask * 0.85, shade * (1 - tone) + bright * tone)


def stars(easel: Easel, horizon: float, strength: float) -> None:
    """Stars down to a little above the horizon, most of them faint."""
    count = int(420 * easel.aspect)
    field: Floats = np.zeros((easel.height, easel.width), np.float32)
    columns = easel.rng.integers(1, easel.width - 1, count)
    rows = (easel.rng.random(count) ** 1.3 * horizon * 0.92 * easel.height).astype(int)
    bright = (easel.rng.random(count) ** 5).astype(np.float32)
    for across, down, share in (
        (0, 0, 1.0),
        (1, 0, 0.4),
        (0, 1, 0.4),
        (-1, 0, 0.25),
        (0, -1, 0.25),
    ):
        at = (
            np.clip(rows + down, 0, easel.height - 1),
            np.clip(columns + across, 0, easel.width - 1),
        )
        np.maximum.at(field, at, bright * np.float32(share))
    easel.shine(np.clip(field * 1.2, 0, 1), (0.95, 0.96, 1.0), strength)
    easel.shine(easel.blurred(field, 0.004), (0.8, 0.86, 1.0), strength * 1.4)


def lightning(easel: Easel, horizon: float) -> None:
    """One bolt, and the clouds that it lights up."""
    rng, start = easel.rng, 0.25 + 0.5 * easel.rng.random()
    points = [(start, 0.0)]
    while points[-1][1] < horizon:
        x, y = points[-1]
        points.append((x + rng.normal(0, 0.014), y + 0.012 + 0.03 * rng.random()))
    branch_at = len(points) // 3
    branch = [points[branch_at]]
    for _ in range(7):
        x, y = branch[-1]
        branch.append((x + 0.012 + rng.normal(0, 0.01), y + 0.01 + 0.025 * rng.random()))

    def draw(pen: ImageDraw.ImageDraw, width: float, height: float) -> None:
        for line, thick in ((points, 0.006), (branch, 0.003)):
            path = [(x * width, y * height) for x, y in line]
            pen.line(path, fill=255, width=max(2, int(thick * height)), joint="curve")

    bolt = easel.drawn(draw)
    easel.shine(easel.halo((start, horizon * 0.35), 0.4), easel.palette.light, 0.5)
    easel.shine(easel.blurred(bolt, 0.02), easel.palette.light, 1.6)
    easel.wash(bolt, (1.0, 1.0, 1.0))


def mist(easel: Easel, level: float, amount: float) -> None:
    """A bank of mist around a level."""
    bank = np.exp(-(((easel.y - level) / np.float32(0.13)) ** 2)) * (
        0.45 + 0.55 * easel.noise(1.6 * easel.aspect, 5, 4, 0.5)
    )
    easel.wash(np.clip(bank * amount, 0, 1), mix(easel.palette.horizon, easel.palette.light, 0.15))
