"""What of a clip is copied into a film as it is coded, and that nobody can tell: read off decoded films."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from cutting import (
    Film,
    cut_of,
    flat,
    join,
    make_clip,
    piece,
    put_together,
    rendered,
    shot,
    stitched,
    write_film,
)
from odd_clips import H264, encode, ffmpeg, read_number

from storyboard.letters import Letters
from storyboard.media.avc import Configuration
from storyboard.media.colour import to_rgb
from storyboard.media.excerpt import excerpt
from storyboard.media.segment import read_segment
from storyboard.overlays import Overlay
from storyboard.passages import Clash, passages
from storyboard.timeline import Edit

TAGS = (
    "-vf", "scale=out_color_matrix=bt709:out_range=tv", "-color_range", "tv",
    "-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709",
)  # fmt: skip
PROVIDER = (*H264, *TAGS, "-bf", "3", "-g", "12", "-sc_threshold", "0")
"""As providers code: B-frames, key frames at a distance, tagged bt.709."""

CODED = {
    "b-frames": PROVIDER,
    "b-pyramid": (*PROVIDER, "-bf", "6", "-x264-params", "b-pyramid=normal:ref=6"),
    "every frame a key": (*PROVIDER, "-g", "1"),
    "fragments": (*PROVIDER, "-movflags", "+frag_keyframe+empty_moov+default_base_moof"),
    "sets before each key frame": (*PROVIDER, "-x264-params", "repeat-headers=1"),
}
OTHERWISE = {
    "open gop": (*PROVIDER, "-x264-params", "open-gop=1:b-adapt=0:keyint=12"),
    "no key frame but the first": (*PROVIDER, "-g", "9999"),
    "numbers of sets as in films": (*PROVIDER, "-x264-params", "sps-id=1"),
    "full range": (*PROVIDER, "-vf", "scale=out_range=pc", "-color_range", "pc"),
    "bt.601": (*PROVIDER, "-vf", "scale=out_color_matrix=bt601", "-colorspace", "smpte170m"),
    "wide pixels": (*PROVIDER, "-aspect", "2:1"),
    "4:4:4": (*PROVIDER, "-pix_fmt", "yuv444p"),
    "hevc tagged": ("-c:v", "libx265", "-preset", "ultrafast", "-pix_fmt", "yuv420p", *TAGS,
                    "-x265-params", "log-level=error:pools=1"),
}  # fmt: skip


def taken(edit: Edit, inputs: dict[str, Path], folder: Path) -> list[list[int]]:
    """By passage, how many frames each of its parts has; below zero where they were coded here."""
    made = rendered(edit, inputs, folder, lambda _: None)
    segments = [read_segment(made[f"piece {n}"]) for n, _ in enumerate(passages(edit), 1)]
    return [
        [len(part.pictures) * (1 if part.clip else -1) for part in segment.parts]
        for segment in segments
    ]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("coded")


def clip_of(name: str, folder: Path) -> Path:
    path = folder / f"{name}.mp4"
    return path if path.exists() else encode(path, *(CODED | OTHERWISE)[name], count=25)


class TestExcerpts:
    @pytest.mark.parametrize("name", CODED | OTHERWISE)
    def test_any_few_frames_of_a_piece_are_the_very_ones_of_its_film(self, name, folder, tmp_path):
        clip = clip_of(name, folder)
        edit = cut_of([shot("clip", trim=("0.25", "1"))])
        made = rendered(edit, {"clip": clip}, tmp_path, lambda _: None)
        segment = read_segment(made["piece 1"])
        for wanted in (range(2), range(9, 12), range(16, 18), range(17, 20)):
            frames = excerpt(segment, {"clip 1": clip}, wanted)
            numbers = [read_number(to_rgb(frame)) for frame in frames]
            assert numbers == [6 + number for number in wanted if number < 18]


class TestCopying:
    @pytest.mark.parametrize("name", CODED)
    def test_every_frame_stands_once_where_clips_are_copied_beside_coded_ones(
        self, name, folder, tmp_path
    ):
        clip = clip_of(name, folder)
        takes = [
            shot("clip"),
            shot("clip", trim=("0.25", "0.75")),
            shot("clip", transition=join("crossfade", "0.25")),
            shot("clip"),
        ]
        film = stitched(cut_of(takes), {"clip": clip}, tmp_path / "film.mp4")

        assert len(film.frames) == 24 + 12 + 24 - 6 + 24
        assert [read_number(each) for each in film.pictures[:30]] == [*range(24), *range(6, 12)]
        assert [read_number(each) for each in film.pictures[36:]] == [*range(6, 24), *range(24)]
        times = [frame.pts * frame.time_base for frame in film.frames]
        assert times == [Fraction(number, 24) for number in range(len(times))]

    @pytest.mark.parametrize("name", CODED)
    def test_a_whole_shot_is_copied_but_for_a_frame_or_two_behind_which_something_is_needed(
        self, name, folder, tmp_path
    ):
        ((whole, *rest),) = taken(cut_of([shot("clip")]), {"clip": clip_of(name, folder)}, tmp_path)

        assert whole > 20
        assert whole - sum(rest) == 24

    def test_a_shot_is_coded_up_to_the_next_key_frame_and_copied_from_there(self, folder, tmp_path):
        edit = cut_of([shot("clip", trim=("0.25", "1"))])

        assert taken(edit, {"clip": clip_of("b-frames", folder)}, tmp_path) == [[-6, 12]]

    @pytest.mark.parametrize("name", OTHERWISE)
    def test_a_clip_of_another_form_is_coded_anew_and_shows_the_same(self, name, folder, tmp_path):
        clip = clip_of(name, folder)
        edit = cut_of([shot("clip"), shot("clip", trim=("0.5", "1"))])
        film = stitched(edit, {"clip": clip}, tmp_path / "film.mp4")

        assert film.numbers == [*range(24), *range(12, 24)]
        if name not in {"open gop", "no key frame but the first"}:  # the first shot can be copied
            assert all(
                part < 0 for parts in taken(edit, {"clip": clip}, tmp_path) for part in parts
            )

    def test_an_edit_list_that_hides_frames_is_obeyed(self, tmp_path):
        source = encode(tmp_path / "source.mp4", *PROVIDER)
        clip = tmp_path / "clip.mp4"
        ffmpeg("-ss", "0.75", "-i", source, "-c", "copy", clip)
        film = stitched(cut_of([shot("clip")]), {"clip": clip}, tmp_path / "film.mp4")

        assert film.numbers == list(range(18, 42))

    def test_what_is_copied_is_the_clip_to_the_bit(self, folder, tmp_path):
        clip = clip_of("b-frames", folder)
        edit = cut_of([shot("clip")])
        film = stitched(edit, {"clip": clip}, tmp_path / "film.mp4")

        ((whole, *_),) = taken(edit, {"clip": clip}, tmp_path)
        for mine, its in zip(film.pictures[:whole], Film(clip).pictures[:whole], strict=True):
            assert np.array_equal(mine, its)

    def test_a_long_film_keeps_one_clock(self, folder, tmp_path):
        inputs = {"own": make_clip(tmp_path / "own.mp4"), "clip": clip_of("b-frames", folder)}
        takes = [shot(("own", "clip")[number % 2], trim=("0", "0.625")) for number in range(50)]
        film = stitched(cut_of(takes), inputs, tmp_path / "film.mp4")

        assert film.numbers == list(range(15)) * 50
        with av.open(str(film.path)) as container:
            picture, sound = container.streams.video[0], container.streams.audio[0]
            length = Fraction(50 * 15, 24)
            assert picture.duration * picture.time_base == length
            assert abs(sound.duration * sound.time_base - length) < Fraction(1, 1000)


class TestClashes:
    def test_clips_whose_parameters_clash_are_found_and_the_fewer_coded(self, folder, tmp_path):
        inputs = {
            "clip": clip_of("b-frames", folder),
            "other": encode(tmp_path / "other.mp4", *PROVIDER, "-refs", "1", "-bf", "0", count=25),
        }
        edit = cut_of([shot("clip"), shot("other"), shot("clip", trim=("0", "0.5"))])
        made = rendered(edit, inputs, tmp_path, lambda _: None)

        with pytest.raises(Clash) as clash:
            write_film(edit, made, tmp_path / "film.mp4", lambda _: None)
        assert clash.value.passages == (2,)
        assert not list(tmp_path.glob("film*"))

    def test_a_film_of_many_forms_plays_through(self, folder, tmp_path):
        inputs = {
            "clip": clip_of("b-frames", folder),
            "other": encode(tmp_path / "other.mp4", *PROVIDER, "-refs", "1", "-bf", "0", count=25),
            "full": clip_of("full range", folder),
            "own": make_clip(tmp_path / "own.mp4"),
        }
        takes = [shot(role) for role in ("clip", "other", "full", "own", "clip")]
        film = stitched(cut_of(takes), inputs, tmp_path / "film.mp4")

        assert film.numbers == list(range(24)) * 5

    def test_a_film_holds_the_parameters_of_all_that_is_in_it(self, folder, tmp_path):
        takes = [shot("clip", trim=("0.25", "1"))]
        film = stitched(cut_of(takes), {"clip": clip_of("b-frames", folder)}, tmp_path / "film.mp4")

        with av.open(str(film.path)) as container:
            found = Configuration.read(container.streams.video[0].codec_context.extradata)
        assert found is not None
        assert found.numbers() == ({0, 1}, {0, 1})
        data = film.path.read_bytes()
        assert data.index(b"moov") < data.index(b"mdat")


class TestTouched:
    def test_only_frames_under_words_are_coded_anew(self, folder, tmp_path):
        words = Overlay(12, 18, "Skerry", "center", Letters())
        edit = cut_of([shot("clip")], overlays=(words,))
        inputs = {"clip": clip_of("every frame a key", folder)}

        assert taken(edit, inputs, tmp_path) == [[12, -6, 6]]
        film = stitched(edit, inputs, tmp_path / "film.mp4")
        source = Film(inputs["clip"]).pictures
        changed = [
            np.abs(mine - its).max() > 60 for mine, its in zip(film.pictures, source, strict=False)
        ]
        assert changed == [12 <= number < 18 for number in range(24)]

    def test_fades_at_the_ends_are_coded_and_the_rest_is_copied(self, folder, tmp_path):
        edit = cut_of([shot("clip")], fade_in=Fraction(1, 4), fade_out=Fraction(1, 4))

        assert taken(edit, {"clip": clip_of("every frame a key", folder)}, tmp_path) == [
            [-6, 12, -6]
        ]

    def test_a_fade_that_is_longer_than_its_shot_goes_on_in_the_next(self, tmp_path):
        clip = make_clip(tmp_path / "clip.mp4", draw=flat(200))
        edit = cut_of([shot(piece("clip", lasts="0.5"))] * 3, fade_in=Fraction(1))
        film = stitched(edit, {"clip": clip}, tmp_path / "film.mp4")

        levels = [picture.mean() for picture in film.pictures]
        assert np.abs(np.array(levels[:24]) - [200 * (n + 0.5) / 24 for n in range(24)]).max() < 4
        assert np.abs(np.array(levels[24:]) - 200).max() < 2


def test_the_same_takes_give_the_same_bytes_wherever_they_are(folder, tmp_path):
    films = []
    for place in ("here", "there"):
        (tmp_path / place).mkdir()
        clip = tmp_path / place / f"a clip {place}.mp4"
        clip.write_bytes(clip_of("b-frames", folder).read_bytes())
        takes = [shot("clip", trim=("0.25", "1")), shot("clip", transition=join("wipe", "0.25"))]
        put_together(cut_of(takes), {"clip": clip}, tmp_path / place / "film.mp4", lambda _: None)
        films.append((tmp_path / place / "film.mp4").read_bytes())

    assert films[0] == films[1]


def test_a_passage_is_the_same_in_another_place_and_another_cut():
    def works(*takes: object) -> list[object]:
        return [passage.edit.canonical() for passage in passages(cut_of(takes))]  # type: ignore[arg-type]

    fading = shot("b", transition=join("crossfade", "0.25"))
    first = works(shot("a"), fading, shot("c"))
    later = works(shot("x"), shot("a"), fading, shot("c"))

    assert later[1:] == first
