"""`explain`: why a shot stands as it does, and what decides where it waits."""

from __future__ import annotations

from fractions import Fraction

from revised_film import Film, by


def test_a_fresh_shot_has_its_clip_and_its_job(film: Film) -> None:
    film.make(charged=Fraction("0.41"))

    (step,) = film.document("explain", "ferry")["steps"]

    assert (step["status"], step["reasons"], step["path"]) == ("fresh", [], [])
    assert step["cost_usd"] == {"low": 0, "high": 0}
    assert step["take"]["charged_usd"] == 0.41
    assert step["take"]["job"].startswith("job-ferry-")
    assert step["clip"].endswith(".mp4")
    assert step["followers"] == ["wake"]
    (given,) = step["inputs"]
    assert (given["role"], given["from"]) == ("first_frame", "frame:pier@hand-over")
    assert given["digest"] == given["before"]


def test_a_stale_shot_says_which_fields_changed_and_what_the_clip_was(film: Film) -> None:
    film.make()
    film.edit(("a pier at dawn", "a pier at dusk"))

    (step,) = film.document("explain", "pier")["steps"]

    assert step["status"] == "stale"
    assert step["reasons"] == [
        {"field": "prompt", "old": "a pier at dawn", "new": "a pier at dusk"}
    ]
    assert step["cost_usd"]["high"] > 0
    assert step["clip"].endswith(".mp4")  # the one it had


def test_a_waiting_shot_names_the_way_and_that_the_frame_decides(film: Film) -> None:
    film.make()
    film.edit(("a pier at dawn", "a pier at dusk"))

    (step,) = film.document("explain", "wake")["steps"]
    said = film.run("explain", "wake").out

    assert (step["status"], step["decided"]) == ("waiting", False)
    assert [(hop["shot"], hop["status"]) for hop in step["path"]] == [
        ("pier", "stale"), ("ferry", "waiting"), ("wake", "waiting"),
    ]  # fmt: skip
    assert step["path"][0]["reasons"][0]["new"] == "a pier at dusk"
    assert "If the hand-over frame of ferry comes out with the same bytes" in said
    assert "runware/kling-2.6-pro never makes the same clip twice" in said
    assert "nothing, or $0.35 if it follows" in said


def test_a_waiting_shot_that_changed_itself_is_made_whatever_its_frame_is(film: Film) -> None:
    film.make()
    film.edit(("a pier at dawn", "a pier at dusk"), ("gulls over", "terns over"))

    (step,) = film.document("explain", "wake")["steps"]

    assert (step["status"], step["decided"]) == ("waiting", True)
    assert [reason["field"] for reason in step["reasons"]] == ["prompt"]
    assert "made again whatever its frames will be" in film.run("explain", "wake").out


def test_a_shot_that_was_never_made_is_made_once_its_frames_are_there(film: Film) -> None:
    (step,) = film.document("explain", "ferry")["steps"]

    assert (step["status"], step["decided"], step["clip"], step["take"]) == ("waiting", True, None, None)  # fmt: skip
    assert "was never made" in film.run("explain", "ferry").out


def test_segments_are_told_one_by_one_or_alone(film: Film) -> None:
    film.edit(
        ('prompt: "a town by night"', "multi_prompt: [{prompt: a gate, duration: 5}, {prompt: a bell, duration: 5}]")
    )  # fmt: skip

    steps = by("segment", film.document("explain", "town")["steps"])
    (second,) = film.document("explain", "town", "--segment", "2")["steps"]

    assert set(steps) == {1, 2}
    assert second == steps[2]
    assert [hop["id"] for hop in second["path"]] == ["generate:town#1", "generate:town#2"]


def test_the_middle_of_a_long_way_is_left_out(film: Film) -> None:
    more = "".join(f"  - {{id: s{n}, prompt: a pier}}\n" for n in range(30))
    film.edit(('  - {id: town, prompt: "a town by night", chain: false}\n', more))

    said = film.run("explain", "s29").out

    assert "… 23 more, each from the one before" in said
    assert len(said.splitlines()) < 30


def test_what_is_asked_for_wrongly_is_said(film: Film) -> None:
    film.edit(('prompt: "a town by night", chain: false', "clip: footage.mp4"))
    assert (
        film.run("explain", "town").code == 2
    )  # the footage is not there: the storyboard is wrong

    film.edit(("clip: footage.mp4", 'prompt: "a town"'))
    wrong = film.run("explain", "pear")
    assert (wrong.code, wrong.out) == (2, "")
    assert "There is no shot `pear`" in wrong.err
    assert "`pier`" in wrong.err
    beyond = film.run("explain", "pier", "--segment", "2")
    assert beyond.code == 2
    assert "no segment 2" in beyond.err
