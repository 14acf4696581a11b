"""`check --format` and `explain-code`: the same problems for editors, code scanning and CI."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from quick_command import quick_command

BAD = "version: 1\nshots:\n  - {id: a, promt: a boat}\n  - {id: b, prompt: '{{ nobody }}'}\n"


def storyboard(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return quick_command(arguments, folder)


@pytest.fixture
def film(tmp_path: Path) -> Path:
    (tmp_path / "storyboard.yaml").write_text(BAD, encoding="utf-8")
    return tmp_path


def test_sarif_names_the_place_of_each_problem(film: Path) -> None:
    ran = storyboard("check", "--format", "sarif", folder=film)
    assert ran.returncode == 2
    assert ran.stderr == ""
    log = json.loads(ran.stdout)
    assert log["version"] == "2.1.0"
    places = [
        (result["ruleId"], result["locations"][0]["physicalLocation"]["region"]["startLine"])
        for result in log["runs"][0]["results"]
    ]
    assert places == [("SB201", 3), ("SB302", 4)]


def test_github_annotates_the_lines(film: Path) -> None:
    ran = storyboard("check", "--format", "github", folder=film)
    assert ran.returncode == 2
    lines = ran.stdout.splitlines()
    assert len(lines) == 2
    assert lines[0].startswith("::error file=storyboard.yaml,line=3,")
    assert "SB201" in lines[0]


def test_json_is_the_same_by_either_option(film: Path) -> None:
    by_format = storyboard("check", "--format", "json", folder=film)
    by_flag = storyboard("check", "--json", folder=film)
    assert by_format.stdout == by_flag.stdout
    assert json.loads(by_flag.stdout)["ok"] is False


def test_a_clean_storyboard_annotates_nothing(film: Path) -> None:
    (film / "storyboard.yaml").write_text(
        "version: 1\nshots: [{id: a, prompt: a boat}]\n", encoding="utf-8"
    )
    ran = storyboard("check", "--format", "github", folder=film)
    assert (ran.returncode, ran.stdout) == (0, "")


def test_a_code_is_explained_with_an_example(tmp_path: Path) -> None:
    ran = storyboard("explain-code", "SB201", folder=tmp_path)
    assert ran.returncode == 0
    assert "SB201" in ran.stdout
    assert "```yaml" in ran.stdout


def test_an_unknown_code_is_the_callers_mistake(tmp_path: Path) -> None:
    ran = storyboard("explain-code", "SB999", folder=tmp_path)
    assert ran.returncode == 2
    assert "SB999" in ran.stderr
