"""What a storyboard says of its seams, in the edit that comes of it."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from storyboard.media.encode import ClipWriter
from storyboard.model import Size
from storyboard.passages import CutWork
from storyboard.pipeline import Choices, compile_film
from storyboard.timeline import Edit

EditOf = Callable[[str], Edit]


@pytest.fixture
def edit_of(tmp_path: Path) -> EditOf:
    """The edit of the only cut of a storyboard, whose footage lasts one second."""
    with ClipWriter(tmp_path / "take.mp4", Size(160, 90), Fraction(12)) as clip:
        for _ in range(12):
            clip.write_rgb(np.full((90, 160, 3), 90, np.uint8))

    def compiled(shots: str) -> Edit:
        (tmp_path / "storyboard.yaml").write_text(
            f"version: 1\nsize: 160x90\nfps: 12\ndefaults: {{duration: 1}}\nshots:\n{shots}",
            "utf-8",
        )
        for action in compile_film(tmp_path / "storyboard.yaml", Choices()).graph:
            if isinstance(action.work, CutWork):
                return action.work.edit
        raise AssertionError("there is no cut")

    return compiled


FOOTAGE = "  - {id: take, clip: take.mp4}\n"
ON = "  - {id: on, prompt: x, first_frame: {shot: take}"


def test_an_echo_is_held_unless_it_is_dropped(edit_of: EditOf) -> None:
    assert edit_of(FOOTAGE + ON + "}\n").frames == 24
    dropped = edit_of(FOOTAGE + ON + ", seam: {echo: drop}}\n")
    assert dropped.frames == 23
    assert dropped.events[1].source_in == 1 / dropped.fps


@pytest.mark.parametrize(
    "shots",
    [
        # its clip holds the hand-over frame: nothing stands twice
        "  - {id: a, prompt: x}\n  - {id: b, prompt: y, seam: {echo: drop}}\n",
        # footage that is cut short hands over a frame that is not shown
        "  - {id: take, clip: take.mp4, duration: 0.5}\n" + ON + ", seam: {echo: drop}}\n",
        # a crossfade shows both frames at once
        FOOTAGE + ON + ", seam: {echo: drop}, transition: {crossfade: 0.25}}\n",
        # another shot stands between
        FOOTAGE + "  - {id: c, prompt: z, chain: false}\n" + ON + ", seam: {echo: drop}}\n",
    ],
    ids=["generated", "cut short", "crossfade", "apart"],
)
def test_where_nothing_stands_twice_nothing_is_dropped(edit_of: EditOf, shots: str) -> None:
    whole = edit_of(shots.replace("seam: {echo: drop}", "seam: {echo: hold}"))
    assert edit_of(shots).frames == whole.frames


def test_colours_of_the_shot_before_fade_out_over_two_seconds(edit_of: EditOf) -> None:
    edit = edit_of(
        "  - {id: a, prompt: x}\n  - {id: b, prompt: y, duration: 5, seam: {color: previous}}\n"
    )
    first, second = edit.events
    assert first.match is None
    match = second.match
    assert match is not None
    assert (match.clip, match.own) == (first.pieces[0].clip, second.pieces[0].clip)
    assert match.at == 11 / edit.fps  # the last frame that is shown before the seam
    weights = [match.weight(frame) for frame in range(12, 42)]
    assert weights[0] == 1
    assert weights[24:] == [0] * 6
    assert weights == sorted(weights, reverse=True)


def test_colours_of_the_scenes_first_shot_stay(edit_of: EditOf) -> None:
    edit = edit_of(
        "  - {id: a, prompt: x, seam: {color: scene}}\n"
        "  - {id: b, prompt: y, seam: {color: scene}}\n"
        "  - {id: c, prompt: z, seam: {color: scene}}\n"
    )
    first, *others = edit.events
    assert first.match is None
    for event in others:
        assert event.match is not None
        assert (event.match.clip, event.match.at) == (first.pieces[0].clip, 0)
        assert event.match.weight(event.record_out - 1) == 1
