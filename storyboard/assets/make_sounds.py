"""What is heard in the film beside its music. Writes sea, wind, steps, clockwork and gulls as Opus.

    python storyboard/assets/make_sounds.py

Needs numpy and PyAV. They peak at -6 dBFS and begin and end in silence; how
loud each is in a shot is for the storyboard to say.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from make_score import RATE, Sound, band, placed, put, write

_dice = np.random.default_rng(23)


def hiss(lasts: float, low: float, high: float) -> np.ndarray:
    """Noise between two frequencies, of RMS 1."""
    return band(_dice.normal(0, 1, int(lasts * RATE)), low, high)


def breathing(lasts: float, every: float, least: float, phase: float) -> np.ndarray:
    """From `least` to 1 and back, once in `every` seconds: a wave runs up faster than it runs out."""
    turn = 2 * np.pi * np.arange(int(lasts * RATE)) / RATE / every + phase
    return least + (1 - least) * (0.5 + 0.5 * np.sin(turn + 0.5 * np.sin(turn))) ** 2


def sea() -> Sound:
    """Waves on rock: a low roar, and foam that comes with each of them."""
    lasts = 8.0
    sides = [
        hiss(lasts, 60, 500) * breathing(lasts, 4.1, 0.45, phase)
        + 0.35 * hiss(lasts, 900, 5200) * breathing(lasts, 4.1, 0.05, phase - 0.5)
        for phase in (0.0, 0.7)
    ]
    return np.stack(sides, axis=1)


def wind() -> Sound:
    """Gusts, and a whistle in the rail."""
    lasts = 7.0
    gusts = breathing(lasts, 3.3, 0.3, -1.0)
    whistle = 0.3 * hiss(lasts, 780, 860) * gusts**2
    return np.stack([(hiss(lasts, 180, 700) + whistle) * gusts for _ in range(2)], axis=1)


def steps() -> Sound:
    """Boots on stone stairs, and a lantern's handle that creaks now and then."""
    lasts = 4.5
    track = np.zeros((int(lasts * RATE), 2))
    for number, at in enumerate(np.arange(0.25, 4.2, 0.62)):
        time = np.arange(int(0.28 * RATE)) / RATE
        boot = hiss(0.28, 70, 900) * np.exp(-time / 0.035) * (1 - np.exp(-time / 0.003))
        echo = hiss(0.28, 200, 1500) * np.exp(-time / 0.09) * 0.16
        put(track, at + _dice.uniform(-0.02, 0.02), placed(boot + echo, 0.25 * (-1) ** number))
    for at in (1.15, 2.98):
        time = np.arange(int(0.3 * RATE)) / RATE
        squeak = (
            np.sin(2 * np.pi * (1180 * time + 160 * time**2 * 4)) * np.sin(np.pi * time / 0.3) ** 2
        )
        put(track, at, placed(squeak * 0.09, 0.3))
    return track


def clockwork() -> Sound:
    """The weights that turn the lens: a tick each half second, gears, a turning hum."""
    lasts = 6.0
    time = np.arange(int(lasts * RATE)) / RATE
    hum = np.sin(2 * np.pi * 55 * time) + 0.4 * np.sin(2 * np.pi * 110.3 * time + 1)
    track = placed(0.12 * hum * (1 + 0.3 * np.sin(2 * np.pi * 0.5 * time)), 0)
    for number, at in enumerate(np.arange(0.2, 5.8, 0.5)):
        blow = np.arange(int(0.2 * RATE)) / RATE
        ring = sum(
            np.sin(2 * np.pi * pitch * blow) * np.exp(-blow / fall)
            for pitch, fall in ((2350 - 350 * (number % 2), 0.012), (905, 0.03), (3720, 0.006))
        )
        put(track, at, placed(0.28 * np.asarray(ring), 0.2))
        put(track, at + 0.09, placed(0.10 * np.asarray(ring), -0.2))
    return track


def gulls() -> Sound:
    """Three of them, far off."""
    track = np.zeros((int(5.0 * RATE), 2))
    for at, height, pan in (
        (0.2, 1.0, -0.5),
        (0.75, 0.96, -0.4),
        (2.1, 1.12, 0.5),
        (3.6, 0.93, 0.1),
    ):
        time = np.arange(int(0.5 * RATE)) / RATE
        glide = height * (1050 + 420 * np.sin(np.pi * np.clip(time / 0.42, 0, 1)) - 300 * time)
        turn = 2 * np.pi * np.cumsum(glide) / RATE
        cry = sum(np.sin(n * turn) / n**1.3 for n in (1, 2, 3, 4))
        put(track, at, placed(cry * np.sin(np.pi * time / 0.5) ** 1.5 * 0.3, pan))
    return track


SOUNDS = {"sea": sea, "wind": wind, "steps": steps, "clockwork": clockwork, "gulls": gulls}

if __name__ == "__main__":
    for name, make in SOUNDS.items():
        sound = make()
        edge = np.clip(
            np.minimum(np.arange(len(sound)), np.arange(len(sound))[::-1]) / RATE / 0.15, 0, 1
        )
        sound = sound * edge[:, None]
        level = 10 ** (-6 / 20) / np.abs(sound).max()
        write(sound * level, Path(__file__).with_name(f"{name}.opus"), bit_rate=64_000)
