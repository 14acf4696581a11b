"""The edit: what is seen and heard when, exact to the frame.

`lay_out` turns shots with their durations and joins into events on the cut's
frame grid. Times are added up as rationals and rounded once, on the running
total, so that rounding never adds up: a film of cuts lasts exactly the sum.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import pairwise

from storyboard.digest import Digestible
from storyboard.letters import Letters
from storyboard.model import JoinKind, Loudness, Seconds, Size, Transition, Trim


@dataclass(frozen=True, slots=True)
class Piece:
    """One clip's share of a shot.

    Attributes:
        clip: the role of the input that the clip is (`clip 3`).
        starts: where in the shot's time its first frame stands.
        lasts: how much of the shot it fills.
        speed: seconds of the clip that pass in a second of the shot; not 1
            where a clip is retimed so that its end is kept.
        still: whether the input is a picture, shown for the whole of `lasts`.
    """

    clip: str
    starts: Seconds
    lasts: Seconds
    speed: Fraction = Fraction(1)
    still: bool = False

    def canonical(self) -> Digestible:
        """What a key holds of it."""
        return [self.clip, self.starts, self.lasts, self.speed, self.still]


@dataclass(frozen=True, slots=True)
class Take:
    """A shot as it goes into the edit, before it has a place there."""

    shot: str
    scene: str
    pieces: tuple[Piece, ...]
    duration: Seconds
    trim: Trim
    transition: Transition
    fit: str
    focus: tuple[Fraction, Fraction]

    @property
    def shown(self) -> Seconds:
        """How long it is in the cut, its trims taken off."""
        end = self.duration if self.trim.end is None else self.trim.end
        return end - self.trim.start


@dataclass(frozen=True, slots=True)
class Match:
    """A shot's colours are matched to those of another picture.

    Attributes:
        clip: the role of the clip that the other picture is in, and `at` its time there.
        own: the role of the shot's own clip, of which the frame at `own_at` is compared.
        full: the cut's frame on which the match is whole.
        gone: the one by which nothing of it is left; None where it stays.
    """

    clip: str
    at: Seconds
    own: str
    own_at: Seconds
    full: int
    gone: int | None

    def weight(self, frame: int) -> float:
        """How much of it there is on a frame of the cut, from 0 to 1: it goes smoothly."""
        if self.gone is None or frame <= self.full:
            return 1.0
        along = min(1.0, (frame - self.full) / (self.gone - self.full))
        return 1 - along * along * (3 - 2 * along)

    def moved(self, by: int) -> Match:
        """The same, in a cut that begins so many frames earlier."""
        gone = None if self.gone is None else self.gone + by
        return replace(self, full=self.full + by, gone=gone)

    def canonical(self) -> Digestible:
        """What a key holds of it."""
        return [self.clip, self.at, self.own, self.own_at, self.full, self.gone]


@dataclass(frozen=True, slots=True)
class Event:
    """A shot in its place in the cut.

    Attributes:
        record_in: the cut's frame on which it starts.
        record_out: the cut's frame before which it ends.
        source_in: the shot's time that stands on `record_in`.
        join: how it follows the event before; its overlap is the frames that
            both events cover.
        match: whose colours it takes on.
    """

    shot: str
    scene: str
    pieces: tuple[Piece, ...]
    record_in: int
    record_out: int
    source_in: Seconds
    join: Transition
    fit: str
    focus: tuple[Fraction, Fraction]
    match: Match | None = None

    def canonical(self) -> Digestible:
        """What a key holds of it: nothing of the shot's name."""
        join = self.join
        match: dict[str, Digestible] = {"match": self.match.canonical()} if self.match else {}
        return match | {
            "pieces": [piece.canonical() for piece in self.pieces],
            "record": [self.record_in, self.record_out],
            "source_in": self.source_in,
            "join": [join.kind.value, join.color, join.direction, join.file, join.audio],
            "fit": self.fit,
            "focus": list(self.focus),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundEvent:
    """Sound laid under the cut; times in seconds of the cut and of the input.

    Attributes:
        clip: the role of the input.
        starts: the time of the cut at which it begins; may lie before the cut.
        source_in: the input's time that is heard there.
        lasts: how much of the input is used, and is repeated by a loop.
        duck_db: how much it gives way to dialogue and to sounds that lead.
        speed: seconds of the input that pass in a second.
        leads: whether soundtracks give way to it.
    """

    clip: str
    starts: Seconds
    source_in: Seconds = Fraction(0)
    lasts: Seconds
    gain_db: Fraction = Fraction(0)
    fade_in: Seconds = Fraction(0)
    fade_out: Seconds = Fraction(0)
    loop: bool = False
    duck_db: Fraction = Fraction(0)
    speed: Fraction = Fraction(1)
    leads: bool = False

    def canonical(self) -> Digestible:
        """What a key holds of it."""
        return [
            self.clip, self.starts, self.source_in, self.lasts, self.gain_db, self.fade_in,
            self.fade_out, self.loop, self.duck_db, self.speed, self.leads,
        ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Overlay:
    """Words on the picture, in their place in the cut.

    Attributes:
        record_in: the cut's frame on which they appear.
        record_out: the cut's frame before which they are gone.
        text: one or several lines; a line that is too long is broken.
        position: where they stand: `lower-third`.
        letters: how they look.
        font: the role of the input that their font is; None for the shipped one.
        fade_in, fade_out: frames over which they come and go.
    """

    record_in: int
    record_out: int
    text: str
    position: str
    letters: Letters
    font: str | None = None
    fade_in: int = 0
    fade_out: int = 0

    def canonical(self) -> Digestible:
        """What a key holds of it. Its font's file is an input."""
        return {
            "record": [self.record_in, self.record_out],
            "text": self.text,
            "position": self.position,
            "letters": {**self.letters.canonical(), "font": self.font},
            "fades": [self.fade_in, self.fade_out],
        }

    def shown(self, frame: int) -> float:
        """How strongly it stands on a frame of the cut, from 0 to 1; in the middle of the frame."""
        if not self.record_in <= frame < self.record_out:
            return 0.0
        since, left = frame - self.record_in + 0.5, self.record_out - frame - 0.5
        up = min(1.0, since / self.fade_in) if self.fade_in else 1.0
        down = min(1.0, left / self.fade_out) if self.fade_out else 1.0
        return min(up, down)


@dataclass(frozen=True, slots=True)
class Caption:
    """What is said, from one frame of the cut up to another, for a track of subtitles."""

    record_in: int
    record_out: int
    text: str

    def canonical(self) -> Digestible:
        """What a key holds of it."""
        return [self.record_in, self.record_out, self.text]


@dataclass(frozen=True, slots=True)
class Chapter:
    """A part of the cut, from a frame up to the next chapter's."""

    record_in: int
    title: str

    def canonical(self) -> Digestible:
        """What a key holds of it."""
        return [self.record_in, self.title]


@dataclass(frozen=True, slots=True)
class Shade:
    """The picture comes out of a colour, or goes into it, from one frame boundary to another.

    Attributes:
        silent: the boundary at which only the colour is seen.
        full: the one at which the picture is clear; before `silent` where it goes.
    """

    silent: int
    full: int
    color: str = "black"

    @property
    def frames(self) -> range:
        """The frames that it changes."""
        return range(min(self.silent, self.full), max(self.silent, self.full))


@dataclass(frozen=True, slots=True)
class Edit:
    """A cut, or a run of its frames: what is seen, heard and read when, the canvas and the rate.

    Attributes:
        spoken: the stretches of dialogue: from, to.
        shades: fades of the picture, beside those that `fade_in` and `fade_out`
            are; a run of a cut has what of the cut's fades falls on it.
    """

    size: Size
    fps: Fraction
    events: tuple[Event, ...]
    sounds: tuple[SoundEvent, ...] = ()
    spoken: tuple[tuple[Seconds, Seconds], ...] = ()
    loudness: Loudness = field(default_factory=Loudness)
    overlays: tuple[Overlay, ...] = ()
    captions: tuple[Caption, ...] = ()
    chapters: tuple[Chapter, ...] = ()
    fade_in: Seconds = Fraction(0)
    fade_out: Seconds = Fraction(0)
    color: str = "black"
    shades: tuple[Shade, ...] = ()

    @property
    def frames(self) -> int:
        """How many frames the cut has."""
        return self.events[-1].record_out if self.events else 0

    @property
    def duration(self) -> Seconds:
        """How long the cut is: a whole number of frames."""
        return self.frames / self.fps

    @property
    def worded(self) -> tuple[range, ...]:
        """The frames that overlays touch: ranges in order, apart from each other."""
        merged: list[range] = []
        for one in sorted(self.overlays, key=lambda overlay: overlay.record_in):
            if merged and one.record_in <= merged[-1].stop:
                merged[-1] = range(merged[-1].start, max(merged[-1].stop, one.record_out))
            elif one.record_in < one.record_out:
                merged.append(range(one.record_in, one.record_out))
        return tuple(merged)

    def canonical(self) -> dict[str, Digestible]:
        """What the cut's key holds, beside the digests of its inputs."""
        return {
            "size": str(self.size),
            "fps": self.fps,
            "events": [event.canonical() for event in self.events],
            "sounds": [sound.canonical() for sound in self.sounds],
            "spoken": [list(stretch) for stretch in self.spoken],
            "loudness": [self.loudness.target, self.loudness.true_peak],
            "overlays": [overlay.canonical() for overlay in self.overlays],
            "captions": [caption.canonical() for caption in self.captions],
            "chapters": [chapter.canonical() for chapter in self.chapters],
            "fades": [self.fade_in, self.fade_out, self.color],
            "shades": [[shade.silent, shade.full, shade.color] for shade in self.shades],
        }


@dataclass(frozen=True, slots=True)
class Span:
    """Frames of a cut that show one event, or the two of which one goes over into the other.

    Attributes:
        before: the event that is left; None where one is seen alone.
        event: the one that is seen, or come to.
    """

    start: int
    stop: int
    before: Event | None
    event: Event


def spans(edit: Edit) -> Iterator[Span]:
    """The whole cut in order, every frame in one span.

    Raises:
        ValueError: two transitions meet within a shot.
    """
    shared = [0, *(overlap(*pair) for pair in pairwise(edit.events)), 0]
    before: Event | None = None
    for event, (lead, tail) in zip(edit.events, pairwise(shared), strict=True):
        start, stop = event.record_in + lead, event.record_out - tail
        if start > stop:
            raise ValueError(f"the transitions into and out of shot {event.shot!r} overlap")
        if lead:
            yield Span(event.record_in, start, before, event)
        if start < stop:
            yield Span(start, stop, None, event)
        before = event


def shades(edit: Edit) -> tuple[Shade, ...]:
    """Every fade of a cut's picture, those at its ends too."""
    up, down = (nearest_frame(fade, edit.fps) for fade in (edit.fade_in, edit.fade_out))
    ends = (Shade(0, up, edit.color), Shade(edit.frames, edit.frames - down, edit.color))
    return (*(shade for shade in ends if shade.frames), *edit.shades)


def touched(edit: Edit) -> tuple[range, ...]:
    """The frames of a cut on which something is drawn: they cannot be copied from a clip.

    Whatever `media.reel.pictures` draws over the picture of a shot must be
    told here; what lies outside is copied as the clip has it.
    """
    matched = (
        range(event.record_in, event.record_out if gone is None else min(gone, event.record_out))
        for event in edit.events
        if event.match and ((gone := event.match.gone) is None or gone > event.record_in)
    )
    return (*(shade.frames for shade in shades(edit)), *edit.worded, *matched)


def lay_out(takes: Iterable[Take], fps: Fraction) -> tuple[Event, ...]:
    """Place shots one behind the other on the frame grid of `fps`.

    A join with an overlap begins that much before the shot before it ends.
    """
    events: list[Event] = []
    clock = Fraction(0)
    for take in takes:
        overlaps = events and take.transition.kind is not JoinKind.CUT
        start = clock - take.transition.duration if overlaps else clock
        end = start + take.shown
        events.append(
            Event(
                shot=take.shot,
                scene=take.scene,
                pieces=take.pieces,
                record_in=nearest_frame(start, fps),
                record_out=nearest_frame(end, fps),
                source_in=take.trim.start,
                join=take.transition if events else Transition(),
                fit=take.fit,
                focus=take.focus,
            )
        )
        clock = end
    return tuple(events)


def frame_of(event: Event, frame: int, fps: Fraction) -> tuple[Piece, Seconds]:
    """The piece that an event shows on a frame of the cut, and the time within its clip."""
    return piece_at(event.pieces, event.source_in + (frame - event.record_in) / fps)


def overlap(before: Event, after: Event) -> int:
    """How many frames two neighbours share."""
    return 0 if after.join.kind is JoinKind.CUT else max(0, before.record_out - after.record_in)


def nearest_frame(seconds: Seconds, fps: Fraction) -> int:
    """The frame boundary nearest to a time; halves go up."""
    # In whole numbers: sums of fractions take most of the time of laying out a film.
    above, below = seconds.numerator * fps.numerator, seconds.denominator * fps.denominator
    return (2 * above + below) // (2 * below)


def piece_at(pieces: Sequence[Piece], time: Seconds) -> tuple[Piece, Seconds]:
    """The piece that shows a shot's time, and the time within its clip (0 for a still).

    Times before the first piece or past the last one belong to those.
    """
    chosen = pieces[0]
    for piece in pieces:
        if piece.starts <= time:
            chosen = piece
    return chosen, Fraction(0) if chosen.still else (time - chosen.starts) * chosen.speed
