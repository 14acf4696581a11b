"""A shot's colours matched to another's."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from cutting import CANVAS, FILM, Draw, cut_of, make_clip, shot, stitched

from storyboard.media.matching import correction, grade
from storyboard.media.perception import Look, look_of, to_oklab
from storyboard.timeline import Match


def scene(gain: float = 1.0, tint: tuple[int, int, int] = (0, 0, 0)) -> np.ndarray:
    """A picture of many colours, as another camera would have it."""
    x, y = np.meshgrid(np.linspace(0, 3, 96), np.linspace(0, 2, 64))
    planes = [110 + 50 * np.sin(x + shift) * np.cos(y - shift) for shift in (0, 1, 2)]
    picture = np.stack(planes, axis=-1) * gain + tint
    return np.clip(np.rint(picture), 0, 255).astype(np.uint8)


def look(picture: np.ndarray) -> Look:
    return look_of(to_oklab(picture))


@pytest.mark.parametrize(
    ("gain", "tint"), [(1.12, (0, 0, 0)), (0.85, (0, 0, 0)), (1.0, (12, 0, -12)), (0.9, (-6, 4, 9))]
)
def test_what_came_back_in_other_colours_gets_those_of_the_shot_before(
    gain: float, tint: tuple[int, int, int]
) -> None:
    wanted, came = scene(), scene(gain, tint)
    matched = grade(correction(look(came), look(wanted))).applied(came)
    before = np.abs(came.astype(int) - wanted).mean()
    after = np.abs(matched.astype(int) - wanted).mean()
    assert after < before / 3
    assert np.allclose(look(matched).mean, look(wanted).mean, atol=0.4)


def test_nothing_to_match_changes_nothing() -> None:
    picture = scene()
    matched = grade(correction(look(picture), look(picture))).applied(picture)
    assert np.abs(matched.astype(int) - picture).max() <= 1


def test_half_of_the_way() -> None:
    wanted, came = scene(), scene(1.12)
    graded = grade(correction(look(came), look(wanted)))
    assert graded.applied(came, 0) is came
    middle = look(graded.applied(came, 0.5)).mean[0]
    assert middle == pytest.approx((look(came).mean[0] + look(wanted).mean[0]) / 2, abs=0.5)


def test_a_plain_picture_is_moved_and_not_stretched() -> None:
    plain = np.full((8, 8, 3), 90, np.uint8)
    made = correction(look(plain), look(scene()))
    assert made.stretch == (1, 1, 1)
    assert look(grade(made).applied(plain)).mean[0] == pytest.approx(look(scene()).mean[0], abs=0.5)


def test_what_is_known_of_a_corrected_picture_without_looking_at_it() -> None:
    wanted, came = scene(), scene(0.9, (6, 0, -6))
    made = correction(look(came), look(wanted))
    foretold, seen = made.of(look(came)), look(grade(made).applied(came))
    assert np.allclose(foretold.mean, seen.mean, atol=0.4)
    assert np.allclose(foretold.spread, seen.spread, atol=0.6)


def colours(tint: tuple[int, int, int]) -> Draw:
    """A picture of many colours, on every frame."""

    def draw(_: int) -> np.ndarray:
        return np.resize(scene(tint=tint), (CANVAS.height, CANVAS.width, 3))

    return draw


def test_a_film_in_which_a_shot_takes_on_the_colours_before_it(tmp_path: Path) -> None:
    before = make_clip(tmp_path / "a.mp4", draw=colours((0, 0, 0)))
    after = make_clip(tmp_path / "b.mp4", draw=colours((16, 0, -16)))
    edit = cut_of([shot("a"), shot("b")])
    first, second = edit.events
    match = Match("a", 23 / FILM, "b", Fraction(0), full=24, gone=36)
    edit = replace(edit, events=(first, replace(second, match=match)))
    film = stitched(edit, {"a": before, "b": after}, tmp_path / "film.mp4")
    seen = [look(picture).mean[2] for picture in film.pictures]
    assert len(seen) == 48
    assert seen[24] == pytest.approx(seen[23], abs=0.4)  # no step at the seam
    own = look(colours((16, 0, -16))(0)).mean[2]
    assert abs(own - seen[23]) > 2
    assert seen[36:] == pytest.approx([own] * 12, abs=0.4)  # its own colours again
    steps = np.abs(np.diff(seen))
    assert steps.max() < 1  # and none on the way
