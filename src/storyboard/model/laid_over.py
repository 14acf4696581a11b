"""What is laid over shots and cuts: sound, titles, captions."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

from storyboard.letters import Style
from storyboard.model.basics import Anchor, Origin, Seconds, Trim


@dataclass(frozen=True, slots=True)
class Sound:
    """Sound laid under the picture: of a shot, or of a whole cut (its soundtrack)."""

    file: str | None
    shot: str | None = None  # another shot's sound, instead of a file's
    at: Anchor = field(default_factory=Anchor)
    trim: Trim = field(default_factory=Trim)
    gain_db: Fraction = Fraction(0)
    fade_in: Seconds = Fraction(0)
    fade_out: Seconds = Fraction(0)
    loop: bool = False
    duck_db: Fraction = Fraction(0)
    origin: Origin | None = None


@dataclass(frozen=True, slots=True)
class Loudness:
    """How loud a film is to be.

    Attributes:
        target: integrated loudness in LUFS; None leaves it as it is mixed.
        true_peak: dBTP that no peak goes beyond.
    """

    target: Fraction | None = None
    true_peak: Fraction = Fraction(-1)


@dataclass(frozen=True, slots=True)
class Title:
    """Words on the picture. `lasts` is None where they stay to the end."""

    text: str
    at: Anchor = field(default_factory=Anchor)
    lasts: Seconds | None = None
    position: str = "lower-third"
    style: Style = field(default_factory=Style)
    origin: Origin | None = None
    style_origin: Origin | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of dialogue, for captions."""

    by: str | None
    line: str
    at: Seconds | None = None
    lasts: Seconds | None = None
    origin: Origin | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Captions:
    """What becomes of what is said.

    Attributes:
        file: subtitles (.srt, .vtt), instead of the shots' `dialogue`.
        burn: whether they are drawn on the picture, instead of being a track
            of the film and files beside it.
        style: of burnt ones.
    """

    file: str | None = None
    burn: bool = False
    style: Style = field(default_factory=Style)
    origin: Origin | None = field(default=None, compare=False)
    style_origin: Origin | None = field(default=None, compare=False)
