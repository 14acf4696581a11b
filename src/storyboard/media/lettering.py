"""Words on the picture: drawn once for the canvas, and laid on each of their frames."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from storyboard.letters import Letters
from storyboard.media.fit import Planes
from storyboard.media.stamp import Light, Stamp, dimming, over, within
from storyboard.media.typeface import SCALE, Face, font_for, wrapped
from storyboard.model import Size
from storyboard.overlays import Overlay
from storyboard.timeline import Edit

_SMALLEST = 0.5
"""How much smaller letters get, at most, before words may leave the safe area."""


class Lettering:
    """The words of a cut; each overlay is drawn when its first frame comes."""

    def __init__(self, edit: Edit, inputs: Mapping[str, Path]) -> None:
        """Prepare the words.

        Args:
            edit: the cut.
            inputs: by role, the files that it names: its fonts among them.
        """
        self._edit = edit
        self._inputs = inputs
        self._stamps: dict[Overlay, Stamp | None] = {}

    def lay_on(self, picture: Planes, frame: int) -> Planes:
        """A frame of the cut with its words; the picture itself where it has none.

        Raises:
            BadMedia: a font cannot be used.
        """
        for overlay in self._edit.overlays:
            strength = overlay.shown(frame)
            if not strength:
                if frame >= overlay.record_out:
                    self._stamps.pop(overlay, None)
                continue
            if overlay not in self._stamps:
                font = self._inputs[overlay.font] if overlay.font else None
                self._stamps[overlay] = drawn(overlay, self._edit.size, font)
            if (stamp := self._stamps[overlay]) is not None:
                picture = stamp.lay_on(picture, strength)
        return picture


def drawn(overlay: Overlay, canvas: Size, font: Path | None) -> Stamp | None:
    """The words of an overlay on a canvas; None where there is nothing to be seen.

    They are broken into lines within the safe area. What is still too large
    for it, a very long word or very many lines, is set smaller.

    Args:
        overlay: the words and their look.
        canvas: the size of the picture.
        font: the file of the user's font; None for the shipped one.

    Raises:
        BadMedia: the font cannot be used.
    """
    letters = overlay.letters
    text = unicodedata.normalize("NFC", overlay.text.strip())
    text = text.upper() if letters.uppercase else text
    if not text or not letters.opacity:
        return None
    block = _Block.of(text, letters, canvas, font_for(text, font, letters.weight))
    return _stamp(block, overlay.position, letters, canvas)


@dataclass(frozen=True, slots=True)
class _Block:
    """Lines of words; lengths in pixels."""

    face: Face
    lines: list[str]
    leading: float

    @classmethod
    def of(cls, text: str, letters: Letters, canvas: Size, font: Path) -> _Block:
        """The text in lines, in letters as large as wanted or as large as fit."""
        margin = letters.margin / 100
        widest = float(min(canvas.width * letters.width / 100, canvas.width * (1 - 2 * margin)))
        highest = float(canvas.height * (1 - 2 * margin))
        full = float(letters.size * min(canvas.width, canvas.height) / 100)
        size = full
        while True:
            face = Face(font, size, letters.weight, size * float(letters.spacing) / 100)
            last = size < full * _SMALLEST
            lines = wrapped(text, face, widest, hard=last)
            block = cls(face, lines, size * float(letters.leading) / 100)
            fits = block.width <= widest and block.height <= highest
            if fits or last:
                return block
            size *= 0.94

    @property
    def width(self) -> float:
        return max(self.face.length(line) for line in self.lines)

    @property
    def height(self) -> float:
        """From the top of the first line's capitals to the foot of the last line."""
        return self.face.cap + self.leading * (len(self.lines) - 1) + self.face.drop


def _stamp(block: _Block, position: str, letters: Letters, canvas: Size) -> Stamp:
    size = block.face.size
    outline = size * float(letters.outline) / 100
    inner = size * 0.4 if letters.box != "none" else 0.0
    around = max(outline, inner) + (size * 0.3 if letters.shadow else 0) + 4
    side, sink = _place(position, letters.align), _sink(position)
    # Where the block's corner is on the canvas, with what surrounds the words in the safe area.
    x, y = _corner(block, side, sink, letters, canvas, inner)
    left, top = _even(x - around), _even(y - around)
    width = _even(x + block.width + around + 1) - left
    height = _even(y + block.height + around + 1) - top
    ink = Image.new("L", (width * SCALE, height * SCALE))
    rim = Image.new("L", ink.size) if outline else None
    for number, line in enumerate(block.lines):
        spare = block.width - block.face.length(line)
        align = _align(position, letters.align)
        start = x - left + spare * {"left": 0.0, "center": 0.5, "right": 1.0}[align]
        foot = y - top + block.face.cap + block.leading * number
        block.face.draw(ink, line, start, foot)
        if rim:
            block.face.draw(rim, line, start, foot, outline)
    words = _cover(ink)
    edge = np.maximum(_cover(rim), words) if rim else words
    light, cover = (
        np.zeros((height, width, 3), np.float32),
        np.zeros((height, width, 1), np.float32),
    )
    if letters.box != "none":
        box = _rounded(
            (width, height),
            (x - left - inner, y - top - inner),
            (block.width + 2 * inner, block.height + 2 * inner),
            size * 0.12,
        )
        light, cover = over(light, cover, letters.box, box * dimming(letters.box_opacity))
    if letters.shadow:
        shade = _shadow(edge, size) * dimming(letters.shadow)
        light, cover = over(light, cover, "black", shade)
    if rim:
        light, cover = over(light, cover, letters.outline_color, edge)
    light, cover = over(light, cover, letters.color, words)
    opacity = np.float32(letters.opacity)
    return within(canvas, left, top, light * opacity, cover * opacity)


def _corner(
    block: _Block, side: str, sink: str, letters: Letters, canvas: Size, inner: float
) -> tuple[float, float]:
    """Where the upper left corner of the words is."""
    share = float(letters.margin) / 100
    near, far = canvas.width * share + inner, canvas.width * (1 - share) - inner - block.width
    x = {"left": near, "center": (canvas.width - block.width) / 2, "right": far}[side]
    high = canvas.height * share + inner
    low = canvas.height * (1 - share) - inner - block.height
    # The eye takes capitals and the line that they stand on for the middle.
    body = block.height - block.face.drop
    y = {
        "top": high,
        "upper": max(high, canvas.height / 6 - body / 2),
        "center": (canvas.height - body) / 2,
        "lower": min(low, canvas.height * 5 / 6 - body / 2),
        "bottom": low,
    }[sink]
    return x, y


def _place(position: str, align: str) -> str:
    """Where across the picture words stand."""
    for side in ("left", "right"):
        if position.endswith(side):
            return side
    if position.endswith("third"):
        return "left" if align == "auto" else align
    return "center"


def _align(position: str, align: str) -> str:
    """How lines stand below each other."""
    return _place(position, align) if align == "auto" else align


def _sink(position: str) -> str:
    """How far down the picture words stand."""
    return position.partition("-")[0]


def _cover(plane: Image.Image) -> Light:
    """A plane at its own size: height x width, from 0 to 1."""
    return np.asarray(plane.reduce(SCALE), np.float32) / np.float32(255)


def _shadow(edge: Light, size: float) -> Light:
    """A soft shade below and around letters."""
    plane = Image.fromarray((edge * 255 + 0.5).astype(np.uint8))
    near = np.asarray(plane.filter(ImageFilter.GaussianBlur(size * 0.035)), np.float32)
    wide = np.asarray(plane.filter(ImageFilter.GaussianBlur(size * 0.11)), np.float32)
    drop = max(1, round(size * 0.03))
    shade = np.asarray(
        np.maximum(near * 0.9, np.minimum(wide * 1.3, 255)) / np.float32(255), np.float32
    )
    lowered = np.zeros_like(shade)
    lowered[drop:] = shade[:-drop]
    return lowered


def _rounded(
    canvas: tuple[int, int], corner: tuple[float, float], size: tuple[float, float], radius: float
) -> Light:
    plane = Image.new("L", (canvas[0] * SCALE, canvas[1] * SCALE))
    (x, y), (width, height) = corner, size
    box = [side * SCALE for side in (x, y, x + width, y + height)]
    ImageDraw.Draw(plane).rounded_rectangle(box, radius * SCALE, 255)
    return _cover(plane)


def _even(length: float) -> int:
    return int(length // 2) * 2
