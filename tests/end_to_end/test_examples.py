"""Every example is built as its reader builds it: the cut is as long as it says, and is built once."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import av
import pytest

from quick_command import quick_command

EXAMPLES = sorted(
    path.parent for path in (Path(__file__).parents[2] / "examples").glob("*/storyboard.yaml")
)

# How long each film is, in frames, added up by hand from its storyboard (24 a second).
EXPECTED = {
    "chaining": 9 * 36,  # nine shots of 1.5 s
    "joins-and-sound": 48 + 48 + 60 - 12 - 24,  # 2 s, 2 s of 3, 2.5 s; overlaps of 0.5 s and 1 s
    "multi-prompt": 48 + 36 + 24 + 36,  # 2 + 1.5 + 1 s in one shot, then 1.5 s
    "sound": 24 + 60 + 72 - 12,  # 1 s of 2.5, 2.5 s, 3 s; an overlap of 0.5 s
    "standard-library": 3 * 36
    + 24
    + 48
    + 36
    - 12,  # 1.5, 1.5, 1, 2 (a whip pan), 1.5, 1.5 s; an overlap of 0.5 s
    "stills-and-footage": 36 + 48 + 36 + 12,  # 1.5 s, two seconds of footage, 1.5 s, 0.5 s
    "titles-and-captions": 36 + 48 + 48 - 12,  # 1.5 s, 2 s, 2 s; an overlap of 0.5 s
    "templates-and-vars": 4 * 36 + 24 + 48,  # four of 1.5 s, 1 s, 2 s
}


def build(folder: Path) -> dict[str, Any]:
    """Run the command in a folder; its last line is the summary."""
    done = quick_command(["build", "--json"], folder)
    assert done.returncode == 0, done.stderr
    summary: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    assert summary["event"] == "summary"
    return summary


def frames_of(film: Path) -> int:
    """How many pictures a film has, counted by decoding it."""
    with av.open(str(film)) as file:
        return sum(1 for _ in file.decode(video=0))


def test_each_example_has_a_length_to_be_held_to() -> None:
    assert {folder.name for folder in EXAMPLES} == set(EXPECTED)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda folder: folder.name)
def test_example_builds_a_film_of_its_length_once(example: Path, tmp_path: Path) -> None:
    folder = tmp_path / example.name
    shutil.copytree(example, folder, ignore=shutil.ignore_patterns(".storyboard", "build"))

    first = build(folder)
    film = folder / first["cuts"]["main"]
    assert first["generated"] > 0
    assert first["failed"] == 0
    assert frames_of(film) == EXPECTED[example.name]

    written = film.read_bytes()
    second = build(folder)
    assert second["generated"] == 0
    assert film.read_bytes() == written


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda folder: folder.name)
def test_example_says_what_it_shows(example: Path) -> None:
    readme = (example / "README.md").read_text(encoding="utf-8")
    assert f"$ storyboard build examples/{example.name}\n" in readme
