"""The sound of a cut as voices on its 48 kHz grid: what is heard when, exact to the sample.

`track_of` turns an edit into a track; `Track.around` gives what a stretch of it
needs and nothing else, so that a stretch whose sound did not change is not
made again. Positions are samples of the cut; nothing here reads a file.

Where a hard cut would click, one sound goes over into the other within 10 ms;
the earlier one has them in its hand-over frame. Where shots overlap they fade
over the whole overlap, with equal power. Footage that goes on across a cut is
left as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from typing import Final

from storyboard.digest import Digestible
from storyboard.model import Seconds
from storyboard.timeline import Edit, Event, SoundEvent, nearest_frame, overlap

SOUND_RATE: Final = 48_000
"""Samples a second of all sound that is mixed and written."""

_JOIN: Final = SOUND_RATE // 100
"""Samples in which a sound goes over into the next at a hard cut: 10 ms."""

_RAMP: Final = SOUND_RATE // 200
"""Samples in which a sound that is cut off comes up or goes down: 5 ms."""

HOP: Final = 512
"""Samples for which it is decided at once whether a soundtrack gives way. Stretches
of a track begin at whole hops, so that all of them decide the same."""

DUCK_BEFORE: Final = 20
"""Hops before a sound in which a soundtrack gives way to it: 0.2 s."""

DUCK_AFTER: Final = 75
"""Hops behind a sound until a soundtrack is back: 0.3 s of waiting, 0.5 s of coming up."""

DUCK_WAIT: Final = 28
"""How many of those hops it waits."""


PACKET: Final = 1024
"""Samples in one packet of AAC."""

CHUNK_PACKETS: Final = 234
"""Packets that are coded at once: 4.992 s."""

_PRE_ROLL: Final = 4
"""Packets coded ahead of a chunk and thrown away, so that the coder has found its way."""

MASTER_REACH: Final = 2 * 1024
"""Samples on either side of a stretch that bear on how far its peaks are limited; whole hops."""


METER_STEP: Final = SOUND_RATE // 10
"""Samples after which loudness is measured again."""

METER_RUN_UP: Final = 4 * 8 * METER_STEP
"""Samples before a window that bear on its loudness: 3.2 s, whole steps and whole hops."""

METER_WINDOW: Final = 38 * 8 * METER_STEP
"""Samples of a film whose loudness is measured at once: 30.4 s, whole steps and whole hops."""


@dataclass(frozen=True, slots=True)
class Ramp:
    """Sound that comes up from position `silent` to `full`, or goes down where `full` is first.

    Two that cross add up to the same power, as two sounds want that have
    nothing to do with each other; where they are `even`, to the same gain, so
    that nothing is louder than it was, however alike the two are.
    """

    silent: int
    full: int
    even: bool = False

    def moved(self, by: int) -> Ramp:
        """The same, so much later."""
        return replace(self, silent=self.silent + by, full=self.full + by)

    def silences(self, begins: int, ends: int) -> bool:
        """Whether nothing is heard in a stretch."""
        return ends <= self.silent < self.full or self.full < self.silent <= begins

    def bears_on(self, begins: int, ends: int) -> bool:
        """Whether it changes anything in a stretch."""
        if self.silent < self.full:
            return begins < self.full
        return self.full < ends and self.silent != self.full

    def canonical(self) -> Digestible:
        """What a key holds of it."""
        return [self.silent, self.full, self.even]


@dataclass(frozen=True, slots=True)
class Loop:
    """The part of a sound that is played again and again, in samples of it."""

    starts: int
    lasts: int


@dataclass(frozen=True, slots=True)
class Voice:
    """One stretch of one sound in the mix.

    Attributes:
        clip: the role of the input whose sound it is.
        speed: seconds of it that pass in a second here.
        begins: the sample of the cut on which it starts.
        ends: the one before which it ends.
        source: the sample of the sound that stands on `begins`, counted on
            past the end of a loop.
        ramps: fades; they multiply.
        duck_db: how much it gives way, 0 or less.
        leads: whether others give way to it.
    """

    clip: str
    begins: int
    ends: int
    source: int
    speed: Fraction = Fraction(1)
    gain_db: Fraction = Fraction(0)
    ramps: tuple[Ramp, ...] = ()
    loop: Loop | None = None
    duck_db: Fraction = Fraction(0)
    leads: bool = False

    def within(self, first: int, last: int) -> Voice | None:
        """What of it is heard in a stretch; None where that is nothing."""
        begins, ends = max(self.begins, first), min(self.ends, last)
        if begins >= ends or any(ramp.silences(begins, ends) for ramp in self.ramps):
            return None
        return replace(
            self,
            begins=begins,
            ends=ends,
            source=self.source + begins - self.begins,
            ramps=tuple(ramp for ramp in self.ramps if ramp.bears_on(begins, ends)),
        )

    def moved(self, by: int) -> Voice:
        """The same, so much later."""
        return replace(
            self,
            begins=self.begins + by,
            ends=self.ends + by,
            ramps=tuple(ramp.moved(by) for ramp in self.ramps),
        )

    def canonical(self) -> Digestible:
        """What a key holds of it."""
        return [
            self.clip, self.speed, self.begins, self.ends, self.source, self.gain_db,
            [ramp.canonical() for ramp in self.ramps],
            [self.loop.starts, self.loop.lasts] if self.loop else None,
            self.duck_db, self.leads,
        ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Track:
    """The sound of a cut, or of a stretch of it.

    Attributes:
        samples: how long it is.
        voices: in the order in which they are added up.
        fades: of the whole.
        spoken: where dialogue is, to which soundtracks give way too.
    """

    samples: int
    voices: tuple[Voice, ...]
    fades: tuple[Ramp, ...] = ()
    spoken: tuple[tuple[int, int], ...] = ()

    def around(self, first: int, last: int) -> Track:
        """All that bears on a stretch, with positions from `first` on, a whole hop.

        The stretch may go beyond the track: silence is there.
        """
        if first % HOP:
            raise ValueError(f"{first} is within a hop")
        own = [voice.within(first, last) for voice in self.voices]
        ducked = any(voice is not None and voice.duck_db for voice in own)
        early, late = (first, last)
        if ducked:
            early, late = first - DUCK_AFTER * HOP, last + (DUCK_BEFORE + 2) * HOP
        heard = (
            voice.within(early, late) if voice.leads else mine
            for voice, mine in zip(self.voices, own, strict=True)
        )
        spoken = [(max(a, early), min(b, late)) for a, b in self.spoken] if ducked else []
        return Track(
            samples=last - first,
            voices=tuple(voice.moved(-first) for voice in heard if voice),
            fades=tuple(ramp.moved(-first) for ramp in self.fades if ramp.bears_on(first, last)),
            spoken=tuple((a - first, b - first) for a, b in spoken if a < b),
        )

    def named(self, names: Mapping[tuple[str, Fraction], str]) -> Track:
        """The same of decoded sounds: for the role and speed of each the role of what was decoded."""
        voices = (
            replace(voice, clip=names[voice.clip, voice.speed], speed=Fraction(1))
            for voice in self.voices
        )
        return replace(self, voices=tuple(voices))

    @property
    def sounds(self) -> tuple[tuple[str, Fraction], ...]:
        """The sounds that it is mixed from, each once: the role of the input, and its speed."""
        return tuple(dict.fromkeys((voice.clip, voice.speed) for voice in self.voices))

    def canonical(self) -> dict[str, Digestible]:
        """What a key holds, beside the digests of the sounds."""
        return {
            "samples": self.samples,
            "voices": [voice.canonical() for voice in self.voices],
            "fades": [ramp.canonical() for ramp in self.fades],
            "spoken": [list(stretch) for stretch in self.spoken],
        }


@dataclass(frozen=True, slots=True)
class Master:
    """What is done to the mix as a whole: so much louder, and no true peak beyond a ceiling (dBTP)."""

    gain_db: Fraction = Fraction(0)
    true_peak: Fraction = Fraction(-1)


@dataclass(frozen=True, slots=True)
class Chunk:
    """Packets of a film's sound that are coded together.

    Packet n holds what is needed of the samples from (n - 1) x 1024 to
    (n + 1) x 1024: the coder's windows overlap, and the first packet is a run-up
    that is not heard. The coder also looks one packet ahead.

    Attributes:
        first: the sample of the cut with which the coder begins, a whole packet.
        skips: the packets that it gives first, and that are thrown away.
        packets: how many the chunk has.
    """

    first: int
    skips: int
    packets: int

    @property
    def last(self) -> int:
        """The sample before which the coder ends."""
        return self.first + (self.skips + self.packets + 1) * PACKET

    def heard(self, track: Track) -> Track:
        """All that bears on it; its own first sample stands at `MASTER_REACH`."""
        return track.around(self.first - MASTER_REACH, self.last + MASTER_REACH)


def chunks_of(samples: int) -> Iterator[Chunk]:
    """The chunks of a film's sound, in order, on the same grid whatever its length."""
    packets = -(-samples // PACKET) + 1
    for at in range(0, packets, CHUNK_PACKETS):
        skips = min(at, _PRE_ROLL + 1)
        yield Chunk((at - skips) * PACKET, skips, min(CHUNK_PACKETS, packets - at))


def meter_windows(track: Track) -> Iterator[Track]:
    """What bears on the loudness of each window of a film, `METER_RUN_UP` before it included."""
    for first in range(0, track.samples, METER_WINDOW):
        yield track.around(first - METER_RUN_UP, min(first + METER_WINDOW, track.samples))


def track_of(edit: Edit) -> Track:
    """The sound of a whole cut: as long as its picture."""
    end = samples_of(edit.duration)
    spans = _spans(edit)
    laid = [_laid(sound, end) for sound in edit.sounds]
    for sound, span in zip(edit.sounds, laid, strict=True):
        _weld(sound, span, spans)
    for one, other in pairwise(spans):
        _join(one, other)
    voices = [
        *(span.voice() for span in spans if span.clip is not None),
        *(_sound(*pair) for pair in zip(edit.sounds, laid, strict=True)),
    ]
    fades = (
        Ramp(0, samples_of(edit.fade_in)),
        Ramp(end, end - max(samples_of(edit.fade_out), _RAMP)),  # it may end within a sound
    )
    return Track(
        samples=end,
        voices=tuple(heard for voice in voices if (heard := voice.within(0, end))),
        fades=tuple(ramp for ramp in fades if ramp.silent != ramp.full),
        spoken=tuple((samples_of(starts), samples_of(ends)) for starts, ends in edit.spoken),
    )


def samples_of(time: Seconds) -> int:
    """The sample nearest to a time; halves go up."""
    return nearest_frame(time, Fraction(SOUND_RATE))


@dataclass(slots=True)
class _Side:
    """An end of a span. `welded`: the sound itself goes on there, in another span."""

    at: int
    ramp: Ramp | None = None
    welded: bool = False

    def ramps(self) -> tuple[Ramp, ...]:
        return (self.ramp,) if self.ramp and not self.welded else ()


class _Span:
    """A stretch in which one clip sounds, or none does."""

    def __init__(self, clip: str | None, speed: Fraction, begins: int, ends: int, source: int):
        self.clip = clip
        self.speed = speed
        self.head = _Side(begins)
        self.tail = _Side(ends)
        self.fades: list[Ramp] = []
        self._zero = begins - source  # where the clip's first sample would stand

    @property
    def source(self) -> int:
        """The sample of the clip's sound that stands on its head."""
        return self.head.at - self._zero

    def goes_on_in(self, other: _Span) -> bool:
        """Whether another is this one's very continuation, to the sample or nearly."""
        return (
            self.clip is not None
            and (self.clip, self.speed) == (other.clip, other.speed)
            and self.tail.at == other.head.at
            and abs(self._zero - other._zero) <= 1
        )

    def voice(self) -> Voice:
        """What is heard of it, the ramps at its ends included."""
        head, tail = self.head.ramps(), self.tail.ramps()
        begins = min((ramp.silent for ramp in head), default=self.head.at)
        return Voice(
            clip=self.clip or "",
            speed=self.speed,
            begins=begins,
            ends=max((ramp.silent for ramp in tail), default=self.tail.at),
            source=begins - self._zero,
            ramps=(*head, *self.fades, *tail),
            leads=True,
        )


def _spans(edit: Edit) -> list[_Span]:
    """The clips' own sound, shot by shot."""
    spans: list[_Span] = []
    last: list[_Span] = []  # those of the shot before
    for before, event in zip([None, *edit.events], edit.events, strict=False):
        own = list(_pieces(event, edit.fps))
        shared = overlap(before, event) if before and last and own else 0
        start, stop = (
            samples_of(at / edit.fps) for at in (event.record_in, event.record_in + shared)
        )
        if shared and event.join.audio == "crossfade":
            for span in last:
                span.fades.append(Ramp(stop, start))
            for span in own:
                span.fades.append(Ramp(start, stop))
        elif shared:
            last[-1].tail.at = own[0].head.at = (start + stop) // 2
        for span in own:
            if spans and spans[-1].goes_on_in(span):
                spans[-1].tail = span.tail
                spans[-1].fades += span.fades
            else:
                spans.append(span)
            if spans[-1] not in last:
                last.append(spans[-1])
        last = [span for span in last if span.tail.at > start]
    if spans and spans[0].source > 0:
        spans[0].head.ramp = Ramp(spans[0].head.at, spans[0].head.at + _RAMP)
    return spans


def _pieces(event: Event, fps: Fraction) -> Iterator[_Span]:
    origin, last = (samples_of(frame / fps) for frame in (event.record_in, event.record_out))
    inner = [origin + samples_of(piece.starts - event.source_in) for piece in event.pieces[1:]]
    for piece, (start, stop) in zip(event.pieces, pairwise((origin, *inner, last)), strict=True):
        begins, ends = max(start, origin), min(stop, last)
        if begins < ends:
            source = max(0, samples_of(event.source_in - piece.starts) + begins - origin)
            yield _Span(None if piece.still else piece.clip, piece.speed, begins, ends, source)


def _join(one: _Span, other: _Span) -> None:
    """A hard cut: over into the other, around the cut where the other has sound before it."""
    cut = other.head.at
    if one.tail.at != cut:
        return  # they overlap
    ahead = _JOIN // 2 if other.clip is None else min(other.source, _JOIN // 2)
    one.tail.ramp = Ramp(cut - ahead + _JOIN, cut - ahead, even=True)
    other.head.ramp = Ramp(cut - ahead, cut - ahead + _JOIN, even=True)


def _laid(sound: SoundEvent, end: int) -> _Span:
    """Where a sound lies under the picture, in a film of so many samples."""
    begins = samples_of(sound.starts)
    ends = end if sound.loop else min(begins + samples_of(sound.lasts), end)
    return _Span(sound.clip, sound.speed, begins, ends, samples_of(sound.source_in))


def _weld(sound: SoundEvent, laid: _Span, spans: Iterable[_Span]) -> None:
    """Where a clip's own sound and a laid one are one sound, an L- or a J-cut, nothing fades."""
    if sound.gain_db or sound.loop:
        return
    for span in spans:
        if span.goes_on_in(laid) and not sound.fade_in:
            span.tail.welded = laid.head.welded = True
        if laid.goes_on_in(span) and not sound.fade_out:
            span.head.welded = laid.tail.welded = True


def _sound(sound: SoundEvent, laid: _Span) -> Voice:
    up, down = samples_of(sound.fade_in), samples_of(sound.fade_out)
    if laid.source > 0:
        up = max(up, _RAMP)
    if up:
        laid.head.ramp = Ramp(laid.head.at, laid.head.at + up)
    laid.tail.ramp = Ramp(laid.tail.at, laid.tail.at - max(down, _RAMP))
    return replace(
        laid.voice(),
        gain_db=sound.gain_db,
        loop=Loop(laid.source, samples_of(sound.lasts)) if sound.loop else None,
        duck_db=sound.duck_db,
        leads=sound.leads,
    )
