"""`init`: a new repo that is right from the first minute, and never written over another."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from quick_command import quick_command


def storyboard(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return quick_command(arguments, folder)


@pytest.fixture
def film(tmp_path: Path) -> Path:
    done = storyboard("init", "harbour-lights", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    return tmp_path / "harbour-lights"


def test_a_new_repo_has_no_errors_and_its_title_is_made_from_the_folder(film: Path) -> None:
    checked = storyboard("check", folder=film)
    assert checked.returncode == 0, checked.stderr
    assert "Harbour Lights" in checked.stderr
    assert "warning" not in checked.stderr


def test_a_title_may_hold_what_yaml_would_read_otherwise(tmp_path: Path) -> None:
    title = 'Yes: "No" #1'
    storyboard("init", "film", "--title", title, folder=tmp_path)
    checked = storyboard("check", "film", folder=tmp_path)
    assert checked.returncode == 0, checked.stderr
    assert title in checked.stderr


def test_git_ignores_what_is_made_and_merges_locks_line_by_line(film: Path) -> None:
    subprocess.run(["git", "init", "-q"], cwd=film, check=True)
    ignored = subprocess.run(
        ["git", "check-ignore", ".storyboard/blobs/x", "build/main.mp4"],
        cwd=film,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ignored.stdout.split() == [".storyboard/blobs/x", "build/main.mp4"]
    merged = subprocess.run(
        ["git", "check-attr", "merge", "storyboard.lock"],
        cwd=film,
        capture_output=True,
        text=True,
        check=True,
    )
    assert merged.stdout.strip().endswith("merge: union")


def test_editors_find_the_schemas_that_the_files_name(film: Path) -> None:
    settings = json.loads((film / ".vscode" / "settings.json").read_text(encoding="utf-8"))
    for schema in settings["yaml.schemas"]:
        json.loads((film / schema).read_text(encoding="utf-8"))
    for file in (film / "storyboard.yaml", film / "scenes" / "sea.yaml"):
        modeline = file.read_text(encoding="utf-8").splitlines()[0]
        assert (file.parent / modeline.partition("$schema=")[2]).is_file()


def test_nothing_is_written_over_what_is_there(film: Path) -> None:
    (film / "storyboard.yaml").write_text("mine\n", encoding="utf-8")
    (film / "README.md").unlink()
    again = storyboard("init", ".", folder=film)
    assert again.returncode == 2
    assert "already" in again.stderr
    assert (film / "storyboard.yaml").read_text(encoding="utf-8") == "mine\n"
    assert not (film / "README.md").exists()
