"""Sounds that a storyboard lays where nobody hears them."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from storyboard.assets import Assets
from storyboard.diagnostics import Code, Diagnostic
from storyboard.model import Cut, Seconds, Sound, Storyboard
from storyboard.rough_cut import can_be_laid_out, laid_out, length_of
from storyboard.source import Span

_HELP = "`at` counts from the start of the shot, in a soundtrack of the film, in seconds."


def unheard(storyboard: Storyboard, assets: Assets) -> Iterator[Diagnostic]:
    """A warning for each sound that no cut lets hear.

    A soundtrack of the storyboard may well be tied to a shot that only one of
    its cuts shows.

    Args:
        storyboard: as `expand` gives it; its references are checked elsewhere.
        assets: what `survey` found of its files.
    """
    found: dict[Span, Diagnostic] = {}
    heard: set[Span] = set()
    for cut in storyboard.cuts:
        if cut.broken or not can_be_laid_out(cut, assets):
            return
        for sound, why in _sounds(cut, assets):
            if sound.origin is None:
                continue
            if why is None:
                heard.add(sound.origin.span)
            else:
                message = f"This sound is never heard: {why}."
                found.setdefault(
                    sound.origin.span,
                    Diagnostic(Code.UNHEARD, message, sound.origin.span, _HELP, sound.origin.via),
                )
    yield from (each for span, each in found.items() if span not in heard)


def _sounds(cut: Cut, assets: Assets) -> Iterator[tuple[Sound, str | None]]:
    """Each sound of a cut, and why it is not heard; None where it is."""
    edit = laid_out(cut, assets)
    for event in edit.events:
        for sound in cut.shots[event.shot].sound:
            yield sound, _why(sound, cut, assets, event.record_in / cut.fps, edit.duration)
    starts = {event.shot: event.record_in / cut.fps for event in reversed(edit.events)}
    for sound in cut.soundtrack:
        if sound.at.shot and sound.at.shot not in cut.shots:
            continue  # told as a wrong name
        if sound.at.shot and sound.at.shot not in starts:
            yield sound, f"`{sound.at.shot}` is not in the cut `{cut.id}`"
        else:
            start = starts[sound.at.shot] if sound.at.shot else Fraction(0)
            yield sound, _why(sound, cut, assets, start, edit.duration)


def _why(sound: Sound, cut: Cut, assets: Assets, start: Seconds, film: Seconds) -> str | None:
    begins = start + sound.at.at
    if begins >= film:
        return f"it begins at {_said(begins)} s, and the film lasts {_said(film)} s"
    asset = assets.get((sound.file, "sound")) if sound.file else None
    length = asset.duration if asset else None
    if sound.shot and sound.shot in cut.shots and sound.trim.end is None:
        length = length_of(cut.shots[sound.shot], assets)
    if length is None:
        return None
    if sound.trim.start >= length:
        return f"its trim starts at {_said(sound.trim.start)} s, and it lasts {_said(length)} s"
    end = length if sound.trim.end is None else min(sound.trim.end, length)
    if begins + end - sound.trim.start <= 0 and not sound.loop:
        return "it is over before the film begins"
    return None


def _said(seconds: Seconds) -> str:
    return f"{float(seconds):.3g}"
