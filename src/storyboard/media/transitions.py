"""Transitions between two shots, composed by moviepy.

moviepy is fed with pictures that were decoded exactly, and asked for one
composed picture at a time, in the middle of each frame: rounding of times can
neither lose nor double a frame. It opens no file and writes none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageColor

from storyboard.model import JoinKind, Size, Transition

if TYPE_CHECKING:
    from moviepy import VideoClip

Bytes = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.float32]
"""How much of each pixel is seen, from 0 to 1."""

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
            color: of a fade, in the channels of the pictures.
            luma: of a dissolve by luma, its picture: height x width x 3, RGB.

        Raises:
            ValueError: the kind of join is none that can be composed.
        """
        from moviepy import VideoClip

        self._before = self._after = np.zeros((size.height, size.width, 3), np.uint8)
        # To moviepy a second is a frame here: whole numbers, that it need not round.
        before = VideoClip(lambda _: self._before, duration=frames)
        after = VideoClip(lambda _: self._after, duration=frames)
        self._composed = _composed(join, before, after, color, luma)

    def frame(self, index: int, before: Bytes, after: Bytes) -> Bytes:
        """The picture on the window's frame `index`, of the two shots' pictures there.

        All three are height x width x 3, 0 to 255, of any three channels in
        which mixing is meant.
        """
        self._before, self._after = before, after
        return np.asarray(self._composed.get_frame(index + 0.5), np.uint8)


def _composed(
    join: Transition,
    before: VideoClip,
    after: VideoClip,
    color: tuple[int, int, int],
    luma: Bytes | None,
) -> VideoClip:
    from moviepy import CompositeVideoClip

    match join.kind:
        case JoinKind.CROSSFADE:
            layers = [before, after.with_mask(_faint(after, 0, 1))]
        case JoinKind.FADE:
            layers = _through_color(before, after, color)
        case JoinKind.WIPE:
            layers = [before, after.with_mask(_uncovered(after, join.direction))]
        case JoinKind.SLIDE:
            layers = [before, *_pushed(before, after, join.direction)]
        case JoinKind.LUMA if luma is not None:
            layers = [before, after.with_mask(_lit_up(after, luma))]
        case kind:
            raise ValueError(f"a {kind} cannot be composed of these inputs")
    return CompositeVideoClip(layers, use_bgclip=True)


def _through_color(
    before: VideoClip, after: VideoClip, color: tuple[int, int, int]
) -> list[VideoClip]:
    """A sheet of the colour that comes up over one shot, and goes down over the other."""
    from moviepy import ColorClip

    half = before.duration / 2
    sheet = ColorClip(before.size, color, duration=half)
    return [
        before,
        after.with_start(half).with_duration(half),
        sheet.with_mask(_faint(sheet, 0, 1)),
        sheet.with_start(half).with_mask(_faint(sheet, 1, 0)),
    ]


def _faint(clip: VideoClip, first: int, last: int) -> VideoClip:
    """A mask that is the same everywhere, and goes evenly from one strength to another.

    moviepy's own fades do this too, with masks of eight bytes a pixel that are
    made several times over: 50 MB for a picture of 1080 lines.
    """
    from moviepy import VideoClip

    width, height = clip.size

    def mask(time: float) -> Mask:
        strength = first + (last - first) * time / clip.duration
        return np.broadcast_to(np.float32(strength), (height, width))

    return VideoClip(mask, is_mask=True, duration=clip.duration)


def _uncovered(clip: VideoClip, direction: str) -> VideoClip:
    """The mask of a wipe: what its edge, moving, has passed."""
    from moviepy import VideoClip

    x, y = _STEPS[direction]
    width, height = clip.size
    length = width if x else height

    def mask(time: float) -> Mask:
        # A pixel that the edge stands in is uncovered in part: the edge does not jitter.
        passed = np.clip(length * time / clip.duration - np.arange(length), 0, 1)
        if x + y < 0:
            passed = passed[::-1]
        line = passed[None, :] if x else passed[:, None]
        return np.broadcast_to(line.astype(np.float32), (height, width))

    return VideoClip(mask, is_mask=True, duration=clip.duration)


def _lit_up(clip: VideoClip, luma: Bytes) -> VideoClip:
    """The mask of a dissolve by luma: dark places of the picture show the clip first."""
    from moviepy import VideoClip

    # Floats all the way: in eight bits, slow gradients would go over in steps.
    grey = Image.fromarray(luma @ np.array(_GREY, np.float32))
    scaled = np.asarray(grey.resize(clip.size, Image.Resampling.BICUBIC))
    turn = np.clip(scaled / 255, 0, 1)

    def mask(time: float) -> Mask:
        along = np.float32((1 + _SOFT) * time / clip.duration)
        return np.clip((along - turn) / np.float32(_SOFT), 0, 1)

    return VideoClip(mask, is_mask=True, duration=clip.duration)


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
