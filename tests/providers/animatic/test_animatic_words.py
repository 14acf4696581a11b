"""The words on the picture: what can be read, where it breaks, the running clock."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from PIL import Image, ImageFont

from storyboard.model import Size
from storyboard.providers.animatic import lettering
from storyboard.providers.animatic.camera import HOLD
from storyboard.providers.animatic.plate import to_planes

FONT = ImageFont.truetype(lettering.FONTS / lettering.CAPTION_FONT, 20)
HD = Size(1280, 720)


def test_letters_that_the_font_has_are_kept():
    text = "Ein Wärter — über 40 €, “naïve”, Маяк, φάρος"
    assert lettering.legible(text, FONT) == text


def test_letters_that_it_lacks_become_dots():
    assert lettering.legible("the 灯台 lighthouse 🎬", FONT) == "the … lighthouse …"


def test_a_prompt_that_could_not_be_read_has_no_caption():
    assert lettering.caption("灯台守が階段を上る", HD) is None


def test_there_is_no_caption_without_words():
    assert lettering.caption("  ", HD) is None


@pytest.mark.parametrize("canvas", [HD, Size(720, 1280), Size(720, 720), Size(192, 108)])
@pytest.mark.parametrize("text", ["short", "word " * 200, "x" * 400])
def test_captions_stay_within_the_margins_of_the_lower_third(canvas, text):
    patch = lettering.caption(text, canvas)
    assert patch.top >= canvas.height * 0.55
    assert patch.top + patch.cover.height == canvas.height
    bright = np.argwhere(np.asarray(patch.ink[0]) > 150)
    assert bright[:, 1].min() >= canvas.width * 0.03
    assert bright[:, 1].max() <= canvas.width * 0.97
    assert bright[:, 0].max() <= patch.cover.height - canvas.height * 0.03


def test_the_clock_runs_in_the_shots_own_time():
    clock = lettering.Clock(HD, Fraction(24), starts_at=Fraction(5))
    assert [clock.text(index) for index in (0, 23, 24, 24 * 60)] == [
        "00:05:00", "00:05:23", "00:06:00", "01:05:00",
    ]  # fmt: skip


def test_notes_name_the_segment_only_where_there_are_several():
    one, two = (
        np.asarray(lettering.notes("animatic", segment, HOLD, HD).ink[0])
        for segment in ((1, 1, Fraction(0)), (1, 2, Fraction(0)))
    )
    assert (two > 150).sum() > (one > 150).sum()


def test_words_are_blended_only_where_they_stand():
    frame = to_planes(np.full((720, 1280, 3), 90, np.uint8))
    before = [np.array(plane) for plane in frame]
    patch = lettering.caption("words", HD)
    patch.lay_on(frame, 0.5)
    assert np.array_equal(np.asarray(frame[0])[: patch.top], before[0][: patch.top])
    assert not np.array_equal(np.asarray(frame[0]), before[0])
    assert isinstance(frame[0], Image.Image)
