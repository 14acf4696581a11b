"""The film's music: felt piano, a warm pad, the sea, and a storm. Writes score.opus.

    python storyboard/assets/make_score.py

Needs numpy and PyAV. One theme (A, D, E, F) asks its question in D minor in
the evening, breaks off in the storm, and is answered in D major in the
morning. The times are those of the film's cuts, in seconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

RATE = 48_000
LASTS = 48.75
SAMPLES = int(LASTS * RATE)

# Where the film cuts.
STORM, LIGHTNING, WAVE, BEAM, MORNING, LAMP, END = 18.75, 25.25, 28.25, 31.75, 35.75, 40.75, 42.75

# (from, to, notes, loudness) of the pad.
CHORDS = [
    (0.0, 4.4, "D2 A2 F3 C4 E4", 0.8),
    (4.0, 8.2, "Bb1 F2 D3 A3 C4", 0.9),
    (7.9, 11.2, "F2 C3 A3 E4 G4", 0.9),
    (10.9, 15.7, "G2 D3 Bb3 F4 A4", 0.9),
    (15.4, 19.2, "A1 E2 D3 A3 E4", 1.0),
    (STORM, 22.9, "D1 D2 A2 F3 D4", 1.7),
    (22.6, LIGHTNING + 0.2, "Bb1 Bb2 F3 D4 A4", 1.5),
    (LIGHTNING, WAVE + 0.2, "Eb1 Bb1 G3 D4 Eb4", 1.6),
    (WAVE, BEAM + 0.1, "G1 D2 Bb3 D4 A4", 1.5),
    (BEAM, 34.2, "Bb1 F2 D3 C4 F4 D5", 1.5),
    (33.9, MORNING + 0.6, "C2 G2 E3 D4 G4 E5", 1.3),
    (MORNING, LAMP + 0.2, "D2 A2 F#3 D4 E4", 1.0),
    (LAMP - 0.2, 43.2, "G1 D2 B3 D4 F#4", 0.9),
    (END, 47.8, "D1 A1 D2 F#3 A3 E4", 1.1),
]

# (at, note, loudness) of the piano.
NOTES = [
    (1.0, "A4", 0.7), (1.75, "D5", 0.8), (2.5, "E5", 0.75), (3.25, "F5", 0.85),
    (4.5, "D3", 0.5), (5.25, "A4", 0.6), (6.0, "D5", 0.7), (6.75, "C5", 0.65),
    (8.0, "F3", 0.6), (8.0, "C5", 0.6), (8.75, "A4", 0.6), (9.5, "G4", 0.55), (10.25, "E4", 0.5),
    (11.0, "G3", 0.6), (11.75, "A4", 0.65), (12.5, "D5", 0.75), (13.25, "E5", 0.75), (14.0, "F5", 0.85),
    (14.75, "G5", 0.8),
    (15.5, "A3", 0.6), (15.5, "E5", 0.75), (16.5, "D5", 0.6), (17.5, "A4", 0.55), (18.5, "E4", 0.45),
    (22.75, "D3", 0.7), (23.5, "A4", 0.6), (24.25, "Bb4", 0.65), (WAVE, "G2", 0.8), (29.0, "A4", 0.6),
    (29.75, "D5", 0.65), (30.5, "E5", 0.7), (31.25, "F5", 0.8),
    (BEAM, "Bb2", 0.9), (BEAM, "D5", 0.9), (BEAM, "A5", 0.9), (32.75, "F5", 0.8), (33.5, "G5", 0.75),
    (34.25, "C3", 0.7), (34.25, "E5", 0.8), (35.0, "D5", 0.65),
    (36.0, "D3", 0.6), (36.75, "A4", 0.65), (37.5, "D5", 0.75), (38.25, "E5", 0.75), (39.0, "F#5", 0.9),
    (LAMP, "G3", 0.6), (LAMP, "B4", 0.6), (41.5, "D5", 0.65), (42.25, "E5", 0.6),
    (43.0, "D2", 0.7), (43.0, "A4", 0.7), (43.6, "D5", 0.75), (44.2, "E5", 0.75), (44.8, "F#5", 0.85),
    (45.6, "A5", 0.7), (46.6, "D6", 0.5),
]  # fmt: skip

Sound = np.ndarray  # samples by 2, float64
_dice = np.random.default_rng(7)


def pitch(note: str) -> float:
    """Hertz of a note like `Bb3`; A4 is 440."""
    semitone = {"C": -9, "D": -7, "E": -5, "F": -4, "G": -2, "A": 0, "B": 2}[note[0]]
    semitone += {"#": 1, "b": -1}.get(note[1:-1], 0)
    return 440.0 * 2 ** (semitone / 12 + int(note[-1]) - 4)


def curve(*points: tuple[float, float]) -> np.ndarray:
    """A line through (second, value) points, with rounded corners, over the whole film."""
    coarse = np.arange(0, LASTS + 0.02, 0.01)
    line = np.interp(coarse, [p[0] for p in points], [p[1] for p in points])
    window = np.hanning(41)
    padded = np.pad(line, 20, mode="edge")
    return np.interp(
        np.arange(SAMPLES) / RATE, coarse, np.convolve(padded, window / window.sum(), "valid")
    )


def put(track: Sound, at: float, sound: Sound) -> None:
    """Add a sound to the track from a time on; what lies past the end is lost."""
    start = int(at * RATE)
    share = track[start : start + len(sound)]
    share += sound[: len(share)]


def placed(mono: np.ndarray, pan: float) -> Sound:
    """A sound between left (-1) and right (1), equally loud wherever it stands."""
    angle = (pan + 1) * np.pi / 4
    return np.stack([mono * np.cos(angle), mono * np.sin(angle)], axis=1)


def piano(note: str, loudness: float) -> Sound:
    """A felted string: few partials, slightly sharp, each dying sooner than the one below."""
    base = pitch(note)
    time = np.arange(int(4.5 * RATE)) / RATE
    tone = np.zeros_like(time)
    for n in range(1, 10):
        frequency = base * n * np.sqrt(1 + 0.00035 * n * n)
        if frequency > 7000:
            break
        decay = 0.55 * (base / 220) ** 0.45 * (0.55 + 0.45 * n)
        beat = 1 + 0.12 * np.sin(2 * np.pi * (0.4 + 0.13 * n) * time + n)
        tone += (
            beat
            * np.exp(-decay * time)
            * np.sin(2 * np.pi * frequency * time)
            / n ** (2.3 - 0.5 * loudness)
        )
    felt = band(_dice.normal(0, 1, len(time)), 90, 900) * np.exp(-time / 0.02)
    struck = (tone + 0.25 * felt) * (1 - np.exp(-time / 0.006)) * np.clip((4.5 - time) / 0.6, 0, 1)
    return placed(struck * loudness * 0.15, np.clip(np.log2(base / 440) * 0.16, -0.35, 0.25))


def pad(note: str, lasts: float, loudness: float) -> Sound:
    """A section of soft strings on one note: four players, none quite in tune."""
    base = pitch(note)
    swell, fall = 1.1, 1.9
    time = np.arange(int((lasts + fall) * RATE)) / RATE
    section = np.zeros((len(time), 2))
    for player, pan in enumerate((-0.75, -0.2, 0.3, 0.8)):
        cents = _dice.normal(0, 4.5)
        phase = 2 * np.pi * base * 2 ** (cents / 1200) * time + 0.35 * np.sin(
            2 * np.pi * (4.3 + 0.4 * player) * time + player
        ) * np.clip(time / 3, 0, 0.6)
        bow = sum(
            np.sin(n * phase + _dice.uniform(0, 6.28)) / n**2.1
            for n in range(1, 8)
            if n * base < 5000
        )
        section += placed(np.asarray(bow), pan)
    rise = np.sin(np.clip(time / swell, 0, 1) * np.pi / 2) ** 2
    end = np.cos(np.clip((time - lasts) / fall, 0, 1) * np.pi / 2) ** 2
    low = (110 / max(base, 55)) ** 0.25
    return section * (rise * end * loudness * low * 0.018)[:, None]


def band(noise: np.ndarray, low: float, high: float, slope: float = 1.0) -> np.ndarray:
    """Noise between two frequencies, falling with `slope` above the lower one; RMS 1."""
    spectrum = np.fft.rfft(noise)
    frequency = np.fft.rfftfreq(len(noise), 1 / RATE) + 1e-9
    shape = (
        1
        / (1 + (low / frequency) ** 4)
        / (1 + (frequency / high) ** 4)
        * (low / frequency) ** (slope / 2)
    )
    shaped = np.fft.irfft(spectrum * shape, len(noise))
    return shaped / (np.sqrt(np.mean(shaped**2)) + 1e-12)


def weather(low: float, high: float, envelope: np.ndarray) -> Sound:
    """Wide noise in a band, as loud as the envelope says."""
    return (
        np.stack([band(_dice.normal(0, 1, SAMPLES), low, high) for _ in range(2)], axis=1)
        * envelope[:, None]
    )


def drum(loudness: float) -> Sound:
    """A big, soft drum, with thunder behind it."""
    time = np.arange(int(4 * RATE)) / RATE
    skin = np.sin(2 * np.pi * (40 * time + 3.2 * (1 - np.exp(-time / 0.07)))) * np.exp(-time / 0.75)
    thunder = np.stack([band(_dice.normal(0, 1, len(time)), 45, 260) for _ in range(2)], axis=1)
    roll = (
        (1 - np.exp(-time / 0.05))
        * np.exp(-time / 0.9)
        * (1 + 0.5 * np.sin(2 * np.pi * 3.1 * time))
    )
    stroke = placed(skin * (1 - np.exp(-time / 0.004)), 0) * 0.5 + 0.10 * thunder * roll[:, None]
    return stroke * (loudness * np.clip((4 - time) / 0.8, 0, 1))[:, None]


def shimmer(notes: Sequence[str], loudness: float) -> Sound:
    """High bells, one after the other: light on water."""
    track = np.zeros((int(5 * RATE), 2))
    for i, note in enumerate(notes):
        time = np.arange(int(3.4 * RATE)) / RATE
        bell = sum(
            np.sin(2 * np.pi * pitch(note) * part * time) * np.exp(-time * fall) * share
            for part, fall, share in ((1, 1.4, 1.0), (2.76, 3.4, 0.25), (5.4, 6.0, 0.08))
        )
        bell = bell * (1 - np.exp(-time / 0.004)) * np.clip((3.4 - time) / 0.5, 0, 1)
        put(track, 0.14 * i, placed(bell * loudness * 0.035, 0.7 * (-1) ** i))
    return track


def hall(dry: Sound) -> Sound:
    """The room: a second and a half of diffuse echo."""
    time = np.arange(int(2.6 * RATE)) / RATE
    length = 1 << int(np.ceil(np.log2(len(dry) + len(time))))
    wet = np.empty_like(dry)
    for channel in range(2):
        echo = (
            band(_dice.normal(0, 1, len(time)), 160, 3800, 0.4)
            * np.exp(-time / 0.52)
            * (1 - np.exp(-time / 0.02))
        )
        echo /= np.sqrt(np.sum(echo**2))
        spectrum = np.fft.rfft(dry[:, channel], length) * np.fft.rfft(echo, length)
        wet[:, channel] = np.fft.irfft(spectrum, length)[: len(dry)]
    return wet


def compose() -> Sound:
    """The whole score, peaking at -2 dBFS."""
    music = np.zeros((SAMPLES, 2))
    for begin, end, notes, loudness in CHORDS:
        for note in notes.split():
            put(music, begin, pad(note, end - begin, loudness))
    # In the storm the strings shiver.
    shiver = curve(
        (0, 0), (STORM, 0), (22.7, 0.35), (BEAM - 0.4, 0.6), (BEAM, 0.15), (MORNING, 0), (LASTS, 0)
    )
    music *= (
        1 - (shiver * (0.5 + 0.5 * np.sin(2 * np.pi * 7.3 * np.arange(SAMPLES) / RATE)))[:, None]
    )
    for at, note, loudness in NOTES:
        put(music, at, piano(note, loudness))
    for at, loudness in (
        (STORM, 0.35),
        (22.75, 0.45),
        (LIGHTNING, 1.0),
        (WAVE, 0.55),
        (30.5, 0.5),
        (BEAM, 0.85),
    ):
        put(music, at, drum(loudness))
    put(music, BEAM, shimmer(("D6", "F6", "A6", "C7", "D7"), 1.0))
    put(music, 38.9, shimmer(("A5", "D6", "F#6"), 0.6))
    put(music, 45.5, shimmer(("A6", "D7", "F#7"), 0.6))

    swell = 0.65 + 0.35 * np.sin(2 * np.pi * np.arange(SAMPLES) / RATE / 7.1 - 1.3)
    surf = curve((0, 0), (1.5, 0.008), (4, 0.014), (11, 0.006), (15, 0.010), (STORM, 0.034), (WAVE, 0.050),
                 (BEAM, 0.042), (MORNING, 0.014), (LAMP, 0.006), (END, 0.012), (47, 0.010), (LASTS, 0))  # fmt: skip
    rain = curve(
        (0, 0), (18, 0), (20, 0.004), (23, 0.010), (BEAM, 0.011), (35, 0.004), (37, 0), (LASTS, 0)
    )
    wind = curve((0, 0), (15, 0), (17, 0.006), (22, 0.013), (24, 0.007), (27, 0.018), (30, 0.012), (MORNING, 0.002),
                 (38, 0), (LASTS, 0))  # fmt: skip
    mix = (
        music
        + 0.5 * hall(music)
        + weather(70, 900, surf * swell)
        + weather(1800, 7000, rain)
        + weather(380, 620, wind)
    )
    mix *= curve((0, 0), (0.8, 1), (46.4, 1), (48.4, 0), (LASTS, 0))[:, None]
    mix = np.tanh(
        mix / np.abs(mix).max() * 1.25
    )  # leans on the loudest strokes, so that the rest is heard
    return mix / np.abs(mix).max() * 10 ** (-2 / 20)


def write(sound: Sound, path: Path, bit_rate: int = 112_000) -> None:
    """Encode it as Opus in Ogg, the same bytes each time."""
    with av.open(str(path), "w", format="ogg", options={"fflags": "+bitexact"}) as file:
        stream = file.add_stream("libopus", rate=RATE, layout="stereo", bit_rate=bit_rate)
        stream.codec_context.flags |= av.codec.context.Flags.bitexact
        for start in range(0, len(sound), 960):
            block = np.ascontiguousarray(
                sound[start : start + 960].reshape(1, -1).astype(np.float32)
            )
            frame = av.AudioFrame.from_ndarray(block, format="flt", layout="stereo")
            frame.sample_rate, frame.pts, frame.time_base = RATE, start, Fraction(1, RATE)
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))


if __name__ == "__main__":
    write(compose(), Path(__file__).with_name("score.opus"))
