"""`cost`: what a film has cost, each job once, and how that differs from the estimates."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
from revised_film import PAID, Film, by


def test_nothing_was_paid_for(film: Film) -> None:
    found = film.document("cost")

    assert (found["sums"], found["jobs"]) == ([], [])
    assert found["totals"]["spent_usd"] == 0
    assert found["budget_usd"] is found["left_usd"] is None
    assert "Nothing has been paid for" in film.run("cost").out
    assert not (film.folder / ".storyboard").exists()


def test_by_shot_with_the_difference_from_the_estimate(film: Film) -> None:
    film.make("pier", charged=Fraction("0.41"))
    film.edit(("a pier at dawn", "a pier at dusk"))
    film.make("pier", charged=Fraction("0.35"))
    film.make("town", charged=Fraction("0.30"))

    found = film.document("cost")

    sums = by("shot", found["sums"])
    assert {name: (each["clips"], each["spent_usd"], each["difference_usd"]) for name, each in sums.items()} == {
        "pier": (2, 0.76, 0.06), "town": (1, 0.3, -0.05),
    }  # fmt: skip
    assert sums["pier"]["estimated_usd"] == {"low": 0.7, "high": 0.7}
    assert found["totals"]["spent_usd"] == 1.06
    assert {job["charged_usd"] for job in found["jobs"]} == {0.41, 0.35, 0.3}
    said = film.run("cost").out
    assert "+$0.06" in said
    assert "-$0.05" in said
    assert "in all" in said


def test_what_the_provider_did_not_say_is_marked_as_an_estimate(film: Film) -> None:
    film.make("pier")

    totals = film.document("cost")["totals"]

    assert (totals["spent_usd"], totals["assumed_usd"]) == (0.35, 0.35)
    assert "~$0.35" in film.run("cost").out
    assert "did not say" in film.run("cost").out


def test_by_other_names(film: Film) -> None:
    film.make("pier", "town", charged=Fraction("0.35"))

    for by_, name in [("provider", "runware"), ("model", "runware/kling-2.6-pro"), ("profile", "")]:
        (only,) = film.document("cost", "--by", by_)["sums"]
        assert (only[by_], only["spent_usd"]) == (name, 0.7)
    assert len(film.document("cost", "--by", "day")["sums"]) == 1
    jobs = film.document("cost", "--by", "job")["sums"]
    assert {each["job"].rpartition("-")[0] for each in jobs} == {"job-pier", "job-town"}


def test_what_is_left_of_the_budget(film: Film) -> None:
    film.edit(("title: Harbour\n", "title: Harbour\nbudget: 1\n"))
    film.make("pier", "town", charged=Fraction("0.35"))

    found = film.document("cost")

    assert (found["budget_usd"], found["left_usd"]) == (1, 0.3)
    assert "Budget: $1.00, $0.30 left." in film.run("cost").out


def test_each_film_of_a_repository_has_its_own_bill(film: Film) -> None:
    film.make("pier", charged=Fraction("0.35"))
    film.write(PAID, "ep02.yaml")

    assert film.document("cost", "ep02.yaml")["totals"]["spent_usd"] == 0


def test_a_film_with_errors_has_a_bill_all_the_same(film: Film) -> None:
    film.make("pier", charged=Fraction("0.35"))
    film.edit(('prompt: "a ferry leaves"', 'promt: "a ferry leaves"'))

    assert film.document("cost")["totals"]["spent_usd"] == 0.35


def test_what_was_paid_on_another_machine_is_in_the_lock(
    film: Film, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    film.edit(("title: Harbour\n", "title: Harbour\nbudget: 0.9\n"))
    film.make("pier", "town", charged=Fraction("0.30"))
    # Each job once, though the lock has it too.
    assert film.document("cost")["totals"]["spent_usd"] == 0.6
    clone = Film(tmp_path / "clone", (film.folder / "storyboard.yaml").read_text("utf-8"))
    clone.write((film.folder / "storyboard.lock").read_bytes(), "storyboard.lock")

    found = clone.document("cost")

    assert {name: each["spent_usd"] for name, each in by("shot", found["sums"]).items()} == {
        "pier": 0.3, "town": 0.3,
    }  # fmt: skip
    assert found["left_usd"] == 0.3
    monkeypatch.setenv("RUNWARE_API_KEY", "k" * 32)
    monkeypatch.setenv("STORYBOARD_RUNWARE_URL", "http://127.0.0.1:9")
    clone.edit(("a town by night", "a town in fog"))
    refused = clone.run("build", "--yes")
    assert refused.code == 3
    assert "of the film's budget of $0.90 there is $0.30 left" in refused.err


def test_a_take_whose_charge_nobody_knows_counts_at_most(film: Film, tmp_path: Path) -> None:
    film.make("pier")
    clone = Film(tmp_path / "clone")
    clone.write((film.folder / "storyboard.lock").read_bytes(), "storyboard.lock")

    (pier,) = clone.document("cost")["sums"]

    assert pier["assumed_usd"] == pier["spent_usd"] >= 0.35
