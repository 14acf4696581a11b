"""What a prompt is read as, and that every place and light can be painted."""

from __future__ import annotations

import numpy as np
import pytest

from storyboard.model import Size
from storyboard.providers.animatic.painting import paint
from storyboard.providers.animatic.reading import LIGHTS, PLACES, SUBJECTS, read

SMALL = Size(96, 54)


@pytest.mark.parametrize(
    ("prompt", "place", "light", "subjects"),
    [
        (
            "an old keeper climbs the spiral stair, lantern in hand",
            "stair",
            "",
            ("figure", "lantern"),
        ),
        ("neon city street at night, rain", "street", "neon", ()),
        ("a red bicycle on a country road at noon", "road", "day", ("bicycle",)),
        ("product turntable: a watch on black", "studio", "", ("watch",)),
        ("two boats leave at dawn", "sea", "dawn", ("boat",)),
        ("a ferry at dusk", "sea", "dusk", ("ship",)),
        ("Extreme close-up of the great lamp", "room", "", ("beacon",)),
        ("a portrait, 85 mm lens", "abstract", "", ()),
        ("a house by the window of a room", "room", "", ()),
        ("a man in a grey coat, shallow depth of field", "abstract", "", ("figure",)),
        ("grey light over the sea", "sea", "storm", ()),
        ("a ridge above a sea of clouds", "mountains", "", ()),
        ("on a stage; the camera orbits left around her", "stage", "", ()),
        ("", "abstract", "", ()),
    ],
)
def test_words_name_the_scene(prompt, place, light, subjects):
    reading = read(prompt)
    assert (reading.place, reading.light, reading.subjects) == (place, light, subjects)


@pytest.mark.parametrize(
    ("prompt", "framing", "angle", "pair", "shoulder"),
    [
        ("Close-up of a man", "close", "level", False, ""),
        ("Medium shot from the waist up: a baker", "near", "level", False, ""),
        ("Wide establishing shot: a harbour", "wide", "level", False, ""),
        ("a runner, arms spread wide, a door wide open", "medium", "level", False, ""),
        ("Low-angle hero shot: a captain", "medium", "low", False, ""),
        ("Top-down shot: a red boat", "medium", "overhead", False, ""),
        ("Two-shot: a sailor and a girl", "near", "level", True, ""),
        ("Over-the-shoulder shot, a keeper in the left foreground", "near", "level", False, "left"),
        ("Over the shoulder of a friend: a woman", "near", "level", False, "right"),
    ],
)
def test_words_of_the_camera_say_how_it_is_framed(prompt, framing, angle, pair, shoulder):
    reading = read(prompt)
    assert (reading.framing, reading.angle, reading.pair, reading.shoulder) == (
        framing, angle, pair, shoulder,
    )  # fmt: skip


def dark_columns(prompt: str) -> np.ndarray:
    """Where across the picture something dark stands, in its lower part."""
    grey = paint(prompt, Size(320, 180)).mean(axis=2)
    columns = grey[grey.shape[0] * 3 // 5 : grey.shape[0] * 4 // 5].mean(axis=0)
    return columns < 0.7 * np.median(columns)


def test_two_people_stand_side_by_side():
    columns = dark_columns("Two-shot: a man and a woman in a snowy field at noon")
    middle = len(columns) // 2
    assert columns[:middle].any()
    assert columns[middle:].any()
    assert not columns[middle - 5 : middle + 5].any()


@pytest.mark.parametrize(("side", "other"), [("left", "right"), ("right", "left")])
def test_the_shoulder_stands_on_its_side(side, other):
    columns = dark_columns(f"Over-the-shoulder shot, {side} foreground: a snowy field at noon")
    edges = {"left": columns[: len(columns) // 6], "right": columns[-len(columns) // 6 :]}
    assert edges[side].mean() > 0.5
    assert not edges[other].any()


@pytest.mark.parametrize("ground", ["on green water", "in a field", "on a kitchen table"])
@pytest.mark.parametrize("subject", SUBJECTS)
def test_everything_can_be_seen_from_above(ground, subject):
    picture = paint(f"Top-down shot: a {subject} {ground} at noon", SMALL)
    assert picture.std() > 3


@pytest.mark.parametrize("words", [*PLACES.values(), *LIGHTS.values(), *SUBJECTS.values()])
def test_every_word_can_be_painted(words):
    prompt = next(iter(words.split()), "abstract")
    picture = paint(f"{prompt}, rain, snow, fog, lightning, a man with a lantern", SMALL)
    assert picture.shape[0] >= SMALL.height * 1.2
    assert picture.shape[0] % 2 == picture.shape[1] % 2 == 0
    assert 5 < picture.mean() < 250
    assert picture.std() > 3


def test_a_painting_depends_on_nothing_but_its_prompt():
    assert np.array_equal(paint("the sea at dusk", SMALL), paint("the  sea at dusk ", SMALL))


def test_a_muted_style_quiets_the_colours():
    vivid, muted = (
        paint(f"the sea at dusk{style}", SMALL).astype(float) for style in ("", ", muted colour")
    )
    assert muted.std(axis=2).mean() < vivid.std(axis=2).mean()
