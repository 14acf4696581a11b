"""Sound beside picture over many joins, from clips of every kind: all of it seen and heard in the film."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from cutting import (
    RATE,
    cut_of,
    flat,
    join,
    largest_step,
    make_clip,
    onsets,
    piece,
    shot,
    stitched,
    tone,
    with_beep,
    write_wav,
)
from odd_clips import ffmpeg

from storyboard.media.sound import sound_of

FLASH = 6
"""The frame of each clip that is white; a beep begins with it."""


def flashing(number: int) -> np.ndarray:
    return flat(235 if number == FLASH else 40)(number)


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("clip")
    return make_clip(folder / "flash.mp4", 13, sound=with_beep(0.54, FLASH / 24), draw=flashing)


@pytest.mark.parametrize("overlap", [None, "0.125"])
def test_after_fifty_joins_each_beep_is_with_its_flash(overlap, clip, tmp_path):
    fade = join("crossfade", overlap) if overlap else join()
    takes = [shot(piece("clip", lasts="0.5"), transition=fade) for _ in range(51)]
    edit = cut_of(takes)
    film = stitched(edit, {"clip": clip}, tmp_path / "film.mp4")

    bright = [picture.mean() > 150 for picture in film.pictures]
    flashes = [at / 24 for at, white in enumerate(bright) if white]
    beeps = onsets(film.sound, loud=0.3)
    assert len(flashes) == len(beeps) == 51
    offsets = np.array(beeps) - np.array(flashes)
    assert np.abs(offsets).max() < 0.003  # a fourteenth of a frame, at the end as at the beginning
    assert len(film.pictures) == edit.frames
    assert film.sound.shape[0] == pytest.approx(float(edit.duration) * RATE, abs=1024)


KINDS = {
    "mono 44.1 kHz": ("-ac", "1", "-ar", "44100"),
    "5.1": ("-ac", "6"),
    "8 kHz": ("-ar", "8000"),
    "none": None,
    "shorter than the picture": ("-t", "0.7"),
    "longer than the picture": (),
}


def test_sound_of_every_kind_conforms(tmp_path):
    beep = write_wav(tmp_path / "beep.wav", with_beep(2, 0.5, 1000))
    clips = {}
    for name, options in KINDS.items():
        picture = make_clip(tmp_path / f"{name} picture.mp4", draw=flat(40))
        clips[name] = picture
        if options is not None:
            clips[name] = tmp_path / f"{name}.mp4"
            heard = tmp_path / f"{name}.wav"
            ffmpeg("-i", beep, *options, heard)
            ffmpeg("-i", picture, "-i", heard, "-c:v", "copy", "-c:a", "aac", clips[name])
    film = stitched(cut_of([shot(name) for name in KINDS]), clips, tmp_path / "film.mp4")

    expected = [number + 0.5 for number, name in enumerate(KINDS) if name != "none"]
    assert onsets(film.sound, loud=0.1) == pytest.approx(expected, abs=0.003)
    assert film.sound.shape[1] == 2
    assert len(film.pictures) == 24 * len(KINDS)


def test_chained_clips_with_sound_meet_without_a_click_in_the_film(tmp_path):
    clips = {
        name: make_clip(
            tmp_path / f"{name}.mp4", draw=flat(40), sound=tone(1.05, frequency, phase=phase)
        )
        for name, frequency, phase in (("a", 200, 0.0), ("b", 200, 2.0), ("c", 290, 1.0))
    }
    film = stitched(cut_of([shot(name) for name in "abcba"]), clips, tmp_path / "film.mp4")

    sources = [np.concatenate(list(sound_of(path))) for path in clips.values()]
    assert largest_step(film.sound[2000:-2000]) < 1.1 * max(map(largest_step, sources))
    for seam in range(1, 5):  # no hole either
        there = film.sound[seam * RATE - 480 : seam * RATE + 960]
        assert np.sqrt(np.mean(there**2)) > 0.3 * 0.3 / np.sqrt(2)
