"""Schema, compiler and reference have the same fields: one that is in one only is noticed.

The compiler is asked as a user would ask it: with a field that does not exist,
to which it answers with those that do.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from storyboard.language.problems import Problems
from storyboard.language.shots import ONLY_OWN, Shots
from storyboard.pipeline import Choices, diagnose
from storyboard.share import share

SCHEMA: dict[str, Any] = json.loads(
    (share("schemas") / "storyboard.schema.json").read_text("utf-8")
)
DEFINITIONS: dict[str, Any] = {"storyboard": SCHEMA, **SCHEMA["$defs"]}
REFERENCE = Path(__file__).parents[2] / "docs/reference.md"
UNKNOWN = "qqqq"  # near to no field's name

# Where each mapping of the language stands in a storyboard.
PLACES = {
    "storyboard": "shots: [{id: a, prompt: x}]\nqqqq: 1",
    "scene": "scenes: [{id: s, qqqq: 1, shots: [{id: a, prompt: x}]}]",
    "used_file": "use: looks.yaml\nshots: [{id: a, prompt: x}]",
    "segment": "shots: [{id: a, multi_prompt: [{prompt: x, duration: 2, qqqq: 1}]}]",
    "shot_frame": "shots: [{id: a, prompt: x}, {id: b, prompt: y, first_frame: {shot: a, qqqq: 1}}]",
    "uploaded": "shots: [{id: a, prompt: x, first_frame: {media: m, qqqq: 1}}]",
    "motion": "shots: [{id: a, motion: {video: https://x.org/v.mp4, qqqq: 1}}]",
    "shot_video": "shots: [{id: a, prompt: x}, {id: b, motion: {video: {shot: a, qqqq: 1}}}]",
    "trim": "shots: [{id: a, prompt: x, trim: {start: 1, qqqq: 1}}]",
    "crossfade": "shots: [{id: a, prompt: x, transition: {crossfade: 1, qqqq: 1}}]",
    "fade": "shots: [{id: a, prompt: x, transition: {fade: 1, qqqq: 1}}]",
    "wipe": "shots: [{id: a, prompt: x, transition: {wipe: 1, qqqq: 1}}]",
    "slide": "shots: [{id: a, prompt: x, transition: {slide: 1, qqqq: 1}}]",
    "luma": "shots: [{id: a, prompt: x, transition: {luma: 1, file: l.png, qqqq: 1}}]",
    "seam": "shots: [{id: a, prompt: x, seam: {color: none, qqqq: 1}}]",
    "sound": "shots: [{id: a, prompt: x, sound: [{file: a.wav, qqqq: 1}]}]",
    "soundtrack_entry": "soundtrack: [{file: a.wav, qqqq: 1}]\nshots: [{id: a, prompt: x}]",
    "quality": "quality: {color: 5, qqqq: 1}\nshots: [{id: a, prompt: x}]",
    "loudness_levels": "loudness: {target: -14, qqqq: 1}\nshots: [{id: a, prompt: x}]",
    "shot_time": "soundtrack: [{file: a.wav, at: {shot: a, qqqq: 1}}]\nshots: [{id: a, prompt: x}]",
    "title": "shots: [{id: a, prompt: x, titles: [{text: t, qqqq: 1}]}]",
    "cut_title": "cuts: [{id: c, titles: [{text: t, qqqq: 1}]}]\nshots: [{id: a, prompt: x}]",
    "title_style": "title_styles: {t: {qqqq: 1}}\nshots: [{id: a, prompt: x}]",
    "caption_settings": "captions: {qqqq: 1}\nshots: [{id: a, prompt: x}]",
    "dialogue_line": "shots: [{id: a, prompt: x, dialogue: [{line: t, qqqq: 1}]}]",
    "cut": "cuts: [{id: c, qqqq: 1}]\nshots: [{id: a, prompt: x}]",
    "cut_shot": "cuts: [{id: c, shots: [{shot: a, qqqq: 1}]}]\nshots: [{id: a, prompt: x}]",
    "profile": "profiles: {p: {qqqq: 1}}\nshots: [{id: a, prompt: x}]",
    "template": "templates: {t: {shot: {prompt: x}, qqqq: 1}}\nshots: [{id: a, prompt: x}]",
    "param": "templates: {t: {params: {p: {qqqq: 1}}, shot: {prompt: x}}}\nshots: [{id: a, prompt: x}]",
}


def properties(name: str) -> set[str]:
    return set(DEFINITIONS[name]["properties"])


def told(folder: Path, text: str) -> list[Any]:
    file = folder / "storyboard.yaml"
    file.write_text(f"version: 1\n{text}\n", encoding="utf-8")
    (folder / "looks.yaml").write_text("qqqq: 1\n", encoding="utf-8")
    return list(diagnose(file, Choices())[0])


@pytest.mark.parametrize("name", PLACES)
def test_the_compiler_knows_the_fields_of_the_schema_and_no_others(
    name: str, tmp_path: Path
) -> None:
    (unknown,) = [
        item
        for item in told(tmp_path, PLACES[name])
        if item.code.number == "SB201" and f"`{UNKNOWN}`" in item.message
    ]
    assert unknown.help.startswith("Fields here: ")
    assert set(re.findall(r"`([^`]+)`", unknown.help)) == properties(name)


def test_a_scene_in_a_file_has_nothing_beside_its_file(tmp_path: Path) -> None:
    problems = told(tmp_path, "scenes: [{file: looks.yaml, qqqq: 1}]")
    assert "A scene with `file` has no `qqqq` beside it." in [item.message for item in problems]
    assert properties("scene_file") == {"file"}


def test_shots_have_the_fields_of_the_schema() -> None:
    shots = Shots(Problems())
    assert shots.known == properties("shot")
    assert shots.inherited == properties("shot_fields") == properties("shot") - ONLY_OWN


def test_every_mapping_of_the_schema_is_held_to_the_compiler() -> None:
    with_fields = {name for name, schema in DEFINITIONS.items() if "properties" in schema}
    assert with_fields == {*PLACES, "scene_file", "shot", "shot_fields"}


@pytest.mark.parametrize("name", sorted({*PLACES, "scene_file", "shot"}))
def test_the_reference_has_the_fields_of_the_schema_and_no_others(name: str) -> None:
    page = REFERENCE.read_text("utf-8")
    sections = dict(re.findall(r"^### (.+?)\n(.*?)(?=^### |\Z)", page, re.MULTILINE | re.DOTALL))
    section = sections[DEFINITIONS[name]["title"]]
    assert set(re.findall(r"^\| `([^`]+)` \|", section, re.MULTILINE)) == properties(name)


def test_editors_offer_every_template_of_the_library() -> None:
    offered = DEFINITIONS["template_name"]["anyOf"][1]["enum"]
    assert offered == sorted(
        f"std/{path.stem}" for path in (share("templates") / "std").glob("*.yaml")
    )
