"""Cuts, and the storyboard that they are of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal, TypeAlias

from storyboard.letters import Style
from storyboard.model.basics import Anchor, Origin, Seconds, Size, Trim
from storyboard.model.laid_over import Captions, Loudness, Sound, Title
from storyboard.model.shots import Shot
from storyboard.source import Span


@dataclass(frozen=True, slots=True)
class Quality:
    """From where on a join or a chain is worth a look. Distances are Oklab's, times 100.

    Attributes:
        lightness: between the two frames of a chained join; `color`, the same of its colour.
        jump: from one frame to the other, pixel by pixel.
        given: from the picture that a clip was to begin with to its first frame.
        click: a step in the sound beyond those beside it; 2 is full scale.
        drift: of light and colour along a chain.
        sharpness: the share that must be left at a chain's end.
    """

    lightness: Fraction = Fraction(3)
    color: Fraction = Fraction(3)
    jump: Fraction = Fraction(8)
    given: Fraction = Fraction(5)
    click: Fraction = Fraction(1, 10)
    drift: Fraction = Fraction(15)
    sharpness: Fraction = Fraction(1, 2)


CutFit: TypeAlias = Literal["pad", "crop", "blur", "regenerate"]
CutFormat: TypeAlias = Literal["mp4", "webm", "mov", "gif", "webp"]


@dataclass(frozen=True, slots=True)
class CutShot:
    """A shot's place in a cut, with the trim that this cut gives it."""

    shot: str
    trim: Trim | None = None
    origin: Origin | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """One film to be put together.

    Attributes:
        shots: every shot of the storyboard, expanded with this cut's vars;
            those that only hand over a frame included.
        order: the shots that are seen, in order.
        scenes: the ids of the scenes, in order, with their titles.
        dropped: the shots that `when` left out, and where each stands.
        broken: the ids of shots that could not be read, which is reported;
            `*` where there are more whose ids are not known.
        captions: of what is said; None for no captions at all.
        poster: the moment of the picture that is put beside the film.
        origins: where some of its fields were written.
    """

    id: str
    size: Size
    fps: Fraction
    shots: Mapping[str, Shot]
    order: tuple[CutShot, ...]
    scenes: Mapping[str, str] = field(default_factory=dict)
    dropped: Mapping[str, Span] = field(default_factory=dict)
    broken: frozenset[str] = frozenset()
    fit: CutFit = "pad"
    format: CutFormat = "mp4"
    soundtrack: tuple[Sound, ...] = ()
    loudness: Loudness = field(default_factory=Loudness)
    quality: Quality = field(default_factory=Quality)
    titles: tuple[Title, ...] = ()
    captions: Captions | None = field(default_factory=Captions)
    poster: Anchor | None = None
    fade_in: Seconds = Fraction(0)
    fade_out: Seconds = Fraction(0)
    at: Span | None = None
    origins: Mapping[str, Origin] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Storyboard:
    """A whole storyboard, expanded for one profile and one set of values.

    Attributes:
        name: the storyboard file's name without its ending: names the lock
            and the films.
        voices: for each voice, its id with each provider.
        budget: US dollars that the film may cost in all.
        title_styles: the looks of words that it declares.
    """

    name: str
    title: str
    size: Size
    fps: Fraction
    cuts: tuple[Cut, ...]
    profile: str | None = None
    budget: Fraction | None = None
    voices: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    title_styles: Mapping[str, Style] = field(default_factory=dict)
