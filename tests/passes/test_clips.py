"""Which clips a shot is made of, for models that offer few lengths or any."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from storyboard.clips import clips_of
from storyboard.model import Origin, Picture, Segment, Shot
from storyboard.provider import Lengths, Model
from storyboard.source import Source, Span

PLACE = Span(Source("film.yaml", "a"), 0, 1)
FEW = Lengths(choices=(Fraction(5), Fraction(10)))
ANY = Lengths(minimum=Fraction(1), maximum=Fraction(15))


def model(lengths: Lengths, native: Any = "no") -> Model:
    return Model(
        name="some/model",
        title="Some",
        local=False,
        repeatable=False,
        modes=frozenset({"text", "first_frame", "first_last"}),
        lengths=lengths,
        native_multi_prompt=native,
    )


def shot(*durations: str, mode: Any = "auto", ends: bool = False) -> Shot:
    segments = tuple(
        Segment(f"prompt {number}", Fraction(each), Origin(PLACE))
        for number, each in enumerate(durations, 1)
    )
    return Shot(
        id="s",
        scene="main",
        at=PLACE,
        duration=sum((each.duration for each in segments), Fraction(0)),
        segments=segments,
        multi_prompt_mode=mode,
        last_frame=Picture("end.png") if ends else None,
    )


@pytest.mark.parametrize(
    ("duration", "asked", "shown"),
    [
        ("5", ["5"], ["5"]),
        ("3", ["5"], ["3"]),
        ("5.04", ["10"], ["5.04"]),
        ("10", ["10"], ["10"]),
        ("12", ["10", "5"], ["10", "2"]),
        ("20", ["10", "10"], ["10", "10"]),
        ("25", ["10", "10", "5"], ["10", "10", "5"]),
        ("0.1", ["5"], ["0.1"]),
    ],
)
def test_a_length_between_is_asked_for_longer_and_one_beyond_is_split(
    duration: str, asked: list[str], shown: list[str]
) -> None:
    clips = clips_of(shot(duration), model(FEW))
    assert [clip.asked for clip in clips] == [Fraction(each) for each in asked]
    assert [clip.shown for clip in clips] == [Fraction(each) for each in shown]
    assert [clip.starts for clip in clips] == [
        sum((Fraction(each) for each in shown[:number]), Fraction(0))
        for number in range(len(shown))
    ]
    assert all((clip.note is None) == (clip.asked == clip.shown) for clip in clips)
    assert {clip.prompts[0][0] for clip in clips} == {"prompt 1"}


def test_a_model_of_any_length_is_asked_for_the_length_itself() -> None:
    (clip,) = clips_of(shot("7.3"), model(ANY))
    assert (clip.asked, clip.speed, clip.note) == (Fraction("7.3"), 1, None)


def test_a_clip_with_an_end_frame_is_retimed_and_keeps_its_end() -> None:
    (clip,) = clips_of(shot("4", ends=True), model(FEW))
    assert (clip.asked, clip.shown, clip.speed) == (5, 4, Fraction(5, 4))
    assert clip.note is not None
    assert "1.25 times as fast" in clip.note


def test_only_the_last_clip_of_a_split_shot_is_retimed() -> None:
    first, last = clips_of(shot("13", ends=True), model(FEW))
    assert (first.speed, last.speed) == (1, Fraction(5, 3))


@pytest.mark.parametrize(
    ("native", "mode", "durations", "clips"),
    [
        ("no", "auto", ["3", "7"], 2),
        ("no", "native", ["3", "7"], 2),
        ("claimed", "auto", ["3", "7"], 2),
        ("claimed", "native", ["3", "7"], 1),
        ("confirmed", "auto", ["3", "7"], 1),
        ("confirmed", "chain", ["3", "7"], 2),
        ("confirmed", "native", ["3", "9"], 2),
        ("confirmed", "auto", ["12", "3"], 3),
        ("confirmed", "auto", ["4"], 1),
    ],
)
def test_several_prompts_are_one_request_only_where_the_model_surely_takes_them(
    native: str, mode: str, durations: list[str], clips: int
) -> None:
    made = clips_of(shot(*durations, mode=mode), model(FEW, native))
    assert len(made) == clips
    assert sum(clip.shown for clip in made) == sum(Fraction(each) for each in durations)
    assert [clip.number for clip in made] == list(range(1, clips + 1))
    if clips == 1:
        assert [text for text, _ in made[0].prompts] == [
            f"prompt {number}" for number in range(1, len(durations) + 1)
        ]


def test_clips_are_named_by_their_number_where_there_are_several() -> None:
    (alone,) = clips_of(shot("5"), model(FEW))
    first, second = clips_of(shot("3", "7"), model(FEW))
    assert (alone.step("generate"), alone.segment) == ("generate:s", None)
    assert (first.step("generate"), second.step("frame")) == ("generate:s#1", "frame:s#2")
