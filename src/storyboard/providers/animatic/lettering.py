"""The words on the picture: the prompt as a caption, and a line of notes along the upper edge."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from storyboard.model import Size
from storyboard.providers.animatic.camera import Movement
from storyboard.providers.animatic.plate import Planes, to_planes

FONTS = Path(__file__).parent / "fonts"
CAPTION_FONT = "DejaVuSansCondensed.ttf"
NOTE_FONT = "DejaVuSansMono.ttf"
_INK = (245, 242, 234)


@dataclass(frozen=True, slots=True)
class Patch:
    """A part of the picture with words on it, ready to be laid on a frame.

    Attributes:
        left: pixels from the left of the canvas, even.
        top: pixels from its top, even.
        ink: its colours.
        cover: how much of the frame it covers, pixel by pixel.
    """

    left: int
    top: int
    ink: Planes
    cover: Image.Image

    def lay_on(self, frame: Planes, strength: float) -> None:
        """Blend it into a frame; `strength` from 0 to 1."""
        cover = (
            self.cover
            if strength >= 1
            else self.cover.point([int(v * strength + 0.5) for v in range(256)])
        )
        half = cover.reduce(2)
        frame[0].paste(self.ink[0], (self.left, self.top), cover)
        frame[1].paste(self.ink[1], (self.left // 2, self.top // 2), half)
        frame[2].paste(self.ink[2], (self.left // 2, self.top // 2), half)


class Clock:
    """The shot's running time code, `00:07:12`: minutes, seconds, frames."""

    def __init__(self, canvas: Size, fps: Fraction, starts_at: Fraction) -> None:
        self._rate = max(1, round(fps))
        self._first = round(starts_at * fps)
        font = _font(NOTE_FONT, _note_size(canvas))
        ascent, descent = font.getmetrics()
        self._cell = (ceil_even(font.getlength("0")), ceil_even(ascent + descent))
        self._glyphs = {letter: self._glyph(font, letter) for letter in "0123456789:"}
        margin = _margin(canvas)
        self.width = self._cell[0] * 8
        self._left = (canvas.width - margin - self.width) // 2 * 2
        self._top = _note_top(canvas)

    def _glyph(self, font: ImageFont.FreeTypeFont, letter: str) -> Image.Image:
        plane = Image.new("L", self._cell, 0)
        ImageDraw.Draw(plane).text((self._cell[0] / 2, 0), letter, 255, font, anchor="ma")
        return plane

    def text(self, index: int) -> str:
        """The time code of a frame of the clip."""
        seconds, frame = divmod(self._first + index, self._rate)
        return f"{seconds // 60 % 100:02}:{seconds % 60:02}:{frame:02}"

    def lay_on(self, frame: Planes, index: int, strength: float) -> None:
        """Write the time code of a frame onto it."""
        cover = Image.new("L", (self.width, self._cell[1]), 0)
        for place, letter in enumerate(self.text(index)):
            cover.paste(self._glyphs[letter], (place * self._cell[0], 0))
        cover = cover.point([int(v * strength * 0.9 + 0.5) for v in range(256)])
        half = cover.reduce(2)
        frame[0].paste(228, (self._left, self._top), cover)
        for plane in frame[1:]:
            plane.paste(128, (self._left // 2, self._top // 2), half)


def caption(text: str, canvas: Size) -> Patch | None:
    """The prompt in the lower third, on a shade that rises from the edge; None without words.

    Two lines at most, three on an upright canvas; what does not fit ends in `…`.
    """
    font = _font(CAPTION_FONT, max(7, round(min(canvas.width, canvas.height) * 0.04)))
    words = legible(text, font)
    if not words:
        return None
    margin = _margin(canvas)
    lines = _wrapped(
        words,
        font,
        min(canvas.width - 2 * margin, 34 * font.size),
        3 if canvas.height > canvas.width else 2,
    )
    leading = round(font.size * 1.32)
    foot = round(canvas.height * 0.065)
    block = leading * len(lines)
    height = min(canvas.height, ceil_even(block + foot + font.size * 2.6))
    top = canvas.height - height
    layer = _shade(canvas.width, height, 0.72)
    pen = ImageDraw.Draw(layer)
    rule = max(1, round(font.size * 0.09))
    y = height - foot - block
    pen.rectangle(
        (margin, y - font.size * 0.62, margin + font.size * 1.6, y - font.size * 0.62 + rule - 1),
        (*_INK, 190),
    )
    for number, line in enumerate(lines):
        pen.text((margin, y + number * leading), line, (*_INK, 255), font)
    return _patch(layer, 0, top)


def notes(
    model: str, segment: tuple[int, int, Fraction] | None, movement: Movement, canvas: Size
) -> Patch:
    """The line along the upper edge: model, segment and movement; room for the clock is left."""
    font = _font(NOTE_FONT, _note_size(canvas))
    parts = [model]
    if segment and segment[1] > 1:
        parts.append(f"{segment[0]}/{segment[1]}")
    if movement.name:
        parts.append(f"{_sign(movement)} {movement.name}")
    margin, top = _margin(canvas), _note_top(canvas)
    height = min(canvas.height, ceil_even(top * 2 + font.size * 1.6))
    layer = _shade(canvas.width, height, 0.5).transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    clock = font.getlength("00:00:00") + font.size
    text = _wrapped("   ".join(parts), font, canvas.width - 2 * margin - clock, 1)
    ImageDraw.Draw(layer).text((margin, top), text[0] if text else "", (*_INK, 225), font)
    return _patch(layer, 0, 0)


def strength(index: int, frames: int, fps: Fraction) -> float:
    """How strongly words stand on a frame: not at all on the first and on the last one."""
    ramp = max(2, min(round(fps / 2), frames // 5))
    part = min(1.0, min(index, frames - 1 - index) / ramp)
    return part * part * (3 - 2 * part)


def legible(text: str, font: ImageFont.FreeTypeFont) -> str:
    """The text on one line, each run of letters that the font lacks as one `…`.

    Empty where hardly anything could be read.
    """
    missing = _ink(font, "\U0010fffe")
    letters = " ".join(text.split())
    kept = [
        letter if letter in {" ", "…"} or _ink(font, letter) != missing else "…"
        for letter in letters
    ]
    lost = sum(one != letter for one, letter in zip(kept, letters, strict=True))
    if lost * 2 > len(letters.replace(" ", "")):
        return ""
    joined = "".join(kept)
    while "……" in joined or "… …" in joined:
        joined = joined.replace("……", "…").replace("… …", "…")
    return joined


def ceil_even(value: float) -> int:
    """The next even number that is not smaller."""
    return int(-(-value // 2) * 2)


def _wrapped(text: str, font: ImageFont.FreeTypeFont, width: float, most: int) -> list[str]:
    lines: list[str] = []
    words = text.split(" ")
    while words:
        count = len(words)
        while count > 1 and font.getlength(" ".join(words[:count])) > width:
            count -= 1
        lines.append(" ".join(words[:count]))
        words = words[count:]
    if len(lines) > most:
        lines = [*lines[: most - 1], lines[most - 1] + "…"]
    # A word that is too long for any line, or the dots at the end, cost some letters.
    return [_shortened(line, font, width) for line in lines]


def _shortened(line: str, font: ImageFont.FreeTypeFont, width: float) -> str:
    if font.getlength(line) <= width:
        return line
    body = line.rstrip("…")
    while body and font.getlength(body.rstrip(" ,;.") + "…") > width:
        body = body[:-1]
    return body.rstrip(" ,;.") + "…"


def _sign(movement: Movement) -> str:
    if movement.still:
        return "■"
    if abs(movement.x) >= max(abs(movement.y), abs(movement.zoom)):
        return "←" if movement.x < 0 else "→"
    if abs(movement.y) >= abs(movement.zoom):
        return "↑" if movement.y < 0 else "↓"
    return "⊕" if movement.zoom > 0 else "⊖"


def _shade(width: int, height: int, darkest: float) -> Image.Image:
    """A layer that is clear at its top and dark at its foot."""
    rise = np.linspace(0, 1, height)
    alpha = (rise * rise * (3 - 2 * rise) * darkest * 255).astype(np.uint8)
    layer = np.zeros((height, width, 4), np.uint8)
    layer[..., :3] = (10, 11, 14)
    layer[..., 3] = alpha[:, None]
    return Image.fromarray(layer)


def _patch(layer: Image.Image, left: int, top: int) -> Patch:
    ink = to_planes(np.asarray(layer.convert("RGB")))
    return Patch(left, top, ink, layer.getchannel("A"))


def _margin(canvas: Size) -> int:
    return ceil_even(canvas.width * 0.045)


def _note_size(canvas: Size) -> int:
    return max(6, round(min(canvas.width, canvas.height) * 0.022))


def _note_top(canvas: Size) -> int:
    return ceil_even(canvas.height * 0.04)


def _ink(font: ImageFont.FreeTypeFont, letter: str) -> tuple[tuple[int, int], bytes]:
    mask = font.getmask(letter, "L")
    return mask.size, bytes(mask)


@cache
def _font(name: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(FONTS / name, size)
