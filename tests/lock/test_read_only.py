"""Folders that cannot be written: what has nothing to write works there, and nothing is asked of a provider."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from locked_film import LockedFilm

from own_mounts import in_own_mounts

RUN_ALL = """\
import contextlib, io, json, sys
from storyboard.cli import run
for call in json.loads(sys.argv[1]):
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = run(call)
    print(json.dumps([code, out.getvalue(), err.getvalue()]))
"""


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str


def read_only(film: LockedFilm, folder: Path, *calls: list[str]) -> list[Ran]:
    """Run commands in a film of which a folder cannot be written, by root neither."""
    ran = in_own_mounts(
        f"mount --bind {folder} {folder}; mount -o remount,ro,bind {folder}; cd {film.folder};"
        f" exec {sys.executable} -c '{RUN_ALL}' '{json.dumps(calls)}'",
        {**os.environ, **film.keys},
    )
    assert "Traceback" not in ran.stdout + ran.stderr
    return [Ran(*json.loads(line)) for line in ran.stdout.splitlines()]


def test_in_a_read_only_repo_what_has_nothing_to_write_works(film: LockedFilm) -> None:
    before = film.written()

    ran = read_only(
        film, film.folder,
        ["build", "--json"], ["plan", "--json"], ["build", "--locked", "--json"],
        ["takes"], ["explain", "ferry"], ["cost"], ["jobs"],
    )  # fmt: skip

    assert [each.code for each in ran] == [0] * 7, ran
    assert json.loads(ran[0].out.splitlines()[-1])["generated"] == 0
    assert {step["status"] for step in json.loads(ran[1].out)["steps"]} == {"fresh"}
    assert film.written() == before


@pytest.mark.parametrize("folder", ["the repo", "the store"])
def test_what_cannot_be_written_down_is_not_paid_for(film: LockedFilm, folder: str) -> None:
    film.edit(("a ferry leaves", "a ferry comes"))
    billed, before = film.billed(), film.written()
    place = film.folder if folder == "the repo" else film.folder / ".storyboard"

    ran = read_only(
        film, place, ["build", "--yes"], ["retake", "pier", "--yes"], ["pin", "pier"], ["plan"]
    )

    for each in ran[:3]:
        assert each.code == 1
        assert "cannot be written: Read-only file system" in each.err
    assert ran[3].code == 0
    assert film.billed() == billed
    assert film.written() == before
