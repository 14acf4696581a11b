"""A provider's file is believed only when all of it is there and decodes."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from random import Random

import av
import numpy as np
import pytest
from cutting import CANVAS, make_clip
from odd_clips import B_FRAMES, ODD, encode

from storyboard.media.container import BadMedia
from storyboard.media.verify import Expected, verify

# Containers in which no provider delivers, or that cannot be decoded strictly:
# a transport stream that begins within a picture, frames that were cut out.
DELIVERED = [
    name
    for name in ODD
    if name.endswith((".mp4", ".mov", ".webm"))
    and name not in {"edit list over a key frame.mp4", "packets missing at the end.mp4", "no index.mp4"}
]  # fmt: skip


def refused(path: Path, expected: Expected | None = None) -> str:
    with pytest.raises(BadMedia) as caught:
        verify(path, expected or Expected())
    return str(caught.value)


@pytest.mark.parametrize("name", DELIVERED)
def test_whole_clips_are_believed(name: str, odd_clip: Callable[[str], Path]) -> None:
    info = verify(odd_clip(name), Expected())

    assert info.frames == len(ODD[name].numbers)


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    """49 frames, its index before its pictures, as providers have it."""
    return encode(tmp_path / "clip.mp4", *B_FRAMES, "-movflags", "+faststart")


@pytest.mark.parametrize("part", [0.2, 0.5, 0.9, 0.999])
def test_a_part_of_a_file_is_refused(clip: Path, part: float) -> None:
    whole = clip.read_bytes()
    clip.write_bytes(whole[: int(len(whole) * part)])

    assert "ends in the middle" in refused(clip) or "does not fit" in refused(clip)


def test_a_damaged_picture_is_refused(clip: Path) -> None:
    whole = bytearray(clip.read_bytes())
    begin = whole.index(b"mdat") + 2000
    random = Random(4)
    for place in range(begin, len(whole) - 200, 97):
        whole[place] = random.randrange(256)
    clip.write_bytes(whole)

    assert refused(clip)


def test_a_picture_of_which_a_part_is_made_up_is_refused(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "noise.mp4", 12, draw=noise)
    whole = clip.read_bytes()
    with av.open(str(clip)) as container:
        places = [(packet.pos, packet.size) for packet in container.demux(video=0) if packet.size]
    told = set()
    for at, size in places:
        assert at is not None
        hole = slice(at + size // 10, at + size // 3)
        clip.write_bytes(whole[: hole.start] + bytes(hole.stop - hole.start) + whole[hole.stop :])
        with suppress(BadMedia):  # zeros may be pixels like any others
            verify(clip, Expected())
            continue
        told.add(refused(clip))

    assert "only 11 of its 12 frames can be decoded" in told


def noise(number: int) -> np.ndarray:
    return np.random.default_rng(number).integers(
        0, 255, (CANVAS.height, CANVAS.width, 3), np.uint8
    )


def test_absurd_figures_are_refused_before_anything_is_decoded(clip: Path) -> None:
    whole = bytearray(clip.read_bytes())
    samples = whole.index(b"stsz") + 12
    whole[samples : samples + 4] = (10**9).to_bytes(4, "big")
    clip.write_bytes(whole)

    assert "list of frames is cut short" in refused(clip)


@pytest.mark.parametrize(
    "content", [b"", b"<html>Not found</html>", b'{"detail": "gone"}', bytes(999)]
)
def test_what_is_no_video_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "clip.mp4"
    path.write_bytes(content)

    assert refused(path)


def test_the_length_and_the_shape_are_those_that_were_asked_for(clip: Path) -> None:
    verify(clip, Expected(Fraction(2), Fraction(160, 96)))

    assert refused(clip, Expected(Fraction(5))).startswith("it lasts 2.04 s, and 5 s were asked")
    assert "another shape" in refused(clip, Expected(Fraction(2), Fraction(9, 16)))
