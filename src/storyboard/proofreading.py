"""What is wrong with the words of a cut: looks, letters, times, captions nobody can read in time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from storyboard.assets import Assets, cues_of
from storyboard.diagnostics import Code, Diagnostic, did_you_mean, listed
from storyboard.letters import LOOKS, LookLoop, Style, UnknownLook, letters_of
from storyboard.model import Cut, Origin
from storyboard.rough_cut import can_be_laid_out, laid_out
from storyboard.source import Source, Span, Via
from storyboard.subtitles import Cue
from storyboard.timeline import Edit
from storyboard.titling import CAPTIONS_AT, captions_of, titles_of, wordings

FASTEST = 20
"""Characters a second that people read beside a picture (Netflix's limit for adults)."""
ROOM = 84
"""Characters that two lines of a caption hold."""


def proofread(cut: Cut, styles: Mapping[str, Style], assets: Assets) -> Iterator[Diagnostic]:
    """Find what is wrong with the words of a cut.

    Args:
        cut: as `expand` gives it; its references are checked elsewhere.
        styles: the storyboard's own looks.
        assets: what `survey` found of fonts and subtitle files.
    """
    captions = cut.captions.file if cut.captions else None
    yield from _looks(cut, styles, assets)
    if captions:
        yield from _faults(cut, assets, captions)
    if cut.broken or not can_be_laid_out(cut, assets):
        return
    edit = laid_out(cut, assets)
    for title, span in titles_of(cut, edit):
        if not span and title.origin and title.text.strip():
            message = "These words are never seen: the picture that they stand on is over by then."
            if title.at.shot and title.at.shot in cut.shots:
                message = f"These words are never seen: `{title.at.shot}` {_not_there(cut, title.at.shot)}."
            help_ = (
                "`at` counts from the start of the shot, in a cut's titles of the cut, in seconds."
            )
            yield _at(title.origin, Code.UNSEEN, message, help_)
    yield from _collisions(_standing(cut, edit, cues_of(captions, assets)), edit)
    yield from _haste(cut, edit, assets) if captions else _spoken_haste(cut, edit)


@dataclass(frozen=True, slots=True)
class _Words:
    """Words in their place on the picture, and on the frames that they stand on."""

    text: str
    position: str
    frames: range
    origin: Origin | None


def _standing(cut: Cut, edit: Edit, cues: Sequence[Cue]) -> list[_Words]:
    """All that is drawn on a cut, as it comes."""
    words = [
        _Words(title.text.strip(), title.position, frames, title.origin)
        for title, frames in titles_of(cut, edit)
        if frames and title.text.strip()
    ]
    if cut.captions and cut.captions.burn:
        words += [
            _Words(
                caption.text,
                CAPTIONS_AT,
                range(caption.record_in, caption.record_out),
                cut.captions.origin,
            )
            for caption in captions_of(cut, edit, cues)
        ]
    return sorted(words, key=lambda each: (each.frames.start, each.frames.stop))


def _collisions(words: Sequence[_Words], edit: Edit) -> Iterator[Diagnostic]:
    """Words that come to where others stand; each is told once, with those that it hides first."""
    shared = {
        frame
        for before, after in pairwise(edit.events)
        for frame in range(after.record_in, before.record_out)
    }
    for number, later in enumerate(words):
        for there in words[:number]:
            both = range(later.frames.start, min(there.frames.stop, later.frames.stop))
            if there.position == later.position and not shared.issuperset(both):
                times = (_said(frame / edit.fps) for frame in (both.start, both.stop))
                message = (
                    f"These words stand on top of others, `{_short(there.text)}`, "
                    f"from {' to '.join(times)} s of the film."
                )
                help_ = (
                    "Let the first go sooner with `for`, or give one of them another `position`."
                )
                origin = later.origin
                via = origin.via if origin else None
                if there.origin:
                    via = Via("the others are here", there.origin.span, via)
                span = origin.span if origin else None
                yield Diagnostic(Code.COLLISION, message, span, help_, via)
                break


def _short(text: str) -> str:
    first = text.partition("\n")[0]
    return first if len(first) <= 30 else f"{first[:29]}…"


def _looks(cut: Cut, styles: Mapping[str, Style], assets: Assets) -> Iterator[Diagnostic]:
    """Looks that are not there, and letters that fonts do not have."""
    cues = cues_of(cut.captions.file if cut.captions else None, assets)
    for each in wordings(cut, cues):
        origin = each.style_origin or each.origin
        try:
            letters = letters_of(each.style, styles, each.start)
        except UnknownLook as error:
            known = sorted({*LOOKS, *styles})
            help_ = did_you_mean(
                error.name, known, otherwise=f"There are {listed(known, last='and')}."
            )
            message = f"There is no style of titles `{error.name}`."
            yield _at(origin, Code.UNKNOWN_LOOK, message, help_)
            continue
        except LookLoop as error:
            names = " → ".join(f"`{name}`" for name in error.names)
            message = f"These styles of titles extend each other: {names}."
            yield _at(origin, Code.LOOK_LOOP, message, "Let one of them extend `plain`.")
            continue
        asset = assets.get((letters.font, "font"))
        if asset and asset.problem:
            code = Code.NOT_FOUND if asset.missing else Code.BAD_MEDIA
            code = Code.OUTSIDE if asset.outside else code
            yield _at(origin, code, asset.problem, asset.help)
        text = each.text.upper() if letters.uppercase else each.text
        if asset and text in asset.remarks:
            yield _at(each.origin, Code.LETTERS, *asset.remarks[text])


def _faults(cut: Cut, assets: Assets, file: str) -> Iterator[Diagnostic]:
    """What is wrong in the caption file, at its place in that file."""
    asset = assets.get((file, "subtitles"))
    if asset is None or asset.subtitles is None:
        return
    source = Source(asset.path, asset.subtitles.text)
    for fault in asset.subtitles.faults:
        span = Span(source, fault.start, fault.end)
        yield Diagnostic(Code.BAD_CAPTIONS, fault.message, span, fault.help, _named(cut))


def _haste(cut: Cut, edit: Edit, assets: Assets) -> Iterator[Diagnostic]:
    """Captions of a file that are too fast or too long to be read, or behind the film's end."""
    file = cut.captions.file if cut.captions else None
    asset = assets.get((file or "", "subtitles"))
    if asset is None or asset.subtitles is None:
        return
    source = Source(asset.path, asset.subtitles.text)
    for cue in asset.subtitles.cues:
        first = cue.text.partition("\n")[0]
        span = Span(source, cue.offset, cue.offset + len(first))
        if cue.start >= edit.duration:
            message = f"This caption comes at {_said(cue.start)} seconds, and the film ends at {_said(edit.duration)}."
            yield Diagnostic(
                Code.UNSEEN, message, span, "Give it an earlier time, or take it out.", _named(cut)
            )
        elif told := _unread(cue.text, cue.end - cue.start):
            yield Diagnostic(Code.HASTE, told[0], span, told[1], _named(cut))


def _spoken_haste(cut: Cut, edit: Edit) -> Iterator[Diagnostic]:
    lines = {
        line.line.strip(): line.origin
        for shot in cut.shots.values()
        for line in shot.dialogue
        if line.origin
    }
    for caption in captions_of(cut, edit, ()):
        origin = lines.get(caption.text)
        told = _unread(caption.text, (caption.record_out - caption.record_in) / edit.fps)
        if told and origin:
            yield _at(origin, Code.HASTE, *told)


def _unread(text: str, seconds: Fraction) -> tuple[str, str] | None:
    """Why a caption cannot be read, and what to do; None where it can."""
    letters = len(text.replace("\n", " "))
    if letters > ROOM:
        message = f"This caption has {letters} characters, and two lines hold about {ROOM}."
        return message, "Make two of it."
    if letters > FASTEST * seconds:
        message = (
            f"This caption has {letters} characters and stays {_said(seconds)} s: too fast to read."
        )
        return message, f"Give it {_said(Fraction(letters, FASTEST))} s, or fewer words."
    return None


def _at(origin: Origin | None, code: Code, message: str, help_: str | None) -> Diagnostic:
    span = origin.span if origin else None
    return Diagnostic(code, message, span, help_, origin.via if origin else None)


def _named(cut: Cut) -> Via | None:
    origin = cut.captions.origin if cut.captions else None
    return Via(f"the captions of cut `{cut.id}`", origin.span, origin.via) if origin else None


def _not_there(cut: Cut, shot: str) -> str:
    shown = any(seen.shot == shot for seen in cut.order)
    return "is over by then" if shown else f"is not in the cut `{cut.id}`"


def _said(seconds: Fraction) -> str:
    return f"{float(seconds):.3g}"
