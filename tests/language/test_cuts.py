"""Cuts: several films from one storyboard."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest

from storyboard.model import Cut, Size, Storyboard

Film = Callable[..., Storyboard]


def seen(cut: Cut) -> list[str]:
    return [shot.shot for shot in cut.order]


def test_without_cuts_there_is_one_with_every_shot_in_order(film: Film) -> None:
    made = film("size: 640x360\nfps: 25\nshots: [{id: a, prompt: x}, {id: b, prompt: x}]\n")
    (cut,) = made.cuts
    assert (cut.id, seen(cut), cut.size, cut.fps) == ("main", ["a", "b"], Size(640, 360), 25)


def test_a_cut_names_shots_and_scenes_in_its_own_order_with_its_own_trims(film: Film) -> None:
    text = """
scenes:
  - {id: day, shots: [{id: a, prompt: x}, {id: b, prompt: x}]}
  - {id: night, shots: [{id: c, prompt: x}]}
cuts:
  - {id: main}
  - {id: teaser, shots: [c, {shot: a, trim: {start: 1, end: 2}}]}
  - {id: backwards, shots: [night, day]}
"""
    main, teaser, backwards = film(text).cuts
    assert seen(main) == ["a", "b", "c"]
    assert seen(teaser) == ["c", "a"]
    assert teaser.order[1].trim is not None
    assert (teaser.order[1].trim.start, teaser.order[1].trim.end) == (1, 2)
    assert seen(backwards) == ["c", "a", "b"]
    assert list(teaser.shots) == ["a", "b", "c"]


MARKETS = """
vars: {claims: {de: Rein, fr: Pur}, shape: none}
shots:
  - {id: hero, prompt: the sea}
  - {id: pack, prompt: "a pack that says {{ claim }}"}
cuts:
  - id: "{{ matrix.market }}-{{ matrix.shape }}"
    matrix: {market: [de, fr], shape: [720x1280, 720x720]}
    size: "{{ matrix.shape }}"
    vars: {claim: "{{ claims[matrix.market] }}"}
"""


def test_a_matrix_of_cuts_each_with_its_own_vars(film: Film) -> None:
    made = film(MARKETS)
    assert [cut.id for cut in made.cuts] == [
        "de-720x1280",
        "de-720x720",
        "fr-720x1280",
        "fr-720x720",
    ]
    assert [str(cut.size) for cut in made.cuts] == ["720x1280", "720x720"] * 2
    said = [cut.shots["pack"].segments[0].prompt for cut in made.cuts]
    assert said == ["a pack that says Rein"] * 2 + ["a pack that says Pur"] * 2
    assert {cut.shots["hero"].segments[0].prompt for cut in made.cuts} == {"the sea"}


def test_cuts_without_vars_of_their_own_share_their_shots(film: Film) -> None:
    text = "shots: [{id: a, prompt: x}]\ncuts: [{id: wide}, {id: tall, size: 360x640}]\n"
    wide, tall = film(text).cuts
    assert wide.shots is tall.shots


def test_a_text_may_ask_for_its_cut(film: Film) -> None:
    text = """
shots: [{id: a, prompt: "{{ cut.id }} {{ cut.size }}"}]
cuts: [{id: wide, size: 640x360}, {id: tall, size: 360x640}]
"""
    said = [cut.shots["a"].segments[0].prompt for cut in film(text).cuts]
    assert said == ["wide 640x360", "tall 360x640"]


def test_when_drops_a_cut_and_a_shot_of_one_cut(film: Film) -> None:
    text = """
vars: {legal: false}
shots:
  - {id: a, prompt: x}
  - {id: legal-line, when: legal, prompt: x}
cuts:
  - {id: main}
  - {id: de, vars: {legal: true}}
  - {id: old, when: "false"}
"""
    main, de = film(text).cuts
    assert (seen(main), seen(de)) == (["a"], ["a", "legal-line"])


@pytest.mark.parametrize(
    ("written", "rate"),
    [
        ("24", Fraction(24)),
        ("23.976", Fraction(24000, 1001)),
        ("29.97", Fraction(30000, 1001)),
        ('"30000/1001"', Fraction(30000, 1001)),
        ("12.5", Fraction(25, 2)),
    ],
)
def test_frame_rates(written: str, rate: Fraction, film: Film) -> None:
    made = film(
        f"fps: {written}\nshots: [{{id: a, prompt: x}}]\ncuts: [{{id: one}}, {{id: two, fps: 25}}]\n"
    )
    assert [cut.fps for cut in made.cuts] == [rate, 25]


def test_a_cut_has_its_own_sound_words_and_fades(film: Film) -> None:
    text = """
shots: [{id: a, prompt: x}]
soundtrack: score.wav
fade_out: 1
cuts:
  - {id: main}
  - id: teaser
    soundtrack: [{file: beat.wav, at: {shot: a, at: 1.5}, gain_db: -6}]
    titles: [{text: Soon, at: {shot: a}, for: 2}]
    fade_out: 0
    format: webm
    fit: crop
"""
    main, teaser = film(text).cuts
    assert [sound.file for sound in main.soundtrack] == ["score.wav"]
    assert (main.fade_out, teaser.fade_out) == (1, 0)
    (sound,) = teaser.soundtrack
    assert (sound.file, sound.at.shot, sound.at.at, sound.gain_db) == (
        "beat.wav",
        "a",
        Fraction(3, 2),
        -6,
    )
    (title,) = teaser.titles
    assert (title.text, title.at.shot, title.lasts) == ("Soon", "a", 2)
    assert (teaser.format, teaser.fit) == ("webm", "crop")


def test_a_cut_that_cannot_be_read_hides_nothing_else(expanded: Callable[..., Any]) -> None:
    text = """version: 1
shots: [{id: a, prompt: "{{ nobody }}"}]
cuts: [{size: 640x360}]
"""
    _, problems = expanded(text)
    assert [item.code.number for item in problems] == ["SB302", "SB202"]
