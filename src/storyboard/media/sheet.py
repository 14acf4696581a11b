"""Pictures of a film: its poster, and its contact sheet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from fractions import Fraction
from io import BytesIO
from itertools import groupby
from pathlib import Path

import numpy as np
from PIL import Image

from storyboard.media.colour import to_rgb
from storyboard.media.conform import naming_inputs, probed
from storyboard.media.fit import frame_of
from storyboard.media.frames import frame_at
from storyboard.media.picture import to_png
from storyboard.media.reel import pictures
from storyboard.media.typeface import SCALE, Face, font_for
from storyboard.model import JoinKind, Size
from storyboard.timeline import Edit, Event, timecode

_PAGE, _MARGIN, _GAP = 1920, 64, 28
_PAPER, _INK, _FAINT, _SIGN = (18, 21, 25), (240, 238, 232), (146, 152, 160), (242, 193, 78)
_CAPTION = 74
_HEAD = 150
_SCENE = 62


def poster(edit: Edit, inputs: Mapping[str, Path], frame: int) -> bytes:
    """A frame of a cut, composed from its clips, as JPEG; the same bytes each time.

    Args:
        edit: the cut, or a passage of one.
        inputs: by role, the files that it names.
        frame: which, from 0.

    Raises:
        BadMedia: a clip cannot be read.
        OSError: it is not there.
    """
    with naming_inputs(edit, inputs):
        clips = probed(edit, inputs)
        with closing(pictures(edit, inputs, clips, frame, frame + 1)) as reel:
            seen = frame_of(next(reel))
    held = BytesIO()
    picture = Image.fromarray(to_rgb(seen))
    picture.save(held, "JPEG", quality=92, subsampling=0, optimize=True)
    return held.getvalue()


@dataclass(frozen=True, slots=True)
class _Cell:
    """A shot on the sheet."""

    number: int
    event: Event
    x: int
    y: int


def contact_sheet(film: Path, edit: Edit, title: str, scenes: Mapping[str, str]) -> bytes:
    """A picture of every shot of a film with its id, its time and its length, as PNG.

    A shot is shown by the frame in the middle of what is seen of it; scenes
    have a heading each, where there are several. Times are hours, minutes,
    seconds and frames of the film.

    Args:
        film: the file.
        edit: its cut.
        title: what stands above, and below it a line of figures.
        scenes: the scenes' titles, by their ids.

    Raises:
        BadMedia: the film cannot be read.
        OSError: it is not there.
    """
    columns = _columns(edit.size)
    width = (_PAGE - 2 * _MARGIN - _GAP * (columns - 1)) // columns
    tile = Size(width, round(width / edit.size.aspect))
    runs = [(s, list(run)) for s, run in groupby(edit.events, key=lambda event: event.scene)]
    headings, cells, bottom = _arranged(runs, columns, tile, headed=len(runs) > 1)
    page = Image.new("RGB", (_PAGE, bottom + _MARGIN - _GAP), _PAPER)
    figures = f"{edit.size}  ·  {_number(edit.fps)} fps  ·  {timecode(edit.frames, edit.fps)}"
    count = f"{len(edit.events)} shot{'s' if len(edit.events) != 1 else ''}"
    _write(page, title, (_MARGIN, _MARGIN + 42), 52, _INK, weight=600, most=_PAGE - 2 * _MARGIN)
    _write(page, f"{figures}  ·  {count}", (_MARGIN, _MARGIN + 84), 24, _FAINT)
    for scene, y in headings:
        _write(page, scenes.get(scene, scene), (_MARGIN, y + 40), 28, _SIGN, weight=500)
    following = [event.record_in for event in edit.events[1:]] + [edit.frames]
    for cell, after in zip(cells, following, strict=True):
        shown = (cell.event.record_in + min(after, cell.event.record_out)) // 2
        picture = frame_at(film, shown / edit.fps)[1]
        page.paste(Image.fromarray(to_rgb(picture, tile)), (cell.x, cell.y))
        _caption(page, cell, edit.fps, tile)
    return to_png(np.asarray(page))


def _columns(canvas: Size) -> int:
    if canvas.aspect < Fraction(4, 5):
        return 7
    return 5 if canvas.aspect < Fraction(3, 2) else 4


def _arranged(
    runs: Sequence[tuple[str, list[Event]]], columns: int, tile: Size, *, headed: bool
) -> tuple[list[tuple[str, int]], list[_Cell], int]:
    """Where headings and shots stand, and where the last row ends."""
    headings: list[tuple[str, int]] = []
    cells: list[_Cell] = []
    y = _MARGIN + _HEAD - 20
    for scene, events in runs:
        if headed:
            headings.append((scene, y))
            y += _SCENE
        for place, event in enumerate(events):
            row, column = divmod(place, columns)
            x = _MARGIN + column * (tile.width + _GAP)
            top = y + row * (tile.height + _CAPTION + _GAP)
            cells.append(_Cell(len(cells) + 1, event, x, top))
        y += -(-len(events) // columns) * (tile.height + _CAPTION + _GAP)
    return headings, cells, y


def _caption(page: Image.Image, cell: _Cell, fps: Fraction, tile: Size) -> None:
    """A shot's id below its picture; when it starts, how long it is, how it is joined."""
    event, foot = cell.event, cell.y + tile.height
    along = _write(page, f"{cell.number}", (cell.x, foot + 34), 24, _SIGN, weight=600)
    room = tile.width - along - 12
    _write(page, event.shot, (cell.x + along + 12, foot + 34), 24, _INK, weight=600, most=room)
    frames = event.record_out - event.record_in
    parts = [timecode(event.record_in, fps), f"{_number(frames / fps)} s"]
    if event.join.kind is not JoinKind.CUT:
        parts.append(f"{event.join.kind} {_number(event.join.duration)} s")
    _write(page, "  ·  ".join(parts), (cell.x, foot + 64), 19, _FAINT, most=tile.width)


def _write(
    page: Image.Image,
    text: str,
    at: tuple[int, int],
    size: int,
    color: tuple[int, int, int],
    *,
    weight: int = 400,
    most: float | None = None,
) -> int:
    """Write a line from a point on its foot on; how long it is. One that is too long ends in `…`."""
    face = Face(font_for(text, None, weight), size, weight)
    while most is not None and len(text) > 1 and face.length(text) > most:
        text = text.rstrip("…")[:-1].rstrip() + "…"
    length = round(face.length(text))
    high, low = size + 4, size // 2
    plane = Image.new("L", ((length + 8) * SCALE, (high + low) * SCALE))
    face.draw(plane, text, 2, high)
    page.paste(color, (at[0] - 2, at[1] - high), plane.reduce(SCALE))
    return length


def _number(value: Fraction) -> str:
    return f"{float(value):.3f}".rstrip("0").rstrip(".")
