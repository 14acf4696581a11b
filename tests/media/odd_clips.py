"""Clips as odd as people and providers have them; each frame shows its number.

A frame is eight upright bars: white, the six bits of its number, black; below
the middle the same in reverse, so that a picture that lies on its side or its
head, or is mirrored, cannot be read.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path

import av
import imageio_ffmpeg
import numpy as np

from storyboard.media.encode import ClipWriter
from storyboard.model import Size

WIDTH, HEIGHT = 160, 96
FILM = Fraction(24)
NTSC_FILM = Fraction(24000, 1001)


def draw_number(number: int, width: int = WIDTH, height: int = HEIGHT) -> np.ndarray:
    """The picture of a frame: height x width x 3."""
    bits = [1, *(number >> place & 1 for place in range(5, -1, -1)), 0]
    row = np.repeat(np.array(bits, np.uint8), width // 8)
    rows = np.where(np.arange(height)[:, None] < height // 2, row, 1 - row)
    return np.repeat((40 + 175 * rows)[..., None], 3, axis=2).astype(np.uint8)


def read_number(picture: np.ndarray) -> int:
    """The number that a picture shows, whatever its size."""
    height, width = picture.shape[:2]
    bits = []
    for bar in range(8):
        column = slice(int((bar + 0.3) * width / 8), int((bar + 0.7) * width / 8))
        upper = picture[int(0.15 * height) : int(0.4 * height), column].mean()
        lower = picture[int(0.6 * height) : int(0.85 * height), column].mean()
        assert abs(upper - lower) > 60, f"bar {bar} cannot be read: {upper:.0f} over {lower:.0f}"
        bits.append(int(upper > lower))
    assert bits[0] == 1
    assert bits[-1] == 0
    return int("".join(map(str, bits[1:-1])), 2)


def ffmpeg(*arguments: object, pictures: bytes | None = None) -> None:
    """Run the ffmpeg that imageio ships."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y", *map(str, arguments)]
    done = subprocess.run(command, input=pictures, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()


def ffmpeg_says(*arguments: object) -> str:
    """What ffmpeg reports of its work."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-hide_banner", "-nostats", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stderr.decode()


@cache
def numbered(count: int) -> bytes:
    """Raw RGB frames, from 0 on."""
    return b"".join(draw_number(number).tobytes() for number in range(count))


def encode(path: Path, *options: object, count: int = 49, fps: Fraction = FILM) -> Path:
    """Numbered frames through ffmpeg, with any options behind them."""
    raw = ("-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{WIDTH}x{HEIGHT}", "-r", fps, "-i", "-")
    ffmpeg(*raw, *options, path, pictures=numbered(count))
    return path


@dataclass(frozen=True)
class Odd:
    """A kind of clip: how it is made, and which frames it shows from when on."""

    make: Callable[[Path], Path]
    numbers: Sequence[int]
    times: Sequence[Fraction]
    fps: Fraction = FILM
    has_sound: bool = False
    steady: bool = True

    @property
    def end(self) -> Fraction:
        """When its last frame is over."""
        return self.times[-1] + 1 / self.fps


def evenly(
    make: Callable[[Path], Path],
    count: int = 49,
    fps: Fraction = FILM,
    *,
    first: int = 0,
    has_sound: bool = False,
) -> Odd:
    times = [n / fps for n in range(count)]
    return Odd(make, range(first, first + count), times, fps, has_sound)


H264 = ("-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p", "-threads", "1")
B_FRAMES = (*H264, "-bf", "3", "-g", "12", "-sc_threshold", "0", "-x264-params", "b-adapt=0")


def tone(seconds: float, rate: int = 48000) -> tuple[str, ...]:
    return ("-f", "lavfi", "-i", f"sine=frequency=330:sample_rate={rate}:duration={seconds}")


def with_sound(path: Path, seconds: float, *options: object, rate: int = 48000) -> Path:
    return encode(path, *tone(seconds, rate), *B_FRAMES, "-c:a", "aac", *options)


def copied(path: Path, before: Sequence[object], after: Sequence[object] = ()) -> Path:
    """A clip with B-frames, its packets copied into another file with other times."""
    source = encode(path.with_name(f"source-of-{path.name}.mp4"), *B_FRAMES)
    ffmpeg(*before, "-i", source, "-c", "copy", *after, path)
    return path


def picture_late(path: Path) -> Path:
    """Sound from the start, the picture half a second later."""
    source = encode(path.with_name(f"source-of-{path.name}"), *B_FRAMES)
    ffmpeg("-itsoffset", "0.5", "-i", source, *tone(3), "-c:v", "copy", "-c:a", "aac", path)
    return path


def written(path: Path, fps: Fraction = FILM, count: int = 49) -> Path:
    """A clip as this package writes it."""
    with ClipWriter(path, Size(WIDTH, HEIGHT), fps, keyframes={count - 1}) as clip:
        for number in range(count):
            clip.write_rgb(draw_number(number))
    return path


UNEVEN = [0, 40, 50, 120, 160, 400, 410, 450, 500, 505, 900, 1000, 1010, 1400, 1500]
"""Time stamps of a variable rate, in milliseconds."""


def uneven(path: Path, start: int = 0, ending: str = "mp4") -> Path:
    with av.open(str(path), "w", format=ending) as container:
        stream = container.add_stream("libx264", rate=1000, options={"bf": "2", "g": "6"})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.codec_context.time_base = Fraction(1, 1000)
        for number, stamp in enumerate(UNEVEN):
            frame = av.VideoFrame.from_ndarray(draw_number(number), format="rgb24")
            frame.pts, frame.time_base = start + stamp, Fraction(1, 1000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def uneven_odd(make: Callable[[Path], Path]) -> Odd:
    times = [Fraction(stamp, 1000) for stamp in UNEVEN]
    return Odd(make, range(len(UNEVEN)), times, steady=False)


VP9 = ("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-g", "12", "-b:v", "300k")
VP8 = ("-c:v", "libvpx", "-deadline", "good", "-cpu-used", "5", "-b:v", "300k", "-auto-alt-ref", "1",
       "-lag-in-frames", "12", "-g", "24")  # fmt: skip
REFRESH = (*H264, "-x264-params", "intra-refresh=1:keyint=16:bframes=0", "-g", "16")
X265 = ("-c:v", "libx265", "-preset", "ultrafast", "-pix_fmt", "yuv420p",
        "-x265-params", "log-level=error:pools=1:open-gop=1:keyint=12:bframes=3")  # fmt: skip

ODD: dict[str, Odd] = {
    "as written here.mp4": evenly(written),
    "as written here, 23.976.mp4": evenly(lambda p: written(p, NTSC_FILM), fps=NTSC_FILM),
    "one frame.mp4": evenly(lambda p: encode(p, *B_FRAMES, count=1), 1),
    "two frames.mp4": evenly(lambda p: encode(p, *B_FRAMES, count=2), 2),
    "b-frames.mp4": evenly(lambda p: encode(p, *B_FRAMES)),
    "b-pyramid.mp4": evenly(
        lambda p: encode(p, *H264, "-bf", "6", "-g", "24", "-x264-params", "b-pyramid=normal:ref=6")
    ),
    "one key frame.mp4": evenly(lambda p: encode(p, *H264, "-bf", "2", "-g", "9999")),
    "open gop.mp4": evenly(
        lambda p: encode(p, *B_FRAMES, "-x264-params", "open-gop=1:b-adapt=0:keyint=12")
    ),
    "open gop.ts": evenly(
        lambda p: encode(p, *B_FRAMES, "-x264-params", "open-gop=1:b-adapt=0:keyint=12")
    ),
    "no index.mp4": evenly(lambda p: encode(p, *REFRESH)),
    "fragments.mp4": evenly(
        lambda p: encode(p, *B_FRAMES, "-movflags", "+frag_keyframe+empty_moov+default_base_moof")
    ),
    "a fragment a frame.mp4": evenly(
        lambda p: encode(p, *B_FRAMES, "-movflags", "+frag_every_frame+empty_moov")
    ),
    "transport stream.ts": evenly(lambda p: encode(p, *B_FRAMES)),
    "late transport stream.ts": evenly(
        lambda p: encode(p, *B_FRAMES, "-output_ts_offset", "900", "-muxdelay", "0")
    ),
    "transport stream with sound.ts": evenly(
        lambda p: with_sound(p, 4), has_sound=True
    ),
    "late start.mp4": evenly(lambda p: copied(p, ("-itsoffset", "1.5"))),
    "late start.mkv": evenly(lambda p: copied(p, ("-itsoffset", "1.5"), ("-copyts",))),
    "edit list at the start.mp4": evenly(lambda p: copied(p, ("-ss", "0.25")), 43, first=6),
    "edit list over a key frame.mp4": evenly(lambda p: copied(p, ("-ss", "0.75")), 31, first=18),
    # The last packets in the file are not the last frames on the screen.
    "packets missing at the end.mp4": Odd(
        lambda p: copied(p, (), ("-frames:v", "31")),
        [*range(29), 30, 32],
        [number / FILM for number in (*range(29), 30, 32)],
        steady=False,
    ),
    "rate by time stamps.mp4": uneven_odd(uneven),
    "rate by time stamps.mkv": uneven_odd(lambda p: uneven(p, ending="matroska")),
    "rate by time stamps, late.ts": uneven_odd(lambda p: uneven(p, 5000, "mpegts")),
    "sound outlasts.mp4": evenly(lambda p: with_sound(p, 5), has_sound=True),
    "sound outlasts.mkv": evenly(lambda p: with_sound(p, 5), has_sound=True),
    "sound ends early.mp4": evenly(lambda p: with_sound(p, 0.7), has_sound=True),
    "mono sound.mov": evenly(lambda p: with_sound(p, 2, "-ac", "1", rate=44100), has_sound=True),
    "picture begins late.mp4": evenly(picture_late, has_sound=True),
    "vp9.webm": evenly(lambda p: encode(p, *VP9)),
    "vp8 with hidden frames.webm": evenly(lambda p: encode(p, *VP8)),
    "23.976.mp4": evenly(lambda p: encode(p, *B_FRAMES, fps=NTSC_FILM), fps=NTSC_FILM),
    "23.976 in milliseconds.mkv": evenly(
        lambda p: encode(p, *B_FRAMES, fps=NTSC_FILM), fps=NTSC_FILM
    ),
    "23.976 in 600ths.mov": evenly(
        lambda p: encode(p, *B_FRAMES, "-video_track_timescale", "600", fps=NTSC_FILM),
        fps=NTSC_FILM,
    ),
    "29.97.mp4": evenly(
        lambda p: encode(p, *B_FRAMES, fps=Fraction(30000, 1001)), fps=Fraction(30000, 1001)
    ),
    "59.94.ts": evenly(
        lambda p: encode(p, *B_FRAMES, fps=Fraction(60000, 1001)), fps=Fraction(60000, 1001)
    ),
    "12.5.mp4": evenly(lambda p: encode(p, *B_FRAMES, fps=Fraction(25, 2)), fps=Fraction(25, 2)),
    "hevc, open gop.mp4": evenly(lambda p: encode(p, *X265)),
    "mpeg4.avi": evenly(lambda p: encode(p, "-c:v", "mpeg4", "-bf", "2", "-g", "12", "-q:v", "3")),
    "prores.mov": evenly(lambda p: encode(p, "-c:v", "prores_ks", "-profile:v", "0")),
    "flash.flv": evenly(lambda p: encode(p, *H264, "-bf", "2", "-g", "12")),
    "gif.gif": evenly(lambda p: encode(p, fps=Fraction(25)), fps=Fraction(25)),
}  # fmt: skip
