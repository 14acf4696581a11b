"""Paint the pictures of this film: title, stair, beam and end, and the sweep of a dissolve.

    python storyboard/assets/draw_assets.py [NAME…]

Needs numpy and Pillow only, and writes the same pixels each time.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from math import cos, pi, sin
from pathlib import Path

import numpy as np
from gouache import (
    COLUMNS,
    ROWS,
    SIZE,
    Array,
    Point,
    beam,
    colour,
    disc,
    down,
    finish,
    glow,
    lay,
    light,
    ragged,
    shape,
    soften,
    textured,
)  # fmt: skip
from PIL import Image
from scenery import (
    boat,
    clouds,
    cottage,
    glitter,
    gull,
    lighthouse,
    rain,
    rock,
    sea,
    stars,
    waves,
)  # fmt: skip

LAMP = "#ffd27a"


def title() -> Array:
    """The lighthouse at night; its beam falls where the film's name will stand."""
    picture = down((0, "#0a1424"), (230, "#12304a"), (420, "#2a6074"), (505, "#7d9c8e"))
    picture = clouds(picture, "#3b7183", seed=3, low=500, strength=0.5)
    picture = stars(picture, count=120, low=330, seed=4)
    picture = sea(picture, horizon=505, near="#0a1c2c", far="#2f6673", crest="#79a39a", seed=5)
    lamp = (975.0, 168.0)
    picture = light(picture, beam(*lamp, angle=176, half=9, reach=900), LAMP, 0.62)
    picture = light(picture, beam(*lamp, angle=-6, half=8, reach=500), LAMP, 0.45)
    land = [(690, 520), (742, 492), (800, 478), (850, 446), (905, 428), (1050, 424), (1120, 446),
            (1190, 440), (1300, 470), (1300, 740), (420, 740), (470, 684), (530, 668), (560, 622), (612, 600),
            (640, 548)]  # fmt: skip
    picture = rock(picture, land, "#14242c", "#33565a", seed=8)
    picture = cottage(picture, 1082, 428, seed=9)
    picture = lighthouse(picture, 975, 432, 300, seed=10)
    picture = light(picture, glow(*lamp, 46, 1.4), LAMP, 0.9)
    picture = light(picture, glow(*lamp, 9, 2.5), "#fff6dd")
    near = [
        (-30, 604),
        (70, 592),
        (118, 616),
        (176, 622),
        (230, 656),
        (300, 668),
        (340, 700),
        (420, 740),
        (-30, 740),
    ]
    return rock(picture, near, "#070e16", "#17303a", seed=12)


def stair() -> Array:
    """Down the well of a spiral stair: the keeper on his way up with the lantern."""
    x, y = 640.0, 360.0
    lantern = (838.0, 452.0)
    picture = lay(down((0, "#05090d"), (720, "#05090d")), glow(x, y, 70), "#31515c", 0.8)
    steps, turns = 60, 2.6

    def place(step: float) -> tuple[float, float]:
        """The angle and the inner radius of a step; the top one is the widest."""
        part = step / steps
        return -2.2 + part * turns * 2 * pi, 400 * max(0.0, 1 - part) ** 1.25 + 26

    for i in reversed(range(-12, steps)):  # what is higher covers what is lower
        (begin, inner), (end, following) = place(i), place(i + 1.04)
        outer = inner * 2.3
        middle = (begin + end) / 2
        near = max(0.0, 1 - np.hypot(x + 1.4 * inner * cos(middle) - lantern[0],
                                     y + 1.4 * inner * sin(middle) - lantern[1]) / 560)  # fmt: skip
        falls = 0.42 + 0.68 * glow(*lantern, 250, 1.2)[..., None]
        stone = colour("#35525e") * (1 - near) + colour("#c98b4c") * near
        tread = shape([*_bow(x, y, outer, begin, end), *_bow(x, y, inner, end, begin)])
        picture = lay(picture, ragged(tread, 40, 1.0), stone * falls * (1.12 if i % 2 else 0.94))
        edge = shape(
            [*_bow(x, y, outer, begin, begin + 0.03), *_bow(x, y, inner, begin + 0.03, begin)]
        )
        picture = lay(picture, ragged(edge, 40, 0.7), stone * 1.5 * falls, 0.8)
        shadow = shape([*_bow(x, y, outer, end - 0.075, end), *_bow(x, y, inner, end, end - 0.075)])
        picture = lay(picture, soften(shadow, 2), "#04080b", 0.62)
        drop = shape(
            [
                *_bow(x, y, 1.1 * inner, begin, end, 1.1 * following),
                *_bow(x, y, following, end, begin, inner),
            ]
        )
        picture = lay(picture, ragged(drop, 40, 0.7), "#070c10")
        rail = shape(
            [
                *_bow(x, y, 1.055 * inner, begin, end, 1.055 * following),
                *_bow(x, y, 1.012 * following, end, begin, 1.012 * inner),
            ]
        )
        picture = lay(picture, ragged(rail, 40, 0.5), stone * 1.25 * falls)
    picture = light(picture, glow(*lantern, 110, 1.3), "#f29a3e", 0.7)
    picture = _climber(picture, 902, 424, lantern)
    picture = light(picture, glow(*lantern, 34, 1.5), "#f29a3e", 0.8)
    return light(picture, glow(*lantern, 13, 2), "#fff3d6")


def beam_at_sea() -> Array:
    """The beam finds the boat in the storm."""
    picture = down((0, "#0b1219"), (220, "#1c2c35"), (400, "#39505a"), (470, "#5d747a"))
    picture = clouds(picture, "#0c141b", seed=21, low=470, strength=0.95)
    picture = clouds(picture, "#6c8288", seed=27, low=460, strength=0.35)
    lamp = (262.0, 218.0)
    picture = light(picture, beam(*lamp, angle=13, half=8.5, reach=1150), LAMP, 0.85)
    picture = light(picture, beam(*lamp, angle=193, half=9, reach=420), LAMP, 0.5)
    picture = waves(picture, [(452, 16, 170, "#3b555d"), (486, 22, 230, "#2d4650")], seed=30)
    picture = rock(picture, [(60, 500), (120, 462), (190, 436), (250, 420), (312, 432), (372, 470),
                              (440, 515), (60, 540)], "#0c151b", "#2a3d44", seed=33)  # fmt: skip
    picture = lighthouse(picture, 262, 430, 222, seed=34)
    picture = light(picture, glow(*lamp, 36, 1.4), LAMP, 0.95)
    picture = light(picture, glow(*lamp, 8, 2.5), "#fff6dd")
    picture = waves(picture, [(524, 26, 300, "#24404b")], seed=35)
    picture = boat(picture, 905, 520, 1.25, tilt=-13)
    picture = light(picture, glow(905, 470, 120, 1.6) * (ROWS < 560), LAMP, 0.34)
    picture = waves(picture, [(566, 34, 380, "#1b3640"), (622, 40, 470, "#12262f")], seed=36)
    picture = waves(picture, [(684, 42, 560, "#0a161d")], seed=39)
    return rain(picture, seed=40)


def end() -> Array:
    """Morning: the boat is home, the gulls are back."""
    picture = down((0, "#5b8a99"), (190, "#a9bfae"), (350, "#f0d3a0"), (452, "#f7b27c"))
    picture = clouds(picture, "#fbe6c0", seed=51, low=440, strength=0.75)
    picture = light(picture, glow(905, 446, 190, 1.5), "#ffdf9e", 0.85)
    picture = lay(picture, disc(905, 440, 36), "#fff3d2")
    picture = sea(picture, horizon=454, near="#2d6472", far="#e0a982", crest="#f9dfb2", seed=55)
    picture = glitter(picture, 905, 460, seed=57)
    land = [(-30, 474), (60, 446), (130, 428), (200, 420), (262, 424), (312, 446), (352, 466), (372, 488),
            (420, 500), (384, 520), (300, 536), (262, 560), (150, 580), (96, 612), (-30, 650)]  # fmt: skip
    picture = rock(picture, land, "#2b4a52", "#6f8b80", seed=58)
    picture = cottage(picture, 108, 432, seed=59, lit=False)
    picture = lighthouse(picture, 222, 424, 220, seed=60, body="#fbf1dc", shade="#c9a58c")
    picture = boat(picture, 742, 512, 0.9, tilt=2, hull="#274b57")
    for i in range(5):
        picture = gull(picture, 470 + i * 46 + 14 * (i % 2), 300 - 30 * sin(i * 1.7), 9 + i % 3)
    return picture


def _climber(picture: Array, x: float, y: float, lantern: Point) -> Array:
    """A man in oilskins from above: shoulders, sou'wester, an arm with the lantern."""
    far = [(x - 10, y - 34), (x + 210, y - 84), (x + 224, y + 26), (x, y + 40)]
    picture = lay(picture, soften(shape(far), 9), "#04080b", 0.6)
    arm = [
        (x - 10, y - 20),
        (lantern[0] - 3, lantern[1] - 7),
        (lantern[0] + 2, lantern[1] + 7),
        (x - 4, y + 26),
    ]
    picture = lay(picture, ragged(shape(arm), 61, 0.8), "#18304a")
    coat = np.hypot((COLUMNS - x - 6) / 40, (ROWS - y) / 56)
    picture = lay(picture, ragged(np.clip((1 - coat) * 20, 0, 1), 62, 0.9), "#101f33")
    lit = np.clip(1 - np.hypot(COLUMNS - lantern[0], ROWS - lantern[1]) / 85, 0, 1) * (coat < 0.97)
    picture = lay(picture, lit, "#3f6480")
    brim = np.hypot((COLUMNS - x - 2) / 27, (ROWS - y - 1) / 24)
    picture = lay(picture, ragged(np.clip((1 - brim) * 20, 0, 1), 63, 0.8), "#4d3c1c")
    crown = np.hypot((COLUMNS - x + 2) / 15, (ROWS - y - 3) / 14)
    return lay(picture, ragged(np.clip((1 - crown) * 12, 0, 1), 64, 0.7), "#6f5523")


def _bow(
    x: float, y: float, radius: float, begin: float, end: float, last: float | None = None
) -> list[Point]:
    """Points along an arc whose radius may change on the way, to `last`."""
    radii = np.linspace(radius, radius if last is None else last, 14)
    return [
        (x + r * cos(a), y + r * sin(a) / 1.06)
        for a, r in zip(np.linspace(begin, end, 14), radii, strict=True)
    ]


PICTURES: dict[str, Callable[[], Array]] = {
    "title": title,
    "stair": stair,
    "beam": beam_at_sea,
    "end": end,
}


def sweep() -> Image.Image:
    """For the luma dissolve into `beam`: grey by the angle around its lamp, as the light goes round."""
    angle = np.arctan2(ROWS - 218.0, COLUMNS - 262.0)
    turn = (angle + 0.55 * pi) % (2 * pi) / (2 * pi)
    return Image.fromarray((255 * turn).astype(np.uint8)).resize(SIZE, Image.Resampling.LANCZOS)


if __name__ == "__main__":
    wanted = sys.argv[1:] or [*PICTURES, "sweep"]
    for number, name in enumerate(PICTURES):
        if name in wanted:
            painted = finish(textured(PICTURES[name](), 90 + number))
            painted.save(Path(__file__).with_name(f"{name}.png"), optimize=True)
    if "sweep" in wanted:
        sweep().save(Path(__file__).with_name("sweep.png"), optimize=True)
