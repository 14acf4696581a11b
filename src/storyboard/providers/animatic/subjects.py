"""What stands in a picture: people, towers, trees, birds."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from storyboard.providers.animatic import objects
from storyboard.providers.animatic.easel import Easel, Floats, Point
from storyboard.providers.animatic.palette import mix
from storyboard.providers.animatic.sketch import Sketch, glowing, shadow, smooth, stand

_APART = 0.3
"""How far each of two people stands from the middle, in heights of the picture."""


def place(easel: Easel) -> None:
    """Paint the prompt's subjects, three at most, on the thirds of the canvas."""
    close = easel.reading.framing == "close"
    size = {"wide": 0.6, "medium": 1.0, "near": 1.3, "close": 1.9}[easel.reading.framing]
    size *= min(1.0, 0.5 + 0.5 * easel.aspect)  # less room on an upright canvas
    free = 1 - easel.sun[0]
    if easel.reading.shoulder:
        free = 0.6 if easel.reading.shoulder == "left" else 0.4
    elif easel.reading.place in {"room", "stage", "studio"}:
        free = 0.5  # between window and table; in the spotlight; on the turntable
    spots = [0.5 if close else free, 1 - free if not close else 0.3, 0.5]
    drawn = [name for name in easel.reading.subjects if name in _PAINTERS]
    order = sorted(drawn[:3], key=lambda name: (name in {"figure", "lantern"}, name == "railing"))
    for name in order:
        at = spots[drawn.index(name)]
        if name == "figure" and easel.reading.pair:
            for beside in (-_APART, _APART):
                _figure(easel, 0.5 + beside / easel.aspect, size)
        else:
            _PAINTERS[name](easel, at, size)
    if easel.reading.shoulder:
        _shoulder(easel)


def _person(sketch: Sketch) -> None:
    """Someone in a long coat, seen from behind or against the light, collar up."""
    sketch.oval(0.5, 0.075, 0.042, 0.058)
    sketch.blob((0.468, 0.11), (0.535, 0.11), (0.548, 0.15), (0.60, 0.175), (0.628, 0.24), (0.632, 0.42), (0.622, 0.50),
                (0.60, 0.50), (0.598, 0.40), (0.625, 0.70), (0.61, 0.735), (0.50, 0.75), (0.40, 0.735), (0.385, 0.70),
                (0.405, 0.40), (0.395, 0.50), (0.372, 0.50), (0.366, 0.42), (0.37, 0.24), (0.40, 0.175), (0.455, 0.15))  # fmt: skip
    sketch.blob(
        (0.42, 0.70),
        (0.49, 0.70),
        (0.485, 0.86),
        (0.475, 0.965),
        (0.49, 0.995),
        (0.425, 0.995),
        (0.435, 0.9),
    )
    sketch.blob(
        (0.51, 0.70),
        (0.585, 0.70),
        (0.57, 0.88),
        (0.575, 0.965),
        (0.60, 0.995),
        (0.525, 0.995),
        (0.525, 0.9),
    )


def _person_with_lantern(sketch: Sketch) -> None:
    _person(sketch)
    sketch.stroke(0.05, (0.61, 0.22), (0.68, 0.33), (0.765, 0.36))
    sketch.stroke(0.008, (0.765, 0.36), (0.765, 0.40))


def _figure(easel: Easel, x: float, size: float) -> None:
    foot, height = 0.865, 0.37 * size
    if easel.reading.framing == "close":
        foot, height = 1.75, 1.45  # head and shoulders
    elif easel.reading.framing == "near":
        foot, height = 1.3, 1.1  # from the waist up
    elif easel.reading.angle == "low":
        foot, height = 1.0, 0.86  # towering
    elif easel.reading.place in {"sea", "city", "space", "underwater"} and {
        "railing",
        "beacon",
    }.isdisjoint(easel.reading.subjects):
        _rock(easel, x, foot)
    holds = "lantern" in easel.reading.subjects
    flame = (x + 0.265 * height / easel.aspect, foot - height * 0.55)
    if holds:
        easel.shine(easel.halo(flame, 0.3), easel.palette.accent, 0.55)
        easel.sun = flame
    easel.shine(
        easel.halo((x, foot - height * 0.6), height * 0.9),
        mix(easel.palette.horizon, easel.palette.light, 0.3),
        0.28,
    )
    shadow(easel, (x, foot), height * 0.2)
    stand(easel, _person_with_lantern if holds else _person, (x, foot), height)
    if holds:
        glowing(easel, flame, 0.035 * height / 0.4)


def _shoulder(easel: Easel) -> None:
    """The head and shoulder of somebody in front, out of focus, at the side of the picture."""
    outline = smooth((
        (0.64, 1.1), (0.67, 0.88), (0.76, 0.73), (0.815, 0.65), (0.8, 0.55), (0.79, 0.42), (0.82, 0.29), (0.885, 0.24),
        (0.95, 0.29), (0.975, 0.42), (0.96, 0.56), (0.955, 0.66), (1.05, 0.74), (1.15, 0.9), (1.15, 1.1),
    ))  # fmt: skip
    if easel.reading.shoulder == "left":
        outline = [(1 - x, y) for x, y in outline]
    easel.wash(easel.blurred(easel.polygons([outline]), 0.014), easel.palette.near)


def _rock(easel: Easel, x: float, top: float) -> None:
    """Firm ground in front, to stand on."""
    slope = 0.09 * (1 - np.exp(-(((easel.x - x) * easel.aspect / 0.55) ** 2)))
    line = top - 0.02 + slope + 0.02 * easel.ridge(11, 6, 0.6)[None, :]
    depth = np.clip((easel.y - line) / np.float32(0.1), 0, 1)[..., None]
    grass = mix(easel.palette.near, easel.palette.far, 0.25)
    paint = (
        np.asarray(grass, np.float32) * (1 - depth)
        + np.asarray(easel.palette.near, np.float32) * depth
    )
    easel.wash(easel.below(line), paint)


def _railing(easel: Easel, x: float, _size: float) -> None:
    """A walkway with a railing, across the whole picture."""
    palette, top, floor = easel.palette, 0.69, 0.855
    rails: Floats = np.zeros((easel.height, easel.width), np.float32)
    for level, thick in ((top, 0.0065), (top + 0.065, 0.003), (top + 0.125, 0.003)):
        rails = np.maximum(rails, np.clip((thick - np.abs(easel.y - level)) * easel.height, 0, 1))
    posts = np.abs(((easel.x - x) * easel.aspect / 0.2 + 0.5) % 1 - 0.5) * 0.2
    upright = (easel.y > top) & (easel.y < floor + 0.01)
    rails = np.maximum(rails, np.clip((0.0045 - posts) * easel.height, 0, 1) * upright)
    easel.wash(rails, mix(palette.near, palette.far, 0.15))
    easel.shine(
        np.clip(1 - np.abs(easel.y - top + 0.006) * 420, 0, 1)
        * easel.halo((easel.sun[0], top), 0.4),
        palette.light,
        0.8,
    )
    easel.wash(
        easel.below(floor),
        easel.gradient(((0, mix(palette.near, palette.far, 0.5)), (1, palette.near)), floor, 1),
    )


def _lighthouse(easel: Easel, x: float, size: float) -> None:
    palette = easel.palette
    foot, height = 0.72, min(0.52 * size, 0.75)
    line = (
        foot
        + 0.16
        - 0.16 * np.exp(-(((easel.x - x) * easel.aspect / 0.3) ** 2))
        + 0.02 * easel.ridge(9, 6)[None, :]
    )
    easel.wash(
        easel.below(line) * np.clip(1.6 - np.abs(easel.x - x) * easel.aspect * 2.2, 0, 1),
        mix(palette.near, palette.far, 0.1),
    )

    def shape(sketch: Sketch) -> None:
        sketch.polygon((0.445, 0.24), (0.555, 0.24), (0.585, 1), (0.415, 1))
        sketch.polygon((0.415, 0.225), (0.585, 0.225), (0.57, 0.25), (0.43, 0.25))
        sketch.stroke(0.006, (0.418, 0.2), (0.582, 0.2))
        for post in (0.42, 0.46, 0.54, 0.58):
            sketch.stroke(0.005, (post, 0.2), (post, 0.225))
        for post in (0.46, 0.5, 0.54):
            sketch.stroke(0.007, (post, 0.115), (post, 0.225))
        sketch.blob(
            (0.45, 0.115), (0.48, 0.07), (0.5, 0.055), (0.52, 0.07), (0.55, 0.115), (0.5, 0.122)
        )
        sketch.stroke(0.006, (0.5, 0.03), (0.5, 0.06))

    lamp = (x, foot - height * 0.83)
    if palette.dark or easel.reading.light == "dawn":
        _beams(easel, lamp)
    stand(easel, shape, (x, foot + 0.02), height, mix(palette.near, palette.far, 0.35))
    glowing(easel, lamp, height * 0.04)


def _beams(easel: Easel, lamp: Point) -> None:
    for side, lean in ((-1, -0.10), (1, 0.06)):
        along = (easel.x - lamp[0]) * easel.aspect * side
        off = np.abs(easel.y - lamp[1] - lean * along)
        beam = np.clip(1 - off / (0.008 + 0.11 * np.clip(along, 0, 3)), 0, 1) * (along > 0)
        easel.shine(beam**1.4 * np.exp(-np.clip(along, 0, 9) * 0.8), easel.palette.light, 0.6)


def _tower(easel: Easel, x: float, size: float) -> None:
    def shape(sketch: Sketch) -> None:
        sketch.polygon((0.38, 0.3), (0.62, 0.3), (0.63, 1), (0.37, 1))
        sketch.polygon((0.36, 0.3), (0.5, 0.0), (0.64, 0.3))
        sketch.polygon((0.63, 0.6), (0.8, 0.6), (0.8, 1), (0.63, 1))

    stand(easel, shape, (x, 0.78), min(0.45 * size, 0.75))


def _house(easel: Easel, x: float, size: float) -> None:
    palette = easel.palette

    def shape(sketch: Sketch) -> None:
        sketch.polygon((0.12, 0.55), (0.5, 0.25), (0.88, 0.55))
        sketch.polygon((0.18, 0.54), (0.82, 0.54), (0.82, 1), (0.18, 1))
        sketch.polygon((0.64, 0.2), (0.72, 0.2), (0.72, 0.45), (0.64, 0.45))

    foot, height = 0.78 if easel.reading.place == "forest" else 0.74, 0.24 * size
    shadow(easel, (x, foot), height * 0.7)
    stand(easel, shape, (x, foot), height)
    for across in (-0.16, 0.14):
        pane = (x + across * height / easel.aspect, foot - height * 0.28)
        wide = np.clip((0.055 * height - np.abs(easel.x - pane[0]) * easel.aspect) * 400, 0, 1)
        tall = np.clip((0.075 * height - np.abs(easel.y - pane[1])) * 400, 0, 1)
        easel.wash(wide * tall, mix(palette.accent, palette.light, 0.6))
        easel.shine(easel.halo(pane, 0.06 * size), palette.accent, 0.5)


def _tree(easel: Easel, x: float, size: float) -> None:
    rng, palette = easel.rng, easel.palette
    boughs = [(0.5 + rng.normal(0, 0.15), 0.34 + rng.normal(0, 0.1)) for _ in range(15)]
    leaves = [
        (
            bough[0] + rng.normal(0, 0.045),
            bough[1] + rng.normal(0, 0.035),
            0.008 + 0.022 * rng.random(),
        )
        for bough in boughs
        for _ in range(70)
    ]
    side = 1 if easel.sun[0] > x else -1

    def trunk(sketch: Sketch) -> None:
        sketch.blob(
            (0.48, 0.4), (0.52, 0.4), (0.525, 0.85), (0.56, 1.0), (0.44, 1.0), (0.475, 0.85)
        )
        for bough in boughs:
            sketch.stroke(0.012, (0.5, 0.66), ((0.5 + bough[0]) / 2, (0.56 + bough[1]) / 2), bough)

    def crown(sketch: Sketch) -> None:
        for across, down, radius in leaves:
            sketch.oval(across, down, radius)

    def lit(sketch: Sketch) -> None:
        for across, down, radius in leaves[::3]:
            sketch.oval(across + 0.02 * side, down - 0.025, radius * 0.55)

    green = mix(
        palette.accent if easel.reading.light in {"spring", "autumn"} else palette.ground,
        palette.near,
        0.45,
    )
    foot, height = (x, 0.82), min(0.5 * size, 0.85)
    shadow(easel, foot, 0.2 * size)
    stand(easel, trunk, foot, height)
    stand(easel, crown, foot, height, green, rim=0.25)
    stand(easel, lit, foot, height, mix(green, palette.light, 0.3), rim=0.0)


def _birds(easel: Easel, x: float, size: float) -> None:
    rng = easel.rng
    for _ in range(9):
        at = (x + rng.normal(0, 0.09), 0.26 + rng.normal(0, 0.05))
        wing, lift = 0.25 + 0.2 * rng.random(), 0.05 + 0.12 * rng.random()

        def shape(sketch: Sketch, wing: float = wing, lift: float = lift) -> None:
            sketch.blob((0.5 - wing, 0.5), (0.5 - wing * 0.5, 0.5 - lift), (0.5, 0.56), (0.5 + wing * 0.5, 0.5 - lift),
                        (0.5 + wing, 0.5), (0.5 + wing * 0.45, 0.53 - lift), (0.5, 0.62), (0.5 - wing * 0.45, 0.53 - lift))  # fmt: skip

        stand(easel, shape, at, (0.03 + 0.035 * rng.random()) * size, rim=0.0)


_PAINTERS: Mapping[str, Callable[[Easel, float, float], None]] = {
    "beacon": objects.beacon, "bicycle": objects.bicycle, "bird": _birds, "boat": objects.boat, "bottle": objects.bottle,
    "car": objects.car, "figure": _figure, "house": _house, "lamp": objects.lamp,
    "lantern": objects.lantern, "lighthouse": _lighthouse, "railing": _railing, "ring": objects.ring, "ship": objects.ship,
    "tower": _tower, "tree": _tree, "watch": objects.watch,
}  # fmt: skip
