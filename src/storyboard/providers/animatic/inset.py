"""The motion video of a motion-control shot, small in a corner: the movement that is asked for."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

from PIL import Image

from storyboard.media.colour import to_rgb
from storyboard.media.frames import frames_in_order
from storyboard.model import Size
from storyboard.providers.animatic.lettering import Patch, ceil_even
from storyboard.providers.animatic.plate import to_planes

_MOST = 720
"""How many pictures of the video are kept: a longer one is shown at a lower rate."""


def inset(video: Path, canvas: Size, fps: Fraction, frames: int) -> list[Patch]:
    """The video's pictures at the clip's frames, ready to be laid on; the last one stays.

    Raises:
        BadMedia: it is no video that can be read.
        OSError: there is no such file.
    """
    every = -(-frames // _MOST)
    patches: list[Patch] = []
    shown: Patch | None = None
    drawn = 0
    for time, frame in frames_in_order(video):
        while shown and len(patches) < min(frames, round(time * fps)):
            patches.append(shown)
        if len(patches) >= frames:
            break
        if shown is None or round(time * fps) >= drawn + every:
            drawn = round(time * fps)
            size = _fitting(Size(frame.width, frame.height), canvas)
            left = canvas.width - ceil_even(canvas.width * 0.045) - size.width
            ink = to_planes(to_rgb(frame, size))
            shown = Patch(
                left, ceil_even(canvas.height * 0.11), ink, Image.new("L", ink[0].size, 235)
            )
    return [*patches, *([shown] if shown else []) * (frames - len(patches))]


def _fitting(video: Size, canvas: Size) -> Size:
    """A quarter of the canvas at most, in the video's own shape; even."""
    scale = min(canvas.width / 4 / video.width, canvas.height / 4 / video.height)
    return Size(ceil_even(video.width * scale), ceil_even(video.height * scale))
