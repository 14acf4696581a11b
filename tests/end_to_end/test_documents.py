"""The JSON documents that other programs rely on: their shape, and that stdout holds nothing else.

Fields may be added, never taken away: the tests hold each document to those
that are promised.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from film_repo import Document, FilmRepo

FILM = """\
version: 1
title: Storm
size: 160x90
fps: 12
defaults: {duration: 0.5}
templates:
  wide: {params: {what: {}}, shot: {prompt: "Wide shot of {{ what }}; pan left"}}
shots:
  - {id: pier, template: wide, with: {what: a pier}}
  - id: storm
    multi_prompt:
      - {prompt: "rain; pan left", duration: 0.5}
      - {prompt: "lightning; hold", duration: 0.25}
    # a warning: it doubles the picture
    transition: {crossfade: 0.25}
"""

STEPS = [
    ("generate:pier", "generate", "pier", None),
    ("frame:pier@hand-over", "frame", "pier", None),
    ("generate:storm#1", "generate", "storm", 1),
    ("frame:storm#1@hand-over", "frame", "storm", 1),
    ("generate:storm#2", "generate", "storm", 2),
    ("conform:pier", "conform", "pier", None),
    ("transition:storm", "transition", "storm", None),
    ("conform:storm", "conform", "storm", None),
    ("measure:main#1", "sound", None, None),
    ("loudness:main", "sound", None, None),
    ("sound:main#1", "sound", None, None),
    ("cut:main", "cut", None, None),
]

STATUSES = {"fresh", "new", "stale", "waiting", "held", "missing", "blocked"}


@pytest.fixture
def storm(tmp_path: Path) -> FilmRepo:
    """A film with a template, segments and a warning."""
    return FilmRepo(tmp_path / "repo", FILM)


def document(repo: FilmRepo, *arguments: str, code: int = 0) -> Document:
    ran = repo.run(*arguments)
    assert ran.code == code, ran.err
    parsed = ran.document
    assert parsed["version"] == 1
    return parsed


def test_check_of_a_storyboard_that_can_be_built(storm: FilmRepo) -> None:
    checked = document(storm, "check", "--json")

    assert checked.keys() == {"version", "ok", "diagnostics"}
    assert checked["ok"] is True
    (warning,) = checked["diagnostics"]
    assert (warning["code"], warning["severity"]) == ("SB604", "warning")


def test_check_says_where_each_problem_is_and_how_it_came_there(storm: FilmRepo) -> None:
    storm.edit("Wide shot of {{ what }}", "Wide shot of {{ wat }}")

    checked = document(storm, "check", "--json", code=2)

    assert checked["ok"] is False
    (problem,) = [each for each in checked["diagnostics"] if each["severity"] == "error"]
    assert problem.keys() == {
        "code", "severity", "message", "file", "line", "column", "end_line", "end_column", "help", "via",
    }  # fmt: skip
    assert problem["code"].startswith("SB")
    assert problem["file"] == "storyboard.yaml"
    line = FILM.replace("what }}; pan", "wat }}; pan").splitlines()[problem["line"] - 1]
    assert line[problem["column"] - 1 : problem["end_column"] - 1] == "wat"
    assert problem["end_line"] == problem["line"] == 7
    for step in problem["via"]:
        assert step.keys() == {"file", "line", "column", "what"}
    assert (9, "storyboard.yaml") in {(step["line"], step["file"]) for step in problem["via"]}


def test_graph(storm: FilmRepo) -> None:
    graph = document(storm, "graph", "--json")

    assert document(storm, "graph", "--format", "json") == graph
    actions = graph["actions"]
    assert [(each["id"], each["kind"], each["shot"], each["segment"]) for each in actions] == STEPS
    inputs = {each["id"]: each["inputs"] for each in actions}
    assert inputs == {
        "generate:pier": [],
        "frame:pier@hand-over": ["generate:pier"],
        "generate:storm#1": ["frame:pier@hand-over"],
        "frame:storm#1@hand-over": ["generate:storm#1"],
        "generate:storm#2": ["frame:storm#1@hand-over"],
        "conform:pier": ["generate:pier"],
        "transition:storm": ["generate:pier", "generate:storm#1"],
        "conform:storm": ["generate:storm#1", "generate:storm#2"],
        "measure:main#1": [],
        "loudness:main": ["measure:main#1"],
        "sound:main#1": [],
        "cut:main": [
            "generate:pier", "generate:storm#1", "generate:storm#2",
            "conform:pier", "transition:storm", "conform:storm", "sound:main#1",
            "loudness:main",
        ],
    }  # fmt: skip


def test_plan_before_and_after_a_build(storm: FilmRepo) -> None:
    plan = document(storm, "plan", "--json")

    assert plan.keys() >= {"version", "profile", "steps", "totals"}
    assert plan["profile"] is None
    assert plan["totals"] == {"generate": 3, "cost_usd": {"low": 0, "high": 0}}
    steps = plan["steps"]
    assert [(each["id"], each["kind"], each["shot"], each["segment"]) for each in steps] == STEPS
    for step in steps:
        assert step.keys() >= {
            "id", "kind", "shot", "segment", "status", "reasons", "waits_for", "model",
            "duration_s", "generated_s", "cuts",
        }  # fmt: skip
        assert step["status"] in STATUSES
        assert step["cuts"] == ["main"]
        assert ("cost_usd" in step) == (step["kind"] == "generate")
    first, frame, second, *_, cut = steps
    assert (first["status"], first["model"]) == ("new", "animatic")
    assert (first["duration_s"], first["generated_s"]) == (0.5, 0.5)
    assert first["cost_usd"] == {"low": 0, "high": 0}
    assert (frame["status"], frame["waits_for"]) == ("waiting", ["generate:pier"])
    assert (second["status"], second["waits_for"]) == ("waiting", ["generate:pier"])
    assert (cut["status"], cut["duration_s"]) == ("waiting", 1.0)

    storm.build()
    after = document(storm, "plan", "--json")
    assert {step["status"] for step in after["steps"]} == {"fresh"}
    assert after["totals"]["generate"] == 0
    assert [step["id"] for step in after["steps"]] == [step["id"] for step in steps]


def test_plan_gives_reasons_field_by_field(storm: FilmRepo) -> None:
    storm.build()
    storm.edit("what: a pier", "what: a long pier")

    plan = document(storm, "plan", "--json")

    stale = {step["id"]: step for step in plan["steps"]}["generate:pier"]
    assert stale["status"] == "stale"
    assert stale["reasons"] == [
        {
            "field": "prompt",
            "old": "Wide shot of a pier; pan left",
            "new": "Wide shot of a long pier; pan left",
        }
    ]
    assert plan["totals"]["generate"] == 3  # two of them wait, and may turn out fresh


def test_plan_names_the_profile(storm: FilmRepo) -> None:
    storm.edit("shots:\n", "profiles: {wide: {defaults: {duration: 1}}}\nshots:\n")

    assert document(storm, "plan", "--json", "--profile", "wide")["profile"] == "wide"


def test_requests(storm: FilmRepo) -> None:
    asked = document(storm, "requests", "--json")["requests"]

    assert [(each["step"], each["shot"], each["segment"]) for each in asked] == [
        (id_, shot, segment) for id_, kind, shot, segment in STEPS if kind == "generate"
    ]
    for each in asked:
        assert each.keys() >= {
            "step", "shot", "segment", "provider", "method", "url", "headers", "body",
        }  # fmt: skip
        assert each["provider"] == "animatic"
    assert asked[0]["body"]["prompts"][0]["text"] == "Wide shot of a pier; pan left"
    assert asked[1]["body"]["inputs"] == {"first_frame": "<frame of frame:pier@hand-over>"}
    of_one = document(storm, "requests", "storm", "--json")["requests"]
    assert {each["shot"] for each in of_one} == {"storm"}


def test_build_tells_an_event_a_line(storm: FilmRepo) -> None:
    ran = storm.run("build", "--json")

    assert ran.code == 0
    events = ran.events  # each line is an event, and nothing else is there
    kinds = [event["event"] for event in events]
    assert set(kinds) == {"step_started", "progress", "step_done", "cut_done", "summary"}
    for event in events:
        if event["event"] in {"step_started", "progress", "step_done"}:
            place = (event["step"], event["kind"], event["shot"], event["segment"])
            assert place in STEPS
        if event["event"] == "progress":
            assert 0 <= event["done"] <= 1
        if event["event"] == "step_done":
            assert Path(event["output"]).is_file()
    done = [event["step"] for event in events if event["event"] == "step_done"]
    assert sorted(done) == sorted(step for step, *_ in STEPS)
    (cut,) = [event for event in events if event["event"] == "cut_done"]
    film = str(storm.folder / "build" / "main.mp4")
    assert (cut["cut"], cut["path"]) == ("main", film)
    assert cut["loudness"] == {  # animatic draws and is silent
        "integrated_lufs": None, "range_lu": 0, "true_peak_dbtp": None, "gain_db": 0,
    }  # fmt: skip
    summary = events[-1]
    assert summary.items() >= {
        "event": "summary", "generated": 3, "fresh": 0, "failed": 0, "unknown": 0, "cost_usd": 0,
    }.items()  # fmt: skip
    assert summary["cuts"] == {"main": film}
    again = storm.build().summary
    assert (again["generated"], again["fresh"], again["cuts"]) == (0, 3, {"main": film})


def test_build_tells_of_a_step_that_failed(storm: FilmRepo) -> None:
    storm.write("mine", "build")

    ran = storm.run("build", "--json")

    assert ran.code == 1
    (failed,) = [event for event in ran.events if event["event"] == "step_failed"]
    assert (failed["step"], failed["kind"]) == ("cut:main", "cut")
    assert failed["message"]
    assert (ran.events[-1]["failed"], ran.events[-1]["cuts"]) == (1, {})


@pytest.mark.parametrize("command", ["check", "graph", "plan", "requests", "build"])
def test_messages_go_to_stderr(storm: FilmRepo, command: str) -> None:
    ran = storm.run(command, "--json")

    assert ran.code == 0
    assert "SB604" in ran.err or command == "check"
    assert "warning" not in ran.out or command == "check"
