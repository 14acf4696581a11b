"""A plan that was reviewed is done exactly so, or refused with what changed since."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import pytest
from revised_film import PAID, Film

from storyboard.consent import Purse
from storyboard.diagnostics import Refused
from storyboard.pipeline import Choices, compile_film
from storyboard.project import open_project
from storyboard.saved_plan import SavedPlan, plan_document, read_plan, write_plan

FREE = PAID.replace(", model: runware/kling-2.6-pro", "").replace("duration: 5", "duration: 0.25")


def refused(film: Film, *arguments: str) -> str:
    """What a build by the plan says, which is refused; nothing is built."""
    before = sorted(film.folder.rglob("*"))
    ran = film.run("build", "--plan", "plan.json", *arguments)
    assert (ran.code, ran.out) == (3, "")
    assert sorted(film.folder.rglob("*")) == before
    return ran.err


@pytest.fixture
def planned(film: Film) -> Film:
    """A paid film of which one shot is made, and the rest is planned."""
    film.make("pier")
    assert film.run("plan", "--out", "plan.json").code == 0
    return film


def test_what_was_planned_is_built(tmp_path: Path) -> None:
    film = Film(tmp_path / "film", FREE)
    film.write(FREE.replace("pier", "quay"), "two/ep02.yaml")
    assert film.run("plan", "two/ep02.yaml", "--out", "plan.json", "--shot", "town").code == 0

    built = film.run("build", "--plan", "plan.json", "--json", cwd=film.folder)

    events = [json.loads(line) for line in built.out.splitlines()]
    assert built.code == 0, built.err
    assert events[-1]["generated"] == 1  # the shot that was planned, of the storyboard that was
    again = film.run("build", "--plan", "plan.json", "two/ep02.yaml", "--json")
    assert (again.code, json.loads(again.out.splitlines()[-1])["generated"]) == (0, 0)


def test_a_changed_storyboard_is_refused_field_by_field(planned: Film) -> None:
    planned.edit(
        ("gulls over", "terns over"),
        ("id: town", "id: village"),
        ('prompt: "a ferry leaves"', 'prompt: "a ferry leaves", transition: {crossfade: 1}'),
    )

    said = refused(planned)

    assert "wake: prompt: “gulls over the wake” → “terns over the wake”" in said
    assert "town: is no longer in the film" in said
    assert "village: was not in the film" in said
    assert "cut:main: would be put together otherwise" in said
    assert "storyboard plan --out plan.json" in said


def test_another_fallback_model_is_refused(planned: Film) -> None:
    planned.edit(("chain: false", "chain: false, fallback: [fal/kling-2.6-pro]"))

    assert "town: fallback: nothing → fal/kling-2.6-pro" in refused(planned)


def test_a_changed_picture_is_refused(film: Film) -> None:
    film.picture("start.png", "red")
    film.edit(("chain: false", "first_frame: start.png"))
    assert film.run("plan", "--out", "plan.json").code == 0
    film.picture("start.png", "blue")

    assert "town: first_frame: start.png, " in refused(film)


def test_what_was_fresh_and_is_not_is_refused_with_what_it_would_cost(planned: Film) -> None:
    (clip,) = (planned.folder / ".storyboard" / "blobs").rglob("*.mp4")
    clip.unlink()

    said = refused(planned)

    assert "pier: was fresh" in said
    assert "$0.35" in said


def test_other_frames_than_those_that_were_reviewed_are_refused(film: Film) -> None:
    film.make("pier")
    film.run("plan", "--out", "plan.json")
    saved = read_plan(film.folder / "plan.json")
    ferry = saved.steps["generate:ferry"]
    assert ferry.key is not None  # its frame was there

    purse = saved.narrowed(Purse(steps=frozenset({"generate:ferry", "generate:wake"})))

    purse.take("generate:ferry", ferry.key, Fraction("0.35"))
    purse.take("generate:wake", "whichever frame it is given", Fraction("0.35"))
    with pytest.raises(Refused, match="not agreed to"):
        purse.take("generate:ferry", "another frame", Fraction("0.35"))


def test_it_is_consent_up_to_its_high_price(planned: Film) -> None:
    saved = read_plan(planned.folder / "plan.json")

    assert saved.high == Fraction(35 * 3, 100)
    assert saved.narrowed(Purse()).left == saved.high
    assert saved.narrowed(Purse(left=Fraction(1, 10))).left == Fraction(1, 10)


def test_the_limits_hold_for_it_too(planned: Film, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNWARE_API_KEY", "k" * 32)
    monkeypatch.setenv("STORYBOARD_RUNWARE_URL", "http://127.0.0.1:9")
    assert "more than the $1.00 of --max-cost" in refused(planned, "--max-cost", "1")


def test_dearer_is_refused_and_cheaper_is_not(planned: Film) -> None:
    file = planned.folder / "plan.json"
    compiled = compile_film(planned.folder / "storyboard.yaml", Choices())
    with open_project(compiled) as project:
        now = project.plan()
        document = plan_document(now, "storyboard.yaml", given={}, shots=(), cuts=())
    for high, words in [("1/10", r"town: may cost \$0.35 instead of \$0.10"), ("5", None)]:
        steps = json.loads(json.dumps(document["steps"]))
        (town,) = [step for step in steps if step["id"] == "generate:town"]
        town["cost_usd"]["high"] = high
        other: SavedPlan = _saved(file, {**document, "steps": steps})
        if words:
            with pytest.raises(Refused, match=words):
                other.require(now)
        else:
            other.require(now)


def _saved(file: Path, document: dict[str, object]) -> SavedPlan:
    """A plan as another release, with other prices, would have written it."""
    from storyboard.digest import digest

    unsigned = {name: value for name, value in document.items() if name != "digest"}
    write_plan({**unsigned, "digest": digest(unsigned)}, file)  # type: ignore[dict-item,arg-type]
    return read_plan(file)


def test_less_is_done_where_somebody_built_some_since(
    planned: Film, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("RUNWARE_API_KEY", raising=False)
    planned.make("pier", "ferry")

    # Past the plan, only the key of the provider is missing here.
    ran = planned.run("build", "--plan", "plan.json")

    assert ran.code == 2
    assert "RUNWARE_API_KEY" in ran.err
    planned.make()
    compiled = compile_film(planned.folder / "storyboard.yaml", Choices())
    with open_project(compiled) as project:
        read_plan(planned.folder / "plan.json").require(project.plan())


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda text: text[: len(text) // 2], "is no plan, or only a part of one"),
        (lambda text: text.replace("gulls", "terns"), "was changed after it was planned"),
        (lambda text: text.replace('"version": 1', '"version": 2'), "is a plan of version 2"),
        (lambda _: '{"steps": []}', "is no plan"),
        (lambda _: "\udcff", "is no plan"),
    ],
)
def test_a_file_that_is_not_the_plan_any_more_is_refused(planned: Film, change, said: str) -> None:  # type: ignore[no-untyped-def]
    file = planned.folder / "plan.json"
    file.write_text(change(file.read_text("utf-8")), "utf-8", errors="surrogateescape")

    ran = planned.run("build", "--plan", "plan.json")

    assert ran.code == 2
    assert said in ran.err


def test_choices_are_the_plans_own(planned: Film) -> None:
    planned.write(PAID, "other.yaml")

    assert "made with `plan`" in planned.run("build", "--plan", "plan.json", "--shot", "pier").err
    assert "not of other.yaml" in planned.run("build", "other.yaml", "--plan", "plan.json").err
    assert planned.run("build", "--plan", "nowhere.json").code == 2


def test_a_plan_does_not_write_over_what_is_no_plan(film: Film) -> None:
    ran = film.run("plan", "--out", "storyboard.yaml")

    assert ran.code == 2
    assert "is there already, and is no plan" in ran.err
    assert (film.folder / "storyboard.yaml").read_text("utf-8") == PAID
