"""Which frame each shot starts with."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest

from storyboard.model import Moment, Picture, Shot, ShotFrame, Uploaded, Url

Shots = Callable[..., dict[str, Shot]]


def starts(shots: dict[str, Shot]) -> dict[str, str | None]:
    """The shot that each goes on from."""
    return {
        shot.id: shot.first_frame.shot if isinstance(shot.first_frame, ShotFrame) else None
        for shot in shots.values()
    }


def test_a_shot_goes_on_from_the_one_before_it_in_its_scene(shots: Shots) -> None:
    text = """
scenes:
  - {id: one, shots: [{id: a, prompt: x}, {id: b, prompt: x}, {id: c, prompt: x}]}
  - {id: two, shots: [{id: d, prompt: x}, {id: e, prompt: x}]}
"""
    found = shots(text)
    assert starts(found) == {"a": None, "b": "a", "c": "b", "d": None, "e": "d"}
    assert found["b"].chained
    assert found["b"].first_frame == ShotFrame("a", Moment.HAND_OVER)


@pytest.mark.parametrize(
    "text",
    [
        "defaults: {chain: false}\nshots: [{id: a, prompt: x}, {id: b, prompt: x}]",
        "scenes: [{id: s, chain: false, shots: [{id: a, prompt: x}, {id: b, prompt: x}]}]",
        "shots: [{id: a, prompt: x}, {id: b, chain: false, prompt: x}]",
        "shots: [{id: a, prompt: x}, {id: b, first_frame: none, prompt: x}]",
    ],
)
def test_chain_false_and_first_frame_none_start_fresh(text: str, shots: Shots) -> None:
    found = shots(text)
    assert found["b"].first_frame is None
    assert not found["b"].chained


def test_threads_of_shot_and_reverse_shot_go_on_each_from_its_own(shots: Shots) -> None:
    text = """
scenes:
  - id: talk
    shots:
      - {id: he1, chain: he, prompt: x}
      - {id: she1, chain: she, prompt: x}
      - {id: he2, chain: he, prompt: x}
      - {id: she2, chain: she, prompt: x}
  - id: later
    shots:
      - {id: he3, chain: he, prompt: x}
"""
    assert starts(shots(text)) == {
        "he1": None,
        "she1": None,
        "he2": "he1",
        "she2": "she1",
        "he3": "he2",
    }


@pytest.mark.parametrize("content", ["clip: take.mp4", 'still: "#000000"'])
def test_nothing_chains_from_a_clip_or_a_still_or_to_one(content: str, shots: Shots) -> None:
    text = f"shots: [{{id: a, prompt: x}}, {{id: b, {content}}}, {{id: c, prompt: x}}]\n"
    found = shots(text)
    assert found["b"].first_frame is None
    assert found["c"].first_frame is None


def test_a_clip_that_is_named_hands_its_frame_over(shots: Shots) -> None:
    text = "shots: [{id: a, clip: take.mp4}, {id: b, first_frame: {shot: a}, prompt: x}]\n"
    assert shots(text)["b"].first_frame == ShotFrame("a")


@pytest.mark.parametrize(
    ("written", "frame"),
    [
        ("assets/a.png", Picture("assets/a.png")),
        ("//shared/a.png", Picture("//shared/a.png")),
        ("https://example.org/a.png", Url("https://example.org/a.png")),
        ("{shot: a}", ShotFrame("a")),
        ("{shot: a, at: first}", ShotFrame("a", Moment.FIRST)),
        ("{shot: a, at: last}", ShotFrame("a", Moment.LAST)),
        ("{shot: a, at: 1.5}", ShotFrame("a", Fraction(3, 2))),
        ("{shot: a, at: -0.25}", ShotFrame("a", Fraction(-1, 4))),
        ("{media: abc-123}", Uploaded("abc-123")),
    ],
)
@pytest.mark.parametrize("field", ["first_frame", "last_frame"])
def test_the_forms_of_a_frame(written: str, frame: Any, field: str, shots: Shots) -> None:
    text = f"shots: [{{id: a, prompt: x}}, {{id: b, {field}: {written}, prompt: x}}]\n"
    found = shots(text)["b"]
    assert getattr(found, field) == frame
    assert found.chained is (field == "last_frame")


def test_inserting_a_shot_changes_only_the_one_behind_it(shots: Shots) -> None:
    before = shots("shots: [{id: a, prompt: x}, {id: c, prompt: x}, {id: d, prompt: x}]\n")
    after = shots(
        "shots: [{id: a, prompt: x}, {id: b, prompt: y}, {id: c, prompt: x}, {id: d, prompt: x}]\n"
    )
    assert starts(after) == {"a": None, "b": "a", "c": "b", "d": "c"}
    assert starts(before) == {"a": None, "c": "a", "d": "c"}
