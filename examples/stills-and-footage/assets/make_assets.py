"""A card and two seconds of a pendulum, with its ticking. Writes card.png and pendulum.mp4.

python examples/stills-and-footage/assets/make_assets.py
"""

from fractions import Fraction
from math import cos, pi, sin
from pathlib import Path

import av
import numpy as np
from PIL import Image, ImageDraw

FOLDER = Path(__file__).parent
SIZE, FPS, SECONDS, RATE = (640, 360), 24, 2, 48_000
WALL, CASE, BRASS, IVORY, INK = "#3d4f4a", "#4f2f22", "#d9a441", "#f1e6cb", "#20262a"


def clock(swing: float, *, hour: float = 3.25) -> Image.Image:
    """A wall clock; `swing` is the pendulum's angle in radians."""
    big = Image.new("RGB", (SIZE[0] * 2, SIZE[1] * 2), WALL)
    pen = ImageDraw.Draw(big)
    for x in range(0, big.width, 64):  # striped wallpaper
        pen.rectangle((x, 0, x + 20, big.height), fill="#425650")
    pen.polygon([(470, 40), (640, -20), (810, 40), (790, 640), (640, 700), (490, 640)], fill=CASE)
    pen.polygon([(520, 330), (760, 330), (748, 610), (640, 650), (532, 610)], fill="#1f1511")
    bob = (640 + 225 * sin(swing), 330 + 225 * cos(swing))
    pen.line([(640, 320), bob], fill=BRASS, width=7)
    pen.ellipse((bob[0] - 42, bob[1] - 42, bob[0] + 42, bob[1] + 42), fill=BRASS)
    pen.ellipse((bob[0] - 30, bob[1] - 34, bob[0] + 8, bob[1] + 4), fill="#ebc676")
    pen.ellipse((510, 60, 770, 320), fill=BRASS)
    pen.ellipse((524, 74, 756, 306), fill=IVORY)
    for i in range(12):
        a, inner = i * pi / 6, 82 if i % 3 else 74
        pen.line(
            [
                (640 + inner * sin(a), 190 - inner * cos(a)),
                (640 + 100 * sin(a), 190 - 100 * cos(a)),
            ],
            fill=INK,
            width=7,
        )
    for turn, length, wide in ((hour / 12, 58, 11), (hour % 1, 86, 7)):
        pen.line(
            [(640, 190), (640 + length * sin(2 * pi * turn), 190 - length * cos(2 * pi * turn))],
            fill=INK,
            width=wide,
        )
    pen.ellipse((630, 180, 650, 200), fill=INK)
    return big.resize(SIZE, Image.Resampling.LANCZOS)


def ticking() -> np.ndarray:
    """A tick at each end of the swing, a second apart, for both channels."""
    time = np.arange(SECONDS * RATE) / RATE
    sound = np.zeros(len(time))
    for number, at in enumerate((0.25, 0.75, 1.25, 1.75)):
        after = np.clip(time - at, 0, None)
        body = np.sin(2 * np.pi * (1150, 880)[number % 2] * after) * np.exp(-after / 0.012)
        sound += 0.4 * body * (1 - np.exp(-after / 0.0008))
    return np.stack([sound, sound]).astype(np.float32)


def film(path: Path) -> None:
    """Write the pendulum's two seconds as H.264 and AAC."""
    with av.open(str(path), "w", options={"movflags": "+faststart", "fflags": "+bitexact"}) as file:
        picture = file.add_stream(
            "libx264", rate=FPS, options={"crf": "20", "x264-params": "threads=1"}
        )
        picture.width, picture.height, picture.pix_fmt = *SIZE, "yuv420p"
        context = picture.codec_context
        context.color_primaries = context.color_trc = context.colorspace = 1  # bt.709
        context.color_range = 1  # limited
        sound = file.add_stream("aac", rate=RATE, layout="stereo", bit_rate=96_000)
        for number in range(FPS * SECONDS):
            frame = av.VideoFrame.from_image(clock(0.3 * cos(2 * pi * number / FPS)))
            file.mux(
                picture.encode(
                    frame.reformat(format="yuv420p", dst_colorspace=1, dst_color_range=1)
                )
            )
        file.mux(picture.encode(None))
        samples = ticking()
        for start in range(0, samples.shape[1], 1024):
            block = av.AudioFrame.from_ndarray(
                np.ascontiguousarray(samples[:, start : start + 1024]), "fltp", "stereo"
            )
            block.sample_rate, block.pts, block.time_base = RATE, start, Fraction(1, RATE)
            file.mux(sound.encode(block))
        file.mux(sound.encode(None))


if __name__ == "__main__":
    clock(0.0, hour=3.25).crop((140, 0, 500, 203)).resize(SIZE, Image.Resampling.LANCZOS).quantize(
        96
    ).save(FOLDER / "card.png", optimize=True)
    film(FOLDER / "pendulum.mp4")
