"""The view straight down: water, floor or ground, and what lies on it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from storyboard.providers.animatic.easel import Easel, Floats, Point
from storyboard.providers.animatic.palette import Colour, mix
from storyboard.providers.animatic.reading import INDOORS
from storyboard.providers.animatic.sketch import smooth

_CENTRE: Point = (0.5, 0.5)


def lay_out(easel: Easel) -> None:
    """Paint the ground, and the first subject that can be drawn from above in its middle."""
    if easel.reading.place in {"sea", "underwater"}:
        _water(easel)
    elif easel.reading.place in INDOORS:
        _boards(easel)
    else:
        _earth(easel)
    draw = next((_OUTLINES[name] for name in easel.reading.subjects if name in _OUTLINES), None)
    if draw is not None:
        _lay(easel, draw, {"wide": 0.5, "close": 1.6}.get(easel.reading.framing, 1.0))


def _water(easel: Easel) -> None:
    palette = easel.palette
    easel.wash(1.0, mix(palette.zenith, palette.far, 0.5))
    swell = easel.warped(easel.noise(5 * easel.aspect, 7, 4, 0.55), 0.05)
    crests = np.clip(1 - np.abs(swell - 0.5) * 14, 0, 1)
    easel.wash(np.clip(swell - 0.5, 0, 1) * 0.7, palette.sky)
    easel.wash(np.clip(0.5 - swell, 0, 1) * 0.9, palette.near)
    easel.shine(crests * easel.halo(_CENTRE, 0.9), palette.horizon, 0.3)


def _earth(easel: Easel) -> None:
    palette = easel.palette
    easel.wash(1.0, palette.ground)
    patches = easel.warped(easel.noise(4 * easel.aspect, 4, 5, 0.6), 0.08)
    easel.wash(np.clip(patches - 0.5, 0, 1) * 0.9, mix(palette.ground, palette.light, 0.35))
    easel.wash(np.clip(0.5 - patches, 0, 1) * 0.9, mix(palette.ground, palette.near, 0.6))


def _boards(easel: Easel) -> None:
    palette = easel.palette
    wood = mix(palette.ground, palette.light, 0.18)
    easel.wash(1.0, wood)
    grain = easel.noise(3 * easel.aspect, 90, 3, 0.6)
    easel.wash(np.clip(grain - 0.5, 0, 1) * 0.4, mix(wood, palette.near, 0.6))
    gaps = np.abs((easel.y * 7) % 1 - 0.5)
    easel.wash(np.clip((gaps - 0.485) * 60, 0, 1) + 0 * easel.x, palette.near)
    easel.shine(easel.halo((0.4, 0.4), 0.5), palette.light, 0.25)


def _lay(easel: Easel, draw: Callable[[], list[tuple[list[Point], float]]], size: float) -> None:
    """Draw outlines around the middle, each in its own tone, with one shadow under them all."""
    parts = draw()
    shade = easel.polygons([_placed(easel, outline, size, 0.03) for outline, _ in parts])
    easel.wash(easel.blurred(shade, 0.012) * 0.6, easel.palette.near)
    for outline, tone in parts:
        mask: Floats = easel.polygons([_placed(easel, outline, size)])
        easel.wash(mask, _tone(easel, tone))


def _placed(easel: Easel, outline: list[Point], size: float, off: float = 0.0) -> list[Point]:
    """An outline around 0, in heights of the picture, put in its middle and a little moved."""
    return [
        (_CENTRE[0] + (x * size + off) / easel.aspect, _CENTRE[1] + y * size + off)
        for x, y in smooth(tuple(outline))
    ]


def _tone(easel: Easel, tone: float) -> Colour:
    """From the accent at 0 to the light at 1; below 0 towards the dark."""
    palette = easel.palette
    if tone < 0:
        return mix(palette.accent, palette.near, -tone)
    return mix(palette.accent, palette.light, tone)


def _hull() -> list[tuple[list[Point], float]]:
    outer = [(-0.2, 0.0), (-0.15, -0.07), (0.0, -0.085), (0.12, -0.06), (0.22, 0.0), (0.12, 0.06), (0.0, 0.085), (-0.15, 0.07)]  # fmt: skip
    inner = [(x * 0.8, y * 0.7) for x, y in outer]
    seats = [
        [(x, -0.05), (x + 0.012, -0.052), (x + 0.024, -0.05), (x + 0.024, 0.05), (x + 0.012, 0.052), (x, 0.05)]
        for x in (-0.08, 0.05)
    ]  # fmt: skip
    return [(outer, 0.0), (inner, -0.55), *((seat, -0.2) for seat in seats)]


def _person() -> list[tuple[list[Point], float]]:
    shoulders = [(-0.1, 0.0), (-0.07, -0.045), (0.07, -0.045), (0.1, 0.0), (0.07, 0.045), (-0.07, 0.045)]  # fmt: skip
    head = [(-0.035, 0.0), (0.0, -0.04), (0.035, 0.0), (0.0, 0.04)]
    return [(shoulders, -0.6), (head, -0.2)]


def _vehicle() -> list[tuple[list[Point], float]]:
    body = [(-0.2, -0.07), (0.0, -0.085), (0.2, -0.07), (0.21, 0.0), (0.2, 0.07), (0.0, 0.085), (-0.2, 0.07), (-0.21, 0.0)]  # fmt: skip
    roof = [(-0.1, -0.055), (0.06, -0.055), (0.08, 0.0), (0.06, 0.055), (-0.1, 0.055), (-0.12, 0.0)]
    return [(body, 0.0), (roof, -0.5)]


def _round() -> list[tuple[list[Point], float]]:
    rim = [(0.14 * np.cos(turn), 0.14 * np.sin(turn)) for turn in np.linspace(0, 6.283, 9)[:-1]]
    return [(rim, 0.5), ([(x * 0.7, y * 0.7) for x, y in rim], 0.1)]


_OUTLINES: Mapping[str, Callable[[], list[tuple[list[Point], float]]]] = {
    "boat": _hull, "ship": _hull, "car": _vehicle, "figure": _person, "watch": _round, "ring": _round,
    "bottle": _round, "tree": _round, "lamp": _round, "lantern": _round,
}  # fmt: skip
