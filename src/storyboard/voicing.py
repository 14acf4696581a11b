"""From the edit of a cut to its track: which voices are heard when, and how they meet.

Where a hard cut would click, one sound goes over into the other within 10 ms;
the earlier one has them in its hand-over frame. Where shots overlap they fade
over the whole overlap, with equal power. Footage that goes on across a cut is
left as it is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from typing import Final

from storyboard.timeline import Edit, Event, SoundEvent, overlap
from storyboard.track import SOUND_RATE, Loop, Ramp, Track, Voice, samples_of

_JOIN: Final = SOUND_RATE // 100
"""Samples in which a sound goes over into the next at a hard cut: 10 ms."""

_RAMP: Final = SOUND_RATE // 200
"""Samples in which a sound that is cut off comes up or goes down: 5 ms."""


def track_of(edit: Edit) -> Track:
    """The sound of a whole cut: as long as its picture."""
    end = samples_of(edit.duration)
    spans = _spans(edit)
    laid = [_laid(sound, end) for sound in edit.sounds]
    _weld(edit.sounds, laid, spans)
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


def _weld(sounds: Iterable[SoundEvent], laid: Iterable[_Span], spans: Iterable[_Span]) -> None:
    """Where a clip's own sound and a laid one are one sound, an L- or a J-cut, nothing fades."""
    heads: defaultdict[int, list[_Span]] = defaultdict(list)
    tails: defaultdict[int, list[_Span]] = defaultdict(list)
    for span in spans:
        heads[span.head.at].append(span)
        tails[span.tail.at].append(span)
    for sound, own in zip(sounds, laid, strict=True):
        if sound.gain_db or sound.loop:
            continue
        for span in tails[own.head.at]:
            if span.goes_on_in(own) and not sound.fade_in:
                span.tail.welded = own.head.welded = True
        for span in heads[own.tail.at]:
            if own.goes_on_in(span) and not sound.fade_out:
                span.head.welded = own.tail.welded = True


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
