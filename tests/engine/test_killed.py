"""A process killed at any instant: no half result, and the next build completes."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from fake_film import FakeFilm, chain, statuses

from dying import environment
from storyboard.digest import digest_file
from storyboard.steps import Status

PROMPTS = ("a | one", "b | two", "c | three")
SCRIPT = Path(__file__).with_name("build_a_chain.py")


def build(
    folder: Path, *prompts: str, kill_at: str = "-", file_limit: str = "-"
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(SCRIPT), str(folder), kill_at, file_limit, *(prompts or PROMPTS)],
        env=environment(), capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


@pytest.mark.parametrize(
    "moment",
    [
        "half drawn",
        "drawn",
        "os.rename 1",  # a blob goes into the store
        "os.rename 2",
        "os.rename 4",
        "sqlite3.connect 1",  # the ledger is made
        "shutil.rmtree 1",
        "shutil.rmtree 3",
        "os.rename 7",  # the film goes to its place
        "fcntl.flock 1",  # the lock is taken
    ],
)
def test_a_killed_build_leaves_nothing_half_made(tmp_path: Path, moment: str) -> None:
    film = FakeFilm(tmp_path)

    died = build(tmp_path, kill_at=moment)

    assert died.returncode == -signal.SIGKILL, died.stderr
    for blob in film.store.root.glob("blobs/*/*"):
        assert digest_file(blob) == blob.stem
    finished = {
        id_
        for id_, status in statuses(film.plan(chain(*PROMPTS))).items()
        if status is Status.FRESH
    }
    built = film.build(chain(*PROMPTS))
    assert built.films.complete
    assert built.made.isdisjoint(finished - {"cut:main"})  # whose film may not be in its place
    assert len(film.path.read_text().splitlines()) == 1 + len(PROMPTS)
    assert list((film.store.root / "tmp").iterdir()) == []
    assert [path.name for path in film.path.parent.iterdir()] == ["main.mp4"]


def test_a_file_that_outgrows_the_disk_is_said_and_not_kept(tmp_path: Path) -> None:
    full = build(tmp_path, "a | " + "long " * 1000, file_limit="2000")

    assert full.returncode == 1
    assert "the disk is full" in full.stdout
    assert "make room and build again" in full.stdout
    assert "Traceback" not in full.stderr
    store = FakeFilm(tmp_path).store
    assert list(store.root.glob("blobs/*/*")) == []
    assert list((store.root / "tmp").iterdir()) == []
    assert build(tmp_path).stdout == "generated s1 s2 s3\n"


def test_a_ledger_that_outgrows_the_disk_is_said(tmp_path: Path) -> None:
    full = build(tmp_path, file_limit="6000")  # clips are small; the ledger has pages of 4096

    assert full.returncode == 1
    assert "ledger.sqlite3" in full.stdout
    assert "Traceback" not in full.stderr
    assert build(tmp_path).stdout == "generated s1 s2 s3\n"
