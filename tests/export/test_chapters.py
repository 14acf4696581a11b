"""Lists of chapters, as whoever shows a film reads them."""

from __future__ import annotations

import re
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

from edits import edit, shot

from storyboard.export.chapters import chapter_list, chapter_track
from storyboard.overlays import Chapter
from storyboard.subtitles import read_subtitles
from storyboard.timeline import Edit


def film(seconds: int, *chapters: Chapter) -> Edit:
    return replace(edit(shot("a", seconds)), chapters=chapters)


def pasted(text: str) -> list[tuple[int, str]]:
    """A list in a description, as YouTube reads it: the second and the title of each line."""
    lines = [re.fullmatch(r"(?:(\d+):)?(\d{1,2}):(\d\d) (.+)", line) for line in text.splitlines()]
    return [
        (int(line[1] or 0) * 3600 + int(line[2]) * 60 + int(line[3]), line[4])
        for line in lines
        if line
    ]


def test_a_list_begins_at_zero_and_goes_up() -> None:
    of = film(600, Chapter(0, "Dawn"), Chapter(24 * 65, "Noon"), Chapter(24 * 599, "Night"))
    assert chapter_list(of) == "0:00 Dawn\n1:05 Noon\n9:59 Night\n"


def test_times_of_an_hour_or_more_have_hours_on_every_line() -> None:
    of = film(3700, Chapter(0, "One"), Chapter(24 * 65, "Two"), Chapter(24 * 3661, "Three"))
    assert chapter_list(of) == "0:00:00 One\n0:01:05 Two\n1:01:01 Three\n"
    read = pasted(chapter_list(of))
    assert read == [(0, "One"), (65, "Two"), (3661, "Three")]
    assert all(one[0] < other[0] for one, other in pairwise(read))


def test_a_track_is_exact_and_ends_with_the_film() -> None:
    of = film(20, Chapter(0, "Fish & chips"), Chapter(245, "A title\n\non three lines"))
    cues = read_subtitles(chapter_track(of).encode(), "main.chapters.vtt").cues
    assert [(cue.start, cue.end, cue.text) for cue in cues] == [
        (Fraction(0), Fraction(10208, 1000), "Fish & chips"),
        (Fraction(10208, 1000), Fraction(20), "A title on three lines"),
    ]
