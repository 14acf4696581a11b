"""What is worth a look: a cut's figures, held to thresholds."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from storyboard.model import Quality
from storyboard.quality import JoinFigures, Picture, judged

GREY = Picture(mean=(50, 0, 0), sharpness=2)
GOOD = JoinFigures(
    before="a",
    after="b",
    frame=96,
    timecode="00:00:04:00",
    chained=True,
    difference=0.5,
    motion=0.4,
    lightness=0.1,
    color=0.1,
    doubled=False,
    given=0.3,
    click=0,
    last=GREY,
    first=GREY,
)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"doubled": True}, "the same frame stands twice"),
        ({"lightness": 4.0}, "becomes lighter by 4.0"),
        ({"lightness": -4.0}, "becomes darker by 4.0"),
        ({"color": 3.5}, "the colour moves by 3.5"),
        ({"given": 9.0}, "does not begin with the frame it was given"),
        ({"difference": 12.0}, "the picture jumps: 12.0 apart"),
        ({"click": 0.4}, "the sound clicks: a step of 0.40"),
    ],
)
def test_what_is_told_of_a_join(change: dict[str, float], words: str) -> None:
    (_, said), *_ = judged("main", [replace(GOOD, **change)], Quality()).joins
    assert len(said) == 1
    assert words in said[0]


def test_a_good_join_is_not_talked_about() -> None:
    ((_, said),) = judged("main", [GOOD], Quality()).joins
    assert said == ()


def test_a_quick_movement_is_no_jump() -> None:
    ((_, said),) = judged("main", [replace(GOOD, difference=12, motion=9)], Quality()).joins
    assert said == ()


def test_a_cut_to_another_set_up_is_meant_to_be_seen() -> None:
    other = replace(GOOD, chained=False, difference=40, lightness=20, color=9, given=None)
    ((_, said),) = judged("main", [other], Quality()).joins
    assert said == ()
    ((_, said),) = judged("main", [replace(other, doubled=True)], Quality()).joins
    assert len(said) == 1


def test_thresholds_are_the_storyboards() -> None:
    lighter = replace(GOOD, lightness=4.0)
    ((_, said),) = judged("main", [lighter], Quality(lightness=Fraction(5))).joins
    assert said == ()


def link(
    before: str, after: str, light: float, sharp: float = 2, *, chained: bool = True
) -> JoinFigures:
    last = Picture(mean=(light, 0, 0), sharpness=sharp)
    return replace(GOOD, before=before, after=after, chained=chained, last=last)


def test_a_chain_that_drifts() -> None:
    run = [link("a", "b", 50), link("b", "c", 58), link("c", "d", 70, 0.8)]
    ((chain, said),) = judged("main", run, Quality()).chains
    assert chain.shots == ("a", "b", "c", "d")
    assert said == ("light and colour have drifted by 20.0", "60% of its sharpness is gone")


def test_a_chain_ends_where_a_shot_starts_fresh_or_another_stands_between() -> None:
    fresh = [link("a", "b", 50), link("b", "c", 50), link("c", "d", 50, chained=False)]
    apart = [link("e", "f", 50), link("f", "g", 50), link("h", "i", 50)]
    found = judged("main", [*fresh, *apart], Quality()).chains
    assert [chain.shots for chain, _ in found] == [("a", "b", "c"), ("e", "f", "g")]
