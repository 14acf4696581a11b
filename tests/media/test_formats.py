"""Films in other formats than MP4, posters and contact sheets, read back."""

from __future__ import annotations

import io
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from cutting import (
    CANVAS,
    RATE,
    cut_of,
    make_clip,
    onsets,
    shot,
    sound_event,
    stitched,
    with_beep,
    write_wav,
)
from odd_clips import read_number
from PIL import Image

from storyboard.media.container import BadMedia
from storyboard.media.formats import write_as
from storyboard.media.sheet import contact_sheet, poster
from storyboard.overlays import Caption, Chapter
from storyboard.timeline import Edit


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The same cut in every kind: two seconds, numbered frames, a beep at 0.5 s."""
    folder = tmp_path_factory.mktemp("formats")
    inputs = {
        "a": make_clip(folder / "a.mp4"),
        "b": make_clip(folder / "b.mp4", first=30),
        "beep": write_wav(folder / "beep.wav", with_beep(1, 0.5)),
    }
    made = {"mp4": stitched(edit(), inputs, folder / "film.mp4").path}
    for kind in ("webm", "mov", "gif", "webp"):
        made[kind] = folder / f"film.{kind}"
        write_as(edit(), inputs, made[kind], lambda _: None)
    return made


def edit() -> Edit:
    return replace(
        cut_of([shot("a"), shot("b")], sounds=(sound_event("beep", lasts=Fraction(1)),)),
        captions=(Caption(0, 12, "Hm"),),
        chapters=(Chapter(0, "One"), Chapter(24, "Two")),
    )


@pytest.mark.parametrize(
    ("kind", "codecs"),
    [("webm", ("vp9", "opus")), ("mov", ("prores", "pcm_s24le"))],
)
class TestWhole:
    def test_it_has_every_frame(self, kind, codecs, films):
        with av.open(str(films[kind])) as file:
            assert (
                file.streams.video[0].codec_context.name,
                file.streams.audio[0].codec_context.name,
            ) == codecs
            numbers = [
                read_number(frame.to_ndarray(format="rgb24").astype(int))
                for frame in file.decode(video=0)
            ]
        assert numbers == [*range(24), *range(30, 54)]

    def test_it_sounds_when_it_should_and_as_long_as_the_picture(self, kind, codecs, films):
        with av.open(str(films[kind])) as file:
            frames = list(file.decode(audio=0))
        resampler = av.AudioResampler("flt", "stereo", RATE)
        packed = [each for frame in (*frames, None) for each in resampler.resample(frame)]
        sound = np.concatenate([each.to_ndarray().reshape(-1, 2) for each in packed])
        assert onsets(sound) == [pytest.approx(0.5, abs=0.002)]
        assert len(sound) == pytest.approx(2 * RATE, abs=960)

    def test_colours_are_tagged(self, kind, codecs, films):
        with av.open(str(films[kind])) as file:
            context = file.streams.video[0].codec_context
            assert (context.colorspace, context.color_range) == (1, 1)


def test_a_film_for_editors_has_captions_and_chapters(films: dict[str, Path]) -> None:
    with av.open(str(films["mov"])) as file:
        assert [part["metadata"]["title"] for part in file.chapters()] == ["One", "Two"]
        said = [bytes(packet)[2:] for packet in file.demux(file.streams.subtitles[0])]
    assert b"Hm" in said


@pytest.mark.parametrize(("kind", "rate"), [("gif", Fraction(25, 2)), ("webp", Fraction(15))])
def test_a_preview_plays_again_and_again_in_the_films_time(kind, rate, films) -> None:
    with Image.open(films[kind]) as preview:
        shown = []
        for frame in range(preview.n_frames):
            preview.seek(frame)
            preview.load()
            shown.append(preview.info["duration"])
        assert preview.info["loop"] == 0
        assert preview.size == (CANVAS.width, CANVAS.height)
        preview.seek(0)
        first = read_number(np.asarray(preview.convert("RGB")).astype(int))
    assert sum(shown) / 1000 == pytest.approx(2, abs=float(1 / rate))
    assert len(shown) > 20
    assert first == 0


def test_a_poster_is_the_frame_that_was_asked_for(films: dict[str, Path]) -> None:
    clips = {name: films["mp4"].with_name(f"{name}.mp4") for name in ("a", "b")}
    with Image.open(io.BytesIO(poster(edit(), clips, 30))) as picture:
        assert picture.format == "JPEG"
        assert read_number(np.asarray(picture).astype(int)) == 36


def test_a_contact_sheet_has_a_picture_of_every_shot(films: dict[str, Path]) -> None:
    drawn = contact_sheet(films["mp4"], edit(), "Numbers", {})
    with Image.open(io.BytesIO(drawn)) as sheet:
        page = np.asarray(sheet)
    assert page.shape[1] == 1920
    bright = np.flatnonzero((page[200:440] > 60).all(axis=2).mean(axis=0) > 0.1)
    # Two pictures beside each other, and nothing in the places of the third and fourth.
    assert (bright.min() < 200, 500 < bright.max() < 980) == (True, True)
    assert drawn == contact_sheet(films["mp4"], edit(), "Numbers", {})


@pytest.mark.parametrize("kind", ["webm", "gif"])
def test_a_broken_clip_is_named_with_its_shot(kind: str, tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_text("<!DOCTYPE html>")
    film = tmp_path / f"film.{kind}"
    with pytest.raises(BadMedia, match=r"a\.mp4 \(in shot 'of a'\)"):
        write_as(cut_of([shot("a")]), {"a": tmp_path / "a.mp4"}, film, lambda _: None)
    assert [path.name for path in tmp_path.iterdir()] == ["a.mp4"]
