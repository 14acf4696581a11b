"""Seams in numbers: what is seen where two clips meet, and what is only an encoder's noise."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from cutting import CANVAS, FILM, Draw, flat, make_clip

from storyboard.media.frames import take_frame
from storyboard.media.perception import from_oklab, look_of, to_oklab
from storyboard.media.seams import SeamMeasure, Side, measure_seam, read_seam
from storyboard.model import Moment, Size

FRAME = 1 / FILM


def moving(offset: int = 0, gain: float = 1.0, tint: tuple[int, int, int] = (0, 0, 0)) -> Draw:
    """Soft bars that move two pixels a frame, `offset` frames into their way."""

    def draw(number: int) -> np.ndarray:
        x = np.arange(CANVAS.width) - 2 * (number + offset)
        row = 110 + 60 * np.sin(x / 9)
        picture = np.repeat(row[None, :, None], CANVAS.height, axis=0).repeat(3, axis=2)
        return np.clip(picture * gain + tint, 0, 255).astype(np.uint8)

    return draw


def seam(folder: Path, after: Draw, *, shown: int = 24, given: Path | None = None) -> SeamMeasure:
    """Between 24 frames of moving bars (and their hand-over frame), and another clip."""
    first = make_clip(folder / "first.mp4", 25, draw=moving())
    second = make_clip(folder / "second.mp4", 25, draw=after)
    return measure_seam(
        Side(clip=first, at=(shown - 1) * FRAME, interval=FRAME),
        Side(clip=second, at=Fraction(0), interval=FRAME),
        given,
    )


def test_a_clip_that_goes_on_from_the_hand_over_frame_is_no_seam_at_all(tmp_path: Path) -> None:
    measured = seam(tmp_path, moving(24))
    assert not measured.doubled
    assert measured.difference == pytest.approx(measured.motion, rel=0.3)
    assert abs(measured.lightness) < 0.5
    assert measured.color < 0.5


def test_a_frame_that_stands_twice(tmp_path: Path) -> None:
    measured = seam(tmp_path, moving(23))
    assert measured.doubled
    assert measured.difference < measured.motion / 2


def test_a_picture_that_stands_still_is_not_doubled(tmp_path: Path) -> None:
    still = make_clip(tmp_path / "still.mp4", 25, draw=lambda _: moving()(0))
    side = Side(clip=still, at=23 * FRAME, interval=FRAME)
    other = Side(clip=still, at=Fraction(0), interval=FRAME)
    assert not measure_seam(side, other).doubled


def test_a_clip_that_comes_back_lighter(tmp_path: Path) -> None:
    measured = seam(tmp_path, moving(24, gain=1.1))
    assert 2 < measured.lightness < 6
    assert measured.color < 1


def test_a_clip_that_comes_back_warmer(tmp_path: Path) -> None:
    measured = seam(tmp_path, moving(24, tint=(14, 0, -14)))
    assert measured.color > 2


def test_whether_a_clip_begins_with_the_picture_it_was_given(tmp_path: Path) -> None:
    first = make_clip(tmp_path / "first.mp4", 25, draw=moving())
    picture = tmp_path / "given.png"
    picture.write_bytes(take_frame(first, Moment.HAND_OVER, Fraction(1)))
    right = seam(tmp_path, moving(24), given=picture)
    wrong = seam(tmp_path, moving(40), given=picture)
    assert right.given is not None
    assert right.given < 1
    assert wrong.given is not None
    assert wrong.given > 5


def test_clips_of_two_sizes_can_be_compared(tmp_path: Path) -> None:
    small = make_clip(tmp_path / "small.mp4", 13, draw=moving())
    large = make_clip(
        tmp_path / "large.mp4", 13, size=Size(320, 180), draw=flat(110, Size(320, 180))
    )
    measured = measure_seam(
        Side(clip=small, at=11 * FRAME, interval=FRAME),
        Side(clip=large, at=Fraction(0), interval=FRAME),
    )
    assert measured.difference > 5


def test_a_measure_is_kept_as_text(tmp_path: Path) -> None:
    measured = seam(tmp_path, moving(24))
    assert read_seam(measured.json()) == measured


def test_oklab_and_back() -> None:
    levels = np.random.default_rng(1).integers(0, 256, (24, 24, 3), np.uint8)
    back = from_oklab(to_oklab(levels))
    assert np.abs(back.astype(int) - levels).max() <= 1
    white = to_oklab(np.full((1, 1, 3), 255, np.uint8))[0, 0]
    assert white == pytest.approx([100, 0, 0], abs=0.05)


def test_blur_is_less_sharp() -> None:
    fine = np.zeros((32, 32, 3), np.uint8)
    fine[::2] = 255
    coarse = np.zeros((32, 32, 3), np.uint8)
    coarse[:16] = 255
    assert look_of(to_oklab(fine)).sharpness > 4 * look_of(to_oklab(coarse)).sharpness
