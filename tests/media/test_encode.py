"""Written clips: exact, tagged, the same bytes each time, and whole or not there."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from odd_clips import FILM, NTSC_FILM, draw_number, ffmpeg, read_number

from storyboard.media.colour import to_rgb
from storyboard.media.encode import ClipWriter
from storyboard.media.frames import frames_in_order, last_frame
from storyboard.media.probe import probe
from storyboard.model import Size
from storyboard.track import SOUND_RATE

SIZE = Size(160, 96)
RATES = [Fraction(24), NTSC_FILM, Fraction(30000, 1001), Fraction(25, 2), Fraction(60)]


def noise(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (96, 160, 3), dtype=np.uint8)


def write(
    path: Path, pictures: Sequence[np.ndarray], fps: Fraction = FILM, **options: object
) -> Path:
    with ClipWriter(path, SIZE, fps, **options) as clip:  # type: ignore[arg-type]
        for picture in pictures:
            clip.write_rgb(picture)
    return path


def decode_strictly(path: Path) -> None:
    ffmpeg("-err_detect", "explode", "-xerror", "-i", path, "-f", "null", "-")


def sound_of(path: Path) -> np.ndarray:
    """All its samples, n x 2, as a player hears them."""
    with av.open(str(path)) as container:
        blocks = [frame.to_ndarray() for frame in container.decode(audio=0)]
    return np.concatenate(blocks, axis=1).T


@pytest.mark.parametrize("fps", RATES, ids=str)
def test_every_frame_is_there_at_its_exact_time(fps: Fraction, tmp_path: Path) -> None:
    clip = write(tmp_path / "clip.mp4", [draw_number(number) for number in range(15)], fps)

    shown = list(frames_in_order(clip))

    assert [time for time, _ in shown] == [number / fps for number in range(15)]
    assert [read_number(to_rgb(frame)) for _, frame in shown] == list(range(15))
    info = probe(clip)
    assert (info.fps, info.duration, info.frames) == (fps, 15 / fps, 15)
    decode_strictly(clip)


def test_the_same_pictures_give_the_same_bytes(tmp_path: Path) -> None:
    tone = np.sin(np.arange(20000) / 20, dtype=np.float32)[:, None].repeat(2, 1)
    for name in ("one.mp4", "other.mp4"):
        with ClipWriter(tmp_path / name, SIZE, FILM, keyframes={4}, sound=True) as clip:
            for number in range(9):
                clip.write_rgb(noise(number))
            clip.write_sound(tone)

    assert (tmp_path / "one.mp4").read_bytes() == (tmp_path / "other.mp4").read_bytes()


def test_a_key_frame_does_not_depend_on_what_came_before(tmp_path: Path) -> None:
    """So that a shot whose hand-over picture stays as it was hands over the same bytes."""
    end = noise(99)
    still = write(tmp_path / "still.mp4", [end] * 30, keyframes={29})
    moving = write(tmp_path / "moving.mp4", [*map(noise, range(29)), end], keyframes={29})
    longer = write(tmp_path / "longer.mp4", [*map(noise, range(40)), end], keyframes={7, 40})

    frames = [last_frame(clip)[1].to_ndarray() for clip in (still, moving, longer)]

    np.testing.assert_array_equal(frames[0], frames[1])
    np.testing.assert_array_equal(frames[0], frames[2])


def test_key_frames_stand_where_asked_and_every_two_seconds(tmp_path: Path) -> None:
    clip = write(tmp_path / "clip.mp4", [draw_number(n) for n in range(60)], keyframes=[5, 59])

    with av.open(str(clip)) as container:
        packets = [packet for packet in container.demux(video=0) if packet.size]

    assert [number for number, packet in enumerate(packets) if packet.is_keyframe] == [0, 5, 53, 59]
    assert all(packet.pts == packet.dts for packet in packets)


def test_colour_is_tagged_for_every_reader(tmp_path: Path) -> None:
    clip = write(tmp_path / "clip.mp4", [noise(0)])

    content = clip.read_bytes()
    assert b"colrnclx" + bytes([0, 1, 0, 1, 0, 1, 0]) in content  # bt.709 thrice, limited
    frame = last_frame(clip)[1]  # these come from the H.264 itself
    assert (frame.colorspace, frame.color_primaries, frame.color_trc, frame.color_range) == (1,) * 4
    assert probe(clip).plain


def test_the_index_stands_in_front(tmp_path: Path) -> None:
    content = write(tmp_path / "clip.mp4", [noise(0)]).read_bytes()

    assert content[4:8] == b"ftyp"
    assert content.index(b"moov") < content.index(b"mdat")


def test_planes_arrive_as_they_were_given(tmp_path: Path) -> None:
    y = np.linspace(16, 235, 160).astype(np.uint8)[None].repeat(96, 0)
    u, v = (np.full((48, 80), level, np.uint8) for level in (90, 170))
    path = tmp_path / "clip.mp4"
    with ClipWriter(path, SIZE, FILM, quantizer=0) as clip:
        clip.write_yuv(y, u, v)

    planes = last_frame(path)[1].to_ndarray()

    np.testing.assert_array_equal(planes[:96], y)
    np.testing.assert_array_equal(planes[96:], np.repeat([90, 170], 24)[:, None].repeat(160, 1))


@pytest.mark.parametrize("fps", RATES, ids=str)
@pytest.mark.parametrize("seconds", [0.0, 0.4, 3.0])
def test_sound_begins_and_ends_with_the_picture(
    seconds: float, fps: Fraction, tmp_path: Path
) -> None:
    """However much of it is given: the rest is silence, the surplus is left out."""
    path, frames = tmp_path / "clip.mp4", 25
    times = np.arange(int(seconds * SOUND_RATE)) / SOUND_RATE
    given = (0.4 * np.sin(2 * np.pi * 220 * times)).astype(np.float32)
    with ClipWriter(path, SIZE, fps, sound=True) as clip:
        for number in range(frames):
            clip.write_rgb(draw_number(number))
            if number == frames // 2:
                clip.write_sound(np.stack((given, -given), axis=1))

    with av.open(str(path)) as container:
        stream = container.streams.audio[0]
        lasts = stream.duration * stream.time_base
        assert stream.start_time == 0
    assert abs(lasts - frames / fps) <= Fraction(1, SOUND_RATE)
    heard = sound_of(path)
    assert 0 <= len(heard) - lasts * SOUND_RATE < 1024
    common = min(len(given), int(lasts * SOUND_RATE)) - 100
    if common > 0:
        np.testing.assert_allclose(heard[100:common, 0], given[100:common], atol=0.02)
        np.testing.assert_allclose(heard[100:common, 1], -given[100:common], atol=0.02)
    assert np.abs(heard[len(given) + 2048 :]).max(initial=0) < 0.001
    decode_strictly(path)


def test_sound_is_not_shifted_by_a_sample(tmp_path: Path) -> None:
    """Clicks come out where they went in, whenever they were written."""
    clicks = np.zeros((48000, 2), np.float32)
    at = [480, 12345, 24000, 40001]
    clicks[at] = 0.9
    path = tmp_path / "clip.mp4"
    with ClipWriter(path, SIZE, FILM, sound=True) as clip:
        clip.write_sound(clicks[:30000])
        for number in range(24):
            clip.write_rgb(draw_number(number))
            clip.write_sound(clicks[30000 + 750 * number :][:750])

    heard = np.abs(sound_of(path)[:, 0])

    assert [int(place + heard[place - 200 : place + 200].argmax() - 200) for place in at] == at


@pytest.mark.parametrize("size", [Size(161, 96), Size(160, 95), Size(0, 96)])
def test_sizes_that_4_2_0_cannot_hold(size: Size, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=f"even, and {size} is not"):
        ClipWriter(tmp_path / "clip.mp4", size, FILM)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (lambda clip: clip.write_rgb(np.zeros((96, 158, 3), np.uint8)), r"frame 1: the picture"),
        (lambda clip: clip.write_rgb(np.zeros((96, 160, 3))), r"of uint8, and is .* of float64"),
        (lambda clip: clip.write_yuv(*np.zeros((3, 96, 160), np.uint8)), r"colour plane"),
        (lambda clip: clip.write_sound(np.zeros((10, 2), np.float32)), r"without sound"),
    ],
)
def test_what_does_not_fit_is_refused(wrong, told: str, tmp_path: Path) -> None:
    def write_wrong() -> None:
        with ClipWriter(tmp_path / "clip.mp4", SIZE, FILM) as clip:
            clip.write_rgb(noise(0))
            wrong(clip)

    with pytest.raises(ValueError, match=told):
        write_wrong()
    assert list(tmp_path.iterdir()) == []


def test_a_clip_without_a_frame_is_none(tmp_path: Path) -> None:
    with (
        pytest.raises(ValueError, match="at least one frame"),
        ClipWriter(tmp_path / "clip.mp4", SIZE, FILM),
    ):
        pass
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("frames", [0, 1, 40])
def test_a_clip_given_up_leaves_what_was_there(frames: int, tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    path.write_bytes(b"the one before")

    def write_and_stop() -> None:
        with ClipWriter(path, SIZE, FILM, sound=True) as clip:
            for number in range(frames):
                clip.write_rgb(noise(number))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_and_stop()

    assert path.read_bytes() == b"the one before"
    assert list(tmp_path.iterdir()) == [path]


def test_a_finished_clip_takes_the_place_of_the_one_before(tmp_path: Path) -> None:
    path = tmp_path / "a name: with 100% öd signs.mp4"
    path.write_bytes(b"the one before")

    write(path, [noise(0)])

    assert probe(path).frames == 1
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_is_gone(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="gone"):
        ClipWriter(tmp_path / "gone" / "clip.mp4", SIZE, FILM)


FILL_THE_DISK = """
import resource, sys
from fractions import Fraction
from pathlib import Path
import numpy as np
from storyboard.media.encode import ClipWriter
from storyboard.model import Size
from storyboard.track import SOUND_RATE

resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]),) * 2)
random = np.random.default_rng(0)
try:
    with ClipWriter(Path(sys.argv[1]), Size(160, 96), Fraction(24), sound=True) as clip:
        for _ in range(20):
            clip.write_rgb(random.integers(0, 256, (96, 160, 3), dtype=np.uint8))
            clip.write_sound(random.random((2000, 2), dtype=np.float32))
except Exception as error:
    print(type(error) is OSError, error)
"""


@pytest.mark.parametrize("room", ["early", "in the last box", "while the index moves to the front"])
def test_a_full_disk(room: str, tmp_path: Path) -> None:
    def run(limit: int) -> str:
        path = tmp_path / "clip.mp4"
        command = [sys.executable, "-c", FILL_THE_DISK, str(path), str(limit)]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    assert run(10_000_000) == ""
    path = tmp_path / "clip.mp4"
    content = path.read_bytes()
    before_the_index = len(content) - (content.index(b"mdat") - content.index(b"moov"))
    limit = {"early": 50_000, "in the last box": before_the_index + 100}.get(room, len(content) - 1)
    path.unlink()

    told = run(limit)

    assert told.startswith(f"True [Errno 27] File too large: '{path}'")
    assert list(tmp_path.iterdir()) == []
