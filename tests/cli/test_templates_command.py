"""`storyboard templates`: what is at hand, here and outside of any storyboard."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from storyboard.cli import run
from storyboard.cli.templates import Listed, at_hand, block, use
from storyboard.passes.expand import expand
from storyboard.passes.load import load

LIBRARY, _ = at_hand(None)

FILM = """\
version: 1
use: [looks.yaml]
templates:
  leaf:
    description: What hangs
      on a tree
    params:
      what: {}
      seconds: {type: number, default: 1.5, minimum: 0.5}
      "x-by": me
    shot: {prompt: "{{ what }}", duration: "{{ seconds }}"}
  near:
    extends: std/closeup
    params: {light: {type: string, default: dawn}}
shots: [{id: a, prompt: x}]
"""
LOOKS = "templates: {card: {params: {text: {type: string}}, shot: {still: '#203040'}}}\n"


@pytest.fixture
def film(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A storyboard with templates of its own, in the working directory."""
    (tmp_path / "storyboard.yaml").write_text(FILM)
    (tmp_path / "looks.yaml").write_text(LOOKS)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def listed(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    assert run(["templates", *arguments, "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["version"] == 1
    return {template["name"]: template for template in document["templates"]}


def test_outside_of_any_storyboard_there_is_the_library(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    names = list(listed(capsys))
    assert len(names) > 20
    assert names == sorted(names)
    assert all(name.startswith("std/") for name in names)

    assert run(["templates"]) == 0
    said = capsys.readouterr()
    assert [line.split()[0] for line in said.out.splitlines() if line[0] != " "] == names
    assert said.err == ""


def test_the_storyboards_own_come_first_then_the_library(
    film: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = listed(capsys)
    assert list(found)[:3] == ["card", "leaf", "near"]
    assert list(found)[3:] == list(LIBRARY)
    assert {name: (found[name]["file"], found[name]["line"]) for name in ("leaf", "near", "card")} == {
        "leaf": ("storyboard.yaml", 4), "near": ("storyboard.yaml", 12), "card": ("looks.yaml", 1),
    }  # fmt: skip
    assert found["leaf"]["description"] == "What hangs on a tree"
    assert found["leaf"]["params"] == {
        "what": {},
        "seconds": {"type": "number", "default": 1.5, "minimum": 0.5},
    }
    library = found["std/closeup"]
    assert Path(library["file"]).read_text("utf-8").startswith("description:")
    assert library["line"] == 1


def test_a_template_shows_what_it_extends(film: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = listed(capsys, "near")["near"]
    whole = listed(capsys, "std/closeup")["std/closeup"]
    assert found["extends"] == "std/closeup"
    assert found["params"] == whole["params"] | {"light": {"type": "string", "default": "dawn"}}
    assert found["shot"] == whole["shot"]


def test_one_template_is_shown_in_full(film: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["templates", "leaf"]) == 0
    assert (
        capsys.readouterr().out
        == """\
leaf  storyboard.yaml:4
  What hangs on a tree

Params
  what     anything, required
  seconds  number, default 1.5

Shot
  prompt: '{{ what }}'
  duration: '{{ seconds }}'

Use
  - id: leaf
    template: leaf
    with:
      what: …
"""
    )


@pytest.mark.parametrize("template", LIBRARY.values(), ids=lambda template: template.name)
@pytest.mark.parametrize("whole", [False, True], ids=["required", "all"])
def test_the_example_of_each_template_works_as_it_is_shown(
    template: Listed, whole: bool, tmp_path: Path
) -> None:
    path = tmp_path / "storyboard.yaml"
    shown = block(use(template, whole=whole))
    path.write_text(f"version: 1\nshots:\n{shown}\n", encoding="utf-8")
    document, problems = load(path)
    assert document is not None
    storyboard, more = expand(document)
    assert (*problems, *more) == ()
    assert storyboard is not None
    assert list(storyboard.cuts[0].shots) == [template.name.removeprefix("std/")]


@pytest.mark.parametrize("template", LIBRARY.values(), ids=lambda template: template.name)
def test_the_shot_is_shown_as_it_could_be_written(template: Listed) -> None:
    shown = block(template.shot)
    assert yaml.safe_load(shown) == template.shot
    assert all(line.count("{{") == line.count("}}") for line in shown.splitlines())


def test_a_misspelt_name_is_told_the_nearest(
    film: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["templates", "std/closup"]) == 2
    assert capsys.readouterr().err == (
        "error: There is no template `std/closup`.\n  help: Did you mean `std/closeup`?\n"
    )


def test_what_cannot_be_read_is_said_and_the_rest_is_listed(
    film: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (film / "looks.yaml").unlink()
    assert run(["templates"]) == 0
    said = capsys.readouterr()
    assert "The file `looks.yaml` does not exist." in said.err
    assert said.out.startswith("leaf ")


def test_a_broken_template_is_listed_with_what_it_says(
    film: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (film / "storyboard.yaml").write_text(
        "version: 1\n"
        "templates:\n"
        "  a: {extends: b, params: {x: {enum: []}}, shot: {prompt: 1}}\n"
        "  b: {extends: a}\n"
        "  c: 5\n"
        "  d: {description: [no], params: 3, shot: {}}\n"
        "shots: [{id: a, prompt: x}]\n"
    )
    assert list(listed(capsys))[:4] == ["a", "b", "c", "d"]
    for name in "abcd":
        assert run(["templates", name]) == 0


@pytest.mark.parametrize("text", ["version: [1", "[]", ""])
def test_a_storyboard_that_cannot_be_read_is_an_error(
    text: str, film: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (film / "storyboard.yaml").write_text(text)
    assert run(["templates"]) == 2
    assert capsys.readouterr().err.startswith("error[SB")


def test_a_film_that_is_not_there_is_an_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["templates", "--film", str(tmp_path / "none.yaml")]) == 2
    assert "There is no file" in capsys.readouterr().err


def test_the_page_in_the_docs_is_up_to_date() -> None:
    script = Path(__file__).parents[2] / "docs" / "make_templates.py"
    done = subprocess.run(
        [sys.executable, str(script), "--check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
