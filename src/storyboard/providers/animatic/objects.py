"""Things: lamps, vehicles, what lies on a turntable."""

from __future__ import annotations

import numpy as np

from storyboard.providers.animatic.easel import Easel, box
from storyboard.providers.animatic.palette import Colour, mix
from storyboard.providers.animatic.reading import INDOORS
from storyboard.providers.animatic.sketch import Sketch, glowing, shadow, stand


def lantern(easel: Easel, x: float, size: float) -> None:
    """A lantern that stands by itself; one that somebody holds is part of the figure."""
    if "figure" in easel.reading.subjects:
        return  # in hand

    def shape(sketch: Sketch) -> None:
        sketch.hoop(0.5, 0.12, 0.1, 0.02)
        sketch.polygon((0.36, 0.3), (0.42, 0.2), (0.58, 0.2), (0.64, 0.3))
        sketch.polygon((0.34, 0.9), (0.66, 0.9), (0.68, 1), (0.32, 1))
        for bar in (0.36, 0.5, 0.64):
            sketch.stroke(0.018, (bar, 0.3), (bar, 0.9))

    foot, height = 0.8, 0.28 * size
    flame = (x, foot - height * 0.4)
    easel.shine(easel.halo(flame, 0.4), easel.palette.accent, 0.8)
    glowing(easel, flame, height * 0.14)
    stand(easel, shape, (x, foot), height)


def beacon(easel: Easel, x: float, size: float) -> None:
    """A lighthouse lens: prisms in rings around a burning core, in a brass frame."""
    if "lighthouse" in easel.reading.subjects and easel.reading.framing != "close":
        return
    if easel.reading.framing != "close":
        size *= 1.25
        _lantern_room(easel, x)
    palette = easel.palette
    centre, radius = (x, 0.48), min(0.2 * size, 0.4, 0.4 * easel.aspect)
    easel.shine(easel.halo(centre, radius * 1.6), palette.light, 0.7)
    across = (easel.x - x) * easel.aspect / np.float32(radius * 0.8)
    down = (easel.y - centre[1]) / np.float32(radius * 1.12)
    far = np.sqrt(across**2 + down**2)
    glass = np.clip((1 - far) * 90, 0, 1)
    easel.wash(glass * 0.9, mix(palette.near, palette.far, 0.3))
    rings = (far * 9) % 1
    prism = np.clip(1 - np.abs(rings - 0.35) * 2.6, 0, 1) ** 1.6
    lit = np.clip(0.8 - 0.62 * far + 0.3 * (across * (easel.sun[0] - x) * 4 - down), 0.05, 1)
    easel.shine(glass * prism * lit, palette.light, 0.95)
    easel.wash(glass * np.clip(1 - np.abs(rings - 0.97) * 14, 0, 1) * 0.75, palette.near)
    easel.wash(
        np.clip(1 - np.abs(far - 1.03) * 26, 0, 1) ** 0.5 * 0.9,
        mix(palette.near, (0.55, 0.38, 0.16), 0.5),
    )
    easel.shine(
        np.clip(1 - np.abs(far - 1.02) * 70, 0, 1) * np.clip(0.6 - down, 0, 1), palette.light, 0.6
    )
    for bar in (-0.62, 0.0, 0.62):
        post = np.clip(
            (0.011 - np.abs(across - bar * np.sqrt(np.clip(1 - down**2, 0, 1)))) * 90, 0, 1
        )
        easel.wash(post * glass * 0.55, mix(palette.near, (0.55, 0.38, 0.16), 0.35))
    glowing(easel, centre, radius * 0.24)
    streak = np.exp(-np.abs(easel.y - centre[1]) / np.float32(0.008)) * easel.halo(centre, 0.35)
    easel.shine(streak, palette.light, 0.5)


def _lantern_room(easel: Easel, x: float) -> None:
    """The glazing around the lens, and what it stands on."""
    palette = easel.palette
    dark = mix(palette.near, palette.far, 0.1)
    bars = [[(at, 0.0), (at, 0.8)] for at in (x - 0.42, x - 0.21, x, x + 0.21, x + 0.42)]
    rims = [[(0.0, level), (1.0, level)] for level in (0.17, 0.5)]
    easel.wash(easel.lines(bars, 0.014), dark)
    easel.wash(easel.lines(rims, 0.009), dark)
    easel.wash(
        easel.below(0.78),
        easel.gradient(((0, mix(dark, palette.far, 0.3)), (1, palette.near)), 0.78, 1),
    )
    easel.wash(1 - easel.below(0.1), dark)
    half = 0.085 / easel.aspect
    easel.wash(
        easel.polygons(
            [box(x - half, 0.68, x + half, 0.86), box(x - half * 1.7, 0.84, x + half * 1.7, 0.88)]
        ),
        dark,
    )
    easel.shine(easel.lines([[(x - half, 0.7), (x - half, 0.84)]], 0.004), palette.light, 0.6)


def lamp(easel: Easel, x: float, size: float) -> None:
    """A lamp: it hangs from the ceiling of a room, and stands on a post outdoors."""
    palette = easel.palette
    if easel.reading.place not in INDOORS:
        top, foot = 0.82 - 0.42 * min(size, 1.3), 0.84
        post = [[(x, top), (x, foot)], [(x, top), (x + 0.035, top - 0.02), (x + 0.06, top)]]
        easel.wash(easel.lines(post, 0.008), palette.near)
        bulb = (x + 0.06, top + 0.02)
    else:
        bulb = (x + 0.06, 0.3 + 0.06 * size)
        wide = 0.06 * size / easel.aspect
        easel.wash(
            easel.lines([[(bulb[0], 0.0), (bulb[0], bulb[1] - 0.06 * size)]], 0.003), palette.near
        )
        shade = [(bulb[0] - wide * 0.3, bulb[1] - 0.06 * size), (bulb[0] + wide * 0.3, bulb[1] - 0.06 * size),
                 (bulb[0] + wide, bulb[1]), (bulb[0] - wide, bulb[1])]  # fmt: skip
        easel.wash(easel.polygons([shade]), mix(palette.near, palette.accent, 0.25))
    easel.shine(easel.halo(bulb, 0.35), mix(palette.accent, palette.light, 0.5), 0.5)
    glowing(easel, bulb, 0.026 * size)


def car(easel: Easel, x: float, size: float) -> None:
    """A car seen from the side, its headlight on where it is dark."""

    def shape(sketch: Sketch) -> None:
        sketch.blob((0.04, 0.86), (0.05, 0.76), (0.2, 0.71), (0.33, 0.60), (0.5, 0.575), (0.66, 0.60), (0.78, 0.71), (0.94, 0.75),
                    (0.96, 0.86), (0.9, 0.91), (0.1, 0.91))  # fmt: skip
        sketch.oval(0.24, 0.915, 0.08)
        sketch.oval(0.76, 0.915, 0.08)

    foot, height = 0.845, 0.36 * size
    shadow(easel, (x, foot - 0.01), height * 0.5)
    stand(easel, shape, (x, foot), height, _paint_of(easel))
    if easel.palette.dark:
        side = 1 if easel.sun[0] > x else -1
        glowing(
            easel, (x + side * 0.44 * height / easel.aspect, foot - height * 0.19), 0.018 * size
        )


def bicycle(easel: Easel, x: float, size: float) -> None:
    """A bicycle that leans on nothing."""

    def shape(sketch: Sketch) -> None:
        for wheel in (0.24, 0.76):
            sketch.hoop(wheel, 0.79, 0.2, 0.016)
            sketch.oval(wheel, 0.79, 0.018)
        sketch.stroke(0.02, (0.24, 0.79), (0.40, 0.5), (0.68, 0.5), (0.47, 0.8), (0.24, 0.79))
        sketch.stroke(0.02, (0.36, 0.42), (0.47, 0.8))
        sketch.stroke(0.02, (0.66, 0.42), (0.70, 0.56), (0.76, 0.79))
        sketch.stroke(0.018, (0.66, 0.42), (0.735, 0.39), (0.75, 0.43))
        sketch.stroke(0.035, (0.31, 0.415), (0.41, 0.415))
        sketch.oval(0.47, 0.8, 0.04)

    foot, height = 0.845, 0.3 * size
    shadow(easel, (x, foot - 0.005), height * 0.5)
    stand(easel, shape, (x, foot), height, _paint_of(easel), rim=0.5)


def boat(easel: Easel, x: float, size: float) -> None:
    """A sailing boat and its reflection."""

    def shape(sketch: Sketch) -> None:
        sketch.blob(
            (0.2, 0.84),
            (0.35, 0.86),
            (0.6, 0.86),
            (0.82, 0.82),
            (0.76, 0.93),
            (0.7, 0.97),
            (0.34, 0.97),
            (0.26, 0.93),
        )
        sketch.stroke(0.012, (0.5, 0.1), (0.5, 0.86))
        sketch.polygon((0.51, 0.14), (0.74, 0.76), (0.51, 0.78))
        sketch.polygon((0.485, 0.2), (0.31, 0.78), (0.485, 0.79))

    height = 0.2 * size
    foot = 0.64 if easel.reading.framing != "close" else 0.78
    stand(easel, shape, (x, foot), height)
    under = np.exp(-(((easel.x - x) * easel.aspect / (0.32 * height)) ** 2)) * np.clip(
        (easel.y - foot) * 60, 0, 1
    )
    easel.wash(
        under * np.exp(-np.clip(easel.y - foot, 0, 1) / np.float32(height * 0.35)) * 0.55,
        easel.palette.near,
    )


def ship(easel: Easel, x: float, size: float) -> None:
    """A working ship, its lights on where it is dark."""

    def shape(sketch: Sketch) -> None:
        sketch.polygon(
            (0.06, 0.72), (0.16, 0.78), (0.84, 0.78), (0.97, 0.68), (0.88, 0.96), (0.14, 0.96)
        )
        sketch.polygon((0.3, 0.6), (0.62, 0.6), (0.62, 0.79), (0.3, 0.79))
        sketch.polygon((0.46, 0.48), (0.6, 0.48), (0.6, 0.61), (0.46, 0.61))
        sketch.polygon((0.34, 0.46), (0.41, 0.46), (0.42, 0.61), (0.33, 0.61))
        sketch.stroke(0.01, (0.74, 0.28), (0.74, 0.78))
        sketch.stroke(0.006, (0.74, 0.3), (0.95, 0.69))
        sketch.stroke(0.006, (0.74, 0.3), (0.5, 0.48))
        sketch.stroke(0.008, (0.2, 0.5), (0.2, 0.78))

    foot, height = 0.64 if easel.reading.framing != "close" else 0.78, 0.24 * size
    stand(easel, shape, (x, foot), height)
    reach = easel.y - foot
    under = np.exp(-(((easel.x - x) * easel.aspect / (0.42 * height)) ** 2)) * np.clip(
        reach * 60, 0, 1
    )
    easel.wash(
        under * np.exp(-np.clip(reach, 0, 1) / np.float32(height * 0.3)) * 0.55, easel.palette.near
    )
    if easel.palette.dark:
        glowing(easel, (x + 0.03 * height / easel.aspect, foot - 0.45 * height), 0.022 * size)


def watch(easel: Easel, x: float, size: float) -> None:
    """A watch on its strap."""
    palette = easel.palette
    centre, radius = (x, 0.46), 0.15 * min(size, 1.6)
    strap = np.clip(
        (radius * 0.62 - np.abs(easel.x - x) * easel.aspect * (1 + np.abs(easel.y - 0.46) * 0.6))
        * 300,
        0,
        1,
    )
    strap = strap * np.clip((radius * 2.15 - np.abs(easel.y - centre[1])) * 200, 0, 1)
    sheen = np.exp(-(((easel.x - x + 0.02) * easel.aspect / (radius * 0.35)) ** 2))
    easel.wash(strap, mix(palette.near, palette.horizon, 0.35))
    easel.shine(strap * sheen, palette.light, 0.14)
    far = easel.distance(centre)
    turn = np.arctan2(easel.y - centre[1], (easel.x - x) * easel.aspect)
    steel = 0.45 + 0.35 * np.sin(turn * 2 + 0.8) + 0.15 * np.sin(turn * 6)
    easel.wash(
        easel.disc(centre, radius),
        (np.clip(steel, 0.06, 1)[..., None] * np.asarray(palette.light, np.float32)).astype(
            np.float32
        ),
    )
    easel.wash(easel.disc(centre, radius * 0.86), mix(palette.near, palette.horizon, 0.25))
    marks = np.clip(np.cos(turn * 12) * 40 - 38.6, 0, 1) * np.clip(
        (0.022 * radius / 0.15 - np.abs(far - radius * 0.74)) * 260, 0, 1
    )
    easel.wash(np.clip(marks, 0, 1), palette.light)
    for angle, long, thick in ((-2.2, 0.42, 0.009), (-0.72, 0.66, 0.006)):
        dx, dy = np.cos(angle), np.sin(angle)
        across, down = (easel.x - x) * easel.aspect, easel.y - centre[1]
        along, off = across * dx + down * dy, np.abs(across * dy - down * dx)
        hand = (
            np.clip((thick * radius / 0.15 - off) * 600, 0, 1)
            * (along > -0.02)
            * (along < long * radius)
        )
        easel.wash(hand, palette.accent if thick < 0.008 else palette.light)
    easel.shine(
        easel.disc(centre, radius * 0.86)
        * np.clip(0.3 - (easel.x - x) * 3 - (easel.y - 0.46) * 3, 0, 1),
        palette.light,
        0.14,
    )


def ring(easel: Easel, x: float, size: float) -> None:
    """A ring with a stone that sparkles."""
    centre, radius = (x, 0.56), 0.13 * size
    band = np.exp(-(((easel.distance(centre) - radius) / np.float32(radius * 0.09)) ** 2))
    turn = np.arctan2(easel.y - centre[1], (easel.x - x) * easel.aspect)
    easel.wash(band, mix(easel.palette.near, easel.palette.accent, 0.5))
    easel.shine(band * np.clip(0.4 + 0.6 * np.sin(turn * 3 + 1), 0, 1), easel.palette.light, 0.9)
    glowing(easel, (x, centre[1] - radius * 1.12), radius * 0.2)


def bottle(easel: Easel, x: float, size: float) -> None:
    """A bottle with a stopper."""

    def shape(sketch: Sketch) -> None:
        sketch.blob(
            (0.43, 0.28),
            (0.57, 0.28),
            (0.6, 0.36),
            (0.7, 0.46),
            (0.71, 0.95),
            (0.66, 1),
            (0.34, 1),
            (0.29, 0.95),
            (0.3, 0.46),
            (0.4, 0.36),
        )
        sketch.polygon((0.44, 0.1), (0.56, 0.1), (0.56, 0.3), (0.44, 0.3))

    stand(
        easel,
        shape,
        (x, 0.77),
        min(0.46 * size, 0.62),
        mix(easel.palette.near, easel.palette.accent, 0.35),
        rim=1.0,
    )


def _paint_of(easel: Easel) -> Colour:
    """A vehicle's own colour: one that the palette allows."""
    return mix(easel.palette.accent, easel.palette.near, 0.45 if easel.palette.dark else 0.2)
