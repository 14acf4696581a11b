"""From a cut of the storyboard to its edit: every shot in its place, every sound at its time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TypeAlias

from storyboard.model import Cut, CutShot, Seconds, Shot, Sound
from storyboard.seaming import matched, without_echoes
from storyboard.timeline import Edit, Piece, SoundEvent, Take, lay_out


@dataclass(frozen=True, slots=True)
class SoundFile:
    """A sound file: the role that it has in the cut, and how long its sound is."""

    role: str
    lasts: Seconds


PiecesOf: TypeAlias = Callable[[Shot], tuple[Piece, ...]]
FileOf: TypeAlias = Callable[[str], SoundFile]


def edit_of(
    cut: Cut,
    pieces_of: PiecesOf,
    file_of: FileOf,
    picture_of: Callable[[str], str],
    echoes: Callable[[Shot], bool],
) -> Edit:
    """The edit of a cut.

    Args:
        cut: what is seen, in order.
        pieces_of: the clips of a shot, under their roles.
        file_of: the sound file of a path.
        picture_of: the role of a picture of a path.
        echoes: whether the last frame that a shot shows is the one it hands over.
    """
    takes = [_take(cut, seen, pieces_of(cut.shots[seen.shot]), picture_of) for seen in cut.order]
    events = matched(lay_out(without_echoes(takes, cut, echoes), cut.fps), cut)
    starts = {event.shot: event.record_in / cut.fps for event in reversed(events)}
    laid = _Laying(cut, pieces_of, file_of)
    return Edit(
        size=cut.size,
        fps=cut.fps,
        events=events,
        sounds=(
            *(
                sound
                for event in events
                for said in cut.shots[event.shot].sound
                for sound in laid.of_shot(said, event.record_in / cut.fps)
            ),
            *(
                laid.soundtrack(said, starts)
                for said in cut.soundtrack
                if said.at.shot is None or said.at.shot in starts
            ),
        ),
        loudness=cut.loudness,
        fade_in=cut.fade_in,
        fade_out=cut.fade_out,
    )


def _fit_of(cut: Cut, shot: Shot) -> str:
    """How a shot fills the canvas that does not say it: a plain colour does so wholly."""
    if shot.shows_color:
        return "crop"
    return "pad" if cut.fit == "regenerate" else cut.fit


def _take(
    cut: Cut, seen: CutShot, pieces: tuple[Piece, ...], picture_of: Callable[[str], str]
) -> Take:
    shot = cut.shots[seen.shot]
    join = shot.transition
    return Take(
        shot=shot.id,
        scene=shot.scene,
        pieces=pieces,
        duration=sum((piece.lasts for piece in pieces), Fraction(0)),
        trim=seen.trim or shot.trim,
        transition=replace(join, file=picture_of(join.file)) if join.file else join,
        fit=shot.fit or _fit_of(cut, shot),
        focus=shot.focus,
    )


@dataclass(frozen=True, slots=True)
class _Laying:
    """Lays sounds under a cut."""

    cut: Cut
    pieces_of: PiecesOf
    file_of: FileOf

    def soundtrack(self, said: Sound, starts: Mapping[str, Seconds]) -> SoundEvent:
        """A sound under the whole cut."""
        at = said.at.at + (starts[said.at.shot] if said.at.shot else 0)
        return replace(self._file(said, at), loop=said.loop, duck_db=said.duck_db)

    def of_shot(self, said: Sound, start: Seconds) -> Iterator[SoundEvent]:
        """A sound of a shot that starts at a time of the cut."""
        at = start + said.at.at
        if said.shot is None:
            yield replace(self._file(said, at), leads=True)
        else:
            yield from self._other(said, self.cut.shots[said.shot], at)

    def _file(self, said: Sound, at: Seconds) -> SoundEvent:
        file = self.file_of(said.file or "")
        end = file.lasts if said.trim.end is None else min(said.trim.end, file.lasts)
        return SoundEvent(
            clip=file.role,
            starts=at,
            source_in=said.trim.start,
            lasts=max(end - said.trim.start, Fraction(0)),
            gain_db=said.gain_db,
            fade_in=said.fade_in,
            fade_out=said.fade_out,
        )

    def _other(self, said: Sound, shot: Shot, at: Seconds) -> Iterator[SoundEvent]:
        """Another shot's own sound: one event for each of its clips that is heard."""
        pieces = self.pieces_of(shot)
        ends = [piece.starts + piece.lasts for piece in pieces]
        start = said.trim.start
        end = ends[-1] if said.trim.end is None else said.trim.end
        # A clip may be longer than its shot: a trim can reach the rest of the last one.
        for piece, stop in zip(pieces, [*ends[:-1], max(end, ends[-1])], strict=True):
            begins, stops = max(start, piece.starts), min(end, stop)
            if begins < stops and not piece.still:
                yield SoundEvent(
                    clip=piece.clip,
                    starts=at + begins - start,
                    source_in=begins - piece.starts,
                    lasts=stops - begins,
                    gain_db=said.gain_db,
                    fade_in=said.fade_in if begins == start else Fraction(0),
                    fade_out=said.fade_out if stops == end else Fraction(0),
                    speed=piece.speed,
                    leads=True,
                )
