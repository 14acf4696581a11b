"""The sound of a cut in stretches: the same samples whichever are asked for, and no seam."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
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
    tone,
    with_beep,
    write_wav,
)

from storyboard.media.limiter import true_peaks
from storyboard.media.master import mastered
from storyboard.timeline import Edit
from storyboard.track import HOP, Master, Track
from storyboard.voicing import track_of

NTSC = Fraction(30000, 1001)


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("clips")
    noise = np.random.default_rng(3).normal(0, 0.1, (RATE * 11 // 10, 2)).astype(np.float32)
    wander = (tone(2.1, 157) + tone(2.1, 411, phase=1) * 0.7).astype(np.float32)
    return {
        "low": make_clip(folder / "low.mp4", sound=tone(1.05, 200)),
        "high": make_clip(folder / "high.mp4", sound=tone(1.05, 300, phase=1.5)),
        "noise": make_clip(folder / "noise.mp4", sound=noise),
        "short": write_wav(folder / "short.wav", tone(0.43, 200, phase=0.7)),
        "long": make_clip(folder / "long.mp4", 50, sound=wander),
        "silent": make_clip(folder / "silent.mp4"),
        "score": write_wav(folder / "score.wav", tone(10, 110)),
        "voice": write_wav(folder / "voice.wav", tone(0.4, 500, level=0.2)),
        "ticks": write_wav(folder / "ticks.wav", with_beep(0.5, 0.1)),
    }


def heard(edit: Edit, inputs: dict[str, Path]) -> Heard:
    return Heard(edit, inputs, inputs["low"].parent)


def seconds(sound: np.ndarray, start: float, end: float) -> np.ndarray:
    return sound[round(start * RATE) : round(end * RATE)]


@pytest.fixture(scope="module")
def busy(inputs: dict[str, Path]) -> Heard:
    """A cut with everything in it."""
    takes = [
        shot("low", trim=("0.13", "0.9")),
        shot("noise", transition=join("crossfade", "0.3")),
        shot(piece("high", lasts="0.6"), piece("low", starts="0.6", lasts="0.7")),
        shot(piece("low", lasts="0.5", speed=Fraction(2))),
        shot("silent"),
        shot("noise", transition=join("wipe", "0.2", audio="cut")),
    ]
    sounds = (
        sound_event("voice", "1.1", lasts="2/5", leads=True),
        sound_event("score", lasts=10, duck_db=Fraction(-12), fade_out=Fraction(1)),
        sound_event("ticks", "-0.3", lasts="1/2", loop=True, gain_db=Fraction(3)),
    )
    edit = cut_of(
        takes, fps=NTSC, sounds=sounds, spoken=((Fraction(3), Fraction(7, 2)),), fade_in=Fraction(1)
    )
    return heard(edit, inputs)


class TestStretches:
    def test_any_stretch_is_that_of_the_whole(self, busy):
        whole = busy()
        edges = [0, 1, 511, 12345, 48000, 48001, 100_003, 150_000, len(whole)]
        parts = [busy(start, stop) for start, stop in pairwise(edges)]

        assert np.array_equal(np.concatenate(parts), whole)

    def test_what_bears_on_a_stretch_is_enough_for_it(self, busy):
        whole = busy()
        for first in range(0, len(whole), 40 * HOP):
            last = min(first + 17_000, len(whole))
            alone = busy.of(busy.track.around(first, last), 0, last - first)
            assert np.array_equal(alone, whole[first:last])

    def test_loud_sound_is_limited_alike_in_all_stretches(self, busy):
        loud = Master(gain_db=Fraction(12))

        def stretch(start: int, stop: int) -> np.ndarray:
            return mastered(busy.track, busy.decoded, start, stop, loud)

        whole = stretch(0, busy.track.samples)
        edges = [0, 30_001, 77_777, 160_000, busy.track.samples]
        parts = [stretch(*pair) for pair in pairwise(edges)]
        assert np.array_equal(np.concatenate(parts), whole)
        assert 0.8 < true_peaks(whole).max() <= 10 ** (-1 / 20)

    def test_before_and_behind_the_film_it_is_silent(self, busy):
        assert not busy(-5000, 0).any()
        assert not busy(busy.track.samples, busy.track.samples + 5000).any()


class TestWhatAStretchNeeds:
    """A stretch's part of the track is in its key: it holds nothing that is heard elsewhere."""

    def of(self, edit: Edit, first: int, last: int) -> Track:
        return track_of(edit).around(first, last)

    def test_only_the_sounds_that_are_heard_in_it(self, inputs):
        edit = cut_of([shot("low"), shot("high"), shot("noise")])

        assert [role for role, _ in self.of(edit, 0, 40_960).sounds] == ["low"]
        assert [role for role, _ in self.of(edit, 81_920, 92_160).sounds] == ["high"]

    def test_a_shot_behind_it_changes_nothing(self, inputs):
        score = (sound_event("score", lasts=10),)
        before = cut_of([shot("low"), shot("high"), shot("noise")], sounds=score)
        after = cut_of([shot("low"), shot("high"), shot("low"), shot("noise")], sounds=score)

        assert self.of(before, 0, 92_160) == self.of(after, 0, 92_160)

    def test_the_same_sound_later_is_the_same_stretch(self):
        silent = cut_of([shot(piece("low", still=True, lasts=3))] * 3)

        assert self.of(silent, 0, 92_160) == self.of(silent, 102_400, 194_560)

    def test_what_a_soundtrack_gives_way_to_counts_from_afar(self):
        ducked = sound_event("score", lasts=10, duck_db=Fraction(-6))
        voice = sound_event("voice", "1.2", lasts="1", leads=True)
        near = cut_of([shot(piece("low", still=True, lasts=5))], sounds=(ducked, voice))

        assert [role for role, _ in self.of(near, 0, 51_200).sounds] == ["score", "voice"]
        assert [role for role, _ in self.of(near, 0, 40_960).sounds] == ["score"]


class TestContinuity:
    @pytest.mark.parametrize("at", ["0.5", "0.73"])
    def test_footage_that_goes_on_across_a_cut_is_left_as_it_is(self, at, inputs):
        whole = heard(cut_of([shot(piece("long", lasts=2))]), inputs)()
        halves = [
            shot(piece("long", lasts=2), trim=("0", at)),
            shot(piece("long", lasts=2), trim=(at, "2")),
        ]
        edit = cut_of(halves, fps=Fraction(100))

        assert np.array_equal(heard(edit, inputs)(), whole)

    def test_chained_clips_hand_over_without_a_click_or_a_hole(self, inputs):
        sound = heard(cut_of([shot("low"), shot("low"), shot("high"), shot("low")]), inputs)()

        sources = [heard(cut_of([shot(role)]), inputs)() for role in ("low", "high")]
        assert largest_step(sound) < 1.05 * max(map(largest_step, sources))
        windows = [rms(sound[at : at + 480]) for at in range(480, 4 * RATE - 960, 240)]
        assert min(windows) > 0.3 * rms(tone(1))

    def test_sound_that_ends_before_its_picture_ends_without_a_click(self, inputs):
        sound = heard(cut_of([shot("short"), shot("high")]), inputs)()

        high = heard(cut_of([shot("high")]), inputs)()
        assert largest_step(sound) < 1.05 * largest_step(high)
        assert np.abs(seconds(sound, 0.44, 0.99)).max() == 0

    def test_a_click_on_the_first_sample_of_the_film_stays_there(self, tmp_path):
        sound = np.zeros((RATE, 2), np.float32)
        sound[:3] = 0.9
        click = {"low": make_clip(tmp_path / "low.mp4"), "s": write_wav(tmp_path / "s.wav", sound)}

        assert (
            np.argmax(heard(cut_of([shot("low")], sounds=(sound_event("s"),)), click)() > 0.5) == 0
        )


class TestSoundOfAnotherShot:
    def test_an_l_cut_goes_on_without_a_seam(self, inputs):
        whole = heard(cut_of([shot(piece("long", lasts=2))]), inputs)()
        takes = [shot(piece("long", lasts=2), trim=("0", "1")), shot(piece("low", still=True))]
        tail = sound_event("long", 1, lasts="0.8", source_in=Fraction(1), leads=True)
        sound = heard(cut_of(takes, sounds=(tail,)), inputs)()

        assert np.array_equal(seconds(sound, 0, 1.79), seconds(whole, 0, 1.79))
        assert np.abs(seconds(sound, 1.801, 2)).max() == 0

    def test_a_j_cut_begins_before_its_picture(self, inputs):
        takes = [shot(piece("low", still=True)), shot(piece("long", lasts=2), trim=("0.5", "2"))]
        ahead = sound_event("long", "0.5", lasts="1/2", leads=True)
        sound = heard(cut_of(takes, sounds=(ahead,)), inputs)()

        whole = heard(cut_of([shot(piece("long", lasts=2))]), inputs)()
        assert np.array_equal(seconds(sound, 0.5, 2.4), seconds(whole, 0, 1.9))

    def test_over_another_picture_it_is_mixed_with_what_is_there(self, inputs):
        takes = [shot("low"), shot("silent")]
        both = heard(cut_of(takes, sounds=(sound_event("high", 1, lasts=1),)), inputs)()

        assert rms(seconds(both, 1.1, 1.9)) == pytest.approx(rms(tone(1)), rel=0.02)


class TestDucking:
    def levels(self, inputs, *, duck: int = -12, **more) -> list[float]:
        """How loud the soundtrack is at a few times, in dB of what it is alone."""
        still = shot(piece("low", still=True, lasts=5))
        score = sound_event("score", lasts=10, duck_db=Fraction(duck))
        voice = sound_event("voice", 2, lasts="2/5", leads=True)
        of = {"sounds": (score, voice)} if not more else {"sounds": (score,), **more}
        sound = heard(cut_of([still], **of), inputs)()
        others = heard(cut_of([still], sounds=(voice,)), inputs)() if not more else 0
        score_alone = tone(5, 110)
        return [
            20
            * np.log10(
                rms(seconds(sound - others, at, at + 0.1)) / rms(seconds(score_alone, at, at + 0.1))
            )
            for at in (0.5, 1.7, 2.0, 2.3, 2.6, 3.0, 3.4, 4.5)
        ]

    def test_a_soundtrack_goes_down_before_a_shots_sound_and_comes_up_behind_it(self, inputs):
        far, before, at, during, behind, rising, back, later = self.levels(inputs)

        assert (far, before) == (pytest.approx(0, abs=0.1), pytest.approx(0, abs=0.1))
        assert (at, during, behind) == tuple(pytest.approx(-12, abs=0.2) for _ in range(3))
        assert -11 < rising < -1
        assert (back, later) == (pytest.approx(0, abs=0.1), pytest.approx(0, abs=0.1))

    def test_it_gives_way_to_dialogue(self, inputs):
        levels = self.levels(inputs, spoken=((Fraction(2), Fraction(12, 5)),))

        assert levels == pytest.approx(self.levels(inputs), abs=0.3)

    def test_it_gives_way_to_the_clips_own_sound_but_not_to_a_silent_clip(self, inputs):
        score = sound_event("score", lasts=10, duck_db=Fraction(-20))
        takes = [shot("silent"), shot("silent"), shot("noise"), shot("silent"), shot("silent")]
        sound = heard(cut_of(takes, sounds=(score,)), inputs)()
        alone = heard(cut_of(takes), inputs)()

        score_heard = sound - alone
        assert rms(seconds(score_heard, 0.2, 1.7)) == pytest.approx(rms(tone(1)), rel=0.01)
        assert rms(seconds(score_heard, 2, 3)) == pytest.approx(0.1 * rms(tone(1)), rel=0.02)
        assert rms(seconds(score_heard, 4, 4.9)) == pytest.approx(rms(tone(1)), rel=0.01)

    def test_it_moves_without_a_click(self, inputs):
        still = shot(piece("low", still=True, lasts=5))
        score = sound_event("score", lasts=10, duck_db=Fraction(-40))
        sound = heard(
            cut_of([still], sounds=(score,), spoken=((Fraction(2), Fraction(3)),)), inputs
        )()

        assert largest_step(sound) < 1.05 * largest_step(tone(1, 110))


def test_retimed_sound_too_is_the_same_in_every_stretch(inputs):
    sound = heard(cut_of([shot(piece("long", lasts=1, speed=Fraction(2)))]), inputs)

    assert np.array_equal(np.concatenate([sound(0, 9_999), sound(9_999, RATE)]), sound())
    assert onsets(sound(), loud=0.2)[0] < 0.01
