"""Templates: gaps filled, one built on another, values of any kind."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest

from storyboard.model import Shot

Shots = Callable[..., dict[str, Shot]]
Prompts = Callable[..., list[str]]

CLOSE = """
templates:
  close:
    params:
      subject: {}
      light: {default: soft dawn, enum: [soft dawn, hard noon]}
      lens: {type: integer, default: 85, minimum: 12, maximum: 200}
      take: {type: string, default: x}
    shot: {prompt: "{{ subject }}, {{ light }}, {{ lens }} mm, {{ take }}"}
"""


def test_gaps_are_filled_and_the_rest_has_defaults(prompts: Prompts) -> None:
    text = CLOSE + "shots: [{id: a, template: close, with: {subject: the lamp, lens: 35}}]\n"
    assert prompts(text) == ["the lamp, soft dawn, 35 mm, x"]


def test_a_param_of_text_takes_what_is_written(prompts: Prompts) -> None:
    text = CLOSE + "shots: [{id: a, template: close, with: {subject: 1, take: 01}}]\n"
    assert prompts(text)[0].endswith(", 01")


def test_a_param_may_be_made_of_the_shots_own_names(prompts: Prompts) -> None:
    text = (
        CLOSE
        + """
vars: {keeper: an old keeper}
shots:
  - id: "a-{{ item }}"
    for_each: [soft dawn, hard noon]
    template: close
    with: {subject: "{{ keeper }}", light: "{{ item }}"}
"""
    )
    text = text.replace('"a-{{ item }}"', "\"a-{{ item | replace(' ', '-') }}\"")
    assert [made.split(", ")[1] for made in prompts(text)] == ["soft dawn", "hard noon"]


def test_a_value_keeps_its_kind_on_its_way_through_a_template(shots: Shots) -> None:
    text = """
templates:
  hold:
    params: {length: {type: number}, from: {}}
    shot: {prompt: x, duration: "{{ length }}", trim: "{{ from }}"}
shots: [{id: a, template: hold, with: {length: 2.5, from: {start: 1}}}]
"""
    shot = shots(text)["a"]
    assert shot.duration == Fraction(5, 2)
    assert shot.trim.start == 1


def test_a_template_builds_on_another(shots: Shots) -> None:
    text = """
templates:
  base: {params: {who: {}, lens: {default: 35}}, shot: {prompt: "{{ who }} {{ lens }}", seam: {color: scene, echo: drop}}}
  near: {extends: base, params: {lens: {default: 85}}, shot: {seam: {echo: hold}, duration: 3}}
  nearest: {extends: near, shot: {prompt: "very near {{ who }} {{ lens }}"}}
shots:
  - {id: a, template: near, with: {who: he}}
  - {id: b, template: nearest, with: {who: she, lens: 100}}
"""
    found = shots(text)
    assert found["a"].segments[0].prompt == "he 85"
    assert (found["a"].seam.color, found["a"].seam.echo) == ("scene", "hold")
    assert found["b"].segments[0].prompt == "very near she 100"
    assert found["b"].duration == 3


def test_a_template_of_a_used_file_and_of_the_library(prompts: Prompts) -> None:
    looks = "templates: {wide: {shot: {prompt: the whole bay}}}\n"
    text = "use: looks.yaml\nshots: [{id: a, template: wide}]\n"
    assert prompts(text, {"looks.yaml": looks}) == ["the whole bay"]


def test_the_storyboards_own_template_wins_over_that_of_a_used_file(prompts: Prompts) -> None:
    looks = "templates: {wide: {shot: {prompt: theirs}}}\n"
    text = "use: looks.yaml\ntemplates: {wide: {shot: {prompt: ours}}}\nshots: [{id: a, template: wide}]\n"
    assert prompts(text, {"looks.yaml": looks}) == ["ours"]


@pytest.mark.parametrize(
    ("schema", "good", "bad"),
    [
        ("{type: integer}", ["3", "3.0", "-1"], ["3.5", "three", "true", "[1]"]),
        ("{type: number}", ["3", "3.5"], ["three", "true"]),
        ("{type: boolean}", ["true", "false"], ["yes", "1", '"true"']),
        ("{type: string}", ["x", "12", "off"], ["[x]", "{a: b}"]),
        ("{type: array, minItems: 1, maxItems: 2}", ["[1]", "[1, 2]"], ["[]", "[1, 2, 3]", "x"]),
        ("{type: object}", ["{a: b}"], ["x", "[1]"]),
        ("{type: [integer, string]}", ["3", "x"], ["[x]"]),
        ("{enum: [dawn, 12, true]}", ["dawn", "12", "true"], ["noon", "13", "false"]),
        ("{minimum: 2, maximum: 4.5}", ["2", "4.5"], ["1.9", "5"]),
        ("{minLength: 2, maxLength: 3}", ["ab", "abc"], ["a", "abcd"]),
        ("{pattern: '^[a-z]+$'}", ["abc"], ["Abc", "12"]),
        ("{type: array, items: {type: integer, minimum: 1}}", ["[1, 2]"], ["[1, x]", "[0]"]),
    ],
)
def test_a_param_takes_what_its_description_allows(
    schema: str, good: list[str], bad: list[str], expanded: Callable[..., Any]
) -> None:
    def codes(value: str) -> list[str]:
        text = f"""version: 1
templates: {{t: {{params: {{p: {schema}}}, shot: {{prompt: "x {{{{ p }}}}"}}}}}}
shots: [{{id: a, template: t, with: {{p: {value}}}}}]
"""
        return [item.code.number for item in expanded(text)[1]]

    assert {value: codes(value) for value in good} == {value: [] for value in good}
    assert {value: codes(value) for value in bad} == {value: ["SB306"] for value in bad}
