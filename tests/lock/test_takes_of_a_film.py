"""What was paid for is in the lock: it is found again, chosen, kept, and never paid for twice."""

from __future__ import annotations

import json
from pathlib import Path

import opentimelineio as otio
from locked_film import LockedFilm

GENERATED = ("generate:pier", "generate:ferry")


def test_a_take_is_a_line_of_the_lock_with_what_follows_it(film: LockedFilm) -> None:
    head, *lines = film.lock.read_text("utf-8").splitlines()

    assert json.loads(head) == {"lock": "storyboard", "version": 1}
    kinds = [(key, value) for line in lines for key, value in json.loads(line).items()]
    assert [kind for kind, _ in kinds] == ["shot", "take", "shot", "take"]
    (ferry, pier) = (fields for kind, fields in kinds if kind == "take")
    assert (ferry["shot"], pier["shot"]) == ("ferry", "pier")
    assert pier["model"] == "runware/kling-2.6-pro"
    (frame,) = pier["frames"]
    assert frame["at"] == "hand-over"
    assert ferry["request"]["inputs"]["first_frame"]["digest"] == frame["digest"]
    assert "frames" not in ferry


def test_a_second_build_asks_and_writes_nothing(film: LockedFilm) -> None:
    before, billed = film.written(), film.billed()

    assert film.build()["cost_usd"] == 0

    assert film.written() == before
    assert film.billed() == billed


def test_going_back_to_an_earlier_text_finds_its_clip(film: LockedFilm) -> None:
    text = film.lock.read_text("utf-8")
    film.edit(("a ferry leaves", "a ferry leaves in the rain"))
    assert film.step("generate:ferry")["reasons"] == [
        {"field": "prompt", "old": "a ferry leaves", "new": "a ferry leaves in the rain"}
    ]
    assert film.build("--yes")["generated"] == 1
    added = [line for line in film.lock.read_text("utf-8").splitlines() if line not in text]
    assert len(added) == 1  # a one-shot change is a one-line diff

    film.edit(("a ferry leaves in the rain", "a ferry leaves"))

    assert film.plan()["totals"]["cost_usd"]["high"] == 0
    assert film.build()["generated"] == 0


def test_the_lock_that_was_thrown_away_is_written_again_from_the_ledger(film: LockedFilm) -> None:
    text = film.lock.read_text("utf-8")
    film.lock.unlink()

    assert set(film.statuses().values()) == {"fresh"}
    assert film.build()["cost_usd"] == 0

    again = film.lock.read_text("utf-8")
    assert len(again.splitlines()) == len(text.splitlines()) + 1  # a frame, on a line of its own
    assert film.build()["cost_usd"] == 0
    assert film.lock.read_text("utf-8") == again
    assert set(film.statuses().values()) == {"fresh"}


def test_a_retake_is_one_request_and_select_goes_back_for_nothing(film: LockedFilm) -> None:
    first, billed = film.film.read_bytes(), film.billed()

    refused = film.run("retake", "pier", "--count", "2")
    assert refused.code == 3
    assert "This retake costs money: $0.70 for 2 clips" in refused.err
    refused = film.run("retake", "pier", "--count", "2", "--max-cost", "0.50", "--yes")
    assert refused.code == 3
    assert "This retake may cost $0.70, more than the $0.50 of --max-cost." in refused.err
    assert "Ask for fewer takes with --count, or allow more." in refused.err
    ran = film.run("retake", "pier", "--count", "2", "--yes")
    assert ran.code == 0, ran.err

    after = film.billed()
    (job,) = after["jobs"][len(billed["jobs"]) :]
    takes = film.takes("pier")
    assert [take["number"] for take in takes] == [1, 2, 3]
    assert [take["selected"] for take in takes] == [False, False, True]
    assert [take["job"] for take in takes[1:]] == [job["id"]] * 2
    charged = sum(take["charged_usd"] for take in takes[1:])
    assert round(charged, 4) == round(job["charged_usd"], 4)
    assert takes[1]["clip"] != takes[2]["clip"]
    assert film.statuses()["generate:ferry"] in {"stale", "waiting"}  # another hand-over frame
    assert "first_frame: the hand-over frame of pier, " in film.run("plan").out
    head, *rows = film.run("takes", "pier").out.splitlines()
    assert head.split() == ["shot", "take", "made", "(UTC)", "charged", "model", "clip"]
    assert [row[:2] for row in rows] == ["  ", "  ", "* "]

    assert film.run("select", "pier", "1").code == 0
    assert film.statuses()["generate:ferry"] == "fresh"
    assert film.build()["cost_usd"] == 0
    assert film.film.read_bytes() == first
    assert [take["selected"] for take in film.takes("pier")] == [True, False, False]
    assert film.run("select", "pier", "3").code == 0
    assert "select" not in film.lock.read_text("utf-8")  # the newest needs no line


def test_takes_that_are_not_here_are_exported_as_missing_media(film: LockedFilm) -> None:
    assert film.run("retake", "pier", "--count", "2", "--yes").code == 0
    assert film.run("select", "pier", "1").code == 0
    blobs = {path.stem: path for path in (film.folder / ".storyboard/blobs").rglob("*.mp4")}
    first, *others = [take["clip"].split(":")[-1] for take in film.takes("pier")]
    for clip in set(others) - {first}:  # a simulator may draw the same clip twice
        blobs[clip].unlink()

    exported = film.run("export", "--format", "otio", "--json")

    assert (exported.code, json.loads(exported.out)["missing"]) == (0, [])
    read = otio.adapters.read_from_file(str(film.folder / "build/export/main.otio"))
    pier = next(iter(read.find_clips()))
    media = pier.media_references()
    assert pier.active_media_reference_key == "take 1"
    assert {name: each.is_missing_reference for name, each in media.items()} == {
        f"take {number}": clip != first for number, clip in enumerate([first, *others], 1)
    }

    gone = next(number for number, clip in enumerate(others, 2) if clip != first)
    assert film.run("select", "pier", str(gone)).code == 0
    exported = film.run("export", "--format", "otio", "--json")
    assert json.loads(exported.out)["missing"][0] == "pier"
    assert "Made, but not here: pier." in exported.err


def test_a_pinned_shot_keeps_its_take_and_says_what_it_would_change(film: LockedFilm) -> None:
    assert film.run("pin", "ferry").code == 0
    film.edit(("a ferry leaves", "no ferry leaves"))

    step = film.step("generate:ferry")
    assert (step["status"], step["cost_usd"]["high"]) == ("held", 0)
    assert [reason["field"] for reason in step["reasons"]] == ["prompt"]
    assert film.build()["generated"] == 0
    (take,) = film.takes("ferry")
    assert take["pinned"]

    assert film.run("unpin", "ferry").code == 0
    assert film.statuses()["generate:ferry"] == "stale"
    ran = film.run("unpin", "ferry")
    assert (ran.code, "not pinned" in ran.err) == (2, True)


def test_no_other_take_is_chosen_or_paid_for_while_a_shot_is_pinned(film: LockedFilm) -> None:
    film.run("pin", "pier")

    for call in (("select", "pier", "1"), ("retake", "pier", "--yes")):
        ran = film.run(*call)
        assert (ran.code, "Shot `pier` is pinned" in ran.err) == (2, True), call
        assert "storyboard unpin pier" in ran.err
    assert len(film.takes("pier")) == 1


def test_rebuild_hold_keeps_the_take_too(film: LockedFilm) -> None:
    film.edit(('prompt: "a ferry leaves"', 'rebuild: hold, prompt: "no ferry leaves"'))

    assert film.statuses()["generate:ferry"] == "held"
    assert film.build()["generated"] == 0


def test_a_clone_with_the_blobs_builds_the_same_film_from_the_lock_alone(
    film: LockedFilm, tmp_path: Path
) -> None:
    other = film.clone(tmp_path / "clone", blobs=True)

    assert {other.statuses()[id_] for id_ in GENERATED} == {"fresh"}
    lock = other.lock.read_bytes()
    assert other.build("--locked")["generated"] == 0

    assert other.film.read_bytes() == film.film.read_bytes()
    assert other.lock.read_bytes() == lock


def test_a_clone_without_the_blobs_says_what_is_missing_and_pays_for_nothing(
    film: LockedFilm, tmp_path: Path
) -> None:
    other = film.clone(tmp_path / "clone", blobs=False)

    plan = other.plan()
    statuses = {each["id"]: each["status"] for each in plan["steps"]}
    assert {statuses[id_] for id_ in GENERATED} == {"missing"}
    assert statuses["cut:main"] == "blocked"
    assert plan["totals"] == {"generate": 0, "cost_usd": {"low": 0, "high": 0}}
    ran = other.run("build", "--yes")
    assert ran.code == 1
    assert "is in the lock and not in .storyboard/blobs" in ran.err
    assert "--remake-missing" in ran.err
    locked = other.run("build", "--locked")
    assert (locked.code, "are not in the store" in locked.err) == (1, True)
    assert "Copy .storyboard/blobs" in locked.err
    assert "without --locked" not in locked.err, "which would not bring them"


def test_a_clone_says_why_a_shot_is_stale(film: LockedFilm, tmp_path: Path) -> None:
    other = film.clone(tmp_path / "clone", blobs=True)
    other.edit(("a ferry leaves", "a ferry comes"))

    step = other.step("generate:ferry")
    assert step["reasons"] == [{"field": "prompt", "old": "a ferry leaves", "new": "a ferry comes"}]
    locked = other.run("build", "--locked")
    assert locked.code == 1
    assert "is not what storyboard.lock says: `generate:ferry` is not in it" in locked.err


def test_a_read_only_lock_is_said_before_anything_is_paid_for(film: LockedFilm) -> None:
    film.edit(("a ferry leaves", "a ferry comes"))
    film.lock.chmod(0o444)
    billed = film.billed()

    ran = film.run("build", "--yes")

    assert ran.code == 1
    assert "storyboard.lock cannot be written: it is read-only" in ran.err
    assert film.billed() == billed


def test_what_cannot_be_chosen_is_said(film: LockedFilm) -> None:
    for arguments, said in {
        ("takes", "peir"): "Did you mean `pier`?",
        ("select", "pier", "4"): "it has take 1 alone",
        ("retake", "pier", "--profile", "draft"): "it has no takes",
        ("pin", "pier", "--segment", "2"): "It is one clip.",
        ("retake", "pire", "--yes"): "Did you mean `pier`?",
    }.items():
        ran = film.run(*arguments)
        assert ran.code == 2, arguments
        assert said in ran.err, ran.err


def test_another_profile_disturbs_nothing(film: LockedFilm) -> None:
    lock = film.lock.read_bytes()

    film.build("--profile", "draft")

    assert film.lock.read_bytes() == lock
    assert {film.statuses()[id_] for id_ in GENERATED} == {"fresh"}


def test_every_line_is_as_the_schema_says(film: LockedFilm) -> None:
    from jsonschema import Draft202012Validator

    from storyboard.share import share

    schema = json.loads((share("schemas") / "lock.schema.json").read_text("utf-8"))
    assert film.run("pin", "pier").code == 0
    for line in film.lock.read_text("utf-8").splitlines():
        Draft202012Validator(schema).validate(json.loads(line))


def test_a_plan_of_a_lock_of_ten_thousand_takes_reads_every_one(tmp_path: Path) -> None:
    from storyboard.facts import Place, Take
    from storyboard.lock import Lock
    from storyboard.lock_text import read_lock

    takes = [
        Take(
            key=f"{number:064x}",
            clip=f"{number:064x}",
            place=Place(f"s{number}"),
            model="a/b",
            date="2026-07-14T10:00:00.000Z",
        )
        for number in range(10_000)
    ]
    lock, problems = read_lock(Lock().changed(takes).text(), "storyboard.lock")

    assert problems == ()
    assert {take.key for take in lock.every_take()} == {take.key for take in takes}
    selected = lock.selected(takes[77].key)
    assert selected is not None
    assert selected.place.shot == "s77"


def test_the_commands_of_the_page_on_takes_work(film: LockedFilm) -> None:
    page = (Path(__file__).parents[2] / "docs" / "takes-and-lock.md").read_text("utf-8")
    lines = [line for line in page.splitlines() if line.startswith("$ storyboard ")]
    assert len(lines) > 5
    for line in lines:
        ran = film.run(*line.split()[2:])
        assert ran.code == 0, f"{line}: {ran.err}"
