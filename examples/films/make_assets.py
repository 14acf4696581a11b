"""The pictures, footage and sounds of the six films: small, and the same each time.

    python examples/films/make_assets.py

Needs numpy, Pillow and PyAV. Writes into the `assets` folder of each film.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from math import cos, pi, sin
from pathlib import Path

import av
import numpy as np
from PIL import Image, ImageDraw, ImageFilter

FILMS = Path(__file__).parent
WIDE = (640, 360)
RATE = 48_000
Point = tuple[float, float]
Sound = np.ndarray  # mono samples, float64


# Pictures


class Canvas:
    """A picture of 640 x 360, drawn at twice the size; places are counted on that."""

    def __init__(self, above: str, below: str, horizon: float = 1.0) -> None:
        """Begin with a sky that goes from one colour to the other at the horizon."""
        self.picture = Image.new("RGB", (1280, 720), below)
        top, bottom = (np.array(_rgb(color), float) for color in (above, below))
        share = np.clip(np.linspace(0, 1 / horizon, 720), 0, 1)[:, None]
        rows = top * (1 - share) + bottom * share
        self.picture.paste(
            Image.fromarray(np.repeat(rows[:, None, :], 1280, axis=1).round().astype(np.uint8))
        )
        self.pen = ImageDraw.Draw(self.picture)

    def glow(self, at: Point, radius: float, color: str, strength: float = 0.8) -> None:
        """Light around a point."""
        y, x = np.mgrid[0:720, 0:1280]
        away = np.hypot(x - at[0], y - at[1]) / radius
        mask = Image.fromarray((255 * strength * np.exp(-(away**2))).astype(np.uint8))
        self.picture.paste(Image.new("RGB", (1280, 720), color), mask=mask)

    def disc(self, at: Point, radius: float, color: str, flat: float = 1.0) -> None:
        """A circle, or an ellipse that is flat."""
        x, y = at
        self.pen.ellipse((x - radius, y - radius * flat, x + radius, y + radius * flat), fill=color)

    def shape(self, color: str, *points: Point) -> None:
        """A polygon."""
        self.pen.polygon(list(points), fill=color)

    def line(self, color: str, width: int, *points: Point) -> None:
        """A line with round corners."""
        self.pen.line(list(points), fill=color, width=width, joint="curve")
        for x, y in points:
            self.disc((x, y), width / 2, color)

    def ridge(self, color: str, base: float, height: float, seed: int) -> None:
        """Hills along a line."""
        x = np.linspace(0, 1280, 129)
        dice = np.random.default_rng(seed)
        rise = sum(
            np.sin(x / 1280 * 2 * pi * turn + dice.uniform(0, 6)) / turn for turn in (1, 2, 3, 5)
        )
        tops = list(zip(x, base - height * (0.5 + rise / 3), strict=True))
        self.shape(color, (0, 720), *tops, (1280, 720))

    def portrait(self, x: float, skin: str, hair: str, coat: str, faces: int) -> None:
        """Head and shoulders, turned to the left (-1) or right (1)."""
        self.pen.rounded_rectangle((x - 210, 500, x + 210, 800), 120, fill=coat)
        self.pen.rounded_rectangle((x - 52, 390, x + 52, 560), 40, fill=skin)
        self.disc((x - 14 * faces, 290), 132, hair, 1.15)
        self.disc((x + 14 * faces, 320), 108, skin, 1.2)
        self.shape(skin, (x + 112 * faces, 320), (x + 148 * faces, 356), (x + 108 * faces, 372))
        self.disc((x + 70 * faces, 312), 9, "#1a1512")
        self.line(hair, 9, (x + 48 * faces, 284), (x + 90 * faces, 282))
        self.line("#8d4b45", 8, (x + 70 * faces, 398), (x + 102 * faces, 396))
        self.pen.pieslice((x - 132, 170, x + 132, 420), 180, 360, fill=hair)

    def dancer(self, x: float, lean: float, color: str, skin: str, size: float = 1.0) -> None:
        """A figure in a leap; `lean` from -1 to 1 moves its arms and legs."""

        def at(right: float, down: float) -> Point:
            return x + right * size, 400 + down * size

        swing = 120 * lean
        self.line(skin, int(26 * size), at(0, 70), at(90, 130 + swing / 3), at(230, 150 - swing))
        self.line(skin, int(26 * size), at(0, 70), at(-70, 160), at(-180 - swing / 3, 230))
        self.shape(color, at(-34, -110), at(34, -110), at(70, 90), at(150, 150), at(-110, 160))
        self.line(skin, int(18 * size), at(26, -96), at(110, -130 - swing / 2), at(190, -170))
        self.line(skin, int(18 * size), at(-26, -96), at(-110, -70 + swing / 2), at(-200, -120))
        self.line(skin, int(22 * size), at(0, -110), at(6, -140))
        self.disc(at(10, -176), 38 * size, skin)
        self.disc(at(-4, -190), 38 * size, "#2a1c18", 0.85)
        self.disc(at(-36, -216), 17 * size, "#2a1c18")

    def save(self, path: Path, *, aged: bool = False) -> None:
        """Write it as a JPEG of 640 x 360; aged, as a brown print."""
        picture = self.picture.resize(WIDE, Image.Resampling.LANCZOS)
        if aged:
            grey = np.asarray(picture.convert("L").filter(ImageFilter.GaussianBlur(0.6)), float)
            grain = np.random.default_rng(len(path.stem)).normal(0, 4, grey.shape)
            toned = (grey + grain)[..., None] * (0.92, 0.82, 0.66) + (18, 14, 10)
            picture = Image.fromarray(np.clip(toned, 0, 255).astype(np.uint8))
        path.parent.mkdir(parents=True, exist_ok=True)
        picture.save(path, quality=82, optimize=True)


def _rgb(color: str) -> tuple[int, ...]:
    return tuple(int(color[at : at + 2], 16) for at in (1, 3, 5))


def commercial(folder: Path) -> None:
    """A coffee tin as a pack shot, and the kitchen in which the film begins."""
    for name, turned in (("pack", False), ("kitchen", True)):
        canvas = Canvas("#23384a", "#e2b489", 0.9) if turned else Canvas("#f2ede2", "#d8cfbd")
        if turned:
            canvas.glow((930, 250), 380, "#ffd9a0")
            canvas.pen.rectangle((720, 60, 1180, 430), fill="#f6d9ac", outline="#6a4a35", width=16)
            canvas.line("#6a4a35", 12, (950, 60), (950, 430))
            canvas.shape("#5b3c2b", (0, 520), (1280, 490), (1280, 720), (0, 720))
        x, y = (430, 210) if turned else (640, 150)
        canvas.disc((x, y + 410), 190, "#a8997f" if not turned else "#3c271c", 0.16)
        canvas.pen.rectangle((x - 130, y, x + 130, y + 400), fill="#173f5f")
        canvas.disc((x, y + 400), 130, "#173f5f", 0.16)
        canvas.pen.rectangle((x - 130, y + 110, x + 130, y + 290), fill="#f3efe4")
        canvas.disc((x, y + 290), 130, "#f3efe4", 0.1)
        canvas.disc((x, y + 112), 130, "#173f5f", 0.1)
        canvas.pen.rectangle((x - 112, y + 10, x - 86, y + 390), fill="#2d6288")
        canvas.disc((x, y), 130, "#c9ced1", 0.16)
        canvas.disc((x, y - 8), 118, "#e6e9ea", 0.14)
        for step in range(3):  # northern lights on the label
            canvas.line(
                ("#2a9d8f", "#56b9a6", "#8fd3bd")[step], 9,
                *((x - 80 + 20 * i, y + 225 - 22 * step + 13 * sin(i * 0.9 + step)) for i in range(9)),
            )  # fmt: skip
        canvas.save(folder / f"{name}.jpg")


def dialogue(folder: Path) -> None:
    """The two who talk, each as the other sees them: in the compartment of a night train."""
    people = {"anna": (480, "#d9a583", "#5a2c1d", "#7c2f3a", 1), "ben": (800, "#b9805c", "#22201f", "#2f4a45", -1)}  # fmt: skip
    for name, (x, skin, hair, coat, faces) in people.items():
        canvas = Canvas("#2b2320", "#4b3a2e")
        canvas.pen.rounded_rectangle((260, 50, 1020, 470), 30, fill="#101a2c")
        for number in range(7):
            canvas.glow((300 + 110 * number, 330 + 17 * (number % 3)), 26, "#ffcf7d", 0.9)
        canvas.pen.rounded_rectangle((240, 40, 1040, 480), 40, outline="#6b523b", width=22)
        canvas.glow((1280 - x, 40), 420, "#ffb766", 0.35)
        canvas.portrait(x, skin, hair, coat, faces)
        canvas.save(folder / f"{name}.jpg")


def documentary(folder: Path) -> None:
    """Prints from an album about a ferry, and three seconds of her wake."""
    for name, boats, hill in (("launch", 1, 3), ("crew", 0, 8), ("pier", 2, 5), ("ledger", 0, 0)):
        canvas = Canvas("#c9d3d8", "#eef0ea", 0.6)
        if name == "ledger":
            canvas = Canvas("#5a4636", "#3b2c21")
            canvas.shape("#efe6d0", (220, 90), (640, 130), (640, 660), (160, 620))
            canvas.shape("#e7dcc2", (1060, 90), (640, 130), (640, 660), (1120, 620))
            for row in range(11):
                y = 190 + 38 * row
                canvas.line("#6d5c49", 4, (250, y), (250 + 40 * (5 + row * 7 % 4), y + 8))
                canvas.line("#6d5c49", 4, (700, y + 8), (700 + 40 * (4 + row * 5 % 5), y))
            canvas.save(folder / f"{name}.jpg", aged=True)
            continue
        canvas.ridge("#8b9a98", 330, 130, hill)
        canvas.shape("#7d8f96", (0, 400), (1280, 400), (1280, 720), (0, 720))
        for number in range(boats):
            _ferry(canvas, 420 + 430 * number, 430 - 60 * number, 1.1 - 0.4 * number)
        if name == "crew":
            canvas.shape("#594a3c", (0, 560), (1280, 540), (1280, 720), (0, 720))
            for number in range(5):
                x, tall = 260 + 190 * number, 20 * (number % 2)
                canvas.pen.rounded_rectangle((x - 62, 330 - tall, x + 62, 620), 44, fill="#2e3136")
                canvas.disc((x, 280 - tall), 46, "#c7a78d", 1.15)
                canvas.pen.rectangle((x - 52, 222 - tall, x + 52, 252 - tall), fill="#20242a")
        canvas.save(folder / f"{name}.jpg", aged=True)
    film(folder.parent / "footage/wake.mp4", wake, 3, surf(3.0))


def _ferry(canvas: Canvas, x: float, y: float, size: float) -> None:
    def at(right: float, down: float) -> Point:
        return x + right * size, y + down * size

    canvas.shape("#2c3338", at(-260, 0), at(280, -20), at(220, 90), at(-220, 90))
    canvas.shape("#e9e6dc", at(-170, -90), at(150, -90), at(170, -8), at(-180, -4))
    canvas.shape("#a33d32", at(-20, -190), at(50, -190), at(56, -90), at(-26, -90))
    for number in range(6):
        canvas.disc(at(-140 + 52 * number, -50), 13 * size, "#39444b")
    canvas.line("#2c3338", 6, at(130, -90), at(130, -240))


def series(folder: Path) -> None:
    """The series' card and its heroes: a night guard and a cleaning robot in a museum."""
    canvas = Canvas("#0c1220", "#27304a")
    canvas.glow((640, 330), 330, "#f2c879", 0.55)
    for number in range(5):
        x = 120 + 260 * number
        canvas.pen.rectangle((x - 34, 170, x + 34, 560), fill="#3b4361")
        canvas.pen.rectangle((x - 50, 150, x + 50, 180), fill="#4b5478")
    canvas.shape("#4b5478", (40, 150), (640, 40), (1240, 150))
    canvas.shape("#161c2e", (0, 560), (1280, 560), (1280, 720), (0, 720))
    _robot(canvas, 900, 610)
    canvas.save(folder / "card.jpg")
    canvas = Canvas("#161c2e", "#2b3453")
    canvas.glow((300, 300), 420, "#f2c879", 0.45)
    canvas.pen.rectangle((90, 90, 500, 480), fill="#20283f", outline="#b08a4a", width=20)
    canvas.portrait(820, "#8a5a40", "#15110f", "#24365c", -1)
    canvas.pen.rectangle((690, 168, 950, 214), fill="#1b2947")
    canvas.save(folder / "mara.jpg")
    canvas = Canvas("#161c2e", "#2b3453")
    canvas.shape("#10162a", (0, 520), (1280, 500), (1280, 720), (0, 720))
    canvas.glow((640, 430), 300, "#7fd6e8", 0.4)
    _robot(canvas, 640, 520, 2.2)
    canvas.save(folder / "dot.jpg")


def _robot(canvas: Canvas, x: float, y: float, size: float = 1.0) -> None:
    canvas.disc((x, y + 44 * size), 84 * size, "#0a0e1a", 0.22)
    canvas.pen.rounded_rectangle(
        (x - 70 * size, y - 40 * size, x + 70 * size, y + 40 * size), 30 * size, fill="#d7dbe0"
    )
    canvas.pen.pieslice((x - 56 * size, y - 100 * size, x + 56 * size, y + 20 * size), 180, 360, fill="#aeb6c0")  # fmt: skip
    canvas.disc((x, y - 4 * size), 17 * size, "#103642")
    canvas.disc((x, y - 4 * size), 9 * size, "#7fe3f5")
    canvas.line("#aeb6c0", max(3, int(5 * size)), (x + 30 * size, y - 80 * size), (x + 46 * size, y - 128 * size))  # fmt: skip
    canvas.disc((x + 46 * size, y - 132 * size), 8 * size, "#f2c879")


def dance(folder: Path) -> None:
    """The dancer on a salt flat, and three seconds of a rehearsal whose movement she takes."""
    for name, lean in (("dancer", 0.2), ("end", -0.9)):
        canvas = Canvas("#7f9ec2", "#f3d9c4", 0.75)
        canvas.glow((980, 330), 300, "#fff1d6", 0.9)
        canvas.ridge("#a99bb0", 470, 60, 2)
        canvas.shape("#f4efe9", (0, 480), (1280, 470), (1280, 720), (0, 720))
        canvas.disc((600, 690), 230, "#d9d0cb", 0.1)
        canvas.dancer(600, lean, "#c8402f", "#a9714f")
        canvas.save(folder / f"{name}.jpg")
    film(folder.parent / "footage/rehearsal.mp4", rehearsal, 3, pulse(3.0, 100))


# Footage


def wake(seconds: float) -> Image.Image:
    """The water behind a ferry."""
    y, x = np.mgrid[0:180, 0:320]
    depth = np.clip((y - 62) / 118, 0.02, 1)
    across = (x - 160 - 6 * sin(seconds * 1.3)) / (26 + 120 * depth)
    waves = np.sin(6 / depth - 9 * seconds + 0.03 * x) * np.sin(0.13 * x / depth + 2 * seconds)
    foam = np.exp(-((np.abs(across) - 0.7) ** 2) * 9) * (0.6 + 0.4 * waves)
    sea = np.stack([52 + 30 * depth, 84 + 40 * depth, 98 + 34 * depth], axis=-1)
    sea += (16 * waves * depth)[..., None] + (120 * np.clip(foam, 0, 1))[..., None]
    sky = np.stack([200 - 0.4 * y, 208 - 0.3 * y, 210 - 0.2 * y], axis=-1)
    picture = np.where((y < 62)[..., None], sky, sea)
    return Image.fromarray(np.clip(picture, 0, 255).astype(np.uint8))


def rehearsal(seconds: float) -> Image.Image:
    """A dancer in a studio, who turns and reaches."""
    canvas = Canvas("#8d8478", "#b9ad9b", 0.7)
    canvas.shape("#70543c", (0, 560), (1280, 560), (1280, 720), (0, 720))
    canvas.line("#5b4a3a", 14, (0, 330), (1280, 330))
    x = 640 + 190 * sin(2 * pi * seconds / 3)
    canvas.dancer(x, cos(2 * pi * seconds / 1.5), "#33373d", "#c79a76", 0.95)
    return canvas.picture.resize((320, 180), Image.Resampling.BILINEAR)


def film(path: Path, draw: Callable[[float], Image.Image], seconds: int, sound: Sound) -> None:
    """Write footage of 320 x 180 at 24 frames a second, as H.264 and AAC."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w", options={"movflags": "+faststart", "fflags": "+bitexact"}) as file:
        picture = file.add_stream("libx264", rate=24, options={"crf": "25", "x264-params": "threads=1"})  # fmt: skip
        picture.width, picture.height, picture.pix_fmt = 320, 180, "yuv420p"
        context = picture.codec_context
        context.color_primaries = context.color_trc = context.colorspace = 1  # bt.709
        context.color_range = 1  # limited
        track = file.add_stream("aac", rate=RATE, layout="mono", bit_rate=64_000)
        for number in range(24 * seconds):
            frame = av.VideoFrame.from_image(draw(number / 24))
            file.mux(picture.encode(frame.reformat(format="yuv420p", dst_colorspace=1, dst_color_range=1)))  # fmt: skip
        file.mux(picture.encode(None))
        for block in _blocks(sound, "fltp", 1024):
            file.mux(track.encode(block))
        file.mux(track.encode(None))


# Sounds


def pulse(seconds: float, beats: float, *, bright: bool = False) -> Sound:
    """A drum on each beat, `beats` a minute, with a hat between."""
    sound = np.zeros(round(seconds * RATE))
    time = np.arange(round(0.3 * RATE)) / RATE
    dice = np.random.default_rng(5)
    drum = np.sin(2 * pi * (48 * time + 11 * (1 - np.exp(-time / 0.03)))) * np.exp(-time / 0.11)
    hat = np.diff(dice.normal(0, 1, len(time) + 1)) * np.exp(-time / 0.018)
    clap = dice.normal(0, 1, len(time)) * np.exp(-time / 0.05)
    for number in range(round(seconds * beats / 60)):
        start = number * 60 / beats
        _put(sound, start, 0.8 * drum)
        _put(sound, start + 30 / beats, 0.08 * hat)
        if bright and number % 2:
            _put(sound, start, 0.16 * clap)
    return sound


def chords(*played: tuple[float, float, tuple[int, ...]]) -> Sound:
    """Soft chords: seconds at which each begins, how long, its notes (MIDI numbers)."""
    sound = np.zeros(round(max(at + lasts for at, lasts, _ in played) * RATE))
    for at, lasts, notes in played:
        time = np.arange(round(lasts * RATE)) / RATE
        swell = np.clip(time / 0.3, 0, 1) * np.clip((lasts - time) / 0.6, 0, 1)
        for note in notes:
            tone = 2 * pi * 440 * 2 ** ((note - 69) / 12) * time
            partials = np.sin(tone) + 0.3 * np.sin(2 * tone) + 0.12 * np.sin(3 * tone)
            _put(sound, at, 0.11 * swell * partials)
    return sound


def murmur(seconds: float, seed: int) -> Sound:
    """A scratch narration: the melody of a voice without its words, to cut to."""
    dice = np.random.default_rng(seed)
    time = np.arange(round(seconds * RATE)) / RATE
    steps = np.arange(0, seconds + 0.2, 0.19)
    pitch = np.interp(time, steps, 118 + dice.normal(0, 11, len(steps)) - 3.5 * steps)
    phase = 2 * pi * np.cumsum(pitch) / RATE
    first, second = (
        np.interp(time, steps, dice.uniform(*span, len(steps)))
        for span in ((320, 720), (900, 1900))
    )
    sound = np.zeros(len(time))
    for partial in range(1, 24):
        hertz = partial * pitch
        resonance = np.exp(-(((hertz - first) / 130) ** 2)) + 0.5 * np.exp(-(((hertz - second) / 190) ** 2))  # fmt: skip
        sound += (0.05 + resonance) * np.sin(partial * phase) / partial**0.6
    syllables = np.interp(time, steps, np.where(dice.uniform(size=len(steps)) < 0.2, 0.03, 1.0))
    ends = np.clip(time / 0.1, 0, 1) * np.clip((seconds - time) / 0.2, 0, 1)
    return 0.2 * sound * ends * syllables * (0.55 + 0.45 * np.sin(2 * pi * time / 0.19) ** 2)


def surf(seconds: float) -> Sound:
    """Water behind a stern."""
    noise = np.random.default_rng(11).normal(0, 1, round(seconds * RATE) + 400)
    soft = np.convolve(noise, np.hanning(60) / 30, "valid")[: round(seconds * RATE)]
    time = np.arange(len(soft)) / RATE
    return 0.16 * soft * (1 + 0.4 * np.sin(2 * pi * time / 1.5))


def rails(seconds: float) -> Sound:
    """A night train from within: a rumble, and the joints of the rails."""
    noise = np.random.default_rng(3).normal(0, 1, round(seconds * RATE) + 4000)
    sound = 1.2 * np.convolve(noise, np.hanning(2400) / 1200, "valid")[: round(seconds * RATE)]
    time = np.arange(round(0.12 * RATE)) / RATE
    knock = np.sin(2 * pi * 92 * time) * np.exp(-time / 0.025)
    for number in range(int(seconds)):
        for after in (0.0, 0.16):
            _put(sound, number + after, 0.3 * knock)
    return sound


def _put(sound: Sound, at: float, part: Sound) -> None:
    share = sound[round(at * RATE) :][: len(part)]
    share += part[: len(share)]


def _blocks(sound: Sound, form: str, size: int) -> Iterator[av.AudioFrame]:
    data = np.clip(sound, -1, 1)[None, :]
    data = data.astype(np.float32) if form == "fltp" else np.round(data * 32_767).astype(np.int16)
    for start in range(0, data.shape[1], size):
        block = av.AudioFrame.from_ndarray(
            np.ascontiguousarray(data[:, start : start + size]), form, "mono"
        )
        block.sample_rate, block.pts, block.time_base = RATE, start, Fraction(1, RATE)
        yield block


def write(path: Path, sound: Sound) -> None:
    """Write a sound, by its ending: Opus, or a WAV that loops to the sample."""
    path.parent.mkdir(parents=True, exist_ok=True)
    codec, form = {".opus": ("libopus", "s16"), ".wav": ("pcm_s16le", "s16")}[path.suffix]
    with av.open(str(path), "w", options={"fflags": "+bitexact"}) as file:
        track = file.add_stream(codec, rate=RATE, layout="mono")
        if path.suffix == ".opus":
            track.codec_context.bit_rate = 32_000
        for block in _blocks(sound, form, 960):
            file.mux(track.encode(block))
        file.mux(track.encode(None))


def main() -> None:
    """Write everything."""
    drawn = {
        "commercial": commercial, "dialogue": dialogue, "documentary": documentary,
        "series": series, "dance": dance,
    }  # fmt: skip
    for name, draw in drawn.items():
        draw(FILMS / name / "assets")
    warm = ((0.0, 3.2, (50, 57, 62, 66)), (2.8, 3.2, (47, 54, 62, 66)), (5.6, 3.4, (43, 50, 59, 67)))  # fmt: skip
    write(FILMS / "commercial/assets/morning.opus", chords(*warm, (8.6, 3.4, (50, 57, 66, 69))))
    write(FILMS / "commercial/assets/sting.opus", chords((0.0, 1.6, (62, 66, 69)), (0.4, 2.1, (69, 74, 78))))  # fmt: skip
    write(FILMS / "dialogue/assets/rails.opus", rails(8.0))
    write(FILMS / "music-video/assets/bar.wav", pulse(1.875, 128, bright=True))  # a bar of 4/4
    for number, seconds in enumerate((5.5, 7.0, 6.0, 5.0), 1):
        write(FILMS / f"documentary/assets/narration-{number}.opus", murmur(seconds, number))
    write(FILMS / "documentary/assets/harbour.opus", chords((0.0, 5.0, (45, 52, 60)), (4.4, 5.6, (41, 48, 57))))  # fmt: skip
    write(FILMS / "series/assets/theme.opus", chords((0.0, 2.0, (57, 60, 64)), (1.5, 2.0, (56, 59, 64)), (3.0, 3.0, (57, 64, 69))))  # fmt: skip
    write(FILMS / "dance/assets/salt.opus", pulse(9.6, 100) * 0.6 + chords((0.0, 9.6, (45, 52, 57, 64))))  # fmt: skip


if __name__ == "__main__":
    main()
