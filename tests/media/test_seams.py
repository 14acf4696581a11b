"""Seams in numbers: what is seen where two clips meet, and what is only an encoder's noise."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from cutting import CANVAS, FILM, Draw, make_clip

from storyboard.media.avc import PictureCoder
from storyboard.media.colour import rgb_frame, to_yuv
from storyboard.media.fit import planes
from storyboard.media.frames import take_frame
from storyboard.media.perception import from_oklab, look_of, to_oklab
from storyboard.media.seams import Side, measure_seam
from storyboard.media.segment import SegmentWriter
from storyboard.model import Moment
from storyboard.quality import Seam


def moving(offset: int = 0, gain: float = 1.0, tint: tuple[int, int, int] = (0, 0, 0)) -> Draw:
    """Soft bars that move two pixels a frame, `offset` frames into their way."""

    def draw(number: int) -> np.ndarray:
        x = np.arange(CANVAS.width) - 2 * (number + offset)
        row = 110 + 60 * np.sin(x / 9)
        picture = np.repeat(row[None, :, None], CANVAS.height, axis=0).repeat(3, axis=2)
        return np.clip(picture * gain + tint, 0, 255).astype(np.uint8)

    return draw


def piece(path: Path, draw: Draw, frames: int = 24) -> Side:
    """A piece of a film, drawn."""
    coder = PictureCoder(CANVAS, FILM)
    drawn = (planes(to_yuv(rgb_frame(draw(number)))) for number in range(frames))
    with SegmentWriter(path) as segment:
        coded = [each for picture in drawn for each in coder.code(picture)]
        segment.write(coder.configuration, [*coded, *coder.rest()])
    return Side(path, {})


def seam(folder: Path, after: Draw, given: Path | None = None) -> Seam:
    """Between 24 frames of moving bars and another clip."""
    begins = make_clip(folder / "second.mp4", 13, draw=after) if given else None
    sides = piece(folder / "one", moving()), piece(folder / "other", after)
    return measure_seam(*sides, begins, given)


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

    side = piece(tmp_path / "still", still)
    assert not measure_seam(side, side).doubled


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
    short = piece(tmp_path / "short", moving(), frames=1)
    longer = piece(tmp_path / "longer", moving(1))
    assert measure_seam(short, longer).motion > 0
    assert measure_seam(longer, short).motion > 0
    assert measure_seam(short, short).motion == 0


def test_how_a_shot_moves_that_does_not_go_on_from_the_one_before_bears_on_nothing(
    tmp_path: Path,
) -> None:
    stands = piece(tmp_path / "stands", lambda _: moving()(0))
    moves = piece(tmp_path / "moves", moving())
    assert measure_seam(stands, moves).motion > 1
    assert measure_seam(stands, moves, chained=False).motion < 0.3
    assert measure_seam(moves, stands, chained=False).motion > 1


def test_a_measure_is_kept_as_text(tmp_path: Path) -> None:
    measured = seam(tmp_path, moving(24))
    assert Seam.read(json.loads(json.dumps(measured.kept()))) == measured


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
