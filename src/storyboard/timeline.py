"""The edit: what is seen and heard when, exact to the frame.

`lay_out` turns shots with their durations and joins into events on the cut's
frame grid. Times are added up as rationals and rounded once, on the running
total, so that rounding never adds up: a film of cuts lasts exactly the sum.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

from storyboard.digest import Digestible
from storyboard.model import JoinKind, Loudness, Seconds, Size, Transition, Trim
from storyboard.overlays import Caption, Chapter, Overlay, Shade


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


def timecode(frame: int, fps: Fraction) -> str:
    """A frame of a cut as people name it, `00:01:02:15`; of 23.976 a second, counted as of 24."""
    seconds, frames = divmod(frame, max(1, round(fps)))
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}:{frames:02}"


def piece_at(pieces: Sequence[Piece], time: Seconds) -> tuple[Piece, Seconds]:
    """The piece that shows a shot's time, and the time within its clip (0 for a still).

    Times before the first piece or past the last one belong to those.
    """
    chosen = pieces[0]
    for piece in pieces:
        if piece.starts <= time:
            chosen = piece
    return chosen, Fraction(0) if chosen.still else (time - chosen.starts) * chosen.speed
