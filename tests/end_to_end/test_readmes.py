"""Every command that a README shows is run, in a copy of the repository, and succeeds.

Left out are those that make an environment or run the whole suite in it: CI
itself begins with them, and a test here holds the Makefile to the same
commands.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from film_repo import FilmRepo

from storyboard.cli.listing import COMMANDS

ROOT = Path(__file__).parents[2]

PAGES = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    *(ROOT / name / "README.md" for name in ("storyboard", "schemas", "templates")),
    ROOT / "docs/sound.md",
    ROOT / "docs/words.md",
    *sorted(ROOT.glob("examples/*/README.md")),
]


def commands(page: Path) -> Iterator[str]:
    """What a page has its reader type."""
    blocks = re.findall(r"^```console\n(.*?)^```$", page.read_text("utf-8"), re.MULTILINE | re.DOTALL)  # fmt: skip
    for block in blocks:
        for line in block.splitlines():
            assert line.startswith("$ "), f"{page.name}: {line!r} is no command"
            yield line.removeprefix("$ ")


def run_by_ci(command: str) -> bool:
    """Whether the command makes the environment, or runs in the one that CI makes."""
    if command.startswith((".venv/bin/storyboard ", "storyboard ", "python docs/")):
        return False
    return command.startswith(("make ", "python3 -m venv ", ".venv/bin/"))


WITH_COMMANDS = [page for page in PAGES if any(not run_by_ci(each) for each in commands(page))]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of the repository in which the films are small, so that they are quick to draw."""
    copy = tmp_path / "checkout"
    made = shutil.ignore_patterns(".venv", ".git", ".bench", ".storyboard", "build", "dist", ".*_cache", "__pycache__", "*.egg-info")  # fmt: skip
    shutil.copytree(ROOT, copy, ignore=made)
    for storyboard in (copy / "storyboard" / "storyboard.yaml", *copy.glob("examples/*/storyboard.yaml")):  # fmt: skip
        text, sizes = re.subn(r"^size: \d+x\d+$", "size: 160x90", storyboard.read_text("utf-8"), flags=re.MULTILINE)  # fmt: skip
        assert sizes == 1, f"{storyboard} has no size"
        text = re.sub(
            r"^ +size: \d+x\d+$", "    size: 90x90", text, flags=re.MULTILINE
        )  # its cuts'
        storyboard.write_text(text, "utf-8")
    for name, call in [("storyboard", "-m storyboard"), ("python", "")]:
        program = copy / ".venv" / "bin" / name
        program.parent.mkdir(parents=True, exist_ok=True)
        program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} {call} "$@"\n')
        program.chmod(0o755)
    return copy


@pytest.mark.parametrize(
    "page", WITH_COMMANDS, ids=lambda page: page.relative_to(ROOT).as_posix().replace("/", " ")
)
def test_every_command_of_a_readme_succeeds(page: Path, checkout: Path) -> None:
    programs = f"{checkout / '.venv' / 'bin'}{os.pathsep}{os.environ['PATH']}"
    for command in commands(page):
        if run_by_ci(command):
            continue
        done = subprocess.run(
            ["sh", "-c", command],
            cwd=checkout, env=os.environ | {"PATH": programs},
            capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"$ {command}\n{done.stderr}"
        assert "Traceback" not in done.stderr


def test_what_is_not_run_here_is_run_by_ci() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    ci = (ROOT / ".ci" / "run").read_text("utf-8")
    for page in PAGES:
        for command in filter(run_by_ci, commands(page)):
            words = shlex.split(command)
            if words[0] == "make":
                assert re.search(rf"^make .*\b{words[1]}\b", ci, re.MULTILINE), command
            elif words[0].startswith(".venv/bin/"):
                program = words[0].removeprefix(".venv/bin/")
                assert f"$(BIN)/{program}" in makefile or f"-m {program} " in makefile, command
            else:
                assert "$(PYTHON) -m venv .venv" in makefile, command


def test_the_first_storyboard_of_the_readme_is_the_film_that_it_says(tmp_path: Path) -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    (storyboard,) = re.findall(r"^```yaml\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    repo = FilmRepo(tmp_path / "repo", storyboard)

    plan = repo.plan()

    (cut,) = [step for step in plan["steps"] if step["kind"] == "cut"]
    assert "this is a film of 13 seconds" in text
    assert cut["duration_s"] == 13
    repo.edit("version: 1\n", "version: 1\nsize: 160x90\n")
    assert repo.build().generated == {"quay", "sea", "night"}
    repo.edit("pan right", "pan left")
    assert f"```text\n{repo.run('plan').out}```" in text


def test_the_readme_names_every_command() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    rows = [line for line in text.splitlines() if line.startswith("| `storyboard ")]
    named = {word.split()[0] for row in rows for word in re.findall(r"`(?:storyboard )?(\w[^`]*)`", row.split(" | ")[0])}  # fmt: skip

    assert named == set(COMMANDS)


def test_every_link_of_a_readme_leads_somewhere() -> None:
    for page in (*PAGES, ROOT / "ARCHITECTURE.md", ROOT / "CHANGELOG.md"):
        for link in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", page.read_text("utf-8")):
            assert (page.parent / link).exists(), f"{page.relative_to(ROOT)}: {link}"
