"""Shots, with what they start and end on, and how each follows the one before it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from typing import Literal, TypeAlias

from storyboard.model.basics import Origin, Seconds, Trim
from storyboard.model.laid_over import Line, Sound, Title
from storyboard.source import Plain, Span


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
