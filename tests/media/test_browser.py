"""A film of fifty joins in a browser: played to the end, and at each time the frame that belongs there."""

from __future__ import annotations

from fractions import Fraction
from itertools import chain, repeat
from pathlib import Path

import pytest
from chromium import EXECUTABLE, watch
from cutting import FILM, cut_of, join, make_clip, shot, stitched, tone
from odd_clips import encode, read_number

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(EXECUTABLE is None, reason="no Chromium is installed"),
]


def test_clips_of_several_encoders_are_one_track_that_plays_to_its_end(tmp_path: Path) -> None:
    own = make_clip(tmp_path / "own.mp4", sound=tone(1.05))
    theirs = encode(
        tmp_path / "theirs.mp4", "-c:v", "libx264", "-pix_fmt", "yuv420p", "-g", 12, "-bf", 2,
        "-colorspace", "bt709", "-color_range", "tv", count=25,
    )  # fmt: skip
    others = encode(
        tmp_path / "others.mp4", "-c:v", "libx264", "-profile:v", "main", "-pix_fmt", "yuv420p",
        "-g", 24, "-refs", 2, "-colorspace", "bt709", "-color_range", "tv", count=25,
    )  # fmt: skip
    roles = [
        role
        for _, role in zip(
            range(51), chain.from_iterable(repeat(["own", "theirs", "others"])), strict=False
        )
    ]
    edit = cut_of(
        [
            shot(role, transition=join("crossfade", "1/4") if n % 4 == 3 else None)
            for n, role in enumerate(roles)
        ]
    )
    inputs = {"own": own, "theirs": theirs, "others": others}
    film = stitched(edit, inputs, tmp_path / "film.mp4")
    cut = edit.events[1].record_in
    amid = [event.record_in + 12 for event in edit.events[::7]]
    frames = [5, cut - 1, cut, *amid, edit.frames - 1]
    times = [(frame + Fraction(1, 2)) / FILM for frame in frames]

    watched = watch(film.path, times)

    assert watched.error is None
    assert watched.duration == pytest.approx(float(edit.duration), abs=0.05)
    assert watched.ended_at == pytest.approx(float(edit.duration), abs=0.05)
    assert watched.size == (edit.size.width, edit.size.height)
    assert watched.audio_bytes > 0
    seen = [read_number(picture.astype(int)) for picture in watched.seen]
    assert seen == [read_number(film.pictures[frame]) for frame in frames]
