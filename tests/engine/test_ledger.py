"""The database of what was made: its guards, and what it leaves on the disk."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest

from storyboard.ledger import Lane, Ledger
from storyboard.store import StoreError

LANE = Lane("storyboard.yaml")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.sqlite3"


def written(path: Path) -> Path:
    with Ledger(path) as ledger:
        ledger.record("k1", "d1", {"work": {"prompt": "a stair"}})
        ledger.remember(LANE, {"generate:s1": "k1"})
    return path


def test_what_is_recorded_is_found_again(path: Path) -> None:
    with Ledger(written(path)) as ledger:
        assert ledger.output("k1") == "d1"
        assert ledger.asked("k1") == {"work": {"prompt": "a stair"}}
        assert ledger.last(LANE) == {"generate:s1": "k1"}
        assert ledger.last(Lane("storyboard.yaml", "final")) == {}
        assert ledger.output("k2") is None


def test_reading_what_is_not_there_creates_nothing(path: Path) -> None:
    with Ledger(path) as ledger:
        assert ledger.output("k1") is None
        assert ledger.last(LANE) == {}

    assert list(path.parent.iterdir()) == []


def test_what_is_known_already_is_not_written_again(path: Path) -> None:
    written(path)
    before = path.read_bytes(), path.stat().st_mtime_ns

    with Ledger(path) as ledger:
        ledger.remember(LANE, {"generate:s1": "k1"})

    assert (path.read_bytes(), path.stat().st_mtime_ns) == before


def test_nothing_but_the_file_is_left(path: Path) -> None:
    written(path)

    assert [entry.name for entry in path.parent.iterdir()] == ["ledger.sqlite3"]


def test_a_path_may_hold_anything(tmp_path: Path) -> None:
    folder = tmp_path / "what? 100% #1"
    folder.mkdir()

    written(folder / "ledger.sqlite3")

    assert [entry.name for entry in folder.iterdir()] == ["ledger.sqlite3"]


def test_a_write_that_a_kill_cut_short_is_taken_back(path: Path, tmp_path: Path) -> None:
    written(path)
    killed = tmp_path / "killed"
    killed.mkdir()
    database = sqlite3.connect(path)
    database.execute("PRAGMA cache_size = 1")  # so that it writes before it commits
    database.execute("BEGIN")
    database.execute("UPDATE results SET output = 'half'")
    database.executemany(
        "INSERT INTO last VALUES ('f', '', ?, ?)", [(f"s{n}", "k" * 500) for n in range(200)]
    )
    for file in path.parent.glob("ledger.sqlite3*"):  # what a crash leaves: file and journal
        shutil.copy(file, killed)
    database.rollback()
    database.close()
    assert (killed / "ledger.sqlite3-journal").stat().st_size > 0

    with Ledger(killed / "ledger.sqlite3") as ledger:
        assert ledger.output("k1") == "d1"
        assert ledger.last(LANE) == {"generate:s1": "k1"}


@pytest.mark.parametrize("content", [b"not a database, whatever its name says" * 100, b"\x00" * 50])
def test_a_damaged_file_is_said(path: Path, content: bytes) -> None:
    path.write_bytes(content)

    with Ledger(path) as ledger, pytest.raises(StoreError, match="is damaged") as error:
        ledger.output("k1")

    assert error.value.help is not None
    assert "move the file away" in error.value.help


def test_another_programs_database_is_not_touched(path: Path) -> None:
    database = sqlite3.connect(path)
    database.execute("CREATE TABLE recipes (name TEXT)")
    database.commit()
    database.close()
    before = path.read_bytes()

    with Ledger(path) as ledger:
        with pytest.raises(StoreError, match="another program's"):
            ledger.output("k1")
        with pytest.raises(StoreError, match="another program's"):
            ledger.record("k1", "d1", {})

    assert path.read_bytes() == before


def test_a_later_versions_ledger_is_not_touched(path: Path) -> None:
    written(path)
    database = sqlite3.connect(path)
    database.execute("PRAGMA user_version = 99")
    database.close()
    before = path.read_bytes()

    with Ledger(path) as ledger, pytest.raises(StoreError, match=r"later version.*ledger 99"):
        ledger.output("k1")

    assert path.read_bytes() == before


def test_an_empty_file_becomes_a_ledger(path: Path) -> None:
    path.touch()

    with Ledger(path) as ledger:
        assert ledger.output("k1") is None
        ledger.record("k1", "d1", {})
        assert ledger.output("k1") == "d1"


def test_a_reader_sees_what_a_build_records_meanwhile(path: Path) -> None:
    with Ledger(written(path)) as reader, Ledger(path) as writer:
        assert reader.output("k2") is None
        writer.record("k2", "d2", {})
        assert reader.output("k2") == "d2"
