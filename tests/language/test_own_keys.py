"""Keys that begin with `x-` are the author's own, anywhere; null takes away what was inherited."""

from __future__ import annotations

from pathlib import Path

import pytest

from storyboard.diagnostics import Diagnostic
from storyboard.model import Storyboard
from storyboard.pipeline import Choices, diagnose

OWN_KEYS = """
version: 1
x-client: {name: Skerry, "no field": [1, 2]}
vars: {x-why: words, sea: a grey sea}
voices: {x-cast: [later], keeper: {x-age: 70, fal: "829826751244537879"}}
profiles:
  x-shared: {foo: 1}
  draft: {x-for: us, defaults: {x-a: 1}, override: {x-b: 2}, vars: {x-c: 3}}
templates:
  x-anchors: {prompt: &words the keeper}
  x-list: [1, 2]
  wide:
    x-from: the first film
    params: {x-order: [light], light: {x-was: lamp, type: string}}
    shot: {x-lens: 35, prompt: "{{ sea }} in {{ light }} light"}
scenes:
  - id: coast
    x-day: 3
    vars: {x-no: 1}
    defaults: {x-slate: 12}
    shots:
      - id: "rock-{{ matrix.light }}"
        x-priority: high
        matrix: {x-because: of the tide, light: [blue, red]}
        template: wide
        with: {x-tried: gold, light: "{{ matrix.light }}"}
        voices: [keeper]
        audio: true
        model: fal/kling-2.6-pro
        first_frame: https://example.org/rock.png
        options: {x-all: 1, fal: {x-one: 2}}
        trim: {x-asked: 1, end: 3}
        transition: {x-tried: wipe, crossfade: 0.5}
        chain: false
        titles: [{x-font: big, text: Skerry}]
cuts:
  - {id: main, x-for: cinema, shots: [{shot: rock-blue, x-why: first}, rock-red]}
"""


def diagnosed(folder: Path, text: str, profile: str) -> tuple[list[Diagnostic], Storyboard]:
    file = folder / "storyboard.yaml"
    file.write_text(text, encoding="utf-8")
    problems, story, _ = diagnose(file, Choices(profile=profile or None))
    assert story is not None
    return list(problems), story


@pytest.mark.parametrize("profile", ["", "draft"])
def test_own_keys_are_ignored_wherever_they_stand(tmp_path: Path, profile: str) -> None:
    problems, story = diagnosed(tmp_path, OWN_KEYS, profile)
    assert problems == []
    assert [seen.shot for seen in story.cuts[0].order] == ["rock-blue", "rock-red"]
    assert story.voices == {"keeper": {"fal": "829826751244537879"}}


def test_an_own_key_is_no_profile(tmp_path: Path) -> None:
    problems, _ = diagnosed(tmp_path, OWN_KEYS, "x-shared")
    assert [item.code.number for item in problems] == ["SB307"]
    assert problems[0].help == "Profiles here: `draft`."


def test_null_takes_away_one_thing_and_leaves_what_the_shot_shows(tmp_path: Path) -> None:
    text = """
version: 1
templates: {calm: {shot: {prompt: a calm sea, negative_prompt: boats}}}
shots:
  - {id: a, template: calm, multi_prompt: null, negative_prompt: null}
"""
    problems, story = diagnosed(tmp_path, text, "")
    assert problems == []
    shot = story.cuts[0].shots["a"]
    assert [segment.prompt for segment in shot.segments] == ["a calm sea"]
    assert shot.negative_prompt is None
