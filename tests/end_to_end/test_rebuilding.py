"""What an edit makes again, seen from the command line: no more than it must."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from film_repo import CHAIN, FilmRepo
from PIL import Image

SCORE = Path(__file__).parents[2] / "examples" / "joins-and-sound" / "assets" / "wheels.opus"


def test_a_second_build_changes_no_file(repo: FilmRepo) -> None:
    repo.build()
    before = repo.state()

    again = repo.build()

    assert again.generated == set()
    assert [event["event"] for event in again.events] == ["summary"]
    assert repo.state() == before
    assert set(repo.statuses().values()) == {"fresh"}


def test_reading_commands_change_no_file(repo: FilmRepo) -> None:
    repo.build()
    before = repo.state()

    for command in ("check", "plan", "graph", "requests"):
        assert repo.run(command).code == 0

    assert _but_for_the_cache(repo.state()) == _but_for_the_cache(before)


def test_reading_commands_leave_nothing_in_a_repo_where_nothing_is_built(repo: FilmRepo) -> None:
    before = repo.state()

    for command in ("check", "graph", "requests"):
        assert repo.run(command).code == 0
    assert repo.state() == before

    assert repo.run("plan").code == 0
    assert _but_for_the_cache(repo.state()) == before


def _but_for_the_cache(state: dict[str, tuple[str, int]]) -> dict[str, tuple[str, int]]:
    """What `plan` keeps for the next one is its own, and stays in a store that git ignores."""
    own = {".storyboard", ".storyboard/.gitignore", ".storyboard/sightings.json", ".storyboard/tmp"}
    return {
        path: entry
        for path, entry in state.items()
        if path not in own and not path.startswith(".storyboard/unchanged")
    }


def test_another_camera_move_makes_a_shot_and_its_dependants_again_and_no_other(
    repo: FilmRepo,
) -> None:
    first = repo.build()
    bytes_before = {step: path.read_bytes() for step, path in first.outputs.items()}
    clips = [path for path in repo.store("blobs") if path.suffix in {".mp4", ".png"}]
    written_before = {path: path.stat().st_mtime_ns for path in clips}

    repo.edit("a ferry leaves; pan right", "a ferry leaves; pan left")
    statuses = repo.statuses()
    second = repo.build()

    assert statuses["generate:pier"] == statuses["generate:town"] == "fresh"
    assert statuses["generate:ferry"] == "stale"
    assert statuses["generate:wake"] == statuses["generate:bridge"] == "waiting"
    assert second.generated == {"ferry", "wake", "bridge"}
    for step in ("generate:pier", "generate:town"):
        assert second.outputs[step].read_bytes() == bytes_before[step]
    for step in ("generate:ferry", "generate:wake", "generate:bridge"):
        assert second.outputs[step].read_bytes() != bytes_before[step]
    # What was there before was not even written again.
    assert {path: path.stat().st_mtime_ns for path in written_before} == written_before


def test_words_that_leave_the_hand_over_frame_as_it_was_make_their_shot_alone(
    repo: FilmRepo,
) -> None:
    first = repo.build()

    repo.edit("a ferry leaves; pan right", "the last ferry of the day leaves; pan right")
    second = repo.build()

    assert second.generated == {"ferry"}
    assert second.outputs["generate:ferry"] != first.outputs["generate:ferry"]
    assert second.outputs["frame:ferry@hand-over"] == first.outputs["frame:ferry@hand-over"]
    assert set(repo.statuses().values()) == {"fresh"}


OF_THE_CUT = {
    "a crossfade": ("chain: false}", "chain: false, transition: {crossfade: 0.25}}"),
    "a trim": ("id: wake,", "id: wake, trim: {start: 0.25},"),
    "a soundtrack": ("shots:", "soundtrack: [{file: score.opus, gain_db: -6}]\nshots:"),
}

OF_NOTHING = {
    "the title": ("title: Chain", "title: Another title"),
    "notes": ("chain: false}", "chain: false, notes: ask the harbour master}"),
    "a key of the author's own": ("title: Chain", "title: Chain\nx-client: the harbour"),
    "a comment": ("shots:", "# every shot is half a second long\nshots:"),
    "an id": ("id: wake", "id: gulls"),
    "quotes and order": (
        '{id: pier, prompt: "a pier at dawn; slow push in"}',
        "{prompt: a pier at dawn; slow push in, id: pier}",
    ),
    "a default made explicit": ("chain: false}", "chain: false, model: animatic, variant: 0}"),
    "a value given a name": ("shots:", "vars: {place: a pier}\nshots:"),
}


@pytest.mark.parametrize("edit", [pytest.param(each, id=name) for name, each in OF_THE_CUT.items()])
def test_an_edit_of_the_cut_generates_nothing(repo: FilmRepo, edit: tuple[str, str]) -> None:
    shutil.copy(SCORE, repo.folder / "score.opus")
    first = repo.build()
    film = first.film.read_bytes()

    repo.edit(*edit)
    second = repo.build()

    assert second.generated == set()
    assert second.outputs == first.outputs
    assert second.film.read_bytes() != film


@pytest.mark.parametrize("edit", [pytest.param(each, id=name) for name, each in OF_NOTHING.items()])
def test_an_edit_that_no_one_sees_changes_neither_clips_nor_film(
    repo: FilmRepo, edit: tuple[str, str]
) -> None:
    first = repo.build()
    film = first.film.read_bytes()

    repo.edit(*edit)
    second = repo.build()

    assert second.generated == set()
    assert second.film.read_bytes() == film


def test_a_shot_that_moves_elsewhere_keeps_its_clip(repo: FilmRepo) -> None:
    repo.edit("id: pier,", "id: pier, chain: false,")
    repo.build()

    town = '  - {id: town, prompt: "a town by night; tilt up", chain: false}\n'
    repo.edit(town, "")
    repo.edit("shots:\n", f"shots:\n{town}")

    assert repo.build().generated == set()


def test_an_edit_that_is_taken_back_generates_nothing_and_gives_the_same_film(
    repo: FilmRepo,
) -> None:
    film = repo.build().film.read_bytes()

    repo.edit("a ferry leaves; pan right", "a ferry leaves; pull back")
    changed = repo.build()
    assert changed.generated == {"ferry", "wake", "bridge"}
    assert changed.film.read_bytes() != film

    repo.write(CHAIN)
    assert set(repo.statuses().values()) == {"fresh"}
    back = repo.build()
    assert back.generated == set()
    assert back.film.read_bytes() == film


def test_another_picture_makes_the_shots_that_start_with_it_again(repo: FilmRepo) -> None:
    _paint(repo.folder / "start.png", "#204060")
    repo.edit("chain: false}", "first_frame: start.png}")
    repo.build()

    _paint(repo.folder / "start.png", "#806020")

    assert repo.statuses()["generate:town"] == "stale"
    assert repo.build().generated == {"town"}


def test_what_is_gone_from_the_store_is_made_again_to_the_byte(repo: FilmRepo) -> None:
    first = repo.build()
    lost = first.outputs["generate:ferry"]
    film = first.film.read_bytes()
    lost.unlink()
    first.film.unlink()

    second = repo.build()

    assert second.generated == {"ferry"}
    assert lost.is_file()
    assert second.film.read_bytes() == film


def test_a_film_that_was_removed_is_joined_again_and_nothing_else_is_done(repo: FilmRepo) -> None:
    first = repo.build()
    film = first.film.read_bytes()
    first.film.unlink()

    second = repo.build()

    assert second.generated == set()
    started = [each["step"] for each in second.events if each["event"] == "step_started"]
    assert started == ["cut:main"]
    assert second.film.read_bytes() == film


def test_two_films_of_a_repository_share_their_clips(repo: FilmRepo) -> None:
    repo.build()
    repo.write(CHAIN.replace("title: Chain", "title: Episode two"), "ep02.yaml")

    second = repo.build("ep02.yaml")

    assert second.generated == set()
    assert second.film.name == "ep02-main.mp4"


def _paint(path: Path, color: str) -> None:
    Image.new("RGB", (160, 90), color).save(path)
