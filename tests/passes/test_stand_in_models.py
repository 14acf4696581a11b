"""What a shot's fallback models are asked for, and what the plan says of them."""

from __future__ import annotations

from pathlib import Path

from storyboard.graph import Action
from storyboard.pipeline import Choices, compile_film
from storyboard.provider import Request

FILM = """\
version: 1
title: Stand-ins
defaults: {{model: {model}, fallback: [{fallback}]}}
shots:
  - id: hall
    prompt: a hall
    {shot}
"""


def generated(folder: Path, model: str, fallback: str, shot: str) -> Action:
    path = folder / "storyboard.yaml"
    path.write_text(FILM.format(model=model, fallback=fallback, shot=shot))
    (action, *_) = compile_film(path, Choices()).graph
    return action


def test_what_a_fallback_cannot_do_is_left_out_and_said(tmp_path: Path) -> None:
    shot = "duration: 5\n    cfg_scale: 0.5\n    first_frame: https://example.com/a.png"

    own = generated(tmp_path, "runware/kling-2.6-pro", "fal/kling-2.6-pro", shot)

    (stand_in,) = own.stand_ins
    assert stand_in.model == "fal/kling-2.6-pro"
    assert isinstance(stand_in.work, Request)
    assert stand_in.work.cfg_scale is None
    assert "if that is refused: fal/kling-2.6-pro (without cfg_scale)" in own.notes


def test_the_key_is_the_shots_own_whatever_its_fallbacks(tmp_path: Path) -> None:
    keys = {
        generated(tmp_path, "fal/kling-2.6-pro", each, "duration: 5").key({})
        for each in ("", "runware/kling-2.6-pro", "modelstream/kling-2.6")
    }

    assert len(keys) == 1


def test_high_is_the_dearest_of_all(tmp_path: Path) -> None:
    action = generated(tmp_path, "fal/kling-2.6-pro", "aimlapi/kling-2.6-pro", "duration: 5")
    (stand_in,) = action.stand_ins

    assert action.cost == (action.price[0], max(action.price[1], stand_in.price[1]))
    assert stand_in.price[1] > action.price[1]


def test_one_that_cannot_fill_the_place_is_none(tmp_path: Path) -> None:
    shot = (
        "duration: 5\n    first_frame: https://example.com/a.png"
        "\n    last_frame: https://example.com/b.png"
    )
    action = generated(tmp_path, "fal/kling-2.6-pro", "animatic, aimlapi/kling-2.6-pro", shot)

    assert action.stand_ins == ()
    assert any(note.startswith("animatic cannot stand in: it draws here") for note in action.notes)
    assert any("aimlapi/kling-2.6-pro cannot stand in: " in note for note in action.notes)
