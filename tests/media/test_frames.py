"""Exact frames, read by the number that each of them shows."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from odd_clips import B_FRAMES, FILM, NTSC_FILM, ODD, Odd, encode, ffmpeg, read_number
from PIL import Image

from storyboard.media.colour import to_rgb
from storyboard.media.container import BadMedia
from storyboard.media.frames import (
    Shown,
    first_frame,
    frame_at,
    frames_in_order,
    hand_over_frame,
    last_frame,
    take_frame,
)
from storyboard.media.probe import probe
from storyboard.model import Moment, Size

Clips = Callable[[str], Path]

every_odd_clip = pytest.mark.parametrize(("name", "odd"), ODD.items(), ids=ODD.keys())


def number(shown: Shown) -> int:
    return read_number(to_rgb(shown[1]))


def taken(clip: Path, at: Moment | Fraction, duration: Fraction | None) -> int:
    return read_number(np.asarray(Image.open(BytesIO(take_frame(clip, at, duration)))))


@every_odd_clip
def test_all_frames_come_in_order_at_their_times(name: str, odd: Odd, odd_clip: Clips) -> None:
    shown = list(frames_in_order(odd_clip(name)))

    assert [number(one) for one in shown] == list(odd.numbers)
    off = [abs(time - due) for (time, _), due in zip(shown, odd.times, strict=True)]
    assert max(off) <= Fraction(1, 500)


@every_odd_clip
def test_the_frame_on_the_screen_is_found_at_any_time(name: str, odd: Odd, odd_clip: Clips) -> None:
    clip = odd_clip(name)
    lasting = list(zip(odd.numbers, odd.times, [*odd.times[1:], odd.end], strict=True))
    some = lasting[:: max(1, len(lasting) // 9)]

    found = [number(frame_at(clip, (since + until) / 2)) for _, since, until in some]

    assert found == [number for number, _, _ in some]


@every_odd_clip
def test_first_and_very_last_frame(name: str, odd: Odd, odd_clip: Clips) -> None:
    clip = odd_clip(name)

    assert number(first_frame(clip)) == odd.numbers[0]
    assert number(last_frame(clip)) == odd.numbers[-1]
    assert taken(clip, Moment.HAND_OVER, None) == odd.numbers[-1]
    assert taken(clip, Moment.LAST, None) == odd.numbers[-1]


@every_odd_clip
def test_a_frame_asked_for_at_its_own_time_is_that_frame(
    name: str, odd: Odd, odd_clip: Clips
) -> None:
    """Time stamps are rounded; a frame must not be missed for that."""
    clip = odd_clip(name)
    middle = len(odd.times) // 2

    assert number(frame_at(clip, odd.times[middle])) == odd.numbers[middle]
    assert number(hand_over_frame(clip, odd.times[-1])) == odd.numbers[-1]


@every_odd_clip
def test_frames_from_a_start_are_the_rest(name: str, odd: Odd, odd_clip: Clips) -> None:
    half = len(odd.times) // 2
    rest = list(frames_in_order(odd_clip(name), odd.times[half]))

    assert [number(one) for one in rest] == list(odd.numbers[half:])


@every_odd_clip
def test_what_a_clip_is(name: str, odd: Odd, odd_clip: Clips) -> None:
    info = probe(odd_clip(name))

    assert info.size == info.shown == Size(160, 96)
    assert info.frames == len(odd.numbers)
    assert info.has_sound == odd.has_sound
    assert info.steady == odd.steady
    assert info.upright
    if odd.steady:
        assert (info.fps, info.duration) == (odd.fps, odd.end)
    else:
        assert odd.times[-1] < info.duration < odd.times[-1] + Fraction(1, 5)


SECOND = Fraction(1)


@pytest.mark.parametrize(
    ("name", "at", "duration", "expected"),
    [
        # A frame more than shown, as providers send it: that frame is handed over.
        ("b-frames.mp4", Moment.HAND_OVER, 2 * SECOND, 48),
        ("b-frames.mp4", Moment.LAST, 2 * SECOND, 47),
        ("b-frames.mp4", Moment.FIRST, 2 * SECOND, 0),
        ("b-frames.mp4", Moment.HAND_OVER, 1 * SECOND, 24),
        ("b-frames.mp4", Moment.LAST, 1 * SECOND, 23),
        # No frame more: the last one is shown and handed over.
        ("b-frames.mp4", Moment.HAND_OVER, 49 / FILM, 48),
        ("b-frames.mp4", Moment.LAST, 49 / FILM, 48),
        ("b-frames.mp4", Moment.HAND_OVER, 5 * SECOND, 48),
        ("b-frames.mp4", Moment.LAST, 5 * SECOND, 48),
        # In the clip's own time, whatever the film's frame rate.
        ("23.976.mp4", Moment.HAND_OVER, 2 * SECOND, 47),
        ("23.976.mp4", Moment.LAST, 2 * SECOND, 46),
        ("23.976.mp4", Moment.HAND_OVER, 48 / NTSC_FILM, 48),
        ("23.976 in milliseconds.mkv", Moment.HAND_OVER, 46 / NTSC_FILM, 46),
        ("23.976 in milliseconds.mkv", Moment.LAST, 46 / NTSC_FILM, 45),
        ("12.5.mp4", Moment.HAND_OVER, 1 * SECOND, 12),
        ("12.5.mp4", Moment.LAST, 1 * SECOND, 11),
        # A variable rate: a frame lasts until the next.
        ("rate by time stamps.mp4", Moment.HAND_OVER, Fraction("0.399"), 4),
        ("rate by time stamps.mp4", Moment.HAND_OVER, Fraction("0.4"), 5),
        ("rate by time stamps.mp4", Moment.LAST, Fraction("0.4"), 4),
        ("rate by time stamps.mp4", Moment.LAST, Fraction("0.505"), 8),
        # Seconds, also from the end.
        ("b-frames.mp4", Fraction("0.5"), 2 * SECOND, 12),
        ("b-frames.mp4", Fraction("-0.5"), 2 * SECOND, 36),
        ("b-frames.mp4", Fraction("-0.5"), None, 37),
        ("b-frames.mp4", Fraction(-9), 2 * SECOND, 0),
        ("b-frames.mp4", Fraction(9), 2 * SECOND, 48),
        ("late start.mp4", Fraction(-1), 2 * SECOND, 24),
        ("edit list over a key frame.mp4", Moment.HAND_OVER, 1 * SECOND, 42),
        ("edit list over a key frame.mp4", Moment.FIRST, None, 18),
        ("transport stream with sound.ts", Moment.HAND_OVER, 2 * SECOND, 48),
        ("sound outlasts.mp4", Fraction("-0.5"), None, 37),
    ],
)
def test_moments_of_a_shot(
    name: str, at: Moment | Fraction, duration: Fraction | None, expected: int, odd_clip: Clips
) -> None:
    assert taken(odd_clip(name), at, duration) == expected


def test_a_frame_is_the_same_bytes_each_time(odd_clip: Clips) -> None:
    clip = odd_clip("open gop.mp4")

    assert take_frame(clip, Moment.LAST, None) == take_frame(clip, Moment.LAST, None)


@pytest.mark.parametrize(
    ("turn", "size"),
    [
        (("-display_rotation", "90"), (96, 160)),
        (("-display_rotation", "180"), (160, 96)),
        (("-display_rotation", "-90"), (96, 160)),
        (("-display_rotation", "0", "-display_hflip"), (160, 96)),
        (("-display_rotation", "90", "-display_vflip"), (96, 160)),
    ],
)
def test_a_turned_clip_is_seen_upright(
    turn: tuple[str, ...], size: tuple[int, int], tmp_path: Path
) -> None:
    """As ffmpeg turns it when it decodes."""
    clip = tmp_path / "turned.mp4"
    ffmpeg(*turn, "-i", encode(tmp_path / "source.mp4", *B_FRAMES, count=3), "-c", "copy", clip)
    seen = tmp_path / "seen.png"
    ffmpeg("-i", clip, "-frames:v", "1", seen)

    picture = Image.open(BytesIO(take_frame(clip, Moment.FIRST, None)))

    assert picture.size == size
    assert probe(clip).shown == Size(*size)
    assert not probe(clip).upright
    expected = np.asarray(Image.open(seen).convert("RGB")).astype(int)
    assert np.abs(np.asarray(picture).astype(int) - expected).mean() < 2


@pytest.mark.parametrize(("aspect", "size"), [("4/3", (213, 96)), ("2/3", (160, 144))])
def test_pixels_that_are_not_square_are_made_so(
    aspect: str, size: tuple[int, int], tmp_path: Path
) -> None:
    clip = encode(tmp_path / "wide.mp4", *B_FRAMES, "-vf", f"setsar={aspect}", count=3)

    picture = Image.open(BytesIO(take_frame(clip, Moment.LAST, None)))

    assert picture.size == size
    assert read_number(np.asarray(picture)) == 2
    assert probe(clip).shown == Size(*size)


def test_nothing_stays_open(odd_clip: Clips) -> None:
    clip = odd_clip("b-frames.mp4")
    before = sorted(Path("/proc/self/fd").iterdir())

    frames = frames_in_order(clip, Fraction(1))
    next(frames)
    frames.close()  # type: ignore[attr-defined]
    take_frame(clip, Moment.LAST, Fraction(2))

    assert sorted(Path("/proc/self/fd").iterdir()) == before


def test_damage_is_not_handed_on(odd_clip: Clips, tmp_path: Path) -> None:
    content = bytearray(odd_clip("as written here.mp4").read_bytes())
    content[-40:-10] = bytes(30)  # in the last frame's packet
    clip = tmp_path / "damaged.mp4"
    clip.write_bytes(content)

    assert taken(clip, Moment.FIRST, None) == 0
    with pytest.raises(BadMedia, match=r"its picture is damaged at 2\.00 s"):
        take_frame(clip, Moment.LAST, None)
