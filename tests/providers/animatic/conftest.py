"""What the tests of the drawing share: a request, a drawn clip, its decoded frames."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt
import pytest
from av.video.reformatter import ColorRange, Colorspace, Interpolation
from PIL import Image

from storyboard.model import Size
from storyboard.provider import Prompt, Request
from storyboard.providers.animatic import Animatic

CANVAS = Size(192, 108)


@dataclass(frozen=True)
class Clip:
    """A clip as a player shows it: frames by height by width by 3, RGB."""

    path: Path
    frames: npt.NDArray[np.uint8]

    @property
    def luma(self) -> npt.NDArray[np.float64]:
        return self.frames.astype(float) @ (0.2126, 0.7152, 0.0722)


Draw = Callable[..., Clip]


@pytest.fixture
def draw(tmp_path: Path) -> Draw:
    """Draws a shot, or a still where `move` or `color` is given, and decodes it."""

    def drawn(text: str = "", **asked: object) -> Clip:
        size = asked.pop("size", CANVAS)
        fps = Fraction(asked.pop("fps", 12))
        seconds = Fraction(asked.pop("seconds", 1))
        frames = {
            role: asked.pop(role)
            for role in ("first_frame", "last_frame", "motion")
            if role in asked
        }
        still = "move" in asked or "color" in asked
        options = {name: asked.pop(name) for name in ("move", "color", "words") if name in asked}
        request = Request(
            model="animatic/still" if still else "animatic",
            prompts=(Prompt(text, seconds),) if text else (),
            duration=seconds,
            size=size,
            fps=fps,
            options=options,
            **asked,
        )
        path = tmp_path / f"{len(list(tmp_path.iterdir()))}.mp4"
        Animatic().draw(request, frames, path, lambda done: None)
        return Clip(path, decode(path))

    return drawn


def decode(path: Path) -> npt.NDArray[np.uint8]:
    """The frames, in colours that are rounded and not cut off."""
    exactly = (
        Interpolation.BILINEAR
        | Interpolation.ACCURATE_RND
        | Interpolation.FULL_CHR_H_INT
        | Interpolation.BITEXACT
    )
    with av.open(str(path)) as container:
        return np.stack([
            frame.reformat(
                format="rgb24",
                src_colorspace=Colorspace.ITU709,
                dst_color_range=ColorRange.JPEG,
                interpolation=exactly,
            ).to_ndarray()
            for frame in container.decode(video=0)
        ])  # fmt: skip


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    """A soft picture with something to see in each part of it."""
    y, x = np.mgrid[0 : CANVAS.height, 0 : CANVAS.width]
    red = 128 + 60 * np.sin(x / 9) * np.cos(y / 13)
    green = 60 + 0.8 * x
    blue = 200 - y + 20 * np.sin((x + y) / 7)
    path = tmp_path / "picture.png"
    Image.fromarray(np.stack([red, green, blue], -1).astype(np.uint8)).save(path)
    return path


@pytest.fixture
def edge(tmp_path: Path) -> Path:
    """A picture that is dark on the left and light on the right."""
    pixels = np.full((CANVAS.height, CANVAS.width, 3), 40, np.uint8)
    pixels[:, CANVAS.width // 2 :] = 200
    path = tmp_path / "edge.png"
    Image.fromarray(pixels).save(path)
    return path
