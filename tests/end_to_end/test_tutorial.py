"""The tutorial, followed word by word: its files are written, its commands are run.

A command may end in a comment that says what comes of it, and that is held:
`# exit 2`, `# at most 3 to generate` (a plan), `# generates 3` (a build). In a
block that is marked `checked`, the lines below a command must come in what it
prints, in that order, whatever the spacing; `…` at an end stands for any rest.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest

TUTORIAL = Path(__file__).parents[2] / "docs" / "tutorial"
PAGES = sorted(TUTORIAL.glob("*.md"))


@dataclass(frozen=True)
class File:
    name: str
    text: str


@dataclass(frozen=True)
class Command:
    line: str
    claim: str
    shown: tuple[str, ...] = ()


def steps(page: str) -> Iterator[File | Command]:
    """What a reader does, in order."""
    for info, text in re.findall(r"^```(\S[^\n]*)\n(.*?)^```$", page, re.MULTILINE | re.DOTALL):
        language, _, rest = info.partition(" ")
        if language == "console":
            for typed in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
                line, *shown = typed.splitlines()
                command, _, claim = line.partition("  #")
                yield Command(
                    command.strip(), claim.strip(), tuple(shown) if rest == "checked" else ()
                )
        else:
            name = re.fullmatch(r"title=(\S+)", rest)
            assert name, f"a block of {language} without a title"
            # Drawn small, so that the test is quick; nothing else changes.
            yield File(name[1], re.sub(r"^size: \d+x\d+", "size: 160x90", text, flags=re.MULTILINE))


class Reader:
    """Someone at a shell, who begins in an empty folder."""

    def __init__(self, folder: Path, programs: Path) -> None:
        self.folder = folder
        self.environment = os.environ | {"PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"}

    def write(self, file: File) -> None:
        path = self.folder / file.name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(file.text, "utf-8")

    def follow(self, command: Command) -> None:
        words = shlex.split(command.line)
        if words[0] == "cd":
            self.folder /= words[1]
            assert self.folder.is_dir()
            return
        expected = 0
        if found := re.fullmatch(r"exit (\d+)", command.claim):
            expected = int(found[1])
        elif found := re.fullmatch(r"(?:at most )?(\d+) to generate", command.claim):
            plan = json.loads(self.run(f"{command.line} --json"))
            assert plan["totals"]["generate"] == int(found[1]), plan
        elif found := re.fullmatch(r"generates (\d+)", command.claim):
            summary = json.loads(self.run(f"{command.line} --json").splitlines()[-1])
            assert summary["event"] == "summary"
            assert summary["generated"] == int(found[1]), summary
            assert (self.folder / "build" / "main.mp4").stat().st_size > 0
            return  # once more would do nothing
        else:
            assert not command.claim, f"not understood: {command.claim}"
        printed = iter(self.run(command.line, expected).splitlines())
        for line in command.shown:
            assert any(matches(line, each) for each in printed), f"$ {command.line}: no {line!r}"

    def run(self, line: str, expected: int = 0) -> str:
        done = subprocess.run(
            ["sh", "-c", line],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == expected, f"$ {line}\n{done.stdout[-2000:]}{done.stderr[-2000:]}"
        assert "Traceback" not in done.stderr
        return done.stdout or done.stderr


def matches(shown: str, printed: str) -> bool:
    wanted, found = " ".join(shown.split()), " ".join(printed.split())
    return found.startswith(wanted[:-1].rstrip()) if wanted.endswith("…") else found == wanted


@pytest.fixture
def reader(tmp_path: Path) -> Reader:
    """A reader who has `storyboard` and `python` on the path."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for name, call in [("storyboard", "-m storyboard"), ("python", "")]:
        program = programs / name
        program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} {call} "$@"\n')
        program.chmod(0o755)
    folder = tmp_path / "films"
    folder.mkdir()
    return Reader(folder, programs)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_tutorial_can_be_followed(page: Path, reader: Reader) -> None:
    for step in steps(page.read_text("utf-8")):
        if isinstance(step, File):
            reader.write(step)
        else:
            reader.follow(step)


def test_there_are_three_pages_and_each_leads_to_the_next() -> None:
    assert [page.name[0] for page in PAGES] == ["1", "2", "3"]
    for page in PAGES:
        for link in re.findall(r"\]\(([^)#:]+)\)", page.read_text("utf-8")):
            assert (page.parent / link).is_file(), f"{page.name}: {link}"
    for page, following in pairwise(PAGES):
        assert f"]({following.name})" in page.read_text("utf-8")
