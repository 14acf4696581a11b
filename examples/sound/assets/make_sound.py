"""A bell with its picture, gulls, a humming voice, an organ and a swell of the sea.

Writes bell.mp4, gulls.opus, voice.opus, organ.opus and swell.opus.

python examples/sound/assets/make_sound.py
"""

from fractions import Fraction
from math import cos, pi, sin
from pathlib import Path

import av
import numpy as np
from PIL import Image, ImageDraw

FOLDER = Path(__file__).parent
RATE, FPS, SIZE = 48_000, 24, (640, 360)


def times(seconds: float) -> np.ndarray:
    return np.arange(round(seconds * RATE)) / RATE


def tone(time: np.ndarray, frequency: np.ndarray | float) -> np.ndarray:
    """A sine of a frequency that may move."""
    return np.sin(2 * np.pi * np.cumsum(np.broadcast_to(frequency, time.shape)) / RATE)


def bell(seconds: float) -> np.ndarray:
    """Struck once; its partials fade, the high ones first."""
    time = times(seconds)
    after = np.clip(time - 0.25, 0, None)
    partials = [(220, 1, 2.4), (441, 0.7, 1.6), (526, 0.5, 1.3), (662, 0.45, 1), (885, 0.35, 0.6)]
    sound = sum(a * np.sin(2 * np.pi * f * after) * np.exp(-after / d) for f, a, d in partials)
    return 0.22 * sound * (time > 0.25)


def gulls() -> np.ndarray:
    time = times(1.8)
    sound = np.zeros_like(time)
    for at, pitch in ((0.1, 1500), (0.55, 1700), (0.95, 1620), (1.35, 1450)):
        along = np.clip((time - at) / 0.32, 0, 1)
        cry = tone(time, pitch * (1 + 0.25 * np.sin(np.pi * along) - 0.2 * along))
        sound += cry * np.sin(np.pi * along) ** 2
    return 0.2 * sound


def voice() -> np.ndarray:
    """Four hummed syllables: a buzz through the formants of two vowels."""
    time = times(1.6)
    sound = np.zeros_like(time)
    for at, pitch, formants in (
        (0.0, 150, (650, 1080, 2650)),
        (0.42, 168, (400, 1700, 2600)),
        (0.8, 140, (650, 1080, 2650)),
        (1.15, 118, (300, 870, 2240)),
    ):
        along = np.clip((time - at) / 0.34, 0, 1)
        syllable = sum(
            np.exp(-(((pitch * n - f) / 170) ** 2)) * tone(time, pitch * n * (1 - 0.04 * along))
            for n in range(1, 22)
            for f in formants
        )
        sound += syllable * np.sin(np.pi * along) ** 0.7
    return 0.5 * sound / np.abs(sound).max()


def organ() -> np.ndarray:
    """Four seconds that go on in themselves, whole periods of every note."""
    time = times(4)
    notes = (110, 165, 220, 277.25, 330)
    breath = 1 - 0.25 * np.cos(2 * np.pi * time / 4)
    return 0.09 * breath * sum(np.sin(2 * np.pi * n * time) for n in notes)


def swell() -> np.ndarray:
    time = times(3.5)
    noise = np.random.default_rng(5).normal(0, 1, len(time))
    soft = np.convolve(noise, np.hanning(120) / 60, "same")
    return 0.3 * soft * np.sin(np.pi * np.clip(time / 3.5, 0, 1)) ** 2


def write_opus(name: str, sound: np.ndarray) -> None:
    path = str(FOLDER / name)
    with av.open(path, "w", format="ogg", options={"fflags": "+bitexact"}) as file:
        stream = file.add_stream("libopus", rate=RATE, layout="mono", bit_rate=40_000)
        for start in range(0, len(sound), 960):
            frame = av.AudioFrame.from_ndarray(
                sound[None, start : start + 960].astype(np.float32), "flt", "mono"
            )
            frame.sample_rate, frame.pts, frame.time_base = RATE, start, Fraction(1, RATE)
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))


def picture(second: float) -> Image.Image:
    """The bell, seen from below, swinging out after the stroke."""
    big = Image.new("RGB", (SIZE[0] * 2, SIZE[1] * 2), "#31424f")
    pen = ImageDraw.Draw(big)
    for y in range(0, big.height, 90):
        pen.rectangle((0, y, big.width, y + 4), fill="#293843")
    swing = 0.2 * sin(2 * pi * 0.9 * second) * (0.6 + 0.4 * cos(second))

    def at(x: float, y: float) -> tuple[float, float]:
        return 640 + x * cos(swing) - y * sin(swing), 60 + x * sin(swing) + y * cos(swing)

    pen.rectangle((560, 0, 720, 70), fill="#4c3527")
    shape = [
        (-40, 0),
        (40, 0),
        (100, 90),
        (130, 280),
        (210, 410),
        (-210, 410),
        (-130, 280),
        (-100, 90),
    ]
    pen.polygon([at(*point) for point in shape], fill="#c08f3e")
    pen.polygon(
        [at(*point) for point in ((-20, 20), (10, 20), (-60, 400), (-150, 400))], fill="#d9b063"
    )
    pen.line([at(-215, 412), at(215, 412)], fill="#8a6329", width=22)
    clapper = at(-swing * 260, 470)
    pen.ellipse(
        (clapper[0] - 30, clapper[1] - 30, clapper[0] + 30, clapper[1] + 30), fill="#2b2119"
    )
    return big.resize(SIZE, Image.Resampling.LANCZOS)


def write_bell(seconds: float) -> None:
    options = {"movflags": "+faststart", "fflags": "+bitexact"}
    with av.open(str(FOLDER / "bell.mp4"), "w", options=options) as file:
        shown = file.add_stream(
            "libx264", rate=FPS, options={"crf": "23", "x264-params": "threads=1"}
        )
        shown.width, shown.height, shown.pix_fmt = *SIZE, "yuv420p"
        context = shown.codec_context
        context.color_primaries = context.color_trc = context.colorspace = 1  # bt.709
        context.color_range = 1  # limited
        heard = file.add_stream("aac", rate=RATE, layout="stereo", bit_rate=96_000)
        for number in range(round(FPS * seconds)):
            frame = av.VideoFrame.from_image(picture(number / FPS))
            file.mux(
                shown.encode(frame.reformat(format="yuv420p", dst_colorspace=1, dst_color_range=1))
            )
        file.mux(shown.encode(None))
        both = np.repeat(bell(seconds)[None].astype(np.float32), 2, axis=0)
        for start in range(0, both.shape[1], 1024):
            block = av.AudioFrame.from_ndarray(
                np.ascontiguousarray(both[:, start : start + 1024]), "fltp", "stereo"
            )
            block.sample_rate, block.pts, block.time_base = RATE, start, Fraction(1, RATE)
            file.mux(heard.encode(block))
        file.mux(heard.encode(None))


if __name__ == "__main__":
    write_bell(2.5)
    for name, sound in (
        ("gulls", gulls()),
        ("voice", voice()),
        ("organ", organ()),
        ("swell", swell()),
    ):
        write_opus(f"{name}.opus", sound)
