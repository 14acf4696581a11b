"""The contact sheet in the README: frames of the film in `storyboard/`.

    python docs/make_strip.py storyboard/build/main.mp4

Writes docs/images/film.jpg.
"""

from __future__ import annotations

import sys
from pathlib import Path

import av
from PIL import Image

# Seconds into the film, one for each of its shots but the credits, where its picture is at its clearest.
MOMENTS = (2.6, 6.0, 9.6, 13.2, 17.2, 21.0, 26.8, 30.0, 34.2, 39.8, 42.0, 46.2)
ACROSS, TILE, GAP = 4, (320, 180), 8
PAPER = "#14181c"


def sheet(film: Path) -> Image.Image:
    """The frames on screen at those moments, row by row."""
    rows = -(-len(MOMENTS) // ACROSS)
    step = (TILE[0] + GAP, TILE[1] + GAP)
    page = Image.new("RGB", (ACROSS * step[0] + GAP, rows * step[1] + GAP), PAPER)
    wanted = list(MOMENTS)
    with av.open(str(film)) as file:
        for frame in file.decode(video=0):
            if wanted and frame.time >= wanted[0]:
                number = len(MOMENTS) - len(wanted)
                small = frame.to_image().resize(TILE, Image.Resampling.LANCZOS)
                page.paste(
                    small,
                    (GAP + number % ACROSS * step[0], GAP + number // ACROSS * step[1]),
                )
                wanted.pop(0)
    if wanted:
        raise SystemExit(f"{film}: ends before {wanted[0]} seconds; is it the film of storyboard/?")
    return page


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit("usage: python docs/make_strip.py FILM")
    target = Path(__file__).parent / "images" / "film.jpg"
    target.parent.mkdir(exist_ok=True)
    sheet(Path(sys.argv[1])).save(target, quality=88, optimize=True)
