"""Frames are the same whether all before them is decoded or only what they need."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest

from storyboard.media.container import BadMedia
from storyboard.media.decoding import decoded
from storyboard.media.form import Form
from storyboard.media.probe import probe
from storyboard.media.references import needed
from storyboard.media.segment import Coded

_FRAMES = 40

# In x264's words: pictures that refer to many or to one, weighed or not, in order or put in
# another one, in one slice or several, in both ways of writing.
_CODED = {
    "as providers do": "keyint=30:ref=1:bframes=3:b-pyramid=normal:b-adapt=0",
    "many references": "keyint=250:ref=5:bframes=7:b-pyramid=normal:weightp=2:b-adapt=2",
    "strictly in order": "keyint=12:min-keyint=12:ref=3:bframes=3:b-pyramid=strict:direct=temporal",
    "without CABAC": "keyint=250:ref=1:bframes=3:b-pyramid=normal:cabac=0:weightp=1:b-adapt=0",
    "in slices": "keyint=15:ref=2:bframes=2:slices=3:weightb=0:cabac=0:8x8dct=0",
    "open groups": "keyint=9:open-gop=1:ref=4:bframes=3",
    "refreshed bit by bit": "keyint=20:intra-refresh=1:ref=2:bframes=1",
    "in fields": "keyint=30:ref=2:bframes=3:fake-interlaced=1",
    "one after the other": "keyint=8:bframes=0:ref=1",
}


@pytest.fixture(scope="module", params=_CODED)
def clip(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("coded") / "clip.mp4"
    scene = np.random.default_rng(7).integers(0, 255, (140, 260, 3), np.uint8)
    with av.open(str(path), "w") as film:
        stream = film.add_stream(
            "libx264", rate=12, options={"crf": "24", "x264-params": _CODED[request.param]}
        )
        stream.width, stream.height, stream.pix_fmt = 160, 96, "yuv420p"
        tags = stream.codec_context
        tags.colorspace = tags.color_primaries = tags.color_trc = tags.color_range = 1
        tags.thread_count = 1
        for number in range(_FRAMES):
            seen = scene[number : number + 96, 2 * number : 2 * number + 160] * (
                1 - number % 9 / 12  # fades, for which references are weighed
            )
            frame = av.VideoFrame.from_ndarray(seen.astype(np.uint8), format="rgb24")
            frame = frame.reformat(format="yuv420p", dst_colorspace=1)
            frame.pts = number
            film.mux(stream.encode(frame))
        film.mux(stream.encode(None))
    return path


def form_of(clip: Path) -> Form:
    form = probe(clip).form
    assert form
    return form


def pixels(frame: av.VideoFrame) -> bytes:
    return frame.to_ndarray().tobytes()


@pytest.mark.parametrize("threads", [1, 3])
def test_what_is_left_out_changes_no_frame(clip: Path, threads: int) -> None:
    form = form_of(clip)
    with av.open(str(clip)) as container:
        whole = [pixels(frame) for frame in container.decode(video=0)]
    assert len(whole) == _FRAMES
    for wanted in (
        *({number} for number in range(0, _FRAMES, 3)),
        {37, 38},
        {10, 11, 12},
        set(range(0, _FRAMES, 3)),
        set(range(_FRAMES)),
    ):
        frames = decoded(form.path, form.configuration, form.pictures, wanted, threads=threads)
        found = {number: pixels(frame) for number, frame in frames}
        assert list(found) == sorted(wanted)
        assert found == {number: whole[number] for number in wanted}


@pytest.mark.parametrize("clip", ["as providers do", "without CABAC"], indirect=True)
def test_of_pictures_that_no_wanted_one_refers_to_only_the_heads_are_given(clip: Path) -> None:
    form = form_of(clip)
    wanted = {27}
    with clip.open("rb") as file:
        given = needed(file, form.configuration, form.pictures[:29], wanted)
    assert given
    whole = [picture.shown for picture in given if isinstance(picture, Coded)]
    assert len(whole) < 12  # each fourth frame, and those in the middle of the last four
    assert all(len(picture) < 40 for picture in given if isinstance(picture, bytes))


@pytest.mark.parametrize("clip", ["in fields"], indirect=True)
def test_nothing_is_guessed_of_what_is_coded_in_another_way(clip: Path) -> None:
    form = form_of(clip)
    with clip.open("rb") as file:
        assert needed(file, form.configuration, form.pictures, {39}) is None


@pytest.mark.parametrize("clip", ["as providers do"], indirect=True)
def test_a_file_that_ends_before_its_pictures_is_told(clip: Path, tmp_path: Path) -> None:
    form = form_of(clip)
    at = form.pictures[20].offset
    short = tmp_path / "short.mp4"
    short.write_bytes(clip.read_bytes()[:at])
    with pytest.raises(BadMedia, match="it ends in the middle"):
        list(decoded(short, form.configuration, form.pictures, {form.pictures[24].shown}))


@pytest.mark.parametrize("clip", ["as providers do"], indirect=True)
def test_damage_in_a_picture_that_others_refer_to_is_told(clip: Path, tmp_path: Path) -> None:
    form = form_of(clip)
    referred = next(picture for picture in form.pictures if picture.shown == 22)
    whole, half = clip.read_bytes(), referred.size // 2
    end = referred.offset + referred.size
    damaged = tmp_path / "damaged.mp4"
    damaged.write_bytes(whole[: end - half] + bytes(half) + whole[end:])
    with pytest.raises(BadMedia, match="its picture is damaged"):
        list(decoded(damaged, form.configuration, form.pictures, {23}))
    assert list(decoded(damaged, form.configuration, form.pictures, {2}))
