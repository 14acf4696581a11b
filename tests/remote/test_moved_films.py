"""Films that are moved or copied while their jobs run, and clocks that jump meanwhile."""

from __future__ import annotations

import shutil
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from kiln import Kiln, KilnServer
from kiln_film import KilnFilm, apart

from storyboard.database import Database
from storyboard.exchange import Operation
from storyboard.job_table import Jobs
from storyboard.jobs import Job, State

FILM = apart("a stair")


@pytest.fixture
def running(film: KilnFilm, server: KilnServer) -> KilnFilm:
    """A film whose job is accepted, and ends only after its build."""
    film.kiln = Kiln(film.kiln.means, limits={"deadline": 0.2})
    server.stuck = True
    assert film.build(FILM).takes.unknown
    server.stuck = False
    return film


@pytest.fixture
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("films") / "elsewhere"


def test_a_film_that_was_moved_collects_its_job(
    running: KilnFilm, server: KilnServer, elsewhere: Path
) -> None:
    moved = replace(running, folder=running.folder.rename(elsewhere))

    assert moved.build(FILM).takes.complete
    assert server.submits == 1


def test_two_copies_both_collect_a_job_and_neither_asks_again(
    running: KilnFilm, server: KilnServer, elsewhere: Path
) -> None:
    copy = replace(running, folder=elsewhere)
    shutil.copytree(running.folder, copy.folder)

    ours, theirs = running.build(FILM).takes, copy.build(FILM).takes

    assert ours.complete
    assert theirs.complete
    assert ours.outputs == theirs.outputs
    assert server.submits == 1
    assert running.lock.path.read_bytes() == copy.lock.path.read_bytes()


@pytest.mark.parametrize("date", ["1996-01-01T00:00:00+00:00", "2096-01-01T00:00:00+00:00"])
def test_a_clock_that_jumped_loses_no_job(running: KilnFilm, server: KilnServer, date: str) -> None:
    with (
        closing(Database(running.store.root / "ledger.sqlite3")) as database,
        database.writing() as connection,
    ):
        connection.execute(
            "UPDATE jobs SET state = ?, created_at = ?, accepted_at = ?",
            (State.ACCEPTED, date, date),
        )

    assert running.build(FILM).takes.complete
    assert server.submits == 1


def test_a_job_from_the_future_is_waited_for_no_longer_than_others(
    running: KilnFilm, server: KilnServer
) -> None:
    server.stuck = True
    later = "2096-01-01T00:00:00+00:00"
    with (
        closing(Database(running.store.root / "ledger.sqlite3")) as database,
        database.writing() as connection,
    ):
        connection.execute("UPDATE jobs SET state = ?, accepted_at = ?", (State.ACCEPTED, later))

    assert running.build(FILM).takes.unknown == ("generate:s1",)
    server.stuck = False
    assert running.build(FILM).takes.complete
    assert server.submits == 1


class JumpingJobs(Jobs):
    """Jobs of a process whose clock jumps to the present when the first has been accepted."""

    before = "1996-01-01T00:00:00+00:00"

    def accepted(self, job: Job, operation: Operation) -> Job:
        return replace(
            super().accepted(job, operation), accepted_at=datetime.fromisoformat(self.before)
        )


class BackwardJobs(JumpingJobs):
    before = "2096-01-01T00:00:00+00:00"


@pytest.mark.parametrize("stuck", [False, True], ids=["that ends", "that is stuck"])
@pytest.mark.parametrize("jobs", [JumpingJobs, BackwardJobs])
def test_a_clock_that_jumps_while_a_job_runs_neither_loses_it_nor_asks_again(
    film: KilnFilm, server: KilnServer, jobs: type[Jobs], stuck: bool
) -> None:
    film.wrap_jobs = jobs
    film.kiln = Kiln(film.kiln.means, limits={"deadline": 0.2} if stuck else {})
    server.stuck = stuck

    takes = film.build(FILM).takes

    assert takes.complete != stuck
    assert takes.unknown == (("generate:s1",) if stuck else ())
    server.stuck = False
    assert film.build(FILM).takes.complete
    assert server.submits == 1
