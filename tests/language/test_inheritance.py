"""Which of several places that say a field counts, and what a name stands for."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest

from storyboard.model import Shot

Shots = Callable[..., dict[str, Shot]]
Prompts = Callable[..., list[str]]

# Each layer of fields, the later winning, as language.md has them.
LAYERS = {
    "defaults": "defaults: {negative_prompt: storyboard}",
    "profile": "profiles: {draft: {defaults: {negative_prompt: profile}OVERRIDE}}",
    "scene": "    defaults: {negative_prompt: scene}",
    "template": "templates: {close: {shot: {negative_prompt: template}}}",
    "shot": "        negative_prompt: shot",
}


@pytest.mark.parametrize("count", range(1, 7))
def test_the_later_layer_of_fields_wins(count: int, shots: Shots) -> None:
    given = list(LAYERS)[: min(count, 5)]
    text = [
        LAYERS["defaults"] if "defaults" in given else "",
        LAYERS["profile"].replace(
            "OVERRIDE", ", override: {negative_prompt: override}" if count == 6 else ""
        )
        if "profile" in given
        else "profiles: {draft: {}}",
        LAYERS["template"] if "template" in given else "templates: {close: {shot: {seam: {}}}}",
        "scenes:",
        "  - id: day",
        LAYERS["scene"] if "scene" in given else "",
        "    shots:",
        "      - id: a",
        "        template: close",
        "        prompt: x",
        LAYERS["shot"] if "shot" in given else "",
    ]
    found = shots("\n".join(line for line in text if line), profile="draft")["a"]
    winner = "override" if count == 6 else given[-1]
    assert found.negative_prompt == {"defaults": "storyboard"}.get(winner, winner)


def test_mappings_merge_deeply_lists_replace_and_null_removes(shots: Shots) -> None:
    found = shots(
        """
defaults:
  options: {fal: {a: 1, b: {c: 2}}, runware: {x: 1}}
  fallback: [animatic, animatic]
  negative_prompt: blurry
  seam: {color: scene, echo: drop}
shots:
  - id: a
    prompt: x
    options: {fal: {b: {d: 3}, a: null}}
    fallback: [animatic]
    negative_prompt: null
    seam: {color: none}
"""
    )["a"]
    assert found.options == {"fal": {"b": {"c": 2, "d": 3}}, "runware": {"x": 1}}
    assert found.fallback == ("animatic",)
    assert found.negative_prompt is None
    assert (found.seam.color, found.seam.echo) == ("none", "drop")


def test_what_a_shot_shows_replaces_what_its_template_shows(shots: Shots) -> None:
    found = shots(
        """
templates: {talk: {shot: {prompt: he talks}}}
shots:
  - {id: a, template: talk}
  - {id: b, template: talk, still: "#000000"}
  - {id: c, template: talk, multi_prompt: [{prompt: one, duration: 1}, {prompt: two, duration: 1}]}
"""
    )
    assert [shot.still for shot in found.values()] == [None, "#000000", None]
    assert [len(shot.segments) for shot in found.values()] == [1, 0, 2]


@pytest.mark.parametrize(
    ("fields", "own"),
    [
        ("defaults: {audio: true}\nshots: [{id: a, prompt: x}]", False),
        ("shots: [{id: a, prompt: x, audio: true}]", True),
        (
            "templates: {t: {shot: {audio: true, prompt: x}}}\nshots: [{id: a, template: t}]",
            True,
        ),
        ("scenes: [{id: s, defaults: {audio: true}, shots: [{id: a, prompt: x}]}]", False),
        (
            "profiles: {p: {override: {audio: true}}}\nshots: [{id: a, prompt: x, audio: false}]",
            False,
        ),
    ],
)
def test_a_field_knows_whether_the_shot_itself_says_it(
    fields: str, own: bool, shots: Shots
) -> None:
    found = shots(fields, profile="p" if "profiles" in fields else None)["a"]
    assert found.audio is True
    assert found.origin("audio").own is own


# Each layer of names, the nearer winning.
NAMES = ["used", "storyboard", "profile", "scene", "cut", "given", "item", "param"]


@pytest.mark.parametrize("nearest", NAMES)
def test_the_nearest_name_wins(nearest: str, film: Callable[..., Any]) -> None:
    there = NAMES[: NAMES.index(nearest) + 1]

    def vars_if(layer: str, indent: str = "") -> str:
        return f"{indent}vars: {{who: {layer}}}" if layer in there else f"{indent}x-none: 0"

    by_item = "item" in there
    param = "param" in there
    text = f"""
use: [looks.yaml]
{vars_if("storyboard")}
profiles:
  draft:
{vars_if("profile", "    ")}
templates: {{say: {{params: {{{"who: {}" if param else "other: {default: 1}"}}}, shot: {{prompt: "{{{{ {"item" if by_item and not param else "who"} }}}}"}}}}}}
scenes:
  - id: day
{vars_if("scene", "    ")}
    shots:
      - id: a{"{{ item }}" if by_item else ""}
{"        for_each: [item]" if by_item else "        x-none: 0"}
        template: say
{"        with: {who: param}" if param else "        x-also: 0"}
cuts:
  - id: main
{vars_if("cut", "    ")}
"""
    text = text.replace("- id: a{{ item }}", '- id: "a{{ item }}"')
    given = {"who": "given"} if "given" in there else {}
    made = film(text, {"looks.yaml": "vars: {who: used}\n"}, "draft", **given)
    (shot,) = made.cuts[0].shots.values()
    assert shot.segments[0].prompt == nearest


def test_a_var_given_on_the_command_line_changes_vars_made_of_it(prompts: Prompts) -> None:
    text = """
vars: {city: Bergen, claim: "Fresh from {{ city }}"}
shots: [{id: a, prompt: "{{ claim }}"}]
"""
    assert prompts(text) == ["Fresh from Bergen"]
    assert prompts(text, city="Oslo") == ["Fresh from Oslo"]


@pytest.mark.parametrize(
    ("given", "seconds"), [("2.5", Fraction(5, 2)), ("3", Fraction(3)), ("1e1", Fraction(10))]
)
def test_a_var_given_on_the_command_line_is_typed_as_yaml(
    given: str, seconds: Fraction, shots: Shots
) -> None:
    text = 'vars: {length: 1}\nshots: [{id: a, prompt: x, duration: "{{ length }}"}]\n'
    assert shots(text, length=given)["a"].duration == seconds


def test_a_style_follows_every_prompt_of_the_shot(prompts: Prompts) -> None:
    text = """
defaults: {style: "35 mm {{ 'film' }}"}
shots:
  - {id: a, prompt: the sea}
  - {id: b, multi_prompt: [{prompt: rain, duration: 1}, {prompt: sun, duration: 1}]}
  - {id: c, prompt: the moon, style: null}
"""
    assert prompts(text) == [
        "the sea 35 mm film",
        "rain 35 mm film",
        "sun 35 mm film",
        "the moon",
    ]


def test_the_compilers_own_names(prompts: Prompts) -> None:
    text = """
size: 640x360
scenes:
  - id: day
    shots:
      - {id: a, prompt: "{{ scene.id }} {{ shot.id }} {{ cut.id }} {{ cut.size }} [{{ profile }}]"}
"""
    assert prompts(text) == ["day a main 640x360 []"]


def test_what_is_never_rendered(shots: Shots) -> None:
    text = """
shots:
  - {id: a, prompt: x, notes: "{{ nobody }}", x-mine: "{{ nobody }}"}
"""
    assert list(shots(text)) == ["a"]
