"""`for_each`, `matrix` and `when`: one shot written, several made, or none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from storyboard.model import Shot, ShotFrame

Shots = Callable[..., dict[str, Shot]]
Prompts = Callable[..., list[str]]


def test_a_shot_for_each_of_a_list(prompts: Prompts) -> None:
    text = """
vars: {lights: [dawn, noon]}
shots:
  - {id: "a-{{ item }}", for_each: "{{ lights }}", prompt: "the sea at {{ item }}"}
  - {id: "b-{{ item.n }}", for_each: [{n: 1, of: rain}, {n: 2, of: sun}], prompt: "{{ item.of }}"}
"""
    assert prompts(text) == ["the sea at dawn", "the sea at noon", "rain", "sun"]


def test_a_matrix_goes_round_its_last_axis_first(shots: Shots) -> None:
    text = """
shots:
  - id: "{{ matrix.light }}-{{ matrix.lens }}"
    matrix: {light: [dawn, noon], lens: [35, 85]}
    prompt: "{{ matrix.light }}"
"""
    assert list(shots(text)) == ["dawn-35", "dawn-85", "noon-35", "noon-85"]


def test_a_scene_in_a_loop_gives_its_item_to_its_shots_and_vars(shots: Shots) -> None:
    text = """
scenes:
  - id: "in-{{ item }}"
    for_each: [de, fr]
    vars: {where: "in {{ item }}"}
    shots:
      - {id: "a-{{ item }}", prompt: "{{ where }}"}
      - {id: "b-{{ item }}", prompt: "{{ scene.id }}"}
"""
    found = shots(text)
    assert {shot.id: shot.segments[0].prompt for shot in found.values()} == {
        "a-de": "in de",
        "b-de": "in-de",
        "a-fr": "in fr",
        "b-fr": "in-fr",
    }
    assert found["a-fr"].first_frame is None
    assert found["b-fr"].first_frame == ShotFrame("a-fr")


@pytest.mark.parametrize(
    ("condition", "kept"),
    [
        ("night", False),
        ("not night", True),
        ("true", True),
        ("false", False),
        ("item > 1", True),
        ("item > 3", False),
        ("shot.id == 'a2'", True),
        ("night or item == 2", True),
        ("'2' in shot.id", True),
    ],
)
def test_when_takes_an_expression(condition: str, kept: bool, shots: Shots) -> None:
    text = f"""
vars: {{night: false}}
shots:
  - {{id: always, prompt: x}}
  - {{id: "a{{{{ item }}}}", for_each: [2], when: "{condition}", prompt: x}}
"""
    assert ("a2" in shots(text)) is kept


def test_chaining_closes_over_a_dropped_shot(shots: Shots) -> None:
    text = """
shots:
  - {id: a, prompt: x}
  - {id: b, when: "false", prompt: x}
  - {id: c, prompt: x}
"""
    assert shots(text)["c"].first_frame == ShotFrame("a")


def test_a_dropped_scene_drops_its_shots(film: Callable[..., Any]) -> None:
    text = """
scenes:
  - {id: day, shots: [{id: a, prompt: x}]}
  - {id: night, when: "false", shots: [{id: b, prompt: x}]}
"""
    (cut,) = film(text).cuts
    assert list(cut.shots) == ["a"]
    assert list(cut.dropped) == ["b"]


def test_what_is_wrong_in_one_round_says_which(expanded: Callable[..., Any]) -> None:
    text = """version: 1
shots:
  - id: "a{{ item }}"
    for_each: [3, long, 5]
    prompt: x
    duration: "{{ item }}"
"""
    _, (problem,) = expanded(text)
    assert [step.what for step in problem.via.steps()] == ["in item 2 of 3"]
    assert problem.via.span.begins == (4, 19)
