"""Sounds of a storyboard in their places in a cut."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from storyboard.editing import SoundFile, edit_of
from storyboard.model import Shot
from storyboard.pipeline import Choices, diagnose
from storyboard.timeline import Edit, Piece, SoundEvent

FILM = """\
version: 1
defaults: {duration: 4, chain: false}
shots:
  - {id: a, prompt: a}
  - {id: b, prompt: b, transition: {crossfade: 1}, trim: {start: 1}}
  - {id: c, multi_prompt: [{prompt: c, duration: 2}, {prompt: d, duration: 2}], multi_prompt_mode: chain}
"""


def laid(folder: Path, old: str = "", new: str = "", more: str = "") -> Edit:
    text = FILM.replace(old, new) if old else FILM
    (folder / "storyboard.yaml").write_text(text + more, encoding="utf-8")
    _, storyboard, _ = diagnose(folder / "storyboard.yaml", Choices())
    assert storyboard is not None

    def pieces(shot: Shot) -> tuple[Piece, ...]:
        if shot.id != "c":
            return (Piece(shot.id, Fraction(0), Fraction(4)),)
        return (Piece("c1", Fraction(0), Fraction(2)), Piece("c2", Fraction(2), Fraction(2)))

    sound = SoundFile("file", Fraction(3))
    (cut,) = storyboard.cuts
    return edit_of(cut, pieces, lambda _: sound, lambda path: path, lambda _: False)


def sounds(*arguments: object, **more: str) -> list[tuple[str, float, float, float]]:
    edit = laid(*arguments, **more)  # type: ignore[arg-type]
    return [(s.clip, *map(float, (s.starts, s.source_in, s.lasts))) for s in edit.sounds]


# The shots begin at 0, 3 and 6 s.
@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("{file: s.wav}", [("file", 3, 0, 3)]),
        ("{file: s.wav, at: -0.5}", [("file", 2.5, 0, 3)]),
        ("{file: s.wav, at: 9, trim: {start: 1, end: 2}}", [("file", 12, 1, 1)]),
        ("{file: s.wav, trim: {end: 20}}", [("file", 3, 0, 3)]),
        ("{shot: a}", [("a", 3, 0, 4)]),
        ("{shot: a, at: 1, trim: {start: 3}}", [("a", 4, 3, 1)]),
        ("{shot: a, trim: {start: 3, end: 6}}", [("a", 3, 3, 3)]),  # its clip may be longer
        ("{shot: c, trim: {start: 1}}", [("c1", 3, 1, 1), ("c2", 4, 0, 2)]),
        ("{shot: c, trim: {start: 2.5}}", [("c2", 3, 0.5, 1.5)]),
    ],
)
def test_a_shots_own_sound(
    said: str, meant: list[tuple[str, float, float, float]], tmp_path: Path
) -> None:
    assert sounds(tmp_path, "prompt: b,", f"prompt: b, sound: [{said}],") == meant


def test_soundtracks_give_way_to_sounds_of_shots_and_not_to_each_other(tmp_path: Path) -> None:
    edit = laid(
        tmp_path,
        "prompt: b,",
        "prompt: b, sound: [{file: s.wav, gain_db: -3}],",
        "soundtrack: [{file: s.wav, loop: true, duck_db: -9, at: {shot: c, at: -1}}]",
    )
    own, track = edit.sounds
    assert own == SoundEvent(
        clip="file", starts=Fraction(3), lasts=Fraction(3), gain_db=Fraction(-3), leads=True
    )
    assert track == SoundEvent(
        clip="file", starts=Fraction(5), lasts=Fraction(3), loop=True, duck_db=Fraction(-9)
    )


def test_a_soundtrack_is_left_out_where_the_shot_that_it_is_tied_to_is(tmp_path: Path) -> None:
    more = "soundtrack: [{file: s.wav, at: {shot: c}}]\ncuts: [{id: main, shots: [a, b]}]"
    assert sounds(tmp_path, more=more) == []


def test_a_sound_is_there_as_often_as_its_shot(tmp_path: Path) -> None:
    more = "cuts: [{id: main, shots: [a, c, a]}]"
    found = sounds(tmp_path, "prompt: a}", "prompt: a, sound: [{file: s.wav}]}", more=more)
    assert [start for _, start, _, _ in found] == [0, 8]
