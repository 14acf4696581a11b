"""The frames of a cut by what is done for them: one shot seen, two at once, something drawn over them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from storyboard.overlays import Shade
from storyboard.timeline import Edit, Event, nearest_frame, overlap


@dataclass(frozen=True, slots=True)
class Span:
    """Frames of a cut that show one event, or the two of which one goes over into the other.

    Attributes:
        before: the event that is left; None where one is seen alone.
        event: the one that is seen, or come to.
    """

    start: int
    stop: int
    before: Event | None
    event: Event


def spans(edit: Edit) -> Iterator[Span]:
    """The whole cut in order, every frame in one span.

    Raises:
        ValueError: two transitions meet within a shot.
    """
    shared = [0, *(overlap(*pair) for pair in pairwise(edit.events)), 0]
    before: Event | None = None
    for event, (lead, tail) in zip(edit.events, pairwise(shared), strict=True):
        start, stop = event.record_in + lead, event.record_out - tail
        if start > stop:
            raise ValueError(f"the transitions into and out of shot {event.shot!r} overlap")
        if lead:
            yield Span(event.record_in, start, before, event)
        if start < stop:
            yield Span(start, stop, None, event)
        before = event


def shades(edit: Edit) -> tuple[Shade, ...]:
    """Every fade of a cut's picture, those at its ends too."""
    up, down = (nearest_frame(fade, edit.fps) for fade in (edit.fade_in, edit.fade_out))
    ends = (Shade(0, up, edit.color), Shade(edit.frames, edit.frames - down, edit.color))
    return (*(shade for shade in ends if shade.frames), *edit.shades)


def touched(edit: Edit) -> tuple[range, ...]:
    """The frames of a cut on which something is drawn: they cannot be copied from a clip.

    Whatever `media.reel.pictures` draws over the picture of a shot must be
    told here; what lies outside is copied as the clip has it.
    """
    matched = (
        range(event.record_in, event.record_out if gone is None else min(gone, event.record_out))
        for event in edit.events
        if event.match and ((gone := event.match.gone) is None or gone > event.record_in)
    )
    return (*(shade.frames for shade in shades(edit)), *edit.worded, *matched)
