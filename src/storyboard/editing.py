"""From a cut of the storyboard to its edit: every shot in its place, every sound at its time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction

from storyboard.model import Cut, CutShot, JoinKind, Seconds, Shot, Sound, Transition
from storyboard.timeline import Edit, Piece, SoundEvent, Take, lay_out


def edit_of(
    cut: Cut, pieces_of: Callable[[Shot], tuple[Piece, ...]], role_of: Callable[[str], str]
) -> Edit:
    """The edit of a cut.

    Args:
        cut: what is seen, in order.
        pieces_of: the clips of a shot, under their roles.
        role_of: the role of a sound file.
    """
    takes = [_take(cut, seen, pieces_of(cut.shots[seen.shot])) for seen in cut.order]
    events = lay_out(takes, cut.fps)
    starts = {event.shot: event.record_in / cut.fps for event in reversed(events)}
    return Edit(
        size=cut.size,
        fps=cut.fps,
        events=events,
        sounds=tuple(
            _sound(sound, role_of(sound.file), starts) for sound in cut.soundtrack if sound.file
        ),
        fade_in=cut.fade_in,
        fade_out=cut.fade_out,
    )


def _take(cut: Cut, seen: CutShot, pieces: tuple[Piece, ...]) -> Take:
    shot = cut.shots[seen.shot]
    return Take(
        shot=shot.id,
        scene=shot.scene,
        pieces=pieces,
        duration=sum((piece.lasts for piece in pieces), Fraction(0)),
        trim=seen.trim or shot.trim,
        transition=_join(shot.transition),
        fit=shot.fit or ("pad" if cut.fit == "regenerate" else cut.fit),
        focus=shot.focus,
    )


def _join(transition: Transition) -> Transition:
    """The join as it is made: a crossfade stands in for a luma dissolve."""
    if transition.kind is JoinKind.LUMA:
        return replace(transition, kind=JoinKind.CROSSFADE, file=None)
    return transition


def _sound(sound: Sound, role: str, starts: Mapping[str, Seconds]) -> SoundEvent:
    return SoundEvent(
        clip=role,
        starts=sound.at.at + (starts[sound.at.shot] if sound.at.shot else 0),
        source_in=sound.trim.start,
        lasts=None if sound.trim.end is None else sound.trim.end - sound.trim.start,
        gain_db=sound.gain_db,
        fade_in=sound.fade_in,
        fade_out=sound.fade_out,
        loop=sound.loop,
    )
