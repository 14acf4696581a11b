"""The sound of a cut as actions: each sound decoded once, the mix measured and coded piece by piece.

    decode ─┬─ measure (a window of 30 s) ─┬─ loudness (the report)
            │                              └─ gain ─┐ (where there is a target)
            └─ sound (a chunk of 5 s) ──────────────┴─ cut

The key of each holds the sounds that bear on its stretch and what is done to
them there, at times counted from the stretch's own beginning: what changes
elsewhere in the film does not touch it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TypeAlias

from storyboard.digest import Digestible
from storyboard.graph import Action, Given, InputSource, Kind, Made, Named
from storyboard.model import Loudness
from storyboard.stretches import PACKET, chunks_of, meter_windows
from storyboard.timeline import Edit
from storyboard.track import SOUND_RATE, Track
from storyboard.voicing import track_of

GAIN = "gain"
"""The role of a chunk's input that says how much louder the film is made."""


@dataclass(frozen=True, slots=True)
class Decode:
    """Decoding a sound, from its beginning to its end: the input `clip`."""

    speed: Fraction
    version: str

    def canonical(self) -> dict[str, Digestible]:
        """What its key holds, beside the digest of the file."""
        return {"speed": self.speed, "version": self.version}


@dataclass(frozen=True, slots=True)
class Measure:
    """Measuring the loudness of a window; `heard` is what bears on it."""

    heard: Track
    version: str

    def canonical(self) -> dict[str, Digestible]:
        """What its key holds, beside the digests of the sounds."""
        return {"measured": self.heard.canonical(), "version": self.version}


@dataclass(frozen=True, slots=True)
class Judge:
    """From the windows of a film, `window 1` …, to its loudness.

    Attributes:
        loudness: what it is to be.
        gain_only: whether only how much louder the film is made is told, so
            that a small change, rounded away, does not go further.
    """

    loudness: Loudness
    gain_only: bool
    version: str

    def canonical(self) -> dict[str, Digestible]:
        """What its key holds, beside the digests of the windows."""
        return {
            "target": self.loudness.target,
            "true_peak": self.loudness.true_peak,
            "gain_only": self.gain_only,
            "version": self.version,
        }


@dataclass(frozen=True, slots=True)
class Code:
    """Mixing and coding a chunk; `heard` is what bears on it, the others are as in `Chunk`."""

    heard: Track
    skips: int
    packets: int
    true_peak: Fraction
    version: str

    def canonical(self) -> dict[str, Digestible]:
        """What its key holds, beside the digests of the sounds."""
        return {
            "heard": self.heard.canonical(),
            "packets": [self.skips, self.packets],
            "true_peak": self.true_peak,
            "version": self.version,
        }


SoundWork: TypeAlias = Decode | Measure | Judge | Code


@dataclass(frozen=True, slots=True)
class SoundActions:
    """What makes the sound of a cut: all of it, and of that the chunks and the report."""

    actions: tuple[Action, ...]
    chunks: tuple[Action, ...]
    loudness: Action


def sound_actions(
    cut: str,
    edit: Edit,
    inputs: Mapping[str, InputSource],
    silent: Collection[str],
    version: str,
) -> SoundActions:
    """Settle what makes the sound of a cut.

    Args:
        cut: its id.
        edit: the cut.
        inputs: by role, the files that the edit names.
        silent: the roles of clips that are known to have no sound.
        version: of the code that does all this.
    """
    track = track_of(edit)
    track = replace(track, voices=tuple(v for v in track.voices if v.clip not in silent))
    decoded = {
        (role, speed): _decode(cut, inputs[role], speed, version) for role, speed in track.sounds
    }
    windows = []
    for number, window in enumerate(meter_windows(track), 1):
        heard, sounds = _named(window, decoded)
        windows.append(
            Action(
                id=f"measure:{cut}#{number}",
                kind=Kind.SOUND,
                work=Measure(heard, version),
                inputs=sounds,
                cuts=(cut,),
            )
        )
    report = Judge(edit.loudness, gain_only=False, version=version)
    loudness = _judge(cut, "loudness", windows, report)
    judges = [loudness]
    gain: dict[str, InputSource] = {}
    if edit.loudness.target is not None:
        judges.append(_judge(cut, "gain", windows, replace(report, gain_only=True)))
        gain[GAIN] = Made(judges[-1].id)
    chunks = []
    for number, chunk in enumerate(chunks_of(track.samples), 1):
        heard, sounds = _named(chunk.heard(track), decoded)
        work = Code(heard, chunk.skips, chunk.packets, edit.loudness.true_peak, version)
        chunks.append(
            Action(
                id=f"sound:{cut}#{number}",
                kind=Kind.SOUND,
                work=work,
                inputs=sounds | gain,
                cuts=(cut,),
                seconds=Fraction(chunk.packets * PACKET, SOUND_RATE),
            )
        )
    once = {action.id: action for action in decoded.values()}
    return SoundActions((*once.values(), *windows, *judges, *chunks), tuple(chunks), loudness)


def _decode(cut: str, source: InputSource, speed: Fraction, version: str) -> Action:
    shot = None
    match source:
        case Made(action):
            name = action.partition(":")[2]
            shot = name.partition("#")[0]
        case Given(path):
            name = path
        case Named(text):
            raise ValueError(f"{text} is not at hand")
    return Action(
        id=f"decode:{name}" if speed == 1 else f"decode:{name}@{float(speed):g}",
        kind=Kind.SOUND,
        work=Decode(speed, version),
        inputs={"clip": source},
        shot=shot,
        cuts=(cut,),
    )


def _judge(cut: str, what: str, windows: Sequence[Action], work: Judge) -> Action:
    inputs = {f"window {number}": Made(each.id) for number, each in enumerate(windows, 1)}
    return Action(id=f"{what}:{cut}", kind=Kind.SOUND, work=work, inputs=inputs, cuts=(cut,))


def _named(
    heard: Track, decoded: Mapping[tuple[str, Fraction], Action]
) -> tuple[Track, dict[str, InputSource]]:
    """A stretch with names of its own for its sounds, so that others' numbers do not matter."""
    names = {sound: f"sound {number}" for number, sound in enumerate(heard.sounds, 1)}
    inputs: dict[str, InputSource] = {
        name: Made(decoded[sound].id) for sound, name in names.items()
    }
    return heard.named(names), inputs
