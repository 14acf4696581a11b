"""A storyboard in several files, and shots of several prompts."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest

from storyboard.model import Shot, Storyboard

Shots = Callable[..., dict[str, Shot]]
Prompts = Callable[..., list[str]]


def test_a_used_file_adds_vars_defaults_templates_profiles_and_voices(
    film: Callable[..., Storyboard],
) -> None:
    looks = """
vars: {keeper: an old keeper}
defaults: {style: "35 mm film", duration: 3}
templates: {close: {shot: {prompt: "close: {{ keeper }}"}}}
profiles: {draft: {defaults: {duration: 1}}}
voices: {keeper: {fal: "0123"}}
"""
    text = (
        "use: [looks.yaml]\ndefaults: {style: black and white}\nshots: [{id: a, template: close}]\n"
    )
    made = film(text, {"looks.yaml": looks})
    shot = made.cuts[0].shots["a"]
    assert shot.segments[0].prompt == "close: an old keeper black and white"
    assert shot.duration == 3
    assert made.voices == {"keeper": {"fal": "0123"}}
    assert film(text, {"looks.yaml": looks}, "draft").cuts[0].shots["a"].duration == 1


def test_of_two_used_files_the_later_wins(prompts: Prompts) -> None:
    files = {"one.yaml": "vars: {a: one, b: one}\n", "two.yaml": "vars: {a: two}\n"}
    text = 'use: [one.yaml, two.yaml]\nshots: [{id: x, prompt: "{{ a }} {{ b }}"}]\n'
    assert prompts(text, files) == ["two one"]


def test_a_scene_in_its_own_file_stands_where_it_is_named(shots: Shots) -> None:
    files = {
        "scenes/night.yaml": 'id: night\nvars: {sky: black}\nshots: [{id: n, prompt: "{{ sky }} {{ who }}"}]\n'
    }
    text = """
vars: {who: he}
scenes:
  - {id: day, shots: [{id: d, prompt: x}]}
  - {file: scenes/night.yaml}
  - {id: dawn, shots: [{id: e, prompt: x}]}
"""
    found = shots(text, files)
    assert list(found) == ["d", "n", "e"]
    assert found["n"].segments[0].prompt == "black he"
    assert found["n"].at.file == "scenes/night.yaml"


def test_a_film_in_one_file_or_in_two_is_the_same(shots: Shots) -> None:
    scene = '{id: night, shots: [{id: a, prompt: x}, {id: b, prompt: "{{ scene.id }}"}]}'
    one = shots(f"scenes: [{scene}]\n")
    two = shots("scenes: [{file: night.yaml}]\n", {"night.yaml": scene + "\n"})
    assert [(s.id, s.scene, s.first_frame, s.duration) for s in one.values()] == [
        (s.id, s.scene, s.first_frame, s.duration) for s in two.values()
    ]
    assert [s.segments[0].prompt for s in one.values()] == [
        s.segments[0].prompt for s in two.values()
    ]


def test_an_error_in_a_used_file_stands_in_that_file(expanded: Callable[..., Any]) -> None:
    looks = (
        "templates:\n  close:\n    shot:\n      prompt: |\n        Close,\n          {{ lihgt }}\n"
    )
    text = "version: 1\nuse: [looks.yaml]\nvars: {light: x}\nshots: [{id: a, template: close}]\n"
    _, (problem,) = expanded(text, {"looks.yaml": looks})
    assert (problem.span.file, problem.span.begins) == ("looks.yaml", (6, 14))
    (step,) = problem.via.steps()
    assert (step.span.file, step.span.begins) == ("storyboard.yaml", (4, 27))
    assert problem.help == "Did you mean `light`?"


@pytest.mark.parametrize(
    ("durations", "total"),
    [(["3", "7"], Fraction(10)), (["0.1"] * 10, Fraction(1)), (["2.5", "1"], Fraction(7, 2))],
)
def test_prompts_add_up_to_the_shot(durations: list[str], total: Fraction, shots: Shots) -> None:
    parts = ", ".join(f"{{prompt: x, duration: {each}}}" for each in durations)
    assert shots(f"shots: [{{id: a, multi_prompt: [{parts}]}}]\n")["a"].duration == total


@pytest.mark.parametrize(("stated", "wrong"), [("10", False), ("10.02", False), ("10.03", True)])
def test_a_stated_duration_may_differ_by_less_than_half_a_frame(
    stated: str, wrong: bool, expanded: Callable[..., Any]
) -> None:
    text = f"""version: 1
shots:
  - id: a
    duration: {stated}
    multi_prompt: [{{prompt: x, duration: 3}}, {{prompt: y, duration: 7}}]
"""
    _, problems = expanded(text)
    assert [item.code.number for item in problems] == (["SB603"] if wrong else [])


def test_an_inherited_duration_is_not_that_of_several_prompts_or_of_footage(shots: Shots) -> None:
    found = shots(
        """
defaults: {duration: 4}
shots:
  - {id: a, multi_prompt: [{prompt: x, duration: 1}, {prompt: y, duration: 2}]}
  - {id: b, clip: take.mp4}
  - {id: c, clip: take.mp4, duration: 2}
  - {id: d, prompt: x}
"""
    )
    assert [shot.duration for shot in found.values()] == [3, None, 2, 4]
