"""Subtitle files, as people and their tools write them."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storyboard.subtitles import Cue, as_srt, as_vtt, read_subtitles, side_by_side

SRT = """1
00:00:01,000 --> 00:00:02,500
It <i>never</i> goes out.

2
00:01:00,040 --> 01:00:00,000
{\\an8}Not while I am here.
Never.
"""

VTT = """WEBVTT - a film

STYLE
::cue { color: red }

NOTE
written by hand

intro
00:01.000 --> 00:02.500 align:start position:10%
<v Keeper>It <i>never</i> goes&nbsp;out &amp; on.

01:00:00.000 --> 01:00:01.000
Never <00:00:01.500>ever.
"""


def said(content: str | bytes, name: str) -> list[tuple[float, float, str]]:
    data = content if isinstance(content, bytes) else content.encode()
    read = read_subtitles(data, name)
    assert read.faults == ()
    return [(float(cue.start), float(cue.end), cue.text) for cue in read.cues]


def test_subrip_is_read() -> None:
    assert said(SRT, "en.srt") == [
        (1, 2.5, "It never goes out."),
        (60.04, 3600, "Not while I am here.\nNever."),
    ]


@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_it_makes_no_difference_how_lines_end_or_a_file_begins(end: str) -> None:
    content = b"\xef\xbb\xbf" + SRT.replace("\n", end).encode()
    assert said(content, "EN.SRT") == said(SRT, "en.srt")


def test_webvtt_is_read() -> None:
    assert said(VTT, "en.vtt") == [
        (1, 2.5, "It never goes out & on."),
        (3600, 3601, "Never ever."),
    ]


def test_a_cue_may_stand_right_below_the_header() -> None:
    assert said("WEBVTT\n00:01.000 --> 00:02.000\nHere.\n", "en.vtt") == [(1, 2, "Here.")]


def test_captions_at_once_share_their_time() -> None:
    cues = [Cue(Fraction(0), Fraction(4), "A"), Cue(Fraction(1), Fraction(2), "B")]
    assert [(cue.start, cue.end, cue.text) for cue in side_by_side(cues)] == [
        (0, 1, "A"),
        (1, 2, "A\nB"),
        (2, 4, "A"),
    ]


WORDS = st.text("Ab é<&>-", min_size=1).map(lambda text: " ".join(text.split())).filter(bool)


@given(st.lists(st.tuples(st.integers(0, 10**7), st.integers(1, 9999), WORDS), min_size=1))
def test_what_is_written_can_be_read(captions: list[tuple[int, int, str]]) -> None:
    cues = [
        Cue(Fraction(start, 1000), Fraction(start + lasts, 1000), text)
        for start, lasts, text in sorted(captions, key=lambda caption: caption[0])
    ]
    wanted = [(float(cue.start), float(cue.end), cue.text) for cue in cues]
    if not any("<" in cue.text for cue in cues):  # in .srt a `<b>` is always a mark
        assert said(as_srt(cues), "en.srt") == wanted
    assert said(as_vtt(cues), "en.vtt") == wanted


@given(st.text())
def test_no_text_ends_in_a_fault_of_the_tool(text: str) -> None:
    for name in ("en.srt", "en.vtt"):
        read = read_subtitles(text.encode("utf-8", "surrogatepass"), name)
        for fault in read.faults:
            assert 0 <= fault.start <= fault.end <= len(read.text)
