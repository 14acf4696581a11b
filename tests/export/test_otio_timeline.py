"""The timeline that an editor opens: read back with the library that editors use."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import opentimelineio as otio
import pytest
from edits import clip, edit, join, materials, music, shot, sound
from hypothesis import given
from hypothesis import strategies as st

from storyboard.export.material import Material, Medium
from storyboard.export.otio import timeline, written
from storyboard.letters import Letters
from storyboard.model import Trim
from storyboard.overlays import Chapter, Overlay
from storyboard.timeline import Edit, Piece


def read_back(of: Edit, **others: Material) -> Any:
    text = written(timeline("main", of, materials(of, **others)))
    return otio.adapters.read_from_string(text, "otio_json")


def clips(track: Any) -> list[tuple[str, int, int]]:
    """Name, first frame in the source, and number of frames of each clip."""
    return [
        (item.name, item.source_range.start_time.value, item.source_range.duration.value)
        for item in track
        if isinstance(item, otio.schema.Clip)
    ]


def test_hard_cuts() -> None:
    read = read_back(edit(shot("a"), shot("b", 3), shot("c", trim=Trim(Fraction(1), Fraction(2)))))
    assert clips(read.tracks[0]) == [("a", 0, 120), ("b", 0, 72), ("c", 24, 24)]
    assert read.duration() == otio.opentime.RationalTime(216, 24)


def test_frames_that_are_not_shown_are_handles() -> None:
    read = read_back(edit(shot("a", trim=Trim(Fraction(1), Fraction(4)))))
    (only,) = read.tracks[0]
    assert only.available_range().start_time.value == 0
    assert only.available_range().duration.value == 121
    assert clips(read.tracks[0]) == [("a", 24, 72)]


def test_a_crossfade_stands_around_the_cut_and_shortens_the_film() -> None:
    of = edit(shot("a"), shot("b", transition=join("crossfade", Fraction(1, 2))))
    read = read_back(of)
    first, fade, second = read.tracks[0]
    assert (fade.in_offset.value, fade.out_offset.value) == (6, 6)
    assert fade.transition_type == otio.schema.TransitionTypes.SMPTE_Dissolve
    assert clips(read.tracks[0]) == [("a", 0, 114), ("b", 6, 114)]
    assert read.duration().value == of.frames == 228
    # both have what the transition shows of them beyond the cut
    assert first.available_range().duration.value >= 114 + 6
    assert second.source_range.start_time.value >= 6


def test_a_transition_says_what_it_is() -> None:
    read = read_back(edit(shot("a"), shot("b", transition=join("wipe", 1, "right"))))
    wipe = read.tracks[0][1]
    assert wipe.transition_type == otio.schema.TransitionTypes.Custom
    assert dict(wipe.metadata["storyboard"]) == {
        "kind": "wipe",
        "direction": "right",
        "color": "black",
    }


def test_takes_are_alternative_media() -> None:
    of = edit(shot("a"))
    read = read_back(of, **{"clip a": clip("a", takes=3)})
    (only,) = read.tracks[0]
    assert list(only.media_references()) == ["take 1", "take 2", "take 3"]
    assert only.active_media_reference_key == "take 3"
    assert only.media_reference.target_url == "media/a.take-3.mp4"


def test_a_shot_of_two_clips_is_two_clips() -> None:
    pieces = [
        Piece("clip a", Fraction(0), Fraction(5)),
        Piece("clip a2", Fraction(5), Fraction(3), Fraction(5, 3)),
    ]
    read = read_back(edit(shot("a", 8, pieces=pieces)))
    assert clips(read.tracks[0]) == [("a", 0, 120), ("a", 0, 72)]
    (retime,) = read.tracks[0][1].effects
    assert retime.time_scalar == pytest.approx(5 / 3)


def test_a_clip_that_is_not_here_keeps_its_place() -> None:
    lost = Material(takes={"take 1": Medium(name="a", kind="video")}, shown="take 1")
    read = read_back(edit(shot("a")), **{"clip a": lost})
    (only,) = read.tracks[0]
    assert only.media_reference.is_missing_reference
    assert only.source_range.duration.value == 120


def test_a_plain_colour() -> None:
    plain = Medium(name="#101820", kind="colour", color="#101820")
    still = Material(takes={"colour": plain}, shown="colour")
    read = read_back(edit(shot("a")), **{"clip a": still})
    (only,) = read.tracks[0]
    assert only.media_reference.generator_kind == "SolidColor"
    assert dict(only.media_reference.parameters) == {"color": "#101820"}


def test_sounds_lie_on_as_few_tracks_as_they_can() -> None:
    of = edit(
        shot("a"), shot("b"), sounds=[sound("s", 0), sound("s", 2, lasts=1), sound("s", 4, lasts=9)]
    )
    read = read_back(of, s=music(8))
    assert [track.name for track in read.tracks] == ["V1", "A1", "A2"]
    assert clips(read.tracks[1]) == [("score", 0, 192)]
    layer = read.tracks[2]
    assert [type(item).__name__ for item in layer] == ["Gap", "Clip", "Gap", "Clip"]
    assert layer.range_of_child_at_index(1).start_time.value == 48
    assert layer.range_of_child_at_index(3).start_time.value == 96
    assert layer[3].source_range.duration.value == 144  # until the film ends


def test_scenes_are_markers() -> None:
    read = read_back(edit(shot("a"), shot("b"), shot("c", scene="two")))
    marks = [(mark.name, mark.marked_range.start_time.value) for mark in read.tracks.markers]
    assert marks == [("one", 0), ("two", 240)]


def test_chapters_and_titles_are_markers() -> None:
    of = replace(
        edit(shot("a"), shot("b"), shot("c", scene="two")),
        chapters=(Chapter(0, "Before the storm"), Chapter(240, "The storm")),
        overlays=(Overlay(12, 60, "Skerry,\n1903", "lower-third", Letters()),),
    )
    read = read_back(of)
    marks = [
        (mark.name, mark.marked_range.start_time.value, mark.marked_range.duration.value)
        for mark in read.tracks.markers
    ]
    assert marks == [
        ("Before the storm", 0, 0),
        ("The storm", 240, 0),
        ("Skerry,\n1903", 12, 48),
    ]
    kinds = [dict(mark.metadata["storyboard"]) for mark in read.tracks.markers]
    assert kinds[1:] == [
        {"kind": "scene", "scene": "two"},
        {"kind": "title", "position": "lower-third"},
    ]


seconds = st.integers(20, 200).map(lambda count: Fraction(count, 20))
kinds = st.sampled_from(["cut", "crossfade", "fade", "wipe", "slide"])
fades = st.integers(1, 9).map(lambda count: Fraction(count, 20))


@given(st.lists(st.tuples(seconds, kinds, fades), min_size=1, max_size=8))
def test_any_timeline_is_as_long_as_the_film(shots: list[tuple[Fraction, str, Fraction]]) -> None:
    of = edit(
        *(
            shot(f"s{n}", lasts, join(kind, 0 if kind == "cut" else fade))
            for n, (lasts, kind, fade) in enumerate(shots)
        )
    )
    made = timeline("main", of, materials(of))
    assert made.duration().value == of.frames
    for item in made.tracks[0]:
        if isinstance(item, otio.schema.Clip):
            assert item.source_range.duration.value >= 1
