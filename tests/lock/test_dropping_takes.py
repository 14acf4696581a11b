"""`gc --takes` drops what was paid for, when asked by name: nothing that is in use, and for good."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest
from locked_film import Document, LockedFilm

from storyboard.cli import run
from storyboard.discarding import find_discards, forget
from storyboard.ledger import Ledger
from storyboard.pipeline import Choices, compile_film
from storyboard.project import open_project
from storyboard.takes import takes_of

FIRST, LATER = 'prompt: "a ferry leaves"', 'prompt: "a ferry leaves in the rain", duration: 10'


@pytest.fixture(scope="module")
def rained(
    provider: str, painted: LockedFilm, tmp_path_factory: pytest.TempPathFactory
) -> LockedFilm:
    """The film after the ferry's words were changed and built: of its first text a take is left."""
    film = _copy(painted, tmp_path_factory.mktemp("rained") / "film")
    film.edit((FIRST, LATER))  # the simulator's clips differ by their length
    assert film.build("--yes")["generated"] == 1
    return film


@pytest.fixture
def wet(rained: LockedFilm, tmp_path: Path) -> LockedFilm:
    """A copy of it, to do what one likes with."""
    return _copy(rained, tmp_path / "wet")


def _copy(film: LockedFilm, to: Path) -> LockedFilm:
    import shutil

    shutil.copytree(film.folder, to)
    return LockedFilm(to, film.url)


def drop(film: LockedFilm, *arguments: str) -> Document:
    ran = film.run("gc", *arguments, "--json")
    assert ran.code == 0, ran.err
    found: Document = json.loads(ran.out)
    assert found["version"] == 1
    return found


def first_text(film: LockedFilm) -> Document:
    """The take of the ferry's first text."""
    (old,) = (take for take in film.takes("ferry") if not take["current"])
    return old


def blob(film: LockedFilm, digest: str) -> list[Path]:
    return list((film.folder / ".storyboard/blobs").rglob(f"{digest}*"))


def test_what_nothing_asks_for_goes_with_its_line_and_its_clip(wet: LockedFilm) -> None:
    old, spent = first_text(wet), wet.run("cost", "--json").out
    before = wet.written()

    dry = drop(wet, "--takes", "ferry", "--dry-run")
    assert wet.written() == before
    refused = wet.run("gc", "--takes", "ferry")
    assert refused.code == 3
    assert "1 take that cost $" in refused.err
    assert wet.written() == before

    gone = drop(wet, "--takes", "ferry", "--yes")

    assert (dry["removed"], gone["removed"]) == (False, True)
    assert gone["takes"] == dry["takes"]
    (take,) = gone["takes"]
    assert (take["clip"], take["number"], take["clip_stays"]) == (old["clip"], 1, False)
    assert gone["totals"]["charged_usd"] == old["charged_usd"] > 0
    assert gone["totals"]["bytes"] == take["bytes"] > 0
    assert old["clip"] not in wet.lock.read_text("utf-8")
    assert blob(wet, old["clip"]) == []
    assert wet.build()["generated"] == 0
    assert old["clip"] not in wet.lock.read_text("utf-8"), "a build does not write it again"
    assert wet.run("cost", "--json").out == spent, "what it cost is still counted"
    assert drop(wet, "--takes", "ferry", "--yes")["takes"] == []


class Terminal(io.StringIO):
    """A stream that is somebody's terminal."""

    def isatty(self) -> bool:
        return True


def test_at_a_terminal_what_would_go_is_shown_once(
    wet: LockedFilm, monkeypatch: pytest.MonkeyPatch
) -> None:
    screen, clip = Terminal(), first_text(wet)["clip"].removeprefix("sha256:")[:8]
    monkeypatch.chdir(wet.folder)
    for stream, end in (("stdin", Terminal("y\n")), ("stdout", screen), ("stderr", screen)):
        monkeypatch.setattr(sys, stream, end)

    assert run(["gc", "--takes", "ferry"]) == 0

    said = screen.getvalue()
    assert said.count(clip) == 1
    before, _, after = said.partition("Remove them for good?")
    assert "1 take that cost $" in before
    assert "would be removed" in before
    assert "1 take that cost $" in after
    assert ": removed." in after
    assert wet.run("gc", "--takes", "ferry", "--dry-run").out.startswith("No take to remove")


def test_what_is_asked_for_pinned_or_held_stays(film: LockedFilm, wet: LockedFilm) -> None:
    assert drop(film, "--takes", "pier", "--takes", "ferry", "--yes")["takes"] == []

    film.edit(("a pier", "a quay"))  # not built yet: the ferry waits for it
    assert film.statuses()["generate:ferry"] == "waiting"
    assert drop(film, "--takes", "pier", "--takes", "ferry", "--dry-run")["takes"] == []

    wet.edit((LATER, FIRST))
    assert wet.run("pin", "ferry").code == 0
    wet.edit((FIRST, LATER))
    assert drop(wet, "--takes", "ferry", "--dry-run")["takes"] == []


def test_a_fresh_clone_keeps_what_it_waits_for(wet: LockedFilm, tmp_path: Path) -> None:
    clone = wet.clone(tmp_path / "clone", blobs=True)
    clone.edit(("a pier", "a quay"))
    old = first_text(wet)

    found = drop(clone, "--takes", "pier", "--takes", "ferry", "--dry-run")

    assert [take["clip"] for take in found["takes"]] == [old["clip"]]
    assert "will count it no more" in clone.run("gc", "--takes", "ferry", "--dry-run").out


def test_a_clip_that_is_committed_stays_until_no_lock_names_it(wet: LockedFilm) -> None:
    old = first_text(wet)
    wet.git("add", "storyboard.yaml", "storyboard.lock")
    wet.git("commit", "-q", "-m", "rain")

    (take,) = drop(wet, "--takes", "ferry", "--yes")["takes"]

    assert (take["clip_stays"], take["bytes"]) == (True, 0)
    assert blob(wet, old["clip"])
    assert old["clip"] not in wet.lock.read_text("utf-8")
    wet.git("commit", "-q", "-a", "-m", "dropped")
    assert wet.run("gc").code == 0
    assert blob(wet, old["clip"]) == []


@pytest.mark.parametrize("lines_too", [False, True])
def test_killed_in_between_the_next_one_ends_it(wet: LockedFilm, lines_too: bool) -> None:
    old = first_text(wet)
    with open_project(compile_film(wet.folder / "storyboard.yaml", Choices())) as project:
        takes = [each.take for each in find_discards(project, ["ferry"]).takes]
        forget(project, takes)
        if lines_too:
            project.workshop.lock.change(drop=[take.identity for take in takes])

    assert wet.build()["generated"] == 0
    assert (old["clip"] in wet.lock.read_text("utf-8")) is not lines_too
    assert wet.run("gc").code == 0
    assert bool(blob(wet, old["clip"])) is not lines_too, "as long as a line names it, it stays"
    drop(wet, "--takes", "ferry", "--yes")
    assert old["clip"] not in wet.lock.read_text("utf-8")
    assert blob(wet, old["clip"]) == []


def test_one_of_several_takes_of_a_request_leaves_the_others_as_they_are(wet: LockedFilm) -> None:
    wet.edit((LATER, FIRST))
    ran = wet.run("retake", "ferry", "--count", "2", "--yes")
    assert ran.code == 0, ran.err
    assert wet.run("select", "ferry", "2").code == 0
    assert wet.run("pin", "ferry").code == 0
    pinned = next(take for take in wet.takes("ferry") if take["pinned"])
    wet.edit((f"id: ferry, {FIRST}", f"id: boat, {LATER}"))  # the pin's shot is not there now
    assert wet.build()["generated"] == 0
    spent = wet.run("cost", "--json").out

    dropped = drop(wet, "--takes", "ferry", "--yes")["takes"]

    assert [take["number"] for take in dropped] == [1, 3]
    (still,) = (take for take in wet.takes("ferry") if take["pinned"])
    assert still == pinned | {"number": 1, "selected": True, "current": False}
    assert wet.run("cost", "--json").out == spent
    with Ledger(wet.folder / ".storyboard/ledger.sqlite3") as ledger:
        (job,) = (each for each in ledger.jobs.all() if pinned["clip"] in each.outputs)
    assert (job.outputs, job.brought) == ((pinned["clip"],), 2)
    assert [take.charged for take in takes_of(job)] == [job.charged / 2 if job.charged else None]


def test_the_lock_that_was_lost_does_not_bring_it_back(wet: LockedFilm) -> None:
    old = first_text(wet)
    drop(wet, "--takes", "ferry", "--yes")
    wet.lock.unlink()

    wet.build()
    wet.edit((LATER, FIRST))

    assert wet.statuses()["generate:ferry"] == "stale"
    assert old["clip"] not in wet.lock.read_text("utf-8")


def test_a_shot_that_nobody_knows_is_said(wet: LockedFilm) -> None:
    ran = wet.run("gc", "--takes", "fery", "--yes")

    assert ran.code == 2
    assert "Did you mean `ferry`?" in ran.err


def test_a_clip_that_another_take_has_stays(film: LockedFilm) -> None:
    film.edit(("a ferry leaves", "a ferry leaves in the rain"))
    film.build("--yes")
    old = first_text(film)
    (now,) = (take for take in film.takes("ferry") if take["current"])
    assert old["clip"] == now["clip"], "the simulator draws the same for other words"

    (take,) = drop(film, "--takes", "ferry", "--yes")["takes"]

    assert (take["key"], take["clip_stays"], take["bytes"]) == (old["key"], True, 0)
    assert film.build()["generated"] == 0
    assert [each["key"] for each in film.takes("ferry")] == [now["key"]]


def test_going_back_to_what_was_dropped_is_free_where_the_provider_still_has_it(
    wet: LockedFilm,
) -> None:
    old, billed = first_text(wet), wet.billed()
    drop(wet, "--takes", "ferry", "--yes")
    wet.edit((LATER, FIRST))

    assert wet.statuses()["generate:ferry"] == "stale"
    wet.build("--yes")

    assert wet.billed() == billed
    assert old["job"] in {take["job"] for take in wet.takes("ferry") if take["current"]}
    assert wet.build()["cost_usd"] == 0


def test_what_another_profile_asks_for_stays(wet: LockedFilm) -> None:
    draft = "draft: {override: {model: animatic}}"
    wet.edit((draft, f"{draft}\n  long: {{override: {{duration: 10}}}}"))
    wet.edit((LATER, FIRST))
    wet.build()
    text = wet.lock.read_text("utf-8")
    assert text.count('{"take":{') == 3

    gone = drop(wet, "--takes", "ferry", "--dry-run")["takes"]

    assert [take["number"] for take in gone] == [1]  # of the later words, which nothing says now
    wet.edit((FIRST, 'prompt: "a ferry leaves in the rain"'))
    line = next(each for each in text.splitlines() if '"ferry"' in each and "in the rain" in each)
    wet.lock.write_text(text.replace(line, line.replace('"model"', '"profile":"long","model"', 1)))
    found = drop(wet, "--takes", "ferry", "--dry-run")["takes"]
    assert gone[0]["clip"] not in {take["clip"] for take in found}
