"""A retake whose process was killed: what it asked for comes into the film, and is paid for once."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import urllib.request
from collections.abc import Iterator

import pytest
from locked_film import LockedFilm


@pytest.fixture
def stopped(provider: str) -> Iterator[None]:
    """The provider's clock stands still: no job ends before it is wound."""
    _wind(provider, speed=0)
    yield
    _wind(provider, speed=3000)


def _wind(provider: str, **settings: float) -> None:
    request = urllib.request.Request(
        f"{provider}/_simulator/clock", json.dumps(settings).encode(), method="PUT"
    )
    with urllib.request.urlopen(request, timeout=10):
        pass


def killed_retake(film: LockedFilm, shot: str) -> None:
    """Ask for a retake, and die as soon as the provider has it."""
    environment = os.environ | film.keys
    with subprocess.Popen(
        [sys.executable, "-m", "storyboard", "retake", shot, "--yes"],
        cwd=film.folder, env=environment, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stderr is not None
        said = process.stderr.readline()
        process.kill()
    assert said.startswith("sent"), said


def test_the_build_that_collects_it_makes_the_film_of_it(film: LockedFilm, stopped: None) -> None:
    killed_retake(film, "pier")
    billed = film.billed()["charged_usd"]

    plan = film.run("plan")
    assert "a retake is under way" in plan.out
    assert "`storyboard retake pier` waits for it" in plan.out
    assert film.step("generate:pier")["retakes_begun"] == 1
    early = film.run("build")
    assert early.code == 0, early.err
    assert "pier: job 3 at runware, a retake: runware has not finished it" in early.err
    assert "nothing asks for" not in early.err

    _wind(film.url or "", speed=3000)
    _wind(film.url or "", advance_s=3600)
    refused = film.run("build")
    assert refused.code == 3  # the ferry leaves from another frame, and nobody has agreed to that
    assert "a retake: its take is used now" in refused.err
    assert [take["selected"] for take in film.takes("pier")] == [False, True]
    assert film.step("generate:ferry")["status"] == "stale"
    assert film.billed()["charged_usd"] == billed

    assert film.build("--yes")["generated"] == 1
    assert {film.statuses()[id_] for id_ in ("generate:pier", "generate:ferry")} == {"fresh"}
    assert film.run("build").code == 0


def test_asked_for_again_it_is_waited_for_and_not_paid_for_again(
    film: LockedFilm, stopped: None
) -> None:
    killed_retake(film, "pier")
    billed = film.billed()["charged_usd"]
    with sqlite3.connect(film.folder / ".storyboard/ledger.sqlite3") as ledger:
        forgetting = "UPDATE jobs SET state = 'sent', job = NULL, operation = NULL"
        ledger.execute(f"{forgetting} WHERE id = (SELECT max(id) FROM jobs)")
    ledger.close()
    assert "It can be settled with adopt, forget." in film.run("jobs", "resubmit", "3").err
    _wind(film.url or "", speed=3000)

    again = film.run("retake", "pier")

    assert again.code == 0, again.err
    assert "found    pier  runware job" in again.err
    assert again.err.splitlines()[0].endswith(" again")
    assert film.billed()["charged_usd"] == billed
    assert [take["selected"] for take in film.takes("pier")] == [False, True]


def test_with_consent_one_build_does_all_of_it(film: LockedFilm, stopped: None) -> None:
    first = film.film.read_bytes()
    killed_retake(film, "pier")
    _wind(film.url or "", speed=3000)
    _wind(film.url or "", advance_s=3600)

    summary = film.build("--yes")

    assert summary["generated"] == 1  # the ferry: the pier was collected
    assert film.film.read_bytes() != first
    assert set(film.statuses().values()) == {"fresh"}
    assert "under way" not in film.run("plan").out


def test_killed_before_the_lock_had_its_take_the_build_goes_by_it(film: LockedFilm) -> None:
    lock = film.lock.read_bytes()
    assert film.run("retake", "pier", "--yes").code == 0
    film.lock.write_bytes(lock)
    with sqlite3.connect(film.folder / ".storyboard/ledger.sqlite3") as ledger:
        ledger.execute("UPDATE jobs SET locked = 0 WHERE id = (SELECT max(id) FROM jobs)")
    ledger.close()

    assert "a retake is under way" in film.run("plan").out
    assert film.run("build").code == 3
    assert film.build("--yes")["generated"] == 1
    assert [take["selected"] for take in film.takes("pier")] == [False, True]
    assert set(film.statuses().values()) == {"fresh"}
