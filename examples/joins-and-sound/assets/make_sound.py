"""A train's wheels on the rails, with a far whistle. Writes wheels.opus.

python examples/joins-and-sound/assets/make_sound.py
"""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np

RATE = 48_000
time = np.arange(6 * RATE) / RATE
dice = np.random.default_rng(3)

rumble = np.cumsum(dice.normal(0, 1, len(time)))
rumble = np.convolve(
    rumble - np.convolve(rumble, np.ones(900) / 900, "same"), np.ones(60) / 60, "same"
)
train = 0.09 * rumble / rumble.std()
for at in np.arange(0.2, 5.8, 0.7):
    for second in (at, at + 0.16):  # two axles of a bogie pass the joint
        after = np.clip(time - second, 0, None)
        knock = np.sin(2 * np.pi * (95 * after + 4 * (1 - np.exp(-after / 0.02)))) * np.exp(
            -after / 0.06
        )
        train += 0.35 * knock * (1 - np.exp(-after / 0.003))
swell = np.clip((time - 3.2) / 0.25, 0, 1) * np.clip((4.4 - time) / 0.5, 0, 1)
for note in (311.1, 370.0, 466.2):
    train += 0.045 * swell * np.sin(2 * np.pi * note * time + 0.6 * np.sin(2 * np.pi * 5 * time))
train *= 0.7 / np.abs(train).max()

with av.open(
    str(Path(__file__).with_name("wheels.opus")), "w", format="ogg", options={"fflags": "+bitexact"}
) as file:
    stream = file.add_stream("libopus", rate=RATE, layout="mono", bit_rate=48_000)
    for start in range(0, len(train), 960):
        frame = av.AudioFrame.from_ndarray(
            train[None, start : start + 960].astype(np.float32), "flt", "mono"
        )
        frame.sample_rate, frame.pts, frame.time_base = RATE, start, Fraction(1, RATE)
        file.mux(stream.encode(frame))
    file.mux(stream.encode(None))
