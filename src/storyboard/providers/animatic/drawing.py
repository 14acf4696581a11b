"""Draws a request as a clip: a picture, a camera that moves over it, words on top."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Generator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from fractions import Fraction
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageColor

from storyboard.media.encode import ClipWriter
from storyboard.media.picture import read_picture
from storyboard.model import Size
from storyboard.provider import Report, Request
from storyboard.providers.animatic import camera, lettering
from storyboard.providers.animatic.camera import Movement, View
from storyboard.providers.animatic.painting import paint
from storyboard.providers.animatic.plate import Planes, Plate, blended

_SIZE = Size(1280, 720)
_FPS = Fraction(24)
_REPORTS = 20
"""How often a clip tells how far it is."""


def draw_shot(
    request: Request, frames: Mapping[str, Path], destination: Path, report: Report
) -> None:
    """Draw a shot from its prompts, and from its first and last picture where it has them.

    A motion video is shown small in a corner: this is how the shot is to move.

    Raises:
        BadMedia: a picture or the video cannot be read.
        OSError: the disk is full, or a file is missing.
    """
    size, fps = request.size or _SIZE, request.fps or _FPS
    text = " ".join(prompt.text for prompt in request.prompts)
    movement = camera.read_movement(text)
    count = round(request.duration * fps) + 1
    views = camera.follow(movement, float(request.duration), count)
    if "first_frame" in frames:
        picture, sharpen = _fitted(frames["first_frame"], size), not movement.still
    else:
        picture, sharpen, views = paint(text, size), False, camera.centred(views)
    start = _shots(Plate(picture, size, views, sharpen=sharpen), views)
    if "last_frame" in frames:
        landing = camera.arriving(views)
        ending = Plate(_fitted(frames["last_frame"], size), size, landing, sharpen=False)
        start = _dissolving(start, _shots(ending, landing), count)
    if "motion" in frames:
        from storyboard.providers.animatic.inset import inset

        start = _with_inset(start, inset(frames["motion"], size, fps, count), fps)
    if request.options.get("words", True):
        start = _with_words(start, request, movement, size, fps, count)
    _write(start, size, fps, count, destination, report)


def draw_still(
    request: Request, frames: Mapping[str, Path], destination: Path, report: Report
) -> None:
    """Draw a picture, or a colour, as a clip: `options` says which `move`, and which `color`.

    Raises:
        BadMedia: the picture cannot be read.
        OSError: the disk is full, or the picture is missing.
        ValueError: the move or the colour is none that is known.
    """
    size, fps = request.size or _SIZE, request.fps or _FPS
    move = str(request.options.get("move", "none"))
    if move not in camera.MOVES:
        raise ValueError(f"a still cannot move by “{move}”: it can by {', '.join(camera.MOVES)}")
    if "first_frame" in frames:
        picture = _fitted(frames["first_frame"], size)
    else:
        colour = ImageColor.getrgb(str(request.options.get("color", "black")))[:3]
        picture = np.full((size.height, size.width, 3), colour, np.uint8)
    count = round(request.duration * fps) + 1
    movement = camera.MOVES[move]
    views = camera.follow(movement, float(request.duration), count)
    plate = Plate(picture, size, views, sharpen=not movement.still)
    _write(_shots(plate, views), size, fps, count, destination, report)


def _shots(plate: Plate, views: list[View]) -> Callable[[int], Planes]:
    """The plate's frames by number; sharper the farther the camera has gone."""
    last = max(len(views) - 1, 1)
    return lambda index: plate.view(views[index], min(1.0, 4 * index / last))


def _dissolving(
    first: Callable[[int], Planes], other: Callable[[int], Planes], count: int
) -> Callable[[int], Planes]:
    """Frames that go over from one picture into another in the last third, and end on it."""
    begins = count * 0.62

    def at(index: int) -> Planes:
        if index <= begins:
            return first(index)
        if index == count - 1:
            return other(index)
        part = (index - begins) / max(count - 1 - begins, 1)
        return blended(first(index), other(index), part * part * (3 - 2 * part))

    return at


def _with_inset(
    picture: Callable[[int], Planes], patches: list[lettering.Patch], fps: Fraction
) -> Callable[[int], Planes]:
    """The frames with a small picture on each, but for the first and the last one."""

    def at(index: int) -> Planes:
        frame = picture(index)
        if strength := lettering.strength(index, len(patches), fps):
            patches[index].lay_on(frame, strength)
        return frame

    return at


def _with_words(
    picture: Callable[[int], Planes],
    request: Request,
    movement: Movement,
    size: Size,
    fps: Fraction,
    count: int,
) -> Callable[[int], Planes]:
    """The frames with the caption, the notes and the clock; none on the first and the last one."""
    notes = lettering.notes(request.model, request.segment, movement, size)
    clock = lettering.Clock(size, fps, request.segment[2] if request.segment else Fraction(0))
    captions: list[tuple[int, lettering.Patch | None]] = []
    ends = Fraction(0)
    for prompt in request.prompts:
        ends += prompt.duration
        captions.append((round(ends * fps), lettering.caption(prompt.text, size)))

    def at(index: int) -> Planes:
        frame = picture(index)
        strength = lettering.strength(index, count, fps)
        if strength > 0:
            notes.lay_on(frame, strength)
            clock.lay_on(frame, index, strength)
            caption = next((patch for end, patch in captions if index < end), None)
            if captions and caption is None:
                caption = captions[-1][1]
            if caption:
                caption.lay_on(frame, strength)
        return frame

    return at


def _write(
    frame: Callable[[int], Planes],
    size: Size,
    fps: Fraction,
    count: int,
    destination: Path,
    report: Report,
) -> None:
    """Draw the frames on all cores and write them in order.

    The first and the last one are key frames: what is decoded there depends on
    that picture alone, not on those before it.
    """
    step = max(1, count // _REPORTS)
    with (
        ClipWriter(destination, size, fps, keyframes={0, count - 1}) as clip,
        closing(_ahead(frame, count)) as drawn,
    ):
        for index, planes in enumerate(drawn):
            y, u, v = (np.asarray(plane) for plane in planes)
            clip.write_yuv(y, u, v)
            if index % step == 0:
                report(index / count)
    report(1.0)


def _ahead(frame: Callable[[int], Planes], count: int) -> Generator[Planes, None, None]:
    """The frames in order, a few of them being drawn ahead, on a thread a core."""
    workers = os.cpu_count() or 1
    with ThreadPoolExecutor(workers, thread_name_prefix="animatic") as pool:
        waiting: deque[Future[Planes]] = deque()
        try:
            for index in range(count):
                waiting.append(pool.submit(frame, index))
                if len(waiting) > 2 * workers:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()


def _fitted(path: Path, size: Size) -> npt.NDArray[np.uint8]:
    """A picture as large as the canvas: as it is, or scaled to cover it and cut."""
    picture = read_picture(path)
    height, width = picture.shape[:2]
    if (width, height) == (size.width, size.height):
        return picture
    scale = max(size.width / width, size.height / height)
    wide, tall = size.width / scale, size.height / scale
    left, top = (width - wide) / 2, (height - tall) / 2
    box = (left, top, left + wide, top + tall)
    image = Image.fromarray(picture)
    return np.array(image.resize((size.width, size.height), Image.Resampling.LANCZOS, box))
