"""Seams in numbers: what is seen where two clips meet, and what is only an encoder's noise."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from cutting import CANVAS, FILM, Draw, make_clip

from storyboard.media.encode import ClipWriter
from storyboard.media.frames import take_frame
from storyboard.media.perception import from_oklab, look_of, to_oklab
from storyboard.media.seams import SeamMeasure, measure_seam, read_seam
from storyboard.model import Moment


def moving(offset: int = 0, gain: float = 1.0, tint: tuple[int, int, int] = (0, 0, 0)) -> Draw:
    """Soft bars that move two pixels a frame, `offset` frames into their way."""

    def draw(number: int) -> np.ndarray:
        x = np.arange(CANVAS.width) - 2 * (number + offset)
        row = 110 + 60 * np.sin(x / 9)
        picture = np.repeat(row[None, :, None], CANVAS.height, axis=0).repeat(3, axis=2)
        return np.clip(picture * gain + tint, 0, 255).astype(np.uint8)

    return draw


def joined(folder: Path, before: Draw, after: Draw) -> Path:
    """A film of 24 frames drawn in one way, then as many in another."""
    path = folder / "film.mp4"
    with ClipWriter(path, CANVAS, FILM, keyframes={24}) as film:
        for number in range(48):
            film.write_rgb(before(number) if number < 24 else after(number - 24))
    return path


def seam(folder: Path, after: Draw, given: Path | None = None) -> SeamMeasure:
    """Between 24 frames of moving bars and another clip."""
    begins = make_clip(folder / "second.mp4", 13, draw=after) if given else None
    return measure_seam(joined(folder, moving(), after), 24, FILM, begins, given)


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
    def still(_: int) -> np.ndarray:
        return moving()(0)

    assert not measure_seam(joined(tmp_path, still, still), 24, FILM).doubled


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


def test_a_shot_of_one_frame(tmp_path: Path) -> None:
    film = joined(tmp_path, moving(), moving(24))
    assert measure_seam(film, 1, FILM).motion > 0
    assert measure_seam(film, 47, FILM).motion > 0


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
