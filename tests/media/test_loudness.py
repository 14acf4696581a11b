"""Loudness: EBU R 128, as ffmpeg measures it, whatever the windows."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from cutting import RATE, Heard, cut_of, piece, shot, sound_event, stitched, tone, write_wav
from odd_clips import ffmpeg_says
from PIL import Image

from storyboard.media.loudness import Measurement, gain_to, loudness_of, measure
from storyboard.model import Loudness as Target
from storyboard.stretches import meter_windows


def film(sound: np.ndarray, folder: Path, seconds: int) -> Heard:
    """A cut with this sound alone."""
    still = shot(piece("still", still=True, lasts=seconds))
    edit = cut_of([still], sounds=(sound_event("s", lasts=seconds),))
    return Heard(edit, {"s": write_wav(folder / "s.wav", sound)}, folder)


def loudness(heard: Heard) -> Measurement:
    return loudness_of(measure(window, heard.decoded) for window in meter_windows(heard.track))


@pytest.fixture(scope="module")
def uneven(tmp_path_factory: pytest.TempPathFactory) -> Heard:
    """A minute and more: loud noise, soft music, silence, a shout."""
    dice = np.random.default_rng(7)
    parts = [
        dice.normal(0, 0.08, (20 * RATE, 2)),
        tone(25, 330, level=0.02),
        np.zeros((6 * RATE, 2)),
        tone(14, 997, level=0.4),
    ]
    return film(np.concatenate(parts), tmp_path_factory.mktemp("film"), 65)


def test_it_is_what_ffmpeg_measures(uneven: Heard, tmp_path: Path) -> None:
    write_wav(tmp_path / "film.wav", uneven())
    said = ffmpeg_says("-i", tmp_path / "film.wav", "-af", "ebur128=peak=true", "-f", "null", "-")
    summary = said[said.rindex("Summary") :]
    integrated, lra, peak = (
        float(re.search(rf"{name}: +(-?[\d.]+)", summary)[1]) for name in ("I", "LRA", "Peak")
    )
    ours = loudness(uneven)
    assert ours.integrated == pytest.approx(integrated, abs=0.11)
    assert ours.range == pytest.approx(lra, abs=0.3)
    assert ours.peak == pytest.approx(peak, abs=0.11)


def test_a_sine_of_the_standard(tmp_path: Path) -> None:
    # EBU Tech 3341, test 1: 1 kHz on both channels at -23 dBFS measures -23 LUFS.
    ours = loudness(film(tone(5, 1000, level=10 ** (-23 / 20)), tmp_path, 5))
    assert ours.integrated == pytest.approx(-23, abs=0.1)
    assert ours.range == 0
    assert ours.peak == pytest.approx(-23, abs=0.2)


def test_silence_has_no_loudness_and_gets_no_gain(tmp_path: Path) -> None:
    ours = loudness(film(np.zeros((RATE, 2), np.float32), tmp_path, 2))
    assert ours == Measurement(None, 0.0, None)
    assert gain_to(Fraction(-14), ours) == 0


def test_a_window_depends_on_its_own_sound_alone(uneven: Heard) -> None:
    first, *_ = meter_windows(uneven.track)
    assert first.samples == (304 + 32) * RATE // 10
    assert {voice.ends for voice in first.voices} == {first.samples}


@pytest.mark.parametrize(
    ("integrated", "gain"), [(-23.04, "9"), (-14.0, "0"), (-9.7, "-4.3"), (-60.0, "24")]
)
def test_gain_is_in_whole_tenths_and_has_an_end(integrated: float, gain: str) -> None:
    assert gain_to(Fraction(-14), Measurement(integrated, 3.0, -1.0)) == Fraction(gain)


def test_a_film_is_as_loud_as_it_is_to_be(tmp_path: Path) -> None:
    still = shot(piece("still", still=True, lasts=5))
    edit = cut_of(
        [still], sounds=(sound_event("s", lasts=5),), loudness=Target(Fraction(-20), Fraction(-3))
    )
    picture = tmp_path / "still.png"
    Image.new("RGB", (160, 96)).save(picture)
    sound = write_wav(tmp_path / "s.wav", tone(5, 440, level=0.03))
    film = stitched(edit, {"s": sound, "still": picture}, tmp_path / "film.mp4")
    said = ffmpeg_says("-i", film.path, "-af", "ebur128", "-f", "null", "-")
    assert float(re.findall(r"I: +(-?[\d.]+) LUFS", said)[-1]) == pytest.approx(-20, abs=0.2)
