"""The colours of a scene, by its light."""

from __future__ import annotations

import colorsys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from storyboard.providers.animatic.reading import INDOORS, Reading

Colour: TypeAlias = tuple[float, float, float]
"""Red, green, blue, each from 0 to 1."""


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of a scene.

    Attributes:
        zenith: the sky overhead.
        sky: the sky half way down.
        horizon: where the sky meets the ground, and the haze of all that is far.
        light: what shines: sun, moon, lamp.
        far: the ground that is farthest.
        ground: the ground at one's feet.
        near: silhouettes in front.
        accent: a second light.
        glow: how strongly the light spreads.
        dark: whether windows and lamps are lit.
    """

    zenith: Colour
    sky: Colour
    horizon: Colour
    light: Colour
    far: Colour
    ground: Colour
    near: Colour
    accent: Colour
    glow: float = 0.5
    dark: bool = False


_PALETTES: Mapping[str, tuple[str, float, bool]] = {
    #          zenith sky    horizon light  far    ground near   accent
    "dawn":   ("39527a 8f93b4 f5c6a0 ffe6bd 9189a6 4a4657 1b2031 f08a70", 0.75, False),
    "day":    ("2f74b5 7db3dc dcebf2 fff8e4 8fb0bf 6f8a4c 24364a e2574c", 0.35, False),
    "gold":   ("4b5d8a c78e72 ffd08a ffe3a6 ad8072 6b4a30 291d27 ff9d4d", 0.9, False),
    "dusk":   ("1c2450 64487a ee8d6c ffb987 5c4671 2e2540 131328 ff6f61", 0.8, True),
    "night":  ("060b1b 10214a 2f4d7c e4ecff 1c3157 0f1a30 03060e ffb45c", 0.55, True),
    "storm":  ("1b232b 414f5b 8d9b9f d6dedd 55646d 313b40 0e1317 b9c7cf", 0.4, True),
    "noir":   ("0a0a0b 28292b 7c7d7f f4f2ec 4b4c4e 1d1d1f 050506 d8d6d0", 0.6, True),
    "neon":   ("080516 1f0f45 5b2080 ff5fae 301459 120a26 05030c 2be0ff", 0.9, True),
    "winter": ("7c9bb8 b3c8d8 eff3f5 fffaf0 a9bccb dfe8ee 2f4254 d9705f", 0.4, False),
    "fire":   ("120a0b 3a1a12 a04a1e ffc878 4e2415 2a140d 080405 ff7a2b", 1.0, True),
    "autumn": ("5b7796 a9b4b3 f0d9ae fff0cf b08a5e 8a5427 33211b d8562a", 0.6, False),
    "spring": ("6ba3cf afd0e3 f8e6e4 fff7e8 a9c0b4 86a763 34463f f2a0b5", 0.45, False),
    "desert": ("3877b3 9cc0d4 f5dfb6 fff2cd dba676 c5834e 5b3322 e0563b", 0.55, False),
    "space":  ("03040b 090d22 1d2450 dfe6ff 232a5c 0c1026 020308 c86bff", 0.6, True),
    "deep":   ("0b6f86 075068 03304a d9fff4 0a4a60 05283a 021420 ffd27a", 0.7, False),
    "warm":   ("150d0b 2e1d16 6a452d ffdba3 4a3122 33221a 0b0706 ff9d4d", 0.8, True),
    "studio": ("060709 121418 2b2f36 f5f3ee 1b1e23 14161a 030304 c9a36a", 0.5, True),
    "quiet":  ("33475e 7a8ea0 d9cfc0 fff0d8 8592a0 565a5e 1e2630 d98a5b", 0.6, False),
}  # fmt: skip
_USUAL = {
    "space": "space", "underwater": "deep", "studio": "studio", "stage": "warm", "room": "warm",
    "stair": "warm", "desert": "desert", "city": "dusk", "street": "dusk", "hills": "day",
    "road": "day", "forest": "dawn",
}  # fmt: skip


def choose(reading: Reading) -> Palette:
    """The palette of a scene: by its light, by its place where no word names a light."""
    name = reading.light or _USUAL.get(reading.place) or _by_mood(reading)
    if reading.place in {"space", "underwater", "studio"} and reading.light not in {"neon", "noir"}:
        name = _USUAL[reading.place]
    palette = _read(name)
    if reading.place in INDOORS and name not in {"warm", "studio", "fire", "noir", "neon"}:
        # Indoors the light comes from outside: the walls are in its shade.
        palette = replace(
            palette,
            zenith=mix(palette.near, palette.zenith, 0.3),
            sky=mix(palette.near, palette.sky, 0.35),
            far=mix(palette.near, palette.far, 0.45),
            ground=mix(palette.near, palette.far, 0.3),
            dark=True,
        )
    return _varied(palette, reading, fixed=name in {"noir", "studio"})


def _by_mood(reading: Reading) -> str:
    """A light for a place that has no usual one, by all the words together."""
    lights = ("dawn", "quiet", "day", "gold", "winter", "dusk", "autumn", "spring")
    return lights[min(int((reading.mood[0] + 1) / 2 * len(lights)), len(lights) - 1)]


def mix(one: Colour, other: Colour, share: float) -> Colour:
    """A colour between two: the first at 0, the other at 1."""
    red, green, blue = (a + (b - a) * share for a, b in zip(one, other, strict=True))
    return red, green, blue


def _read(name: str) -> Palette:
    colours, glow, dark = _PALETTES[name]
    zenith, sky, horizon, light, far, ground, near, accent = map(_hex, colours.split())
    return Palette(zenith, sky, horizon, light, far, ground, near, accent, glow, dark)


def _hex(text: str) -> Colour:
    red, green, blue = (int(text[at : at + 2], 16) / 255 for at in (0, 2, 4))
    return red, green, blue


def _varied(palette: Palette, reading: Reading, *, fixed: bool) -> Palette:
    """The palette, turned a little by the mood of the words."""
    turn = 0.0 if fixed else 0.022 * reading.mood[0]
    vivid = (0.55 if reading.muted else 1.0) * (1 + 0.18 * reading.mood[1])
    value = 1 + 0.07 * reading.mood[2]

    def shifted(colour: Colour) -> Colour:
        hue, saturation, brightness = colorsys.rgb_to_hsv(*colour)
        saturation = min(1.0, saturation * vivid)
        return colorsys.hsv_to_rgb((hue + turn) % 1.0, saturation, min(1.0, brightness * value))

    return Palette(
        zenith=shifted(palette.zenith),
        sky=shifted(palette.sky),
        horizon=shifted(palette.horizon),
        light=shifted(palette.light),
        far=shifted(palette.far),
        ground=shifted(palette.ground),
        near=shifted(palette.near),
        accent=shifted(palette.accent),
        glow=palette.glow,
        dark=palette.dark,
    )
