"""All problems in one run, in order, each once, and nothing that only follows from another."""

from __future__ import annotations

from pathlib import Path

import pytest

from storyboard.cli import run
from storyboard.pipeline import Choices, diagnose


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def told(text: str) -> list[str]:
    Path("storyboard.yaml").write_text("version: 1\n" + text, encoding="utf-8")
    return [item.code.number for item in diagnose(Path("storyboard.yaml"), Choices())[0]]


def test_an_error_in_a_template_is_one_error_however_many_shots_use_it() -> None:
    shots = "".join(f"  - {{id: s{number}, template: t}}\n" for number in range(40))
    Path("storyboard.yaml").write_text(
        f'version: 1\ntemplates: {{t: {{shot: {{prompt: "{{{{ nobody }}}}"}}}}}}\nshots:\n{shots}',
        encoding="utf-8",
    )
    (problem,), _, _ = diagnose(Path("storyboard.yaml"), Choices())
    assert problem.via is not None
    assert [problem.via.what, *(use.what for use in problem.uses)] == [
        f"in template `t`, used by shot `s{number}`" for number in range(3)
    ]
    assert problem.more_uses == 37


def test_an_error_that_several_cuts_share_is_one_error() -> None:
    text = """
vars: {n: 0}
shots:
  - {id: a, prompt: "{{ nobody }}", first_frame: missing.png}
cuts: [{id: one, vars: {n: 1}}, {id: two, vars: {n: 2}}, {id: three}]
"""
    assert told(text) == ["SB302"]
    assert told(text.replace("{{ nobody }}", "x")) == ["SB101"]


def test_problems_of_all_passes_stand_in_the_order_of_the_file() -> None:
    text = """
shots:
  - {id: a, first_frame: {shot: nobody}, prompt: x}
  - {id: b, prompt: x, prompt: y}
  - {id: c, prompt: "{{ nobody }}"}
  - {id: d, clip: missing.mp4}
  - {id: e, prompt: x, fitt: crop}
"""
    assert told(text) == ["SB401", "SB104", "SB302", "SB101", "SB201"]


@pytest.mark.parametrize(
    "broken",
    [
        "  - {id: b, prompt: x, duration: long}",
        "  - {id: b}",
        '  - {id: b, prompt: "{{ nobody }}"}',
        "  - {id: b, template: nobody}",
        '  - {id: "b{{ nobody }}", prompt: x}',
        '  - {id: "b{{ item }}", for_each: "{{ nobody }}", prompt: x}',
        "  - {prompt: x}",
    ],
)
def test_who_names_a_shot_that_is_wrong_is_not_wrong(broken: str) -> None:
    rest = "  - {id: c, first_frame: {shot: b}, prompt: x}\ncuts: [{id: main, shots: [b, c]}]\n"
    assert len(told(f"shots:\n{broken}\n{rest}")) == 1


def test_names_are_not_missed_while_a_file_that_may_hold_them_cannot_be_read() -> None:
    text = """
use: [looks.yaml]
shots:
  - {id: a, prompt: "{{ keeper }}", template: close}
  - {id: b, prompt: x, duration: long}
"""
    assert told(text) == ["SB101", "SB203"]
    Path("looks.yaml").write_text("vars: {keeper: x\n", encoding="utf-8")
    assert told(text)[1:] == ["SB203"]


def test_a_folder_that_is_read_only_is_checked_all_the_same(folder: Path) -> None:
    Path("storyboard.yaml").write_text(
        "version: 1\nshots: [{id: a, prompt: x}]\n", encoding="utf-8"
    )
    before = sorted(folder.iterdir())
    folder.chmod(0o555)
    try:
        assert run(["check", "storyboard.yaml"]) == 0
    finally:
        folder.chmod(0o755)
    assert sorted(folder.iterdir()) == before


def test_messages_cannot_take_over_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    told('shots: [{id: "a\\e[2J\\n\\r\\u202e", prompt: x}]')
    assert run(["check", "storyboard.yaml"]) == 2
    said = capsys.readouterr().err
    assert "\x1b" not in said
    assert "\r" not in said
    assert "\u202e" not in said
    assert "cannot be an id" in said.splitlines()[0]
