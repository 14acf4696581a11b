"""What bears on a stretch of a film's sound is found without a look at all of the film."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import pytest
from cutting import cut_of, piece, shot, sound_event
from hypothesis import given
from hypothesis import strategies as st

from storyboard.intervals import Intervals
from storyboard.stretches import chunks_of, meter_windows
from storyboard.track import HOP, SOUND_RATE, Track, Voice
from storyboard.voicing import track_of


@dataclass(frozen=True, slots=True)
class Watched(Voice):
    """A voice that tells when it is looked at."""

    def within(self, first: int, last: int) -> Voice | None:
        looks.append((self.clip, first))
        return Voice.within(self, first, last)


looks: list[tuple[str, int]] = []


def film(shots: int) -> Track:
    """A shot every two seconds, each with a sound of its own, above a score that gives way to them."""
    length = 2 * SOUND_RATE
    voices = [
        Watched(f"shot {number}", number * length, (number + 1) * length, 0, leads=True)
        for number in range(shots)
    ]
    score = Watched("score", 0, shots * length, 0, duck_db=Fraction(-12))
    spoken = tuple((n * length, n * length + SOUND_RATE) for n in range(shots))
    return Track(shots * length, (*voices, score), (), spoken)


@pytest.mark.parametrize("shots", [60, 600])
def test_a_stretch_looks_at_no_more_voices_in_a_longer_film(shots: int) -> None:
    track = film(shots)
    looks.clear()
    stretches = [chunk.heard(track) for chunk in chunks_of(track.samples)]

    assert len(looks) / len(stretches) < 20
    assert max(len(each.voices) for each in stretches) < 8
    assert max(len(each.spoken) for each in stretches) < 8


def test_a_film_is_laid_out_by_each_voice_once_a_window() -> None:
    looks.clear()
    windows = list(meter_windows(film(600)))

    assert len(windows) == 40
    assert len(looks) < 600 * 4


bounds = st.tuples(st.integers(-40, 400), st.integers(0, 90)).map(lambda at: (at[0], sum(at)))


@given(st.lists(bounds), bounds, st.integers(1, 50))
def test_whatever_shares_a_position_is_found_in_order(
    stretches: list[tuple[int, int]], wanted: tuple[int, int], width: int
) -> None:
    found = Intervals(stretches, width).near(*wanted)

    assert found == sorted(set(found))
    begins, ends = wanted
    sharing = [n for n, (a, b) in enumerate(stretches) if max(a, begins) < min(b, ends)]
    assert set(sharing) <= set(found)


def test_what_is_spoken_far_away_does_not_bear_on_a_stretch() -> None:
    score = sound_event("score", lasts=60, duck_db=Fraction(-6))
    edit = cut_of(
        [shot(piece("low", still=True, lasts=60))],
        sounds=(score,),
        spoken=((Fraction(2), Fraction(3)), (Fraction(40), Fraction(41))),
    )

    heard = track_of(edit).around(0, 100 * HOP)
    assert heard.spoken == (), "2 s are 187 hops, and 22 hops ahead are looked at"
    assert track_of(edit).around(100 * HOP, 200 * HOP).spoken == ((44_800, 62_464),)
