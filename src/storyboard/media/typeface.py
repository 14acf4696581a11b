"""Fonts: which one has the letters of a text, and words broken into lines with it.

Text is measured and drawn at several times its size and made small again, so
that letters stand where they belong to a fraction of a pixel. libraqm shapes
it where Pillow has it: ligatures, kerning, Arabic, text from right to left.
Without it letters are set one behind the other, from left to right.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont, features

from storyboard.media.container import BadMedia

FONTS = Path(__file__).parents[1] / "fonts"
SANS = FONTS / "SourceSans3VF-Upright.ttf"
WIDE = FONTS / "DejaVuSans.ttf"
"""Has more scripts than any other here: stands in for letters that a font lacks."""
_WIDE_BOLD = FONTS / "DejaVuSans-Bold.ttf"

SCALE = 4
"""How much larger than they are seen letters are drawn."""

_RIGHT_TO_LEFT = frozenset({"R", "AL", "RLE", "RLO", "RLI", "AN"})
_UNSEEN = frozenset({"Cc", "Cf", "Zs", "Zl", "Zp", "Mn"})


def shapes() -> bool:
    """Whether this machine's Pillow shapes text."""
    return bool(features.check_feature("raqm"))


def needs_shaping(text: str) -> bool:
    """Whether a text is wrong when its letters are only set one behind the other."""
    return any(
        unicodedata.bidirectional(letter) in _RIGHT_TO_LEFT or "\u0900" <= letter <= "\u109f"
        for letter in text
    )


@cache
def letters_in(font: Path) -> frozenset[int]:
    """The code points that a font has.

    Raises:
        BadMedia: it is no font.
        OSError: it cannot be read.
    """
    from fontTools.ttLib import TTFont, TTLibError

    try:
        with font.open("rb") as file, TTFont(file, lazy=True, fontNumber=0) as opened:
            found = opened.getBestCmap()
    except (TTLibError, AssertionError, KeyError, ValueError) as error:
        raise BadMedia("it is no font", font) from error
    if not found:
        raise BadMedia("it has no letters of Unicode", font)
    return frozenset(found)


def lacks(font: Path, text: str) -> str:
    """The letters of a text that a font has no picture of, each once."""
    has = letters_in(font)
    return "".join(
        letter
        for letter in dict.fromkeys(unicodedata.normalize("NFC", text))
        if ord(letter) not in has and unicodedata.category(letter) not in _UNSEEN
    )


def font_for(text: str, own: Path | None, weight: int = 400) -> Path:
    """The font that a text is set in: its own, or where that lacks letters, one that has them."""
    chosen = own or SANS
    missing = lacks(chosen, text)
    if not missing:
        return chosen
    wide = _WIDE_BOLD if weight >= 600 else WIDE
    return wide if len(lacks(wide, text)) < len(missing) else chosen


def remarks(own: Path | None, texts: Iterable[str]) -> dict[str, tuple[str, str]]:
    """What is wrong with texts in a font: for each such text, a sentence, and what to do.

    Args:
        own: the user's font; None for the shipped one.
        texts: what is set in it.

    Raises:
        BadMedia: the font cannot be used.
        OSError: it cannot be read.
    """
    found = {}
    for text in texts:
        chosen = font_for(text, own)
        missing = lacks(chosen, text)
        if missing:
            found[text] = (
                f"{_name(chosen)} has no {_listed(missing)}: an empty box stands there instead.",
                "Name a font that has it: `style: {font: fonts/NAME.ttf}`.",
            )
        elif own and chosen != own:
            message = f"{own.name} has no {_listed(lacks(own, text))}: {_name(chosen)} stands in."
            found[text] = message, "Take another font, or leave these letters out."
        elif needs_shaping(text) and not shapes():
            found[text] = (
                "Pillow finds no libraqm or fribidi here, and sets these letters in the wrong order.",
                "Install fribidi: `apt install libfribidi0`, `brew install fribidi`.",
            )
    return found


def _listed(letters: str) -> str:
    few = [f"`{letter}` (U+{ord(letter):04X})" for letter in letters[:3]]
    more = f" and {len(letters) - 3} more" if len(letters) > 3 else ""
    return ", ".join(few) + more


def _name(font: Path) -> str:
    shipped = {SANS: "Source Sans 3", WIDE: "DejaVu Sans", _WIDE_BOLD: "DejaVu Sans Bold"}
    return shipped.get(font, font.name)


@dataclass(frozen=True)
class Face:
    """A font at a size; lengths are in pixels of the picture.

    Attributes:
        path: the font's file.
        size: of its letters.
        weight: 100 to 900, where it comes in weights.
        spacing: pixels added between letters.
    """

    path: Path
    size: float
    weight: int = 400
    spacing: float = 0.0

    @cached_property
    def _font(self) -> ImageFont.FreeTypeFont:
        engine = ImageFont.Layout.RAQM if shapes() else ImageFont.Layout.BASIC
        font = ImageFont.truetype(self.path, self.size * SCALE, layout_engine=engine)
        try:
            axes = font.get_variation_axes()
        except OSError:  # it comes in one weight only
            return font
        font.set_variation_by_axes([_along(axis, self.weight) for axis in axes])
        return font

    @cached_property
    def cap(self) -> float:
        """How high a capital rises above the line."""
        return -self._font.getbbox("H", anchor="ls")[1] / SCALE

    @cached_property
    def drop(self) -> float:
        """How far a letter falls below the line."""
        return self._font.getbbox("p", anchor="ls")[3] / SCALE

    def length(self, line: str) -> float:
        """How long a line is."""
        if not self._spaced(line):
            return self._font.getlength(line) / SCALE
        return self._font.getlength(line, features=_apart()) / SCALE + self.spacing * (
            sum(1 for _ in _clusters(line)) - 1
        )

    def draw(self, onto: Image.Image, line: str, x: float, y: float, stroke: float = 0) -> None:
        """Draw a line; all lengths in the picture's pixels, the plane being larger by `SCALE`.

        Args:
            onto: a plane of light.
            line: the words.
            x: where it starts.
            y: where its letters stand.
            stroke: how far its outline goes beyond the letters.
        """
        pen, wide = ImageDraw.Draw(onto), round(stroke * SCALE)
        at = x * SCALE, y * SCALE
        if not self._spaced(line):
            pen.text(at, line, 255, self._font, anchor="ls", stroke_width=wide)
            return
        before = ""
        for number, cluster in enumerate(_clusters(line)):
            # What a letter adds to the line, kerning included, is where the next one stands.
            along = self._font.getlength(before + cluster, features=_apart())
            along -= self._font.getlength(cluster, features=_apart())
            place = at[0] + along + number * self.spacing * SCALE
            pen.text((place, at[1]), cluster, 255, self._font, anchor="ls", stroke_width=wide)
            before += cluster

    def _spaced(self, line: str) -> bool:
        # Letters that are joined are not drawn apart.
        return bool(self.spacing) and not needs_shaping(line)


def wrapped(text: str, face: Face, width: float, *, hard: bool = False) -> list[str]:
    """A text as lines of at most a width, as even as they can be.

    A single word may be longer, unless `hard` has such words broken too.
    """
    lines: list[str] = []
    for paragraph in text.split("\n"):
        words = list(_words(" ".join(paragraph.split())))
        if hard:
            words = [part for word in words for part in _broken(word, face, width)]
        fewest = len(_filled(words, face, width))
        low, high = 0.0, width
        # The narrowest block with no more lines: none is left with a single word.
        while fewest > 1 and high - low > 1:
            middle = (low + high) / 2
            if len(_filled(words, face, middle)) > fewest:
                low = middle
            else:
                high = middle
        lines += _filled(words, face, high)
    return lines


def _filled(words: list[str], face: Face, width: float) -> list[str]:
    lines: list[str] = []
    line = ""
    for word in words:
        if line and face.length((line + word).rstrip()) > width:
            lines.append(line.rstrip())
            line = ""
        line += word
    return [*lines, line.rstrip()]


def _broken(word: str, face: Face, width: float) -> list[str]:
    """A word in parts of at most a width."""
    parts = [""]
    for cluster in _clusters(word):
        if parts[-1] and face.length((parts[-1] + cluster).rstrip()) > width:
            parts.append("")
        parts[-1] += cluster
    return parts


def _words(text: str) -> Iterator[str]:
    """The parts of a text between which a line may end; each with the space behind it."""
    word = ""
    for letter in text:
        word += letter
        if letter == " " or unicodedata.east_asian_width(letter) in "WF":
            yield word
            word = ""
    if word:
        yield word


def _clusters(line: str) -> Iterator[str]:
    """What stands together as one letter: a letter with its marks."""
    cluster = ""
    for letter in line:
        joins = unicodedata.category(letter) in {"Mn", "Mc", "Me", "Cf"}
        if cluster and not (joins or cluster.endswith("\u200d")):
            yield cluster
            cluster = ""
        cluster += letter
    if cluster:
        yield cluster


def _along(axis: ImageFont.Axis, weight: int) -> float:
    """Where on one of its axes a font is taken: on that of its weight as wanted."""
    least, most, usual = axis["minimum"] or 0, axis["maximum"] or 0, axis["default"] or 0
    return min(max(weight, least), most) if axis["name"] == b"Weight" else usual


def _apart() -> list[str] | None:
    """Letters that are drawn apart are not tied together."""
    return ["-liga", "-clig"] if shapes() else None
