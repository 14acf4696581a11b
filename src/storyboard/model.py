"""What a storyboard says, in the field's own words, as frozen values.

Times are seconds as exact rationals. Paths are POSIX, relative to the
storyboard's folder. Every shot knows where each of its fields was written.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from typing import Literal, TypeAlias

from storyboard.letters import Style
from storyboard.source import Plain, Span, Via

Seconds: TypeAlias = Fraction


@dataclass(frozen=True, slots=True, order=True)
class Size:
    """A picture's width and height in pixels."""

    width: int
    height: int

    def __str__(self) -> str:
        return f"{self.width}x{self.height}"

    @property
    def aspect(self) -> Fraction:
        """Width over height."""
        return Fraction(self.width, self.height)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a field of a shot comes from.

    Attributes:
        span: where its value is written.
        own: whether the shot or its template says it, so that a model which
            cannot do it is an error; what came from defaults or a profile is
            left out instead.
        via: the way it came, through a template, a loop or a used file.
    """

    span: Span
    own: bool = True
    via: Via | None = None


class Moment(StrEnum):
    """A named instant of a shot that a frame can be taken from."""

    HAND_OVER = "hand-over"  # the frame at `duration`: the first that is not shown
    FIRST = "first"
    LAST = "last"  # the last one shown


@dataclass(frozen=True, slots=True)
class ShotFrame:
    """A frame of another shot; a time is in that shot's seconds, negative from its end."""

    shot: str
    at: Moment | Seconds = Moment.HAND_OVER


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture file of the user's."""

    path: str


@dataclass(frozen=True, slots=True)
class Url:
    """A picture or video that the provider fetches itself; keyed by its text."""

    url: str


@dataclass(frozen=True, slots=True)
class Uploaded:
    """A provider's own id of something uploaded before."""

    media: str


FrameSource: TypeAlias = ShotFrame | Picture | Url | Uploaded


@dataclass(frozen=True, slots=True)
class Segment:
    """One prompt of a shot, with the time that it takes. Its text includes the style."""

    prompt: str
    duration: Seconds
    origin: Origin


@dataclass(frozen=True, slots=True)
class Trim:
    """What an editor leaves of a shot: positions in seconds within it."""

    start: Seconds = Fraction(0)
    end: Seconds | None = None


class JoinKind(StrEnum):
    """How a shot follows the one before it."""

    CUT = "cut"
    CROSSFADE = "crossfade"
    FADE = "fade"
    WIPE = "wipe"
    SLIDE = "slide"
    LUMA = "luma"


@dataclass(frozen=True, slots=True)
class Transition:
    """A join to the shot before. `duration` is the overlap; 0 for a cut."""

    kind: JoinKind = JoinKind.CUT
    duration: Seconds = Fraction(0)
    color: str = "black"
    direction: str = "left"
    file: str | None = None
    audio: Literal["crossfade", "cut"] = "crossfade"


@dataclass(frozen=True, slots=True)
class Seam:
    """How a join hides that two clips meet in it."""

    color: Literal["none", "previous", "scene"] = "none"
    echo: Literal["hold", "drop"] = "hold"


@dataclass(frozen=True, slots=True)
class Motion:
    """Motion control: the video gives the movement and the length."""

    video: Picture | Url | ShotFrame
    orientation: Literal["image", "video"] = "video"
    keep_sound: bool = False


@dataclass(frozen=True, slots=True)
class Anchor:
    """A time in a cut: seconds from its start, or from a shot's."""

    at: Seconds = Fraction(0)
    shot: str | None = None
    origin: Origin | None = field(default=None, compare=False)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """A shot as the film needs it, everything inherited and rendered.

    It has exactly one of `segments`, `clip` and `still`; with `motion`, it has
    one segment whose prompt may be empty.

    Attributes:
        id: its name in the storyboard.
        scene: the id of its scene.
        at: where the shot itself is written.
        duration: how long it is in the cut, before trims; None for a `clip`
            that is as long as its footage.
        first_frame: the picture it starts with, chaining already settled;
            None when it starts fresh.
        chained: whether `first_frame` came from chaining, not from the shot.
        origins: where each field that was given comes from, and some of their
            parts: `first_frame.shot`, `fallback.0`.
    """

    id: str
    scene: str
    at: Span
    duration: Seconds | None
    segments: tuple[Segment, ...] = ()
    clip: str | None = None
    still: str | None = None
    move: str = "none"
    motion: Motion | None = None
    multi_prompt_mode: Literal["auto", "native", "chain"] = "auto"
    negative_prompt: str | None = None
    first_frame: FrameSource | None = None
    chained: bool = False
    last_frame: FrameSource | None = None
    trim: Trim = field(default_factory=Trim)
    aspect_ratio: str | None = None
    audio: bool | None = None
    voices: tuple[str, ...] = ()
    cfg_scale: Fraction | None = None
    model: str = "animatic"
    options: Mapping[str, Mapping[str, Plain]] = field(default_factory=dict)
    fallback: tuple[str, ...] = ()
    variant: int = 0
    rebuild: Literal["follow", "hold"] = "follow"
    transition: Transition = field(default_factory=Transition)
    seam: Seam = field(default_factory=Seam)
    fit: Literal["pad", "crop", "blur"] | None = None
    focus: tuple[Fraction, Fraction] = (Fraction(1, 2), Fraction(1, 2))
    titles: tuple[Title, ...] = ()
    dialogue: tuple[Line, ...] = ()
    sound: tuple[Sound, ...] = ()
    origins: Mapping[str, Origin] = field(default_factory=dict)

    @property
    def shows_color(self) -> bool:
        """Whether its `still` is a colour, not a picture."""
        return self.still is not None and self.still.startswith("#")

    def origin(self, name: str) -> Origin:
        """Where a field, or a part of one, was written; the shot itself where nobody did."""
        whole = name.partition(".")[0]
        return self.origins.get(name) or self.origins.get(whole) or Origin(self.at)


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
