"""heal: a shot is made again, and the shot behind it stays as it is."""

from __future__ import annotations

from pathlib import Path

import pytest
from locked_film import FILM, LockedFilm

BLOCK = """\
# a film of two shots
version: 1
title: Pier
size: 160x90
fps: 12
defaults: {duration: 0.5}
shots:
  - id: pier   # where it begins
    prompt: "a pier"
  # the one that follows it
  - {id: ferry, prompt: "a ferry leaves"}   # ends here
  - {id: town, prompt: "a town", chain: false}
"""


@pytest.fixture
def film(tmp_path: Path) -> LockedFilm:
    film = LockedFilm(tmp_path / "film", storyboard=BLOCK).lay()
    film.build()
    return film


def test_the_edit_keeps_comments_and_what_follows_stays_fresh(film: LockedFilm) -> None:
    told = film.run("heal", "pier")
    assert told.code == 0, told.err
    assert (film.folder / "storyboard.yaml").read_text("utf-8") == BLOCK

    assert film.run("heal", "pier", "--write").out == told.out

    (picture,) = (film.folder / "assets").iterdir()
    name = f"assets/{picture.name}"
    healed = BLOCK.replace("# where it begins", f"# where it begins\n    last_frame: {name}")
    healed = healed.replace("{id: ferry,", f"{{id: ferry, first_frame: {name},")
    assert (film.folder / "storyboard.yaml").read_text("utf-8") == healed
    statuses = film.statuses()
    assert (statuses["generate:pier"], statuses["generate:ferry"]) == ("stale", "fresh")
    film.edit(("a pier", "a long pier"))
    assert film.build()["generated"] == 1
    assert film.statuses()["generate:ferry"] == "fresh"


def test_a_model_that_needs_a_first_frame_too_is_said_before_anything_is_written(
    tmp_path: Path, provider: str
) -> None:
    paid = "runware/kling-2.6-pro"
    film = LockedFilm(tmp_path / "paid", provider, FILM)
    film.lay().build("--yes")

    ran = film.run("heal", "pier", "--write")

    assert ran.code == 2
    assert f"`{paid}` ends on a given frame only where it starts from one too." in ran.err
    assert not (film.folder / "assets").exists()


@pytest.mark.parametrize(
    ("shot", "said"),
    [("town", "No shot goes on from"), ("peir", "Did you mean `pier`?")],
)
def test_what_cannot_be_healed_is_said(film: LockedFilm, shot: str, said: str) -> None:
    ran = film.run("heal", shot)
    assert ran.code == 2
    assert said in ran.err
