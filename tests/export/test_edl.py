"""The edit decision list: read back as an editor reads it."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import opentimelineio as otio
import pytest
from edits import edit, join, materials, music, shot, sound

from storyboard.diagnostics import Invalid
from storyboard.export.edl import edl
from storyboard.export.otio import timeline
from storyboard.timeline import Edit


def text_of(of: Edit) -> str:
    return edl(timeline("main", of, materials(of, s=music(9))))


def read_back(of: Edit) -> Any:
    return otio.adapters.read_from_string(text_of(of), "cmx_3600", rate=float(of.fps))


def test_cuts_and_dissolves_come_back_as_they_were() -> None:
    of = edit(shot("a"), shot("b", transition=join("crossfade", Fraction(1, 2))), shot("c", 2))
    read = read_back(of)
    (track,) = read.tracks
    clips = [
        (item.name, item.source_range.start_time.value, item.source_range.duration.value)
        for item in track
        if isinstance(item, otio.schema.Clip)
    ]
    # an EDL lets the second side of a dissolve begin where the dissolve does
    assert clips == [("a", 0, 108), ("b", 0, 120), ("c", 0, 48)]
    (fade,) = [item for item in track if isinstance(item, otio.schema.Transition)]
    assert fade.out_offset.value == 12
    assert track.duration().value == of.frames


def test_a_wipe_is_a_wipe() -> None:
    of = edit(shot("a"), shot("b", transition=join("wipe", 1, "up")))
    assert "  B        V     W012 024 " in text_of(of)
    read = read_back(of)  # it must outlive what is looked at
    (wipe,) = [item for item in read.tracks[0] if isinstance(item, otio.schema.Transition)]
    assert wipe.transition_type == "SMPTE_Wipe"


def test_sound_and_the_films_fades_do_not_hinder_it() -> None:
    of = edit(shot("a"), shot("b"), sounds=[sound("s", n) for n in range(4)], fades=(1, 2))
    said = text_of(of)
    assert said.endswith("* FADE IN: 24 FRAMES\n* FADE OUT: 48 FRAMES\n")
    read = read_back(of)
    assert read.tracks[0].duration().value == of.frames


def test_the_timeline_is_left_as_it_was() -> None:
    of = edit(shot("a"), shot("b", transition=join("crossfade", 1)), fades=(1, 1))
    made = timeline("main", of, materials(of))
    before = made.to_json_string()
    edl(made)
    assert made.to_json_string() == before


def test_a_rate_without_timecode() -> None:
    of = edit(shot("a"), fps=Fraction(12))
    with pytest.raises(Invalid, match="none for 12 frames a second") as error:
        text_of(of)
    assert "24, 25, 30" in (error.value.help or "")


def test_more_events_than_an_edl_can_count() -> None:
    of = edit(*(shot(f"s{number}", 1) for number in range(1000)))
    with pytest.raises(Invalid, match="holds 999 events, and this cut has 1000"):
        text_of(of)


def test_every_source_has_a_reel_of_its_own() -> None:
    of = edit(shot("lighthouse-near"), shot("lighthouse-far"), shot("é"), shot("lighthouse-near"))
    reels = [line.split()[1] for line in text_of(of).splitlines() if line[:3].isdigit()]
    assert reels == ["LIGHTHOU", "LIGHTHO2", "REEL", "LIGHTHOU"]
