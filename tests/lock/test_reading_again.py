"""A lock that was sound is read line by line the next time: it says the same, and damage is still told."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storyboard.diagnostics import Invalid
from storyboard.facts import Fact, Frame, LaterFrame, Pin, Place, Selection, Take
from storyboard.lock import Lock
from storyboard.lock_file import LockFile
from storyboard.lock_text import read_lock, sound_lock

FRAME = Frame({"at": "hand-over", "duration": 5, "version": "2"}, "f" * 64)
SHOTS = st.sampled_from(["storm", 'the "ring"', "back\\slash", "s" * 300, "größer"])
DIGESTS = st.sampled_from([letter * 64 for letter in "abc"])


@st.composite
def takes(draw: st.DrawFn) -> Take:
    return Take(
        key=draw(DIGESTS),
        clip=draw(DIGESTS),
        place=Place(draw(SHOTS), draw(st.sampled_from([None, 2])), draw(st.sampled_from([None, "draft"]))),
        model="fal/kling",
        date=draw(st.sampled_from(["2026-01-01T00:00:00.000Z", "2026-01-02T00:00:00.000Z"])),
        job=draw(st.sampled_from([None, "job-1", "job-2"])),
        charged=Fraction(7, 20),
        frames=draw(st.sampled_from([(), (FRAME,)])),
    )  # fmt: skip


@settings(deadline=None, max_examples=60)
@given(st.lists(takes(), min_size=1, max_size=6))
def test_it_says_the_same(made: list[Take]) -> None:
    one = made[0]
    chosen: list[Fact] = [
        Selection(one.place.shot, one.identity),
        Pin(one.place, one.identity),
        LaterFrame(one.place.shot, one.clip, Frame({"at": "last"}, "d" * 64)),
    ]
    text = Lock().changed([*made, *chosen]).text()
    text += "\n" + text.splitlines()[-1] + "\r\n"  # as a merge may leave it
    first, problems = read_lock(text, "storyboard.lock")
    assert not problems

    again = sound_lock(text)

    assert again.lines == first.lines
    assert again.text() == first.text()
    assert again.pins == first.pins
    assert list(again.every_take()) == list(first.every_take())
    for take in made:
        assert again.selected(take.key) == first.selected(take.key)
        assert again.kept(take.place) == first.kept(take.place)
        assert again.shot_of(take.clip) == first.shot_of(take.clip)
        assert again.frame(take.clip, FRAME.work) == first.frame(take.clip, FRAME.work)


def test_damage_is_told_after_a_sound_state(tmp_path: Path) -> None:
    root, path = tmp_path / ".storyboard", tmp_path / "storyboard.lock"
    root.mkdir()
    take = Take(key="a" * 64, clip="b" * 64, place=Place("storm"), model="m", date="2026")
    LockFile(path, root=root).change([take])
    for _ in range(2):
        assert LockFile(path, root=root).lock.selected("a" * 64) == take
    (known,) = root.iterdir()

    path.write_text(path.read_text().replace('"model":"m",', ""))
    with pytest.raises(Invalid) as told:
        _ = LockFile(path, root=root).lock
    (problem,) = told.value.diagnostics
    (alone,) = LockFile(path).problems()
    assert (problem.code, problem.message) == (alone.code, alone.message)

    path.write_text(path.read_text().replace('"shot":"storm",', '"shot":"storm","model":"m",'))
    known.write_text("of another store\n" + "0" * 64)
    assert LockFile(path, root=root).lock.selected("a" * 64) == take
