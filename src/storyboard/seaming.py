"""What a storyboard says of its seams, as the edit of a cut has it: echoes dropped, colours matched."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

from storyboard.model import Cut, JoinKind, Moment, Shot, ShotFrame
from storyboard.timeline import Event, Match, Take, frame_of, nearest_frame

_RAMP = Fraction(2)
"""Seconds over which a shot that was matched to the one before it comes back to its own colours."""


def without_echoes(
    takes: Sequence[Take], cut: Cut, echoes: Callable[[Shot], bool]
) -> tuple[Take, ...]:
    """Takes of which the first frame is not shown where the shot before has just shown it.

    Args:
        takes: of the cut, in order.
        cut: says of which shots that is wanted: `seam: {echo: drop}`.
        echoes: whether the last frame that a shot shows is the one it hands over.
    """
    shown = [takes[0]] if takes else []
    for before, take in pairwise(takes):
        shot = cut.shots[take.shot]
        echo = (
            shot.seam.echo == "drop"
            and shot.first_frame == ShotFrame(before.shot, Moment.HAND_OVER)
            and take.transition.kind is JoinKind.CUT
            and before.trim.end in {None, before.duration}
            and take.trim.start == 0
            and echoes(cut.shots[before.shot])
        )
        trimmed = replace(take, trim=replace(take.trim, start=1 / cut.fps)) if echo else take
        shown.append(trimmed)
    return tuple(shown)


def matched(events: Sequence[Event], cut: Cut) -> tuple[Event, ...]:
    """Events, each with the picture whose colours it takes on: `seam: {color: previous | scene}`.

    Matched to the shot before it, it goes back to its own colours within two
    seconds; matched to the scene's first, it keeps them.
    """
    matches = (_match(number, events, cut) for number in range(len(events)))
    return tuple(
        replace(event, match=match) if match else event
        for event, match in zip(events, matches, strict=True)
    )


def _match(number: int, events: Sequence[Event], cut: Cut) -> Match | None:
    event = events[number]
    match cut.shots[event.shot].seam.color:
        case "previous" if number:
            other, frame = (
                events[number - 1],
                max(event.record_in - 1, events[number - 1].record_in),
            )
        case "scene":
            other = next(each for each in events if each.scene == event.scene)
            frame = other.record_in
        case _:
            return None
    if other is event:
        return None
    stays = cut.shots[event.shot].seam.color == "scene"
    ramp = min(nearest_frame(_RAMP, cut.fps), event.record_out - event.record_in)
    return _between(other, frame, event, None if stays else event.record_in + ramp, cut.fps)


def _between(other: Event, frame: int, event: Event, gone: int | None, fps: Fraction) -> Match:
    theirs, at = frame_of(other, frame, fps)
    own, own_at = frame_of(event, event.record_in, fps)
    return Match(
        clip=theirs.clip, at=at, own=own.clip, own_at=own_at, full=event.record_in, gone=gone
    )
