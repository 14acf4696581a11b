"""The sound of a cut: what is heard when, and how loud."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from cutting import (
    RATE,
    Heard,
    cut_of,
    join,
    largest_step,
    make_clip,
    onsets,
    piece,
    rms,
    shot,
    sound_event,
    stitched,
    tone,
    with_beep,
    write_wav,
)

from storyboard.media.limiter import limited, true_peaks
from storyboard.stretches import MASTER_REACH
from storyboard.timeline import Edit

CEILING = 10 ** (-1 / 20)


def heard(edit: Edit, inputs: dict[str, Path]) -> np.ndarray:
    return Heard(edit, inputs, inputs["low"].parent)()


def seconds(sound: np.ndarray, start: float, end: float) -> np.ndarray:
    return sound[round(start * RATE) : round(end * RATE)]


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("clips")
    noise = np.random.default_rng(3).normal(0, 0.1, (RATE * 11 // 10, 2)).astype(np.float32)
    sounds = {
        "low": tone(1.05, 200),
        "high": tone(1.05, 300, phase=1.5),
        "noise": noise,
        "beep": with_beep(1.05, 0.5),
        "silent": None,
    }
    clips = {name: make_clip(folder / f"{name}.mp4", sound=sound) for name, sound in sounds.items()}
    return clips | {
        "score": write_wav(folder / "score.wav", tone(10, 110)),
        "short": write_wav(folder / "short.wav", tone(0.5, 110)),
        "ticks": write_wav(folder / "ticks.wav", with_beep(0.5, 0.1)),
    }


class TestClips:
    @pytest.mark.parametrize("fps", [Fraction(24), Fraction(24000, 1001), Fraction(30000, 1001)])
    def test_the_sound_is_as_long_as_the_picture_to_the_sample(self, fps, inputs):
        edit = cut_of([shot(role) for role in ("low", "silent", "beep")], fps=fps)

        assert len(heard(edit, inputs)) == round(edit.frames / fps * RATE)

    def test_a_beep_is_heard_where_its_clip_has_it(self, inputs):
        takes = [shot("beep"), shot("beep", trim=("0.25", "1")), shot("silent"), shot("beep")]

        assert onsets(heard(cut_of(takes), inputs)) == pytest.approx([0.5, 1.25, 3.25], abs=0.001)

    def test_beeps_do_not_drift_over_many_shots(self, inputs):
        edit = cut_of([shot(piece("beep", lasts="0.93"))] * 20, fps=Fraction(24000, 1001))

        expected = [float(event.record_in / edit.fps) + 0.5 for event in edit.events]
        assert onsets(heard(edit, inputs)) == pytest.approx(expected, abs=0.001)

    def test_a_clip_without_sound_is_silent(self, inputs):
        sound = heard(cut_of([shot("low"), shot("silent"), shot("low")]), inputs)

        assert np.abs(seconds(sound, 1.01, 2)).max() == 0
        assert rms(seconds(sound, 0.1, 0.9)) == pytest.approx(rms(tone(1)), rel=0.05)

    def test_a_still_is_silent(self, inputs):
        sound = heard(cut_of([shot(piece("low", still=True)), shot("low")]), inputs)

        assert np.abs(seconds(sound, 0, 1)).max() == 0

    def test_pieces_of_a_shot_follow_each_other(self, inputs):
        takes = [shot(piece("beep"), piece("beep", starts=1), trim=("0.25", "2"))]

        assert onsets(heard(cut_of(takes), inputs)) == pytest.approx([0.25, 1.25], abs=0.001)

    def test_a_retimed_clip_takes_its_sound_along(self, inputs):
        takes = [shot(piece("beep", lasts="0.5", speed=Fraction(2)))]

        assert onsets(heard(cut_of(takes), inputs)) == [pytest.approx(0.25, abs=0.025)]


class TestJoins:
    @pytest.mark.parametrize("split", [("low", "high"), ("low", "silent"), ("silent", "high")])
    def test_a_hard_cut_does_not_click(self, split, inputs):
        sound = heard(cut_of([shot(role, trim=("0.1", "0.8")) for role in split]), inputs)

        assert largest_step(sound) < 1.1 * largest_step(tone(1, 300))

    def test_a_join_within_a_shot_does_not_click(self, inputs):
        sound = heard(cut_of([shot(piece("low", lasts="0.83"), piece("low", "0.83"))]), inputs)

        assert largest_step(sound) < 1.1 * largest_step(tone(1, 200))

    def test_the_end_of_the_film_does_not_click(self, inputs):
        sound = heard(cut_of([shot("low", trim=("0", "0.83"))]), inputs)

        assert np.abs(sound[-1]).max() < 0.01

    def test_beyond_the_ramps_a_hard_cut_takes_nothing_away(self, inputs):
        sound = heard(cut_of([shot("low"), shot("high")]), inputs)

        # Only 5 ms on either side are turned down.
        assert rms(seconds(sound, 0.9, 0.995)) == pytest.approx(rms(tone(1)), rel=0.05)
        assert rms(seconds(sound, 1.01, 1.1)) == pytest.approx(rms(tone(1)), rel=0.05)

    def test_a_crossfade_is_as_loud_as_what_it_joins(self, inputs):
        takes = [shot("noise", trim=("0", "1")), shot("noise", transition=join("crossfade", "0.5"))]
        sound = heard(cut_of(takes), inputs)

        loudness = [rms(seconds(sound, at, at + 0.1)) for at in np.arange(0.1, 1.4, 0.1)]
        assert loudness == pytest.approx([0.1] * 13, rel=0.12)  # 1 dB

    def test_in_the_middle_of_a_crossfade_each_has_half_the_power(self, inputs):
        takes = [shot("low"), shot("silent", transition=join("crossfade", "0.5"))]
        sound = heard(cut_of(takes), inputs)

        middle = rms(seconds(sound, 0.74, 0.76)) / rms(seconds(tone(1, 200), 0.74, 0.76))
        assert middle == pytest.approx(0.5**0.5, rel=0.03)

    def test_sound_can_be_cut_in_the_middle_of_a_transition(self, inputs):
        crossfade = join("crossfade", "0.5", audio="cut")
        sound = heard(cut_of([shot("low"), shot("silent", transition=crossfade)]), inputs)

        assert rms(seconds(sound, 0.6, 0.74)) == pytest.approx(rms(tone(1)), rel=0.03)
        assert np.abs(seconds(sound, 0.756, 1.5)).max() < 0.001


class TestSoundFiles:
    def test_a_soundtrack_lies_under_the_film_and_ends_with_it(self, inputs):
        sound = heard(cut_of([shot("silent")] * 2, sounds=(sound_event("score"),)), inputs)

        assert len(sound) == 2 * RATE
        assert np.allclose(seconds(sound, 0, 1.99), seconds(tone(10, 110), 0, 1.99), atol=1e-3)

    def test_it_is_mixed_with_the_clips(self, inputs):
        edit = cut_of([shot("beep")], sounds=(sound_event("score"),))

        together = heard(edit, inputs)
        apart = heard(cut_of([shot("beep")]), inputs) + heard(
            cut_of([shot("silent")], sounds=edit.sounds), inputs
        )
        assert np.allclose(together, apart, atol=1e-5)

    def test_gain_is_in_decibels(self, inputs):
        quiet = sound_event("score", gain_db=Fraction(-6))
        sound = heard(cut_of([shot("silent")], sounds=(quiet,)), inputs)

        assert rms(seconds(sound, 0.1, 0.9)) == pytest.approx(0.501 * rms(tone(1)), rel=0.01)

    def test_it_starts_when_it_is_said_to_and_from_where(self, inputs):
        late = sound_event("ticks", "0.5")
        from_the_beep = sound_event("ticks", "1.5", source_in=Fraction(1, 20))
        sound = heard(cut_of([shot("silent")] * 2, sounds=(late, from_the_beep)), inputs)

        assert onsets(sound) == pytest.approx([0.6, 1.55], abs=0.001)

    def test_one_that_starts_before_the_film_is_under_way_when_it_begins(self, inputs):
        early = sound_event("ticks", "-0.05")
        sound = heard(cut_of([shot("silent")], sounds=(early,)), inputs)

        assert onsets(sound) == [pytest.approx(0.05, abs=0.001)]

    def test_it_can_end_earlier_and_does_so_without_a_click(self, inputs):
        part = sound_event("score", lasts="1/2")
        sound = heard(cut_of([shot("silent")], sounds=(part,)), inputs)

        assert rms(seconds(sound, 0.3, 0.49)) == pytest.approx(rms(tone(1)), rel=0.03)
        assert np.abs(seconds(sound, 0.5, 1)).max() == 0
        assert largest_step(sound) < 1.1 * largest_step(tone(1, 110))

    def test_a_loop_goes_on_to_the_end_of_the_film(self, inputs):
        loop = sound_event("ticks", lasts="1/2", loop=True)
        sound = heard(cut_of([shot("silent")] * 2, sounds=(loop,)), inputs)

        assert onsets(sound) == pytest.approx([0.1, 0.6, 1.1, 1.6], abs=0.001)

    def test_a_loop_of_a_part_repeats_the_part(self, inputs):
        loop = sound_event("ticks", loop=True, source_in=Fraction(1, 20), lasts="1/4")
        sound = heard(cut_of([shot("silent")], sounds=(loop,)), inputs)

        assert onsets(sound) == pytest.approx([0.05, 0.3, 0.55, 0.8], abs=0.001)

    def test_fades(self, inputs):
        faded = sound_event("score", fade_in=Fraction(1, 2), fade_out=Fraction(1, 2))
        sound = heard(cut_of([shot("silent")] * 2, sounds=(faded,)), inputs)

        full = rms(tone(1))
        assert rms(seconds(sound, 0, 0.02)) < 0.1 * full
        assert rms(seconds(sound, 0.24, 0.26)) == pytest.approx(full * 0.5**0.5, rel=0.05)
        assert rms(seconds(sound, 0.6, 1.4)) == pytest.approx(full, rel=0.02)
        assert rms(seconds(sound, 1.74, 1.76)) == pytest.approx(full * 0.5**0.5, rel=0.05)
        assert rms(seconds(sound, 1.98, 2)) < 0.1 * full

    def test_a_fade_out_is_at_the_end_of_a_file_that_ends_before_the_film(self, inputs):
        faded = sound_event("short", lasts="1/2", fade_out=Fraction(1, 4))
        sound = heard(cut_of([shot("silent")], sounds=(faded,)), inputs)

        assert rms(seconds(sound, 0.1, 0.24)) == pytest.approx(rms(tone(1)), rel=0.03)
        assert rms(seconds(sound, 0.48, 0.5)) < 0.03

    def test_the_film_fades_with_all_that_sounds(self, inputs):
        edit = cut_of(
            [shot("low")] * 2,
            sounds=(sound_event("score"),),
            fade_in=Fraction(1, 2),
            fade_out=Fraction(1, 2),
        )
        sound = heard(edit, inputs)

        assert rms(seconds(sound, 0, 0.02)) < 0.1 * rms(seconds(sound, 0.6, 0.9))
        assert rms(seconds(sound, 1.98, 2)) < 0.1 * rms(seconds(sound, 0.6, 0.9))


class TestLimiter:
    def limited(self, sound: np.ndarray, block: int = RATE) -> np.ndarray:
        around = np.pad(sound, ((MASTER_REACH, MASTER_REACH), (0, 0)))
        stretches = range(0, len(sound), block)
        blocks = [around[at : at + block + 2 * MASTER_REACH] for at in stretches]
        return np.concatenate([limited(each, -1) for each in blocks])

    def test_what_is_not_too_loud_is_left_as_it_is(self):
        sound = tone(2.3, level=0.88)

        assert np.array_equal(self.limited(sound), sound)

    def test_nothing_goes_beyond_the_ceiling(self):
        loud = tone(1.7, level=2.5) + with_beep(1.7, 0.9) * 3

        assert true_peaks(self.limited(loud)).max() <= CEILING

    def test_one_peak_is_turned_down_without_touching_the_rest(self):
        sound = tone(2, 100, level=0.5)
        sound[RATE : RATE + 100] *= 3

        after = self.limited(sound)
        assert true_peaks(after).max() <= CEILING
        far = np.abs(np.arange(len(sound)) - RATE) > 3000
        assert np.array_equal(after[far], sound[far])
        assert largest_step(after) <= largest_step(sound)

    def test_blocks_make_no_difference(self):
        sound = tone(1.5, level=1.4) * np.linspace(0, 1, 72000)[:, None].astype(np.float32)

        assert np.array_equal(self.limited(sound, 1000), self.limited(sound, 48000))

    def test_a_peak_between_two_samples_is_one(self):
        # At a quarter of the rate, sampled beside its peaks: 3 dB more than any sample.
        between = tone(0.5, RATE / 4, level=1.2, phase=np.pi / 4)

        assert np.abs(between).max() == pytest.approx(0.85, abs=0.01)
        assert true_peaks(between)[100:-100].max() == pytest.approx(1.2, abs=0.01)
        assert np.abs(self.limited(between)[5000:-5000]).max() < 0.64

    def test_a_film_of_loud_sounds_does_not_clip(self, inputs, tmp_path):
        sounds = (
            sound_event("score", gain_db=Fraction(9)),
            sound_event("score", gain_db=Fraction(9)),
        )
        film = stitched(cut_of([shot("low")], sounds=sounds), inputs, tmp_path / "film.mp4")

        assert 0.7 < np.abs(film.sound).max() < 0.99
