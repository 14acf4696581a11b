"""Transitions between two shots.

Where places are composed (wipes, slides, dissolves by luma) moviepy does it. It
is fed with pictures that were decoded exactly, and asked for one composed
picture at a time, in the middle of each frame: rounding of times can neither
lose nor double a frame. It opens no file and writes none. A crossfade and a
fade through a colour mix all pixels of a frame alike: that is one sum.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageColor

from storyboard.media.blend import mixed, plain
from storyboard.media.fit import Bytes, Planes
from storyboard.model import JoinKind, Size, Transition

if TYPE_CHECKING:
    from moviepy import VideoClip

Mask = npt.NDArray[np.float32]
"""How much of each pixel is seen, from 0 to 1."""

Cover: TypeAlias = Callable[[float, slice], Mask]
"""The mask of the second shot at a time, in some rows: rows x width."""

_NOTHING: Bytes = np.zeros((0, 0, 3), np.uint8)
_BAND = 128
"""Rows of a picture that are composed at a time."""

_STEPS = {"left": (-1, 0), "right": (1, 0), "up": (0, -1), "down": (0, 1)}
"""Where things move to: along x, along y."""

_GREY = (0.2126, 0.7152, 0.0722)
"""The shares of red, green and blue in brightness (bt.709)."""

_SOFT = 0.15
"""How much of a luma picture's brightness goes over at a time: the width of the soft edge."""


def rgb(color: str) -> tuple[int, int, int]:
    """A colour's red, green and blue, from its name or `#rrggbb`.

    Raises:
        ValueError: it is no colour.
    """
    return ImageColor.getrgb(color)[:3]


class Window:
    """The frames that two shots share."""

    def __init__(
        self,
        join: Transition,
        size: Size,
        frames: int,
        color: tuple[int, int, int],
        luma: Bytes | None = None,
    ) -> None:
        """Prepare the composition.

        Args:
            join: how the second shot follows the first.
            size: of the pictures.
            frames: how long the window is.
            color: of a fade: its Y, U and V.
            luma: of a dissolve by luma, its picture: height x width x 3, RGB.

        Raises:
            ValueError: the kind of join is none that can be composed.
        """
        self._kind, self._frames, self._color = join.kind, frames, color
        self._bands = [] if self._is_even else _bands(join, size, frames, luma)

    @property
    def _is_even(self) -> bool:
        """Whether all pixels of a frame are mixed alike: there is nothing to compose."""
        return self._kind in {JoinKind.CROSSFADE, JoinKind.FADE}

    def frame(self, index: int, before: Planes, after: Planes) -> Planes:
        """The picture on the window's frame `index`, of the two shots' pictures there."""
        along = (index + 0.5) / self._frames
        match self._kind:
            case JoinKind.CROSSFADE:
                return mixed(before, after, along)
            case JoinKind.FADE:
                shown = before if along < 0.5 else after
                return mixed(shown, plain(shown, self._color), 1 - abs(1 - 2 * along))
            case _:
                return _joined([band.frame(index, before, after) for band in self._bands])


class _Band:
    """Some rows of two shots that moviepy lays over each other, place by place."""

    def __init__(
        self, rows: slice, width: int, frames: int, composed: Callable[..., VideoClip]
    ) -> None:
        """Prepare the composition.

        Args:
            rows: which; even, as 4:2:0 wants them.
            width: of the picture.
            frames: how long the window is.
            composed: makes the composition of the clips of both shots.
        """
        from moviepy import VideoClip

        self._rows, self._half = rows, slice(rows.start // 2, rows.stop // 2)
        self._before = self._after = np.zeros((rows.stop - rows.start, width, 3), np.uint8)
        # To moviepy a second is a frame here: whole numbers, that it need not round.
        before = VideoClip(lambda _: self._before, duration=frames)
        after = VideoClip(lambda _: self._after, duration=frames)
        self._composed = composed(before, after)

    def frame(self, index: int, before: Planes, after: Planes) -> Planes:
        """These rows of the picture on a frame, of the two shots' whole pictures there."""
        self._before, self._after = self._filled(before), self._filled(after)
        composed = np.asarray(self._composed.get_frame(index + 0.5), np.uint8)
        # The clips hold what holds them: what is left here stays until the next garbage collection.
        self._before = self._after = _NOTHING
        return _thinned(composed)

    def _filled(self, picture: Planes) -> Bytes:
        y, u, v = picture
        return _filled((y[self._rows], u[self._half], v[self._half]))


def _bands(join: Transition, size: Size, frames: int, luma: Bytes | None) -> list[_Band]:
    """The composition of a join, in bands where each has all that it shows within itself.

    moviepy holds a composition ten times over: that is 150 MB for a whole
    picture of 1080 lines, at once with what decodes and codes.
    """
    from moviepy import CompositeVideoClip

    cover = _cover(join, size, frames, luma)

    def layered(rows: slice, before: VideoClip, after: VideoClip) -> VideoClip:
        if cover is None:
            layers = [before, *_pushed(before, after, join.direction)]
        else:
            layers = [before, after.with_mask(_mask(cover, rows, frames))]
        return CompositeVideoClip(layers, use_bgclip=True)

    upright = cover is None and _STEPS[join.direction][1]  # rows move into each other's places
    step = size.height if upright else _BAND
    tops = range(0, size.height, step)
    parts = [slice(top, min(top + step, size.height)) for top in tops]
    return [_Band(rows, size.width, frames, partial(layered, rows)) for rows in parts]


def _joined(bands: Sequence[Planes]) -> Planes:
    """Bands from top to bottom as one picture."""
    y, u, v = (np.concatenate(planes) for planes in zip(*bands, strict=True))
    return y, u, v


def _filled(picture: Planes) -> Bytes:
    """A picture's Y, U and V for every pixel: height x width x 3.

    Composing mixes pixels, which comes to the same in these as in red, green
    and blue, and what is not mixed keeps its very values.
    """
    filled = np.empty((*picture[0].shape, 3), np.uint8)
    filled[..., 0] = picture[0]
    for channel, plane in enumerate(picture[1:], 1):
        for row, column in ((0, 0), (0, 1), (1, 0), (1, 1)):
            filled[row::2, column::2, channel] = plane
    return filled


def _thinned(filled: Bytes) -> Planes:
    """The planes of such a picture: of four pixels' colours the mean."""
    colours = filled[..., 1:].astype(np.uint16)
    rows = colours[::2] + colours[1::2]
    mean = ((rows[:, ::2] + rows[:, 1::2] + 2) >> 2).astype(np.uint8)
    luma = np.ascontiguousarray(filled[..., 0])
    return luma, np.ascontiguousarray(mean[..., 0]), np.ascontiguousarray(mean[..., 1])


def _cover(join: Transition, size: Size, frames: int, luma: Bytes | None) -> Cover | None:
    """What covers the first shot when; None where both move, which is no matter of a mask."""
    match join.kind:
        case JoinKind.WIPE:
            return _uncovered(size, frames, join.direction)
        case JoinKind.SLIDE:
            return None
        case JoinKind.LUMA if luma is not None:
            return _lit_up(size, frames, luma)
        case kind:
            raise ValueError(f"a {kind} cannot be composed of these inputs")


def _mask(cover: Cover, rows: slice, frames: int) -> VideoClip:
    from moviepy import VideoClip

    return VideoClip(lambda time: cover(time, rows), is_mask=True, duration=frames)


def _uncovered(size: Size, frames: int, direction: str) -> Cover:
    """The mask of a wipe: what its edge, moving, has passed."""
    x, y = _STEPS[direction]
    length = size.width if x else size.height

    def cover(time: float, rows: slice) -> Mask:
        # A pixel that the edge stands in is uncovered in part: the edge does not jitter.
        passed = np.clip(length * time / frames - np.arange(length), 0, 1)
        if x + y < 0:
            passed = passed[::-1]
        line = passed[None, :] if x else passed[rows, None]
        return np.broadcast_to(line.astype(np.float32), (rows.stop - rows.start, size.width))

    return cover


def _lit_up(size: Size, frames: int, luma: Bytes) -> Cover:
    """The mask of a dissolve by luma: dark places of the picture show the clip first."""
    # Floats all the way: in eight bits, slow gradients would go over in steps.
    grey = Image.fromarray(luma @ np.array(_GREY, np.float32))
    scaled = np.asarray(grey.resize((size.width, size.height), Image.Resampling.BICUBIC))
    turn = np.clip(scaled / 255, 0, 1).astype(np.float32)

    def cover(time: float, rows: slice) -> Mask:
        along = np.float32((1 + _SOFT) * time / frames)
        covered: Mask = np.clip((along - turn[rows]) / np.float32(_SOFT), 0, 1)
        return covered

    return cover


def _pushed(before: VideoClip, after: VideoClip, direction: str) -> list[VideoClip]:
    """Both shots on the move, edge to edge."""
    x, y = _STEPS[direction]
    width, height = before.size

    def gone(time: float) -> tuple[int, int]:
        along = time / before.duration
        return round(x * width * along), round(y * height * along)

    def to_come(time: float) -> tuple[int, int]:
        left, top = gone(time)
        return left - x * width, top - y * height

    return [before.with_position(gone), after.with_position(to_come)]
