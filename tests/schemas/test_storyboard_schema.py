"""The JSON Schema of the language: whole, described, and true to what is written."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from storyboard.diagnostics import Severity
from storyboard.language import yaml
from storyboard.passes.expand import expand
from storyboard.share import share
from storyboard.source import Document, Source

SCHEMA: dict[str, Any] = json.loads(
    (share("schemas") / "storyboard.schema.json").read_text("utf-8")
)
VALIDATOR = Draft202012Validator(SCHEMA)
ROOT = Path(__file__).parents[2]

# The language as its design fixes it: a field that goes missing here is noticed.
SHOT_FIELDS = [
    "id",
    "template",
    "with",
    "for_each",
    "matrix",
    "when",
    "prompt",
    "multi_prompt",
    "multi_prompt_mode",
    "style",
    "negative_prompt",
    "chain",
    "first_frame",
    "last_frame",
    "clip",
    "still",
    "move",
    "motion",
    "duration",
    "trim",
    "aspect_ratio",
    "audio",
    "voices",
    "cfg_scale",
    "model",
    "options",
    "fallback",
    "variant",
    "rebuild",
    "transition",
    "seam",
    "fit",
    "focus",
    "titles",
    "dialogue",
    "sound",
    "notes",
]

WHOLE = """
version: 1
title: The Lighthouse Keeper
size: 1280x720
fps: 24
budget: 25
use: [looks.yaml]
vars:
  keeper: an old keeper in a navy oilskin coat
defaults:
  model: animatic
  duration: 5
  style: 35 mm film, muted colour
  negative_prompt: blurry, watermark, extra fingers
profiles:
  draft: {override: {model: animatic}}
  final: {defaults: {model: fal/kling-2.6-pro, audio: true}}
voices:
  keeper: {fal: "829826751244537879"}
templates:
  closeup:
    description: An extreme close-up
    params:
      subject: {}
      light: {default: soft dawn, enum: [soft dawn, hard noon]}
    shot:
      prompt: "Extreme close-up of {{ subject }}, {{ light }}, 85 mm lens"
scenes:
  - id: lantern-room
    shots:
      - id: arrival
        first_frame: assets/stair.png
        prompt: "{{ keeper }} climbs the spiral stair, lantern in hand"
      - id: gallery
        prompt: "he steps out onto the gallery, wind in his coat"
      - id: lamp
        template: closeup
        with: {subject: the great lamp}
        chain: false
      - id: storm
        first_frame: {shot: gallery}
        multi_prompt:
          - {prompt: "Rain lashes the glass", duration: 3}
          - {prompt: "Lightning; {{ keeper }} turns", duration: 7}
        transition: {crossfade: 0.5}
  - file: scenes/morning.yaml
soundtrack:
  - {file: assets/score.wav, gain_db: -12, fade_in: 1, fade_out: 3}
"""

CUTS = """
version: 1
vars: {claims: {de: Hallo, fr: Bonjour}}
shots: [{id: hero, prompt: a ring}, {id: ring, prompt: it turns}]
cuts:
  - {id: main}
  - {id: "{{ matrix.market }}-{{ matrix.shape }}", matrix: {market: [de, fr], shape: [720x1280, 720x720]},
     size: "{{ matrix.shape }}", fit: crop, vars: {claim: "{{ claims[matrix.market] }}"}, shots: [hero, {shot: ring, trim: {end: 2}}]}
"""


def read(text: str) -> Any:
    """A YAML text as the compiler reads it."""
    node, problems = yaml.read(Source("storyboard.yaml", text))
    assert node is not None
    assert problems == []
    return node.plain()


def complaints(document: Any) -> list[str]:
    return [error.message for error in VALIDATOR.iter_errors(document)]


def shot(text: str) -> Any:
    """A storyboard of one shot with these fields."""
    names = {"look": "oil", "light": "dawn", "beat": 0.5, "way": "up", "beats": [1, 2]}
    return {
        "version": 1,
        "vars": names,
        "shots": [{"id": "a", "prompt": "x"} | read(f"{{{text}}}")],
    }


def refusals(document: Any) -> list[str]:
    """What the compiler itself has against a storyboard."""
    node, problems = yaml.read(Source("storyboard.yaml", json.dumps(document)))
    assert node is not None
    found = [*problems, *expand(Document(Path("storyboard.yaml"), node))[1]]
    return [problem.message for problem in found if problem.severity is Severity.ERROR]


def properties(schema: Any, place: str = "#") -> Iterator[tuple[str, Any]]:
    """Every property of every object in the schema, with its place."""
    if isinstance(schema, dict):
        if place.rpartition("/")[2] == "properties":
            for name, field in schema.items():
                yield f"{place}/{name}", field
        for name, part in schema.items():
            if name not in {"examples", "default", "enum", "defaultSnippets"}:
                yield from properties(part, f"{place}/{name}")
    elif isinstance(schema, list):
        for number, part in enumerate(schema):
            yield from properties(part, f"{place}/{number}")


def resolved(field: dict[str, Any]) -> dict[str, Any]:
    """A field with what it refers to: what stands beside a `$ref` wins."""
    if "$ref" not in field:
        return field
    target = SCHEMA
    for step in field["$ref"].removeprefix("#/").split("/"):
        target = target[step]
    own = {name: value for name, value in field.items() if name != "$ref"}
    return resolved(target) | own


def objects(schema: Any, place: str = "#") -> Iterator[tuple[str, Any]]:
    """Every object with named fields in the schema, with its place."""
    if isinstance(schema, dict):
        if isinstance(schema.get("properties"), dict) and schema.get("type") == "object":
            yield place, schema
        for name, part in schema.items():
            yield from objects(part, f"{place}/{name}")


def test_the_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("name", ["scene", "used"])
def test_the_schemas_of_parts_refer_to_the_whole(name: str) -> None:
    part = json.loads((share("schemas") / f"{name}.schema.json").read_text("utf-8"))
    registry = Registry().with_resource("storyboard.schema.json", Resource.from_contents(SCHEMA))
    validator = Draft202012Validator(part, registry=registry)
    document = {"scene": {"id": "a", "shots": []}, "used": {"vars": {"light": "dawn"}}}[name]
    assert list(validator.iter_errors(document)) == []
    assert list(validator.iter_errors({"shotz": []}))


def test_every_reference_leads_somewhere_and_every_definition_is_used() -> None:
    references = set(re.findall(r'"\$ref": "#/([^"]+)"', json.dumps(SCHEMA)))
    for reference in references:
        resolved({"$ref": f"#/{reference}"})
    # `used_file` is for files of its own.
    assert {f"$defs/{name}" for name in SCHEMA["$defs"]} - references == {"$defs/used_file"}


def test_every_field_says_what_it_means() -> None:
    for place, field in properties(SCHEMA):
        text = resolved(field).get("description", "")
        assert text.endswith("."), f"{place} needs a description in whole sentences"


def test_every_definition_has_a_title_and_a_description() -> None:
    for name, definition in SCHEMA["$defs"].items():
        assert definition.get("title"), name
        assert definition.get("description", "").endswith("."), name


def test_every_object_takes_the_authors_own_keys_and_no_others() -> None:
    for place, found in objects(SCHEMA):
        assert found["patternProperties"]["^x-"] is True, place
        assert found["additionalProperties"] is False, place


def test_the_examples_and_defaults_of_every_field_are_valid() -> None:
    for place, field in properties(SCHEMA):
        whole = resolved(field)
        examples = [
            *whole.get("examples", []),
            *([whole["default"]] if "default" in whole else []),
            *(snippet["body"] for snippet in whole.get("defaultSnippets", [])),
        ]
        validator = VALIDATOR.evolve(schema=field)
        for example in examples:
            assert [error.message for error in validator.iter_errors(example)] == [], (
                place,
                example,
            )


def test_an_editor_offers_mappings_and_lists_by_what_they_say() -> None:
    # Editors show an example that is no single value as `[object Object]`.
    for place, field in properties(SCHEMA):
        for example in resolved(field).get("examples", []):
            assert not isinstance(example, dict | list), place
        for snippet in resolved(field).get("defaultSnippets", []):
            assert read(snippet["label"]) == snippet["body"], place


def test_the_fields_of_a_shot_are_those_of_the_language() -> None:
    assert sorted(SCHEMA["$defs"]["shot"]["properties"]) == sorted(SHOT_FIELDS)


def test_defaults_take_every_field_that_a_shot_can_inherit() -> None:
    fields = SCHEMA["$defs"]["shot_fields"]["properties"]
    assert set(fields) == set(SHOT_FIELDS) - {
        "id",
        "template",
        "with",
        "for_each",
        "matrix",
        "when",
    }
    for name, field in fields.items():
        assert field == {"$ref": f"#/$defs/shot/properties/{name}"}


@pytest.mark.parametrize("text", [WHOLE, CUTS])
def test_a_whole_storyboard_is_good(text: str) -> None:
    assert complaints(read(text)) == []


@pytest.mark.parametrize("name", sorted(SCHEMA["$defs"]["shot_fields"]["properties"]))
def test_null_removes_any_field_that_came_from_elsewhere(name: str) -> None:
    assert complaints({"version": 1, "shots": [{"id": "a", name: None}]}) == []


@pytest.mark.parametrize(
    "name",
    sorted(
        set(SHOT_FIELDS)
        - {"id", "when", "with", "options", "matrix", "multi_prompt", "motion", "seam"}
        - {"titles", "dialogue", "sound", "trim"}  # mappings and lists: their leaves are rendered
    ),
)
def test_a_template_may_give_any_leaf(name: str) -> None:
    assert complaints({"version": 1, "shots": [{"id": "a", name: "{{ it }}"}]}) == []


@pytest.mark.parametrize(
    "fields",
    [
        "id: 01",
        "id: 2",
        "prompt: off",
        "prompt: 12",
        "style: '{{ look }}, {{ light }}'",
        "chain: false",
        "chain: keeper",
        "first_frame: assets/stair.png",
        "first_frame: https://example.org/stair.png",
        "first_frame: none",
        "first_frame: {shot: gallery}",
        "first_frame: {shot: 7, at: first}",
        "first_frame: {shot: gallery, at: -1.5}",
        "first_frame: {media: c64351d5}",
        "last_frame: {shot: storm, at: last}",
        "clip: footage/take.mp4, prompt: null",
        "still: '#101820', move: push-in, prompt: null",
        "motion: {video: {shot: dance}, orientation: image, keep_sound: true}",
        "duration: 2.5",
        "duration: '{{ beat * 4 }}'",
        "trim: {start: 0.5}",
        "trim: {end: 4, x-why: too long}",
        "transition: cut",
        "transition: {crossfade: 0.5}",
        "transition: {fade: 1, color: white, audio: cut}",
        "transition: {wipe: 1, direction: up}",
        "transition: {slide: 1, direction: '{{ way }}'}",
        "transition: {luma: 1, file: assets/spiral.png}",
        "seam: {color: previous, echo: drop}",
        "fit: blur, focus: [0.3, 1]",
        "aspect_ratio: '9:16'",
        "voices: [keeper]",
        "options: {runware: {outputQuality: 95}}",
        "fallback: [animatic]",
        "for_each: [1, 2], id: 'a-{{ item }}'",
        "for_each: '{{ beats }}', id: 'a-{{ item }}'",
        "matrix: {light: [dawn, noon], lens: '{{ beats }}'}, id: '{{ matrix.light }}-{{ matrix.lens }}'",
        "when: profile == 'final'",
        "when: true",
        "titles: [Skerry, '1903'], dialogue: [It never goes out.]",
        "titles: [{text: 1903, at: 1, for: 2, position: center}]",
        "dialogue: [{by: keeper, line: It never goes out., at: 1, for: 2}]",
        "sound: [{file: a.wav, at: -1, trim: {end: 2}}, {shot: b, gain_db: -6}]",
        "notes: [anything, {at: all}]",
        "x-mine: {any: thing}",
    ],
)
def test_good_fields_of_a_shot(fields: str) -> None:
    assert complaints(shot(fields)) == []
    assert refusals(shot(fields)) == []


@pytest.mark.parametrize(
    "fields",
    [
        "id: two words",
        "id: a/b",
        "id: .hidden",
        "negativ_prompt: blurry",
        "prompt: [a, b]",
        "template: null",
        "chain: two words",
        "chain: [a]",
        "first_frame: {shot: gallery, at: middle}",
        "first_frame: {at: first}",
        "first_frame: {shot: a, media: b}",
        "move: sideways",
        "motion: {orientation: image}",
        "motion: {video: a.mp4, orientation: back}",
        "multi_prompt: []",
        "multi_prompt: [{prompt: a}]",
        "multi_prompt: [{prompt: a, duration: 0}]",
        "multi_prompt_mode: both",
        "duration: 0",
        "duration: -1",
        "duration: five",
        "duration: '5'",
        "trim: {start: -1}",
        "trim: {from: 1}",
        "transition: dissolve",
        "transition: {crossfade: 0}",
        "transition: {fade: 1, color: blackish}",
        "transition: {crossfade: 1, color: white}",
        "transition: {wipe: 1, direction: north}",
        "transition: {luma: 1}",
        "transition: {fade: 1, audio: loud}",
        "seam: {color: next}",
        "fit: regenerate",
        "focus: [0.5]",
        "focus: [0.5, 2]",
        "aspect_ratio: wide",
        "audio: yes",
        "voices: keeper",
        "options: {runware: 95}",
        "variant: -1",
        "variant: 1.5",
        "rebuild: never",
        "matrix: {}",
        "matrix: {light: dawn}",
        "when: '{{ profile }}'",
        "when: '{% if profile %}'",
        "titles: [{at: 1}]",
        "titles: [{text: a, position: behind}]",
        "dialogue: [{by: keeper}]",
        "sound: [{at: 1}]",
        "sound: [{file: a.wav, shot: b}]",
        "sound: [{file: a.wav, loop: true}]",
        "soundtrack: []",
    ],
)
def test_bad_fields_of_a_shot(fields: str) -> None:
    assert complaints(shot(fields))
    assert refusals(shot(fields))


@pytest.mark.parametrize(
    "text",
    [
        "{version: 1, shots: [{id: a, prompt: x}], fps: 23.976}",
        "{version: 1, shots: [{id: a, prompt: x}], vars: {größe: klein}, use: looks.yaml, profiles: {draft: null}}",
        "{version: 1, shots: [{id: a, prompt: x}], fps: 30000/1001}",
        "{version: 1, shots: [{id: a, prompt: x}], vars: {shape: 720x720}, size: '{{ shape }}'}",
        "{version: 1, shots: [{id: a, prompt: x}], requires: '>=0.1', budget: 12.5, x-client: {name: Skerry}}",
        "{version: 1, scenes: [{id: a, chain: false, vars: {b: [1, {c: 2}]}, shots: []}]}",
        "{version: 1, scenes: [{file: scenes/a.yaml, x-note: draft}]}",
        "{version: 1, shots: [{id: a, prompt: x}], soundtrack: [{file: a.wav, at: {shot: a, at: 1}, loop: true, duck_db: -9}]}",
        "{version: 1, shots: [{id: a, prompt: x}], soundtrack: score.wav}",
        "{version: 1, shots: [{id: a, prompt: x}], soundtrack: {file: score.wav, trim: {start: 1}}}",
        "{version: 1, shots: [{id: a, prompt: x}], soundtrack: [score.wav, {file: sea.wav}]}",
        "{version: 1, shots: [{id: a, prompt: x}], voices: {keeper: {fal: 829826751244537879}}}",
        "{version: 1, shots: [{id: a, prompt: x}], profiles: {final: {vars: {grain: fine}, x-why: client}}}",
        "{version: 1, shots: [{id: a, prompt: x}], templates: {e: {shot: {style: y}}, b: {extends: e, params: {c: {type: integer, minimum: 1, title: C}, d: null}}}}",
        "{version: 1, shots: [{id: a, prompt: x}], cuts: [{id: m, when: profile == 'final', format: webm, captions: de.srt, titles: [{text: A, at: {shot: a}}]}]}",
    ],
)
def test_good_storyboards(text: str) -> None:
    assert complaints(read(text)) == []
    assert refusals(read(text)) == []


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        "{version: 1}",
        "{version: 2, shots: [{id: a, prompt: x}]}",
        "{version: 1, shots: [{prompt: no id}]}",
        "{version: 1, shots: [{id: a, prompt: x}], scenes: [{id: b, shots: []}]}",
        "{version: 1, shots: [{id: a, prompt: x}], tittle: x}",
        "{version: 1, shots: [{id: a, prompt: x}], size: 1280}",
        "{version: 1, shots: [{id: a, prompt: x}], size: 1281x720}",
        "{version: 1, shots: [{id: a, prompt: x}], size: 8x8}",
        "{version: 1, shots: [{id: a, prompt: x}], fps: 240}",
        "{version: 1, shots: [{id: a, prompt: x}], soundtrack: [{file: a.wav, duck_db: 6}]}",
        "{version: 1, shots: [{id: a, prompt: x}], fps: 0}",
        "{version: 1, shots: [{id: a, prompt: x}], fps: fast}",
        "{version: 1, shots: [{id: a, prompt: x}], budget: -1}",
        "{version: 1, shots: [{id: a, prompt: x}], vars: {b: null}}",
        "{version: 1, shots: [{id: a, prompt: x}], vars: {shot: b}}",
        "{version: 1, shots: [{id: a, prompt: x}], vars: {two words: b}}",
        "{version: 1, shots: [{id: a, prompt: x}], defaults: {id: b}}",
        "{version: 1, shots: [{id: a, prompt: x}], defaults: {template: b}}",
        "{version: 1, shots: [{id: a, prompt: x}], templates: {b: {params: {c: {deafult: dawn}}}}}",
        "{version: 1, shots: [{id: a, prompt: x}], defaults: {durration: 5}}",
        "{version: 1, shots: [{id: a, prompt: x}], profiles: {final: {model: animatic}}}",
        "{version: 1, shots: [{id: a, prompt: x}], templates: {std/mine: {}}}",
        "{version: 1, shots: [{id: a, prompt: x}], templates: {b: {params: {c: dawn}}}}",
        "{version: 1, shots: [{id: a, prompt: x}], templates: {b: {prompt: outside shot}}}",
        "{version: 1, shots: [{id: a, prompt: x}], templates: {b: {description: empty}}}",
        "{version: 1, scenes: [{shots: [{id: a, prompt: x}]}]}",
        "{version: 1, shots: [{id: a, prompt: x}], soundtrack: [{gain_db: -6}]}",
        "{version: 1, shots: [{id: a, prompt: x}], soundtrack: [{file: a.wav, at: {at: 1}}]}",
        "{version: 1, shots: [{id: a, prompt: x}], cuts: [{size: 720x720}]}",
        "{version: 1, shots: [{id: a, prompt: x}], cuts: [{id: m, fit: stretch}]}",
        "{version: 1, shots: [{id: a, prompt: x}], cuts: [{id: m, shots: [{trim: {end: 2}}]}]}",
    ],
)
def test_bad_storyboards(text: str) -> None:
    assert complaints(read(text))
    assert refusals(read(text))


@pytest.mark.parametrize(
    "text", ["{}", "{version: 1, shots: []}", "{version: 1, scenes: [{file: a.yaml, id: b}]}"]
)
def test_what_the_compiler_finds_at_another_time_is_bad_too(text: str) -> None:
    assert complaints(read(text))


@pytest.mark.parametrize(
    "file",
    [*ROOT.glob("storyboard/storyboard.yaml"), *ROOT.glob("examples/*/storyboard.yaml")],
    ids=lambda file: file.parent.name,
)
def test_the_storyboards_of_this_repository_are_good(file: Path) -> None:
    assert complaints(read(file.read_text("utf-8"))) == []
