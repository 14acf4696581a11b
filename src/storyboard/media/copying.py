"""Coded pictures that a passage can take from a clip as they are.

From the first one wanted that can be decoded alone to the last one that
nothing behind needs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby

import av
from av.error import InvalidDataError

from storyboard.media.avc import OWN_SETS, Configuration, starts_afresh
from storyboard.media.container import BadMedia, whole
from storyboard.media.form import Form
from storyboard.media.probe import ClipInfo
from storyboard.media.reel import earliness, moments, nearest
from storyboard.media.segment import Coded
from storyboard.model import Size
from storyboard.spans import touched
from storyboard.timeline import Edit

_WORTH = 2
"""Fewer frames in a row than this are not worth a part of their own."""


@dataclass(frozen=True, slots=True)
class Copy:
    """Pictures of a clip that stand on a passage's frames from `start` on."""

    start: int
    clip: str
    form: Form
    pictures: tuple[Coded, ...]


def copied(edit: Edit, clips: Mapping[str, ClipInfo]) -> list[Copy]:
    """What of a shot can be taken as it is coded, in order.

    Args:
        edit: of one event.
        clips: by role, what its clips are.
    """
    (event,) = edit.events
    forms = {role: _form(clip, edit.size) for role, clip in clips.items()}
    drawn = {frame for frames in touched(edit) for frame in frames}
    found: list[Copy] = []
    start = 0
    for piece, times in moments(event, range(edit.frames), edit):
        form = None if piece.still else forms[piece.clip]
        if form is not None:
            numbered = ((time, number) for number, time in enumerate(form.times))
            shown = [number for _, number in nearest(numbered, times, earliness(piece, edit))]
            for at, frames in _in_a_row(shown, start, drawn):
                taken = _taken(form, frames)
                if len(taken[1]) >= _WORTH:
                    found.append(Copy(at + taken[0], piece.clip, form, taken[1]))
        start += len(times)
    return found


def decode(run: Copy) -> None:
    """Decode pictures that are to be taken, strictly.

    Raises:
        BadMedia: one of them is damaged.
    """
    codec = av.VideoCodecContext.create("h264", "r")
    codec.extradata = run.form.configuration.written()
    codec.options = {"err_detect": "explode"}
    codec.thread_count = 1  # of several, one may wait for ever for the others when it fails
    decoded = 0
    with run.form.path.open("rb") as file:
        try:
            for picture in run.pictures:
                file.seek(picture.offset)
                decoded += whole(codec.decode(av.Packet(file.read(picture.size))))
            decoded += whole(codec.decode(None))
        except InvalidDataError as error:
            raise BadMedia("its picture is damaged", run.form.path) from error
    if decoded < len(run.pictures):
        raise BadMedia(
            f"only {decoded} of {len(run.pictures)} frames can be decoded", run.form.path
        )


def _in_a_row(shown: list[int], start: int, drawn: set[int]) -> Iterator[tuple[int, range]]:
    """Runs of a clip's frames that follow each other, untouched: where each stands, and which."""
    numbered = [(at, frame) for at, frame in enumerate(shown, start) if at not in drawn]
    for _, run in groupby(
        enumerate(numbered), key=lambda each: (each[1][1] - each[0], each[1][0] - each[0])
    ):
        (at, first), *_ = frames = [frame for _, frame in run]
        yield at, range(first, first + len(frames))


def _taken(form: Form, frames: range) -> tuple[int, tuple[Coded, ...]]:
    """Of a run of a clip's frames, those to take: how many before are not, and the pictures.

    From the first one that can be decoded alone, and as many as need none behind
    the run: where pictures are coded out of order, the last few may.
    """
    place, begin = next(
        (
            (place, picture.shown)
            for place, picture in enumerate(form.pictures)
            if picture.key and picture.shown in frames and _is_fresh(form, picture)
        ),
        (len(form.pictures), frames.stop),
    )
    taken: list[Coded] = []
    whole, highest = 0, begin - 1
    for picture in form.pictures[place:]:
        if picture.shown not in frames or picture.shown < begin:
            break
        taken.append(picture)
        highest = max(highest, picture.shown)
        if highest - begin + 1 == len(taken):
            whole = len(taken)
    return begin - frames.start, tuple(
        Coded(each.offset, each.size, each.shown - begin, each.key) for each in taken[:whole]
    )


def _is_fresh(form: Form, picture: Coded) -> bool:
    with form.path.open("rb") as file:
        file.seek(picture.offset)
        return starts_afresh(file.read(picture.size), form.configuration)


def _form(clip: ClipInfo, canvas: Size) -> Form | None:
    """A clip that has the form of films: None where it has another, or is not simple enough."""
    fits = clip.pixel_aspect == 1 and clip.size == canvas
    if clip.form is None or not fits or _is_taken(clip.form.configuration):
        return None
    return clip.form


def _is_taken(configuration: Configuration) -> bool:
    """Whether a clip's parameter sets have the numbers of those that are coded here."""
    return any(OWN_SETS in numbers for numbers in configuration.numbers())
