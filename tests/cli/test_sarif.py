"""What code scanning and GitHub's annotations are given."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from jsonschema import Draft202012Validator

from storyboard.cli.sarif import github, sarif
from storyboard.diagnostics import Diagnostic
from storyboard.pipeline import Choices, diagnose

CORPUS = Path(__file__).parents[1] / "golden" / "diagnostics"
CASES = sorted(path.parent for path in CORPUS.glob("*/storyboard.yaml"))

# What SARIF 2.1.0 demands of the objects that are used here, and no more than these:
# the published schema as a whole was asked once, by hand, for the log of every case.
_TEXT = {
    "type": "object",
    "properties": {"text": {"type": "string"}, "markdown": {"type": "string"}},
    "required": ["text"],
    "additionalProperties": False,
}
_LOCATION = {
    "type": "object",
    "properties": {
        "id": {"type": "integer", "minimum": -1},
        "message": _TEXT,
        "physicalLocation": {
            "type": "object",
            "properties": {
                "artifactLocation": {
                    "type": "object",
                    "properties": {"uri": {"type": "string", "pattern": r"^[!-~]+$"}},
                    "required": ["uri"],
                    "additionalProperties": False,
                },
                "region": {
                    "type": "object",
                    "properties": {
                        name: {"type": "integer", "minimum": 1}
                        for name in ("startLine", "startColumn", "endLine", "endColumn")
                    },
                    "required": ["startLine"],
                    "additionalProperties": False,
                },
            },
            "required": ["artifactLocation"],
            "additionalProperties": False,
        },
    },
    "additionalProperties": False,
}
_LEVEL = {"enum": ["none", "note", "warning", "error"]}
SARIF = {
    "type": "object",
    "properties": {
        "$schema": {"type": "string", "format": "uri"},
        "version": {"const": "2.1.0"},
        "runs": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "tool": {
                        "type": "object",
                        "properties": {
                            "driver": {
                                "type": "object",
                                "properties": {
                                    "name": {"type": "string"},
                                    "semanticVersion": {"type": "string"},
                                    "rules": {
                                        "type": "array",
                                        "uniqueItems": True,
                                        "items": {
                                            "type": "object",
                                            "properties": {
                                                "id": {"type": "string"},
                                                "name": {"type": "string"},
                                                "shortDescription": _TEXT,
                                                "fullDescription": _TEXT,
                                                "help": _TEXT,
                                                "defaultConfiguration": {
                                                    "type": "object",
                                                    "properties": {"level": _LEVEL},
                                                    "additionalProperties": False,
                                                },
                                            },
                                            "required": ["id"],
                                            "additionalProperties": False,
                                        },
                                    },
                                },
                                "required": ["name"],
                                "additionalProperties": False,
                            }
                        },
                        "required": ["driver"],
                        "additionalProperties": False,
                    },
                    "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
                    "results": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "properties": {
                                "ruleId": {"type": "string"},
                                "ruleIndex": {"type": "integer", "minimum": -1},
                                "level": _LEVEL,
                                "message": _TEXT,
                                "locations": {"type": "array", "items": _LOCATION},
                                "relatedLocations": {
                                    "type": "array",
                                    "uniqueItems": True,
                                    "items": _LOCATION,
                                },
                            },
                            "required": ["message"],
                            "additionalProperties": False,
                        },
                    },
                },
                "required": ["tool"],
                "additionalProperties": False,
            },
        },
    },
    "required": ["version", "runs"],
    "additionalProperties": False,
}
VALIDATOR = Draft202012Validator(SARIF)


def told(case: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Diagnostic, ...]:
    monkeypatch.chdir(case)
    return diagnose(Path("storyboard.yaml"), Choices())[0]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_log_is_sarif(case: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = told(case, monkeypatch)
    log: Any = sarif(found)
    assert json.loads(json.dumps(log)) == log
    assert [error.message for error in VALIDATOR.iter_errors(log)] == []
    (run,) = log["runs"]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert [rules[result["ruleIndex"]] for result in run["results"]] == [
        item.code.number for item in found
    ]


def film(text: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Diagnostic, ...]:
    (folder / "storyboard.yaml").write_text(text, encoding="utf-8")
    return told(folder, monkeypatch)


WRONG = """
version: 1
templates:
  close: {params: {of: {}}, shot: {prompt: "of {{ off }}, 100%"}}
shots:
  - {id: a, template: close, with: {of: the lamp}}
  - {id: b, prompt: x, duration: 5s}
"""


def test_a_place_in_sarif_is_the_place_in_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log: Any = sarif(film(WRONG, tmp_path, monkeypatch))
    name, duration = log["runs"][0]["results"]
    region = name["locations"][0]["physicalLocation"]["region"]
    line = WRONG.split("\n")[region["startLine"] - 1]
    assert line[region["startColumn"] - 1 : region["endColumn"] - 1] == "off"
    assert "Did you mean `of`?" in name["message"]["text"]
    way = name["relatedLocations"][0]
    assert way["message"]["text"] == "in template `close`, used by shot `a`"
    assert way["physicalLocation"]["region"]["startLine"] == 6
    assert duration["level"] == "error"


def test_a_file_with_a_space_in_its_name_is_a_uri(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "my looks").mkdir()
    (tmp_path / "my looks" / "näxt.yaml").write_text("lens: 3\n", encoding="utf-8")
    text = 'version: 1\nuse: ["my looks/näxt.yaml"]\nshots: [{id: a, prompt: x}]\n'
    log: Any = sarif(film(text, tmp_path, monkeypatch))
    place = log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "my%20looks/n%C3%A4xt.yaml"
    assert unquote(place["artifactLocation"]["uri"]) == "my looks/näxt.yaml"


def test_a_value_of_the_command_line_has_no_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "storyboard.yaml").write_text(
        "version: 1\nvars: {city: Bergen}\nshots: [{id: a, prompt: x}]\n", encoding="utf-8"
    )
    monkeypatch.chdir(tmp_path)
    found, _, _ = diagnose(Path("storyboard.yaml"), Choices(given={"city": "[Oslo", "town": "x"}))
    log: Any = sarif(found)
    assert [("locations" in result) for result in log["runs"][0]["results"]] == [False, False]
    assert github(found).count("file=") == 0


def test_github_is_told_the_file_the_line_and_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = github(film(WRONG, tmp_path, monkeypatch)).splitlines()
    assert first == (
        "::error file=storyboard.yaml,line=4,title=SB302,col=51,endColumn=54::`off` is not defined."
        "%0ADid you mean `of`?%0Ain template `close`, used by shot `a`"
    )
    assert second.startswith(
        "::error file=storyboard.yaml,line=7,title=SB203,col=34,endColumn=36::"
    )


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_annotation_is_one_line_that_github_can_read(
    case: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = told(case, monkeypatch)
    lines = github(found).split("\n")[:-1]
    assert len(lines) == len(found)
    for line in lines:
        assert re.fullmatch(r"::(error|warning) (\w+=[^,:]*,)*\w+=[^,:]*::.+", line)
