"""Clips to cut, cuts of them, and films read back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import av
import numpy as np
from odd_clips import draw_number, read_number

from storyboard.film_file import FilmFile
from storyboard.graph import Given, Made
from storyboard.media.conform import conform
from storyboard.media.encode import ClipWriter
from storyboard.media.hearing import make_sound
from storyboard.media.mix import mix
from storyboard.media.pcm import decode_sound
from storyboard.media.stitch import stitch
from storyboard.model import JoinKind, Size, Transition, Trim
from storyboard.passages import Clash, passages
from storyboard.provider import Report
from storyboard.sounding import sound_actions
from storyboard.timeline import Edit, Piece, SoundEvent, Take, lay_out
from storyboard.track import Track
from storyboard.voicing import track_of

CANVAS = Size(160, 96)
FILM = Fraction(24)
RATE = 48_000

Draw = Callable[[int], np.ndarray]


def flat(level: int, size: Size = CANVAS) -> Draw:
    return lambda _: np.full((size.height, size.width, 3), level, np.uint8)


def make_clip(
    path: Path,
    count: int = 25,
    *,
    first: int = 0,
    fps: Fraction = FILM,
    size: Size = CANVAS,
    sound: np.ndarray | None = None,
    draw: Draw | None = None,
) -> Path:
    """A clip whose frames are numbered from `first` on: a second, and the hand-over frame."""
    draw = draw or (lambda number: draw_number(number, size.width, size.height))
    with ClipWriter(path, size, fps, sound=sound is not None) as clip:
        if sound is not None:
            clip.write_sound(sound)
        for number in range(first, first + count):
            clip.write_rgb(draw(number))
    return path


def join(kind: str = "cut", seconds: str | int = 0, **more: Any) -> Transition:
    return Transition(JoinKind(kind), Fraction(seconds), **more)


def piece(clip: str, starts: str | int = 0, lasts: str | int = 1, **more: Any) -> Piece:
    return Piece(clip, Fraction(starts), Fraction(lasts), **more)


def shot(
    *pieces: Piece | str,
    duration: str | int | None = None,
    transition: Transition | None = None,
    trim: tuple[str, str] | None = None,
    fit: str = "pad",
    focus: tuple[Fraction, Fraction] = (Fraction(1, 2), Fraction(1, 2)),
) -> Take:
    """A shot of pieces; a role alone is a piece of a second."""
    whole = tuple(piece(part) if isinstance(part, str) else part for part in pieces)
    return Take(
        shot=f"of {whole[0].clip}",
        scene="scene",
        pieces=whole,
        duration=whole[-1].starts + whole[-1].lasts if duration is None else Fraction(duration),
        trim=Trim(*map(Fraction, trim)) if trim else Trim(),
        transition=transition or Transition(),
        fit=fit,
        focus=focus,
    )


def cut_of(
    takes: Sequence[Take], *, fps: Fraction = FILM, size: Size = CANVAS, **more: Any
) -> Edit:
    return Edit(size=size, fps=fps, events=lay_out(takes, fps), **more)


def sound_event(clip: str, starts: str | int = 0, lasts: str | int = 10, **more: Any) -> SoundEvent:
    return SoundEvent(clip=clip, starts=Fraction(starts), lasts=Fraction(lasts), **more)


class Heard:
    """The sound of a cut, its inputs decoded once."""

    def __init__(self, edit: Edit, inputs: Mapping[str, Path], folder: Path) -> None:
        track = track_of(edit)
        names = {sound: f"{sound[0]} x {float(sound[1])}" for sound in track.sounds}
        self.track = track.named(names)
        self.decoded = {name: folder / f"{name}.decoded" for name in names.values()}
        for (role, speed), name in names.items():
            if not self.decoded[name].exists():
                decode_sound(inputs[role], self.decoded[name], speed)

    def of(self, track: Track, start: int, stop: int) -> np.ndarray:
        return mix(track, self.decoded, start, stop)

    def __call__(self, start: int = 0, stop: int | None = None) -> np.ndarray:
        return mix(self.track, self.decoded, start, self.track.samples if stop is None else stop)


@dataclass(frozen=True)
class Film:
    """A film, decoded strictly."""

    path: Path

    @cached_property
    def pictures(self) -> list[np.ndarray]:
        return [frame.to_ndarray(format="rgb24").astype(int) for frame in self.frames]

    @cached_property
    def frames(self) -> list[av.VideoFrame]:
        with av.open(str(self.path)) as container:
            container.streams.video[0].codec_context.options = {"err_detect": "explode"}
            return list(container.decode(video=0))

    @cached_property
    def numbers(self) -> list[int]:
        return [read_number(picture) for picture in self.pictures]

    @cached_property
    def sound(self) -> np.ndarray:
        """n x 2, as a player hears it."""
        with av.open(str(self.path)) as container:
            stream = container.streams.audio[0]
            stream.codec_context.options = {"err_detect": "explode"}
            frames = list(container.decode(stream))
        assert frames[0].pts == 0
        return np.concatenate([frame.to_ndarray() for frame in frames], axis=1).T


def stitched(edit: Edit, inputs: Mapping[str, Path], destination: Path) -> Film:
    """The film of a cut."""
    put_together(edit, inputs, destination, lambda _: None)
    return Film(destination)


def put_together(edit: Edit, inputs: Mapping[str, Path], destination: Path, report: Report) -> None:
    """Make a cut's film as a build does it, piece by piece."""
    with TemporaryDirectory() as pieces:
        made = rendered(edit, inputs, Path(pieces), report)
        try:
            write_film(edit, made, destination, report)
        except Clash as clash:
            for number in clash.passages:
                passage = list(passages(edit))[number - 1]
                its = {own: inputs[role] for own, role in passage.roles.items()}
                conform(passage.edit, its, made[f"piece {number}"], report, copies=False)
            write_film(edit, made, destination, report)


def write_film(edit: Edit, made: Mapping[str, Path], destination: Path, report: Report) -> None:
    """Join a film from what it is made of."""
    with FilmFile(destination) as film:
        stitch(edit, made, film, report)


def rendered(
    edit: Edit, inputs: Mapping[str, Path], pieces: Path, report: Report
) -> dict[str, Path]:
    """A cut's files, its pieces too, which are made in a folder."""
    made = dict(inputs)
    for number, passage in enumerate(passages(edit), 1):
        made[f"piece {number}"] = pieces / f"piece {number}"
        its = {own: inputs[role] for own, role in passage.roles.items()}
        conform(passage.edit, its, made[f"piece {number}"], report, doubted=its)
    return made | tracks(edit, inputs, pieces)


def tracks(edit: Edit, inputs: Mapping[str, Path], folder: Path) -> dict[str, Path]:
    """The chunks of a cut's sound, made step by step in a folder."""
    given = {role: Given(str(path), "") for role, path in inputs.items()}
    sound = sound_actions("main", edit, given, (), "1")
    made: dict[str, Path] = {}
    for number, action in enumerate(sound.actions):
        its = {
            role: made[source.action] if isinstance(source, Made) else Path(source.path)
            for role, source in action.inputs.items()
        }
        made[action.id] = folder / f"sound {number}"
        make_sound(action.work, its, made[action.id])
    return {f"track {number}": made[chunk.id] for number, chunk in enumerate(sound.chunks, 1)}


def tone(
    seconds: float, frequency: float = 440, *, level: float = 0.3, phase: float = 0
) -> np.ndarray:
    """A sine on both channels: n x 2."""
    times = np.arange(round(seconds * RATE)) / RATE
    wave = level * np.sin(2 * np.pi * frequency * times + phase)
    return np.repeat(wave[:, None], 2, axis=1).astype(np.float32)


def with_beep(seconds: float, at: float, frequency: float = 2000) -> np.ndarray:
    """Silence with a beep of 20 ms in it."""
    sound = np.zeros((round(seconds * RATE), 2), np.float32)
    beep = tone(0.02, frequency, level=0.8, phase=np.pi / 2)
    sound[round(at * RATE) :][: len(beep)] = beep
    return sound


def onsets(sound: np.ndarray, loud: float = 0.25, apart: float = 0.1) -> list[float]:
    """When it gets loud after it was quiet, in seconds."""
    places = np.flatnonzero(np.abs(sound).max(axis=1) > loud)
    starts = places[np.diff(places, prepend=-RATE) > apart * RATE]
    return [float(place) / RATE for place in starts]


def rms(sound: np.ndarray) -> float:
    return float(np.sqrt(np.mean(np.square(sound, dtype=float))))


def largest_step(sound: np.ndarray) -> float:
    return float(np.abs(np.diff(sound, axis=0)).max())


def write_wav(path: Path, sound: np.ndarray, rate: int = RATE) -> Path:
    """Samples as 16-bit WAV; n x channels."""
    import wave

    with wave.open(str(path), "wb") as file:
        file.setparams((sound.shape[1], 2, rate, 0, "NONE", ""))
        file.writeframes((np.clip(sound, -1, 1) * 32767).round().astype("<i2").tobytes())
    return path
