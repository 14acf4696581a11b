"""The film that this repository ships: it compiles without a warning, and its score ends with its picture."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import av
import pytest

FILM = Path(__file__).parents[2] / "storyboard"
SECONDS = {"main": 52.75, "teaser": 22.0}
SCORE = 48.75


def plan(tmp_path: Path, *options: str) -> dict[str, Any]:
    """What would be built in a copy of the film's folder where nothing is built yet."""
    folder = tmp_path / "film"
    shutil.copytree(FILM, folder, ignore=shutil.ignore_patterns(".storyboard", "build"))
    done = subprocess.run(
        [sys.executable, "-m", "storyboard", "plan", "--json", *options],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    document: dict[str, Any] = json.loads(done.stdout)
    return document


@pytest.mark.parametrize("profile", ["", "draft", "final"])
def test_film_compiles_with_every_profile(profile: str, tmp_path: Path) -> None:
    options = ["--profile", profile] if profile else []
    steps = plan(tmp_path, *options)["steps"]
    shots = {step["shot"] for step in steps if step["kind"] == "generate"}
    cuts = [step for step in steps if step["kind"] == "cut"]
    assert len(shots) == 13
    assert {cut["id"].removeprefix("cut:"): cut["duration_s"] for cut in cuts} == SECONDS


def test_score_ends_as_the_credits_have_come() -> None:
    with av.open(str(FILM / "assets" / "score.opus")) as file:
        samples = sum(frame.samples for frame in file.decode(audio=0))
    credits_, overlap = 5.0, 1.0
    assert SECONDS["main"] - credits_ + overlap == SCORE
    assert samples / 48_000 == pytest.approx(SCORE, abs=0.02)


def test_film_has_nothing_to_complain_of() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "storyboard", "check", "--json", str(FILM)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["diagnostics"] == []


def test_films_folder_does_not_shadow_the_package() -> None:
    assert not list(FILM.rglob("__init__.py"))
