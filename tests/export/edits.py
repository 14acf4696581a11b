"""Edits as a storyboard would give them, with what their clips are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from storyboard.export.material import Material, Medium
from storyboard.model import JoinKind, Size, Transition, Trim
from storyboard.timeline import Edit, Piece, SoundEvent, Take, lay_out

FPS = Fraction(24)
CUT = Transition()


def join(kind: str, seconds: Fraction | int, direction: str = "left") -> Transition:
    return Transition(JoinKind(kind), Fraction(seconds), direction=direction)


def shot(
    id_: str,
    seconds: Fraction | int = 5,
    transition: Transition = CUT,
    scene: str = "one",
    trim: Trim | None = None,
    pieces: Sequence[Piece] | None = None,
) -> Take:
    lasts = Fraction(seconds)
    return Take(
        shot=id_,
        scene=scene,
        pieces=tuple(pieces or [Piece(f"clip {id_}", Fraction(0), lasts)]),
        duration=lasts,
        trim=trim or Trim(),
        transition=transition,
        fit="pad",
        focus=(Fraction(1, 2), Fraction(1, 2)),
    )


def edit(
    *shots: Take,
    sounds: Sequence[SoundEvent] = (),
    fades: tuple[int, int] = (0, 0),
    fps: Fraction = FPS,
) -> Edit:
    return Edit(
        size=Size(1280, 720),
        fps=fps,
        events=lay_out(shots, fps),
        sounds=tuple(sounds),
        fade_in=Fraction(fades[0]),
        fade_out=Fraction(fades[1]),
    )


def sound(clip: str, starts: int, *, lasts: int = 8, loop: bool = False) -> SoundEvent:
    return SoundEvent(
        clip=clip,
        starts=Fraction(starts),
        source_in=Fraction(0),
        lasts=Fraction(lasts),
        gain_db=Fraction(-6),
        fade_in=Fraction(0),
        fade_out=Fraction(0),
        loop=loop,
    )


def clip(name: str, seconds: Fraction | int = 5, takes: int = 1) -> Material:
    """A generated clip: one frame longer than it is shown."""
    lasts = Fraction(seconds) + 1 / FPS
    return Material(
        takes={
            f"take {number}": Medium(
                name=f"{name}, take {number}",
                kind="video",
                url=f"media/{name}.take-{number}.mp4",
                rate=FPS,
                lasts=lasts,
            )
            for number in range(1, takes + 1)
        },
        shown=f"take {takes}",
    )


def music(seconds: int) -> Material:
    medium = Medium(
        name="score",
        kind="sound",
        url="media/score.wav",
        rate=Fraction(48_000),
        lasts=Fraction(seconds),
    )
    return Material(takes={"score": medium}, shown="score")


def materials(of: Edit, **others: Material) -> Mapping[str, Material]:
    """A clip for each role of an edit's pictures that is not told otherwise."""
    roles = {piece.clip for event in of.events for piece in event.pieces}
    return {role: clip(role.removeprefix("clip ")) for role in roles} | others
