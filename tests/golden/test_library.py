"""The standard library: each template expands to exactly what its `expected.yaml` says.

A case is a folder under `templates`, one a template. In its storyboard the shot
`required` gives the params that must be given, the shot `all` gives every one.
Released texts never change, so `pytest tests/golden --update` may add to what
is expected, and changes it only for a template that no release has shipped.
"""

from __future__ import annotations

from dataclasses import MISSING, fields
from enum import Enum
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import yaml

from storyboard.language.library import LIBRARY, read_library
from storyboard.model import Shot
from storyboard.passes.expand import expand
from storyboard.passes.load import load

CASES = Path(__file__).parent / "templates"
NAMES = sorted(name.removeprefix(LIBRARY) for name in read_library()[0])
PLACES = {"id", "scene", "at", "origin", "origins"}
"""Where something is written, not what it is."""


@pytest.mark.parametrize("name", NAMES)
def test_expands_to_what_was_released(name: str, update: bool) -> None:
    document, problems = load(CASES / name / "storyboard.yaml")
    assert document is not None
    storyboard, more = expand(document)
    assert storyboard is not None
    assert (*problems, *more) == ()
    shots = storyboard.cuts[0].shots
    made = {given: told(shots[given]) for given in ("required", "all")}
    expected = CASES / name / "expected.yaml"
    if update:
        text = yaml.safe_dump(made, sort_keys=False, allow_unicode=True, width=100)
        expected.write_text(text, encoding="utf-8")
    assert made == yaml.safe_load(expected.read_text("utf-8"))


@pytest.mark.parametrize("name", NAMES)
def test_the_case_gives_what_it_says(name: str) -> None:
    params = read_library()[0][f"{LIBRARY}{name}"].get("params")
    assert params is not None
    required = {param for param, schema in params.items.items() if schema.get("default") is None}
    storyboard = yaml.safe_load((CASES / name / "storyboard.yaml").read_text("utf-8"))
    given = {shot["id"]: shot for shot in storyboard["shots"]}
    assert {given[id_]["template"] for id_ in ("required", "all")} == {f"{LIBRARY}{name}"}
    assert given["required"]["with"].keys() == required
    assert given["all"]["with"].keys() == params.items.keys()


def test_no_released_template_is_taken_away() -> None:
    assert {path.name for path in CASES.iterdir()} == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_every_template_explains_itself(name: str) -> None:
    template = read_library()[0][f"{LIBRARY}{name}"].plain()
    assert isinstance(template, dict)
    assert str(template["description"]).endswith(".")
    params: Any = template["params"]
    for param, schema in params.items():
        assert schema["type"], param
        assert schema["description"], param
        assert schema["examples"], param
        assert set(schema["examples"]) <= set(schema.get("enum", schema["examples"])), param


def told(shot: Shot) -> dict[str, Any]:
    """The fields of a shot that a template can have set."""
    return _plain(shot)


def _plain(value: Any) -> Any:
    match value:
        case Fraction():
            return int(value) if value.denominator == 1 else float(value)
        case Enum():
            return value.value
        case tuple():
            return [_plain(each) for each in value]
    if not hasattr(value, "__dataclass_fields__"):
        return value
    named = {field.name: getattr(value, field.name) for field in fields(value) if field.name not in PLACES}  # fmt: skip
    usual = {
        field.name: field.default if field.default_factory is MISSING else field.default_factory()
        for field in fields(value)
    }
    return {name: _plain(each) for name, each in named.items() if each != usual[name]}
