"""What a build makes again, and what it finds again."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import pytest
from fake_film import FakeFilm, FakeTools, Shot, chain, statuses

from storyboard.events import CutDone, StepDamaged, StepDone, StepStarted
from storyboard.graph import Action, ActionGraph, Kind
from storyboard.ledger import Lane, Ledger
from storyboard.lock_file import LockFile
from storyboard.passes.execute import execute
from storyboard.passes.plan import plan
from storyboard.provider import Prompt, Request
from storyboard.steps import Status
from storyboard.workshop import Workshop

RATE = Fraction(24000, 1001)

DAY = chain("stair | he climbs", "gallery | wind", "lamp | he lights it", "dawn | it fades")


@pytest.fixture
def film(tmp_path: Path) -> FakeFilm:
    return FakeFilm(tmp_path)


def test_the_first_build_makes_everything(film: FakeFilm) -> None:
    built = film.build(DAY)

    assert built.generated == {"s1", "s2", "s3", "s4"}
    assert built.takes.complete
    assert built.films.paths == {"main": film.path}
    assert len(film.path.read_text().splitlines()) == 1 + len(DAY)
    assert CutDone("main", film.path) in built.events


def test_a_clip_starts_from_the_frame_that_is_handed_over(film: FakeFilm) -> None:
    built = film.build(DAY)

    store = film.store
    second = store.find(built.takes.outputs["generate:s2"])
    frame = store.find(built.takes.outputs["frame:s1"])
    assert second is not None
    assert frame is not None
    assert frame.suffix == ".png"
    assert json.loads(second.read_text())["first_frame"] == frame.read_text()


def test_a_second_build_makes_nothing_and_changes_no_file(film: FakeFilm) -> None:
    film.build(DAY)
    before = film.files()
    times = {path: path.stat().st_mtime_ns for path in film.folder.rglob("*")}

    built = film.build(DAY)

    assert built.tools.done == []
    assert built.films.paths == {"main": film.path}
    assert film.files() == before
    assert {path: path.stat().st_mtime_ns for path in film.folder.rglob("*")} == times
    assert set(statuses(built.plan).values()) == {Status.FRESH}


def test_a_plan_before_the_first_build_creates_nothing(film: FakeFilm) -> None:
    planned = film.plan(DAY)

    assert list(film.folder.iterdir()) == []
    assert statuses(planned)["generate:s1"] is Status.NEW
    assert statuses(planned)["generate:s2"] is Status.WAITING
    assert planned.to_generate == 4


def test_a_changed_shot_rebuilds_itself_and_what_its_frame_changes(film: FakeFilm) -> None:
    film.build(DAY)
    edited = [*DAY[:1], Shot("s2", "sea | wind", "s1"), *DAY[2:]]

    built = film.build(edited)

    assert built.generated == {"s2", "s3", "s4"}
    assert built.made == {
        "generate:s2", "frame:s2", "generate:s3", "frame:s3", "generate:s4", "cut:main",
    }  # fmt: skip


def test_words_that_leave_the_frame_as_it_was_rebuild_that_shot_alone(film: FakeFilm) -> None:
    film.build(DAY)
    edited = [*DAY[:1], Shot("s2", "gallery | a storm", "s1"), *DAY[2:]]

    planned = film.plan(edited)
    built = film.build(edited)

    assert statuses(planned)["generate:s3"] is Status.WAITING  # it may turn out fresh, and does
    assert built.made == {"generate:s2", "frame:s2", "cut:main"}
    reused = {e.action.id for e in built.events if isinstance(e, StepDone) and e.reused}
    assert {"generate:s3", "generate:s4"} <= reused


def test_taking_an_edit_back_finds_everything_again_and_joins_it(film: FakeFilm) -> None:
    film.build(DAY)
    original = film.path.read_bytes()
    film.build([*DAY[:1], Shot("s2", "sea | wind", "s1"), *DAY[2:]])

    built = film.build(DAY)

    assert built.made == {"cut:main"}
    assert film.path.read_bytes() == original


def test_a_changed_join_generates_nothing(film: FakeFilm) -> None:
    film.build(DAY)

    built = film.build(DAY, fade=1)

    assert built.made == {"cut:main"}
    assert film.path.read_text().startswith("fade 1")


def test_a_renamed_shot_is_still_fresh(film: FakeFilm) -> None:
    film.build([Shot("lamp", "lamp | he lights it")])

    planned = film.plan([Shot("lantern", "lamp | he lights it")])

    assert set(statuses(planned).values()) == {Status.FRESH}


def test_two_shots_that_ask_the_same_share_a_clip(film: FakeFilm) -> None:
    twins = [Shot("a", "sea | calm"), Shot("b", "sea | calm")]

    planned = film.plan(twins)
    built = film.build(twins)

    assert planned.to_generate == 1
    assert built.tools.done == ["sea | calm"]
    assert built.takes.outputs["generate:a"] == built.takes.outputs["generate:b"]


def test_profiles_do_not_disturb_each_other(film: FakeFilm) -> None:
    draft = [Shot("s1", "stair | rough")]
    final = [Shot("s1", "stair | fine")]
    film.build(draft)
    film.lane = Lane("storyboard.yaml", "final")
    planned = film.plan(final)
    film.build(final)
    film.lane = Lane("storyboard.yaml")

    assert statuses(planned)["generate:s1"] is Status.NEW  # this profile never made it
    assert statuses(film.plan(draft))["generate:s1"] is Status.FRESH


def test_a_film_that_was_removed_or_edited_is_put_back(film: FakeFilm) -> None:
    film.build(DAY)
    whole = film.path.read_bytes()
    film.path.unlink()
    assert film.build(DAY).made == {"cut:main"}
    assert film.path.read_bytes() == whole
    film.path.write_text("somebody's own")

    assert film.build(DAY).made == {"cut:main"}
    assert film.path.read_bytes() == whole


def test_a_film_is_on_the_disk_once(film: FakeFilm) -> None:
    film.build(DAY)

    whole = film.path.read_bytes()

    assert [p for p in film.folder.rglob("*") if p.is_file() and p.read_bytes() == whole] == [
        film.path
    ]


def test_a_clip_whose_bytes_are_gone_is_made_again_and_nothing_else(film: FakeFilm) -> None:
    first = film.build(DAY)
    gone = film.store.find(first.takes.outputs["generate:s2"])
    assert gone is not None
    gone.unlink()

    planned = film.plan(DAY)
    built = film.build(DAY)

    assert statuses(planned)["generate:s2"] is Status.STALE
    assert statuses(planned)["generate:s3"] is Status.FRESH
    assert built.made == {"generate:s2"}
    assert gone.exists()


def test_a_damaged_clip_is_set_aside_and_made_again_when_it_is_needed(film: FakeFilm) -> None:
    first = film.build(DAY)
    damaged = film.store.find(first.takes.outputs["generate:s2"])
    assert damaged is not None
    whole = damaged.read_bytes()
    damaged.chmod(0o644)
    damaged.write_bytes(whole[:-3])

    built = film.build(DAY, fade=1)

    assert built.made == {"generate:s2", "cut:main"}
    assert [e.action.id for e in built.events if isinstance(e, StepDamaged)] == ["generate:s2"]
    assert damaged.read_bytes() == whole
    assert (film.store.root / "corrupt" / damaged.name).read_bytes() == whole[:-3]
    assert film.path.read_text().count("half") == 0


def test_a_damaged_clip_does_not_go_into_a_film_that_is_put_back(film: FakeFilm) -> None:
    first = film.build(DAY)
    whole = film.path.read_bytes()
    damaged = film.store.find(first.takes.outputs["generate:s2"])
    assert damaged is not None
    damaged.chmod(0o644)
    damaged.write_bytes(b"rot")
    film.path.unlink()

    built = film.build(DAY)

    assert built.made == {"generate:s2", "cut:main"}
    assert film.path.read_bytes() == whole


def test_a_picture_of_the_user_counts_by_its_bytes(film: FakeFilm) -> None:
    (film.folder / "a.png").write_text("a stair")
    film.build([Shot("s1", "stair |", "a.png")])
    (film.folder / "a.png").rename(film.folder / "b.png")

    assert statuses(film.plan([Shot("s1", "stair |", "b.png")]))["generate:s1"] is Status.FRESH
    (film.folder / "b.png").write_text("another stair")
    built = film.build([Shot("s1", "stair |", "b.png")])

    assert built.generated == {"s1"}


def test_a_link_is_part_of_what_is_asked(film: FakeFilm) -> None:
    film.build([Shot("s1", "stair |", "https://example.org/a.png")])

    planned = film.plan([Shot("s1", "stair |", "https://example.org/b.png")])

    (reason,) = planned.steps[0].reasons
    assert (reason.field, reason.old, reason.new) == (
        "first_frame", "https://example.org/a.png", "https://example.org/b.png",
    )  # fmt: skip


def test_a_plan_says_why_field_by_field(film: FakeFilm) -> None:
    film.build(DAY)

    planned = film.plan([*DAY[:1], Shot("s2", "sea | wind", "s1", duration=6), *DAY[2:]])

    step = next(step for step in planned if step.action.id == "generate:s2")
    assert step.status is Status.STALE
    assert [(r.field, r.old, r.new) for r in step.reasons] == [
        ("prompt", "gallery | wind", "sea | wind"),
        ("duration", 5, 6),
    ]


def test_a_plan_says_which_of_several_prompts_changed(film: FakeFilm) -> None:
    def storm(words: str) -> ActionGraph:
        prompts = (Prompt("rain", Fraction(3)), Prompt(words, Fraction(7)))
        work = Request(model="animatic", prompts=prompts, duration=Fraction(10), fps=RATE)
        return ActionGraph((Action(id="generate:storm", kind=Kind.GENERATE, work=work),))

    with Ledger(film.store.root / "ledger.sqlite3") as ledger:
        workshop = Workshop(
            folder=film.folder,
            lane=film.lane,
            store=film.store,
            ledger=ledger,
            tools=FakeTools(),
            lock=LockFile(film.folder / "storyboard.lock"),
        )
        execute(plan(storm("lightning"), film.store, ledger, film.lane, {}), workshop, print)
        planned = plan(storm("thunder"), film.store, ledger, film.lane, {})

    assert [(r.field, r.old, r.new) for r in planned.steps[0].reasons] == [
        ("multi_prompt[2].text", "lightning", "thunder")
    ]


def test_a_plan_names_the_pictures_that_changed(film: FakeFilm) -> None:
    first = film.build(DAY)
    other = [Shot("x", "cellar |"), DAY[0], Shot("s2", "gallery | wind", "x"), *DAY[2:]]
    film.build([Shot("x", "cellar |"), Shot("y", "y |", "x"), *DAY])

    step = next(step for step in film.plan(other) if step.action.id == "generate:s2")

    (reason,) = step.reasons
    assert reason.field == "first_frame"
    assert reason.old == f"frame:s1 ({first.takes.outputs['frame:s1'][:8]})"
    assert str(reason.new).startswith("frame:x (")


def test_a_waiting_step_names_what_is_sure_to_be_made_before_it(film: FakeFilm) -> None:
    film.build(DAY)

    planned = film.plan([*DAY[:1], Shot("s2", "sea | wind", "s1"), *DAY[2:]])

    waiting = {s.action.id: s.waits_for for s in planned if s.status is Status.WAITING}
    assert waiting["generate:s4"] == ("generate:s2",)
    assert waiting["cut:main"] == ("generate:s2",)


def test_a_build_starts_only_what_it_makes(film: FakeFilm) -> None:
    film.build(DAY)

    built = film.build([*DAY[:3], Shot("s4", "night |", "s3")], FakeTools())

    started = [e.action.id for e in built.events if isinstance(e, StepStarted)]
    assert started == ["generate:s4", "cut:main"]
