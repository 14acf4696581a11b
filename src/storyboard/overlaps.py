"""Transitions between shots: whether these have as much to give as the overlaps take."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from storyboard.assets import Assets
from storyboard.diagnostics import Code, Diagnostic
from storyboard.language.saying import lasting, number_said
from storyboard.model import Cut, JoinKind, Moment, Origin, Seconds, Shot, ShotFrame, Trim
from storyboard.rough_cut import length_of
from storyboard.source import Via


def overlaps(cut: Cut, assets: Assets) -> Iterator[Diagnostic]:
    """What is wrong with transitions: more than the shots have to give, or a picture doubled."""
    order = cut.order
    shots = cut.shots
    shown = [_shown(shots[seen.shot], seen.trim, assets) for seen in order if seen.shot in shots]
    overlap_before = Fraction(0)
    for number, seen in enumerate(order):
        shot = shots[seen.shot]
        join = shot.transition
        overlap = Fraction(0) if number == 0 or join.kind is JoinKind.CUT else join.duration
        if overlap:
            origin = shot.origin(f"transition.{join.kind.value}")
            before = order[number - 1].shot
            room = shown[number - 1] - overlap_before
            if overlap > min(room, shown[number]) and min(shown[number - 1], shown[number]) > 0:
                shorter = before if room <= shown[number] else shot.id
                also = (
                    ", its own transition taken off" if shorter == before and overlap_before else ""
                )
                message = (
                    f"The transition lasts {lasting(overlap)}, and `{shorter}` has only "
                    f"{number_said(min(room, shown[number]))} to give{also}."
                )
                help_ = "Make it shorter, or the shot longer."
                way = way_to(origin, shot)
                yield Diagnostic(Code.BAD_OVERLAP, message, origin.span, help_, way)
                overlap = Fraction(0)  # what follows is judged as if it were mended
            if join.kind is JoinKind.CROSSFADE and _continues(shot, before):
                yield Diagnostic(
                    Code.SELF_FADE,
                    f"`{shot.id}` goes on from the last frame of `{before}`: a crossfade doubles the picture.",
                    origin.span,
                    "Use a cut, which cannot be seen here, or `chain: false`.",
                    origin.via,
                )
        overlap_before = overlap


def _shown(shot: Shot, trim: Trim | None, assets: Assets) -> Seconds:
    chosen = trim or shot.trim
    end = chosen.end if chosen.end is not None else length_of(shot, assets)
    return end - chosen.start


def _continues(shot: Shot, before: str) -> bool:
    frame = shot.first_frame
    return isinstance(frame, ShotFrame) and frame.shot == before and frame.at is Moment.HAND_OVER


def way_to(origin: Origin, shot: Shot) -> Via | None:
    """The way to a value; for an inherited one, the shot that it came to."""
    if origin.via or origin.own:
        return origin.via
    return Via(f"in shot `{shot.id}`", shot.at)
