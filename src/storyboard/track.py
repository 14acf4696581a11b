"""The sound of a cut as voices on its 48 kHz grid: what is heard when, exact to the sample.

`Track.around` gives what a stretch of it needs and nothing else, so that a
stretch whose sound did not change is not made again. Positions are samples of
the cut; nothing here reads a file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Final

from storyboard.digest import Digestible
from storyboard.intervals import Intervals
from storyboard.model import Seconds
from storyboard.timeline import nearest_frame

SOUND_RATE: Final = 48_000
"""Samples a second of all sound that is mixed and written."""

HOP: Final = 512
"""Samples for which it is decided at once whether a soundtrack gives way. Stretches
of a track begin at whole hops, so that all of them decide the same."""

DUCK_BEFORE: Final = 20
"""Hops before a sound in which a soundtrack gives way to it: 0.2 s."""

DUCK_AFTER: Final = 75
"""Hops behind a sound until a soundtrack is back: 0.3 s of waiting, 0.5 s of coming up."""

DUCK_WAIT: Final = 28
"""How many of those hops it waits."""

_BIN: Final = 5 * SOUND_RATE
"""Samples by which voices are looked up: about as much as is coded at once."""


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
    _voices: Intervals = field(init=False, repr=False, compare=False)
    _speech: Intervals = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # A film has as many stretches as voices: each looks at its own alone.
        bounds = ((voice.begins, voice.ends) for voice in self.voices)
        object.__setattr__(self, "_voices", Intervals(bounds, _BIN))
        object.__setattr__(self, "_speech", Intervals(self.spoken, _BIN))

    def near(self, first: int, last: int) -> list[Voice]:
        """The voices, in their order, that may be heard in a stretch."""
        return [self.voices[number] for number in self._voices.near(first, last)]

    def speech(self, first: int, last: int) -> list[tuple[int, int]]:
        """The dialogue in a stretch, which it ends and begins with."""
        near = (self.spoken[number] for number in self._speech.near(first, last))
        clipped = ((max(begins, first), min(ends, last)) for begins, ends in near)
        return [(begins, ends) for begins, ends in clipped if begins < ends]

    def around(self, first: int, last: int) -> Track:
        """All that bears on a stretch, with positions from `first` on, a whole hop.

        The stretch may go beyond the track: silence is there.
        """
        if first % HOP:
            raise ValueError(f"{first} is within a hop")
        own = [voice.within(first, last) for voice in self.near(first, last)]
        spoken: list[tuple[int, int]] = []
        if any(voice is not None and voice.duck_db for voice in own):
            # What leads bears on it from afar.
            early, late = first - DUCK_AFTER * HOP, last + (DUCK_BEFORE + 2) * HOP
            own = [
                voice.within(early, late) if voice.leads else voice.within(first, last)
                for voice in self.near(early, late)
            ]
            spoken = self.speech(early, late)
        return Track(
            samples=last - first,
            voices=tuple(voice.moved(-first) for voice in own if voice),
            fades=tuple(ramp.moved(-first) for ramp in self.fades if ramp.bears_on(first, last)),
            spoken=tuple((begins - first, ends - first) for begins, ends in spoken),
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


def samples_of(time: Seconds) -> int:
    """The sample nearest to a time; halves go up."""
    return nearest_frame(time, Fraction(SOUND_RATE))
