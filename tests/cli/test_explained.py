"""Every code is explained, with examples that are what they claim to be."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from storyboard.cli import run
from storyboard.cli.explained import explanation, page, sections
from storyboard.diagnostics import Code, Invalid, Severity

DOCS = Path(__file__).parents[2] / "docs"
# What cannot be shown as a storyboard: bytes, damaged media, a provider's own limits, the lock.
LOCK = {code for code in Code if code.number.startswith("SB7")}
WITHOUT_EXAMPLE = {Code.NOT_TEXT, Code.BAD_MEDIA, Code.TOO_LONG, Code.BAD_CAPTIONS, *LOCK}
EXAMPLE = re.compile(r"```yaml *([^\n]*)\n(.*?)```", re.DOTALL)


def examples(code: Code) -> list[tuple[str, str]]:
    return [(found[1], found[2]) for found in EXAMPLE.finditer(sections()[code.number])]


def test_every_code_has_a_section_and_no_section_is_left_over() -> None:
    assert list(sections()) == [code.number for code in Code]


@pytest.mark.parametrize("code", Code, ids=lambda code: code.number)
def test_a_section_is_headed_by_what_the_code_is_about(code: Code) -> None:
    section = sections()[code.number]
    assert section.startswith(f"## {code.number} · {code.about}\n")
    assert (code.severity is Severity.WARNING) == ("A warning." in section)
    assert len(section.split()) > 25


@pytest.mark.parametrize("code", Code, ids=lambda code: code.number)
def test_the_first_example_is_told_so_and_the_second_is_mended(
    code: Code,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    found = examples(code)
    assert bool(found) != (code in WITHOUT_EXAMPLE)
    for number, (options, text) in enumerate(found):
        Path("storyboard.yaml").write_text(
            text if options == "whole" else _whole(text), encoding="utf-8"
        )
        given = [] if options == "whole" else shlex.split(options)
        exit_code = run(["check", "storyboard.yaml", *given])
        told = re.findall(r"^(?:error|warning)\[(SB\d+)\]", capsys.readouterr().err, re.MULTILINE)
        assert told == ([code.number] if number == 0 else [])
        assert exit_code == (2 if number == 0 and code.severity is Severity.ERROR else 0)


def _whole(text: str) -> str:
    if "version:" not in text:
        text = "version: 1\n" + text
    if "shots:" not in text:
        text += "shots: [{id: a, prompt: the sea}]\n"
    return text


def test_the_page_in_the_docs_is_up_to_date() -> None:
    assert (DOCS / "diagnostics.md").read_text("utf-8") == page()


@pytest.mark.parametrize("written", ["SB401", "sb401", "[SB401]"])
def test_a_code_is_explained_however_it_is_copied(written: str) -> None:
    assert explanation(written).startswith("## SB401 · unknown shot")


def test_an_unknown_code_names_a_near_one() -> None:
    with pytest.raises(Invalid) as caught:
        explanation("SB400")
    assert caught.value.help is not None
    assert "SB40" in caught.value.help
