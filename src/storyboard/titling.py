"""From what a cut says in words to its edit: titles, captions and chapters, exact to the frame."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import groupby

from storyboard.letters import CAPTION, PLAIN, Letters, Style, letters_of
from storyboard.model import Cut, Line, Origin, Seconds, Title
from storyboard.overlays import Caption, Chapter, Overlay
from storyboard.subtitles import Cue, side_by_side
from storyboard.timeline import Edit, Event, nearest_frame

CAPTIONS_AT = "bottom"


@dataclass(frozen=True, slots=True)
class Wording:
    """Words of a cut that are drawn, with their style and where both were written.

    Attributes:
        start: the look of a style that names none.
    """

    text: str
    style: Style
    start: str
    origin: Origin | None
    style_origin: Origin | None


def wordings(cut: Cut, cues: Sequence[Cue]) -> Iterator[Wording]:
    """Everything of a cut that is drawn in letters: titles, and captions that are burnt in.

    Args:
        cut: the shots that it does not show count too.
        cues: of its caption file, where it has one.
    """
    titles = [*cut.titles, *(title for shot in cut.shots.values() for title in shot.titles)]
    for title in titles:
        yield Wording(title.text, title.style, PLAIN, title.origin, title.style_origin)
    captions = cut.captions
    if captions is None or not captions.burn:
        return
    said = [(cue.text, captions.origin) for cue in cues]
    if not captions.file:
        said = [(line.line, line.origin) for shot in cut.shots.values() for line in shot.dialogue]
    for text, origin in said:
        yield Wording(text, captions.style, CAPTION, origin, captions.style_origin)


def with_words(
    edit: Edit,
    cut: Cut,
    styles: Mapping[str, Style],
    cues: Sequence[Cue],
    role_of: Callable[[str], str],
) -> Edit:
    """The edit of a cut with its titles, captions and chapters, and when there is dialogue.

    Args:
        edit: the cut's, without words.
        cut: as the storyboard has it, checked.
        styles: the storyboard's own looks.
        cues: of its caption file; none where it has no such file.
        role_of: the role of a font file.
    """
    said = captions_of(cut, edit, cues)
    burn = cut.captions is not None and cut.captions.burn

    def overlay(span: range, text: str, position: str, letters: Letters) -> Overlay:
        role = role_of(letters.font) if letters.own_font else None
        fades = _fades(letters, edit.fps, len(span))
        return Overlay(span.start, span.stop, text, position, letters, role, *fades)

    overlays = [
        overlay(span, title.text, title.position, letters_of(title.style, styles))
        for title, span in titles_of(cut, edit)
        if span and title.text.strip()
    ]
    if cut.captions is not None and burn:
        letters = letters_of(cut.captions.style, styles, CAPTION)
        overlays += [
            overlay(range(each.record_in, each.record_out), each.text, CAPTIONS_AT, letters)
            for each in said
        ]
    return replace(
        edit,
        overlays=tuple(overlays),
        captions=() if burn else said,
        spoken=tuple((cue.start, cue.end) for cue in _spoken(cut, edit)),
        chapters=_chapters(cut, edit.events),
    )


def titles_of(cut: Cut, edit: Edit) -> Iterator[tuple[Title, range]]:
    """Every title of a cut with the frames that it stands on; none where it is never seen.

    A time of a shot counts from where the shot starts in the cut. A shot's own
    titles end with it at the latest.
    """
    for event in edit.events:
        for title in cut.shots[event.shot].titles:
            yield title, _frames_of(title, event.record_in, event.record_out, edit.fps)
    starts = {event.shot: event.record_in for event in reversed(edit.events)}
    for title in cut.titles:
        if title.at.shot is None or title.at.shot in starts:
            start = starts[title.at.shot] if title.at.shot else 0
            yield title, _frames_of(title, start, edit.frames, edit.fps)
        else:
            yield title, range(0)


def captions_of(cut: Cut, edit: Edit, cues: Sequence[Cue]) -> tuple[Caption, ...]:
    """What is said in a cut, one caption at a time: of its file, else of its shots' dialogue."""
    if cut.captions is None:
        return ()
    timed = side_by_side(cues) if cut.captions.file else tuple(_spoken(cut, edit))
    captions = (
        Caption(
            nearest_frame(cue.start, edit.fps),
            min(nearest_frame(cue.end, edit.fps), edit.frames),
            cue.text,
        )
        for cue in timed
    )
    return tuple(each for each in captions if each.record_in < each.record_out)


def cues_of(edit: Edit) -> list[Cue]:
    """What a cut's subtitles say, in seconds of its film; none where they are burnt in."""
    return [
        Cue(each.record_in / edit.fps, each.record_out / edit.fps, each.text)
        for each in edit.captions
    ]


def poster_frame(cut: Cut, edit: Edit) -> int | None:
    """The frame of a cut that is its poster; None where it has none."""
    if cut.poster is None or not edit.frames:
        return None
    starts = {event.shot: event.record_in for event in reversed(edit.events)}
    start = starts.get(cut.poster.shot, 0) if cut.poster.shot else 0
    frame = nearest_frame(start / edit.fps + cut.poster.at, edit.fps)
    return min(max(frame, 0), edit.frames - 1)


def line_times(
    lines: Sequence[Line], start: Seconds, end: Seconds
) -> list[tuple[Seconds, Seconds]]:
    """When each line of a shot is said, in seconds of the shot.

    A line begins where it says, or where the one before it ends; lines that
    do not say how long they last share the time that there is, by their letters.

    Args:
        lines: in order.
        start: where the part of the shot that is shown begins.
        end: where it ends.
    """
    times: list[tuple[Seconds, Seconds]] = []
    clock, number = start, 0
    while number < len(lines):
        # A run: up to the next line that says when it begins.
        stop = number + 1
        while stop < len(lines) and lines[stop].at is None:
            stop += 1
        run = lines[number:stop]
        begins = clock if run[0].at is None else run[0].at
        until = lines[stop].at if stop < len(lines) else None
        until = end if until is None else until
        left = until - begins - sum((line.lasts or Fraction(0) for line in run), Fraction(0))
        letters = sum(len(line.line) for line in run if line.lasts is None)
        clock = begins
        for line in run:
            share = Fraction(len(line.line), letters) * left if letters else Fraction(0)
            lasts = line.lasts if line.lasts is not None else max(Fraction(0), share)
            times.append((clock, clock + lasts))
            clock += lasts
        number = stop
    return times


def _spoken(cut: Cut, edit: Edit) -> list[Cue]:
    cues: list[Cue] = []
    following = [event.record_in for event in edit.events[1:]] + [edit.frames]
    for event, after in zip(edit.events, following, strict=True):
        lines = cut.shots[event.shot].dialogue
        if not lines:
            continue
        shown = (min(after, event.record_out) - event.record_in) / edit.fps
        offset = event.record_in / edit.fps - event.source_in
        times = line_times(lines, event.source_in, event.source_in + shown)
        for line, (start, end) in zip(lines, times, strict=True):
            first = max(start, event.source_in) + offset
            last = min(end + offset, event.record_out / edit.fps)
            if line.line.strip() and first < last:
                cues.append(Cue(first, last, line.line.strip()))
    cues.sort(key=lambda cue: cue.start)
    for number, cue in enumerate(cues[:-1]):  # one at a time
        cues[number] = replace(cue, end=min(cue.end, cues[number + 1].start))
    return cues


def _frames_of(title: Title, record_in: int, record_out: int, fps: Fraction) -> range:
    begins = record_in / fps + title.at.at
    start = max(0, nearest_frame(begins, fps))
    if title.lasts is None:
        return range(start, record_out)
    return range(start, min(nearest_frame(begins + title.lasts, fps), record_out))


def _fades(letters: Letters, fps: Fraction, frames: int) -> tuple[int, int]:
    """Frames of coming and going; of words that are too short for both, half each."""
    up, down = (nearest_frame(fade, fps) for fade in (letters.fade_in, letters.fade_out))
    if up + down <= frames:
        return up, down
    return frames * up // (up + down), frames * down // (up + down)


def _chapters(cut: Cut, events: Sequence[Event]) -> tuple[Chapter, ...]:
    """A chapter for each run of shots of one scene; none for a film of a single scene."""
    runs = [(scene, next(run)) for scene, run in groupby(events, key=lambda event: event.scene)]
    if len(runs) < 2:
        return ()
    return tuple(Chapter(first.record_in, cut.scenes.get(scene, scene)) for scene, first in runs)
