"""Paints a prompt: its place, what stands there, its weather."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt

from storyboard.model import Size
from storyboard.providers.animatic import city, indoors, outdoors, overhead, subjects
from storyboard.providers.animatic.easel import Easel
from storyboard.providers.animatic.palette import choose, mix
from storyboard.providers.animatic.reading import INDOORS, read
from storyboard.providers.animatic.sky import mist

ROOM = 0.12
"""How much picture there is beyond the canvas on each side, in widths and heights."""

_PLACES: Mapping[str, Callable[[Easel], None]] = {
    "abstract": outdoors.open_air,
    "city": city.city,
    "desert": outdoors.desert,
    "forest": outdoors.forest,
    "hills": outdoors.hills,
    "mountains": outdoors.mountains,
    "road": outdoors.road,
    "room": indoors.room,
    "sea": outdoors.sea,
    "space": outdoors.space,
    "stage": indoors.stage,
    "stair": indoors.stair,
    "street": city.street,
    "studio": indoors.studio,
    "underwater": outdoors.underwater,
}


def paint(prompt: str, canvas: Size) -> npt.NDArray[np.uint8]:
    """A picture for a prompt, larger than the canvas by `ROOM` on each side.

    Returns:
        Height by width by 3 bytes, both even. The same prompt and canvas give
        the same picture.
    """
    reading = read(prompt)
    width, height = (2 * round(side * (1 + 2 * ROOM) / 2) for side in (canvas.width, canvas.height))
    easel = Easel(width, height, reading, choose(reading))
    if reading.angle == "overhead":
        overhead.lay_out(easel)
    else:
        _PLACES[reading.place](easel)
        if reading.framing == "close":
            _out_of_focus(easel)
        subjects.place(easel)
    _weather(easel)
    return easel.finish()


def _out_of_focus(easel: Easel) -> None:
    """The background as a long lens sees it: soft, its lights turned to discs."""
    soft = easel.blurred(np.clip(easel.picture, 0, 1), 0.035)
    easel.picture[:] = soft
    for _ in range(26 if easel.palette.dark else 12):
        centre = (float(easel.rng.random()), float(easel.rng.random() * 0.9))
        radius = 0.012 + 0.035 * float(easel.rng.random())
        disc = easel.disc(centre, radius, 0.006)
        colour = mix(easel.palette.light, easel.palette.accent, float(easel.rng.random()))
        easel.shine(disc, colour, 0.08 + 0.14 * float(easel.rng.random()))


def _weather(easel: Easel) -> None:
    weather, palette = easel.reading.weather, easel.palette
    indoors_here = easel.reading.place in INDOORS
    if "fog" in weather:
        mist(easel, 0.6, 0.75)
        mist(easel, 0.85, 0.5)
    if "rain" in weather and not indoors_here:
        easel.shine(easel.streaks(900, 0.05, 0.16), mix(palette.horizon, palette.light, 0.5), 0.4)
    if "snow" in weather and not indoors_here:
        for size, count, strength in ((0.0016, 420, 0.75), (0.0032, 130, 0.7), (0.008, 26, 0.4)):
            easel.shine(easel.flakes(count, size), (1.0, 1.0, 1.0), strength)
