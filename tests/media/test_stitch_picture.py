"""Which frame is seen when, and how: read off films that were stitched and decoded."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import odd_clips
import pytest
from cutting import (
    CANVAS,
    FILM,
    Film,
    cut_of,
    flat,
    join,
    make_clip,
    piece,
    shot,
    stitched,
)
from odd_clips import NTSC_FILM, ODD, draw_number, read_number
from PIL import Image

from storyboard.letters import Letters
from storyboard.media.conform import conform
from storyboard.media.segment import Coded, read_segment
from storyboard.model import Size
from storyboard.overlays import Overlay
from storyboard.passages import passages
from storyboard.timeline import Edit

THREE = ("clip 0", "clip 1", "clip 2")
FIRSTS = (0, 20, 38)


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Three clips of a second and a hand-over frame, numbered apart."""
    folder = tmp_path_factory.mktemp("clips")
    return {
        role: make_clip(folder / f"{role}.mp4", first=first)
        for role, first in zip(THREE, FIRSTS, strict=True)
    }


def second_from(first: int) -> list[int]:
    return list(range(first, first + 24))


class TestHardCuts:
    def test_every_frame_stands_once_and_in_order(self, clips, tmp_path):
        film = stitched(cut_of([shot(role) for role in THREE]), clips, tmp_path / "film.mp4")

        assert film.numbers == [number for first in FIRSTS for number in second_from(first)]

    def test_frames_are_evenly_spaced(self, clips, tmp_path):
        film = stitched(cut_of([shot(role) for role in THREE]), clips, tmp_path / "film.mp4")

        times = [frame.pts * frame.time_base for frame in film.frames]
        assert times == [Fraction(number, 24) for number in range(72)]

    def test_shots_can_be_jumped_to(self, clips, tmp_path):
        film = stitched(cut_of([shot(role) for role in THREE]), clips, tmp_path / "film.mp4")

        assert {0, 24, 48} <= {n for n, frame in enumerate(film.frames) if frame.key_frame}

    def test_pieces_of_a_shot_join_without_doubling_the_handed_frame(self, clips, tmp_path):
        chained = shot(piece("clip 0"), piece("clip 1", starts=1), piece("clip 2", starts=2))
        film = stitched(cut_of([chained]), clips, tmp_path / "film.mp4")

        assert film.numbers == [number for first in FIRSTS for number in second_from(first)]

    def test_trims_take_frames_off_both_ends(self, clips, tmp_path):
        takes = [shot("clip 0", trim=("0.25", "0.75")), shot("clip 1", trim=("0.5", "1"))]
        film = stitched(cut_of(takes), clips, tmp_path / "film.mp4")

        assert film.numbers == [*range(6, 18), *range(32, 44)]

    def test_a_trim_across_pieces(self, clips, tmp_path):
        chained = shot(piece("clip 0"), piece("clip 1", starts=1), trim=("0.75", "1.25"))
        film = stitched(cut_of([chained]), clips, tmp_path / "film.mp4")

        assert film.numbers == [*range(18, 24), *range(20, 26)]

    def test_a_clip_that_is_too_short_stays_on_its_last_frame(self, clips, tmp_path):
        takes = [shot(piece("clip 0", lasts="1.5")), shot("clip 1")]
        film = stitched(cut_of(takes), clips, tmp_path / "film.mp4")

        assert film.numbers == [*range(25), *[24] * 11, *second_from(20)]

    def test_a_retimed_clip_keeps_its_end(self, clips, tmp_path):
        faster = shot(piece("clip 0", lasts="0.5", speed=Fraction(2)))
        slower = shot(piece("clip 1", lasts="2", speed=Fraction(1, 2)))
        film = stitched(cut_of([faster, slower]), clips, tmp_path / "film.mp4")

        assert film.numbers[:12] == list(range(0, 24, 2))
        assert film.numbers[12:] == [number for number in second_from(20) for _ in "ab"]


class TestRates:
    def test_24_in_30_frames_repeats_every_fourth_and_never_drifts(self, clips, tmp_path):
        edit = cut_of([shot(role) for role in THREE * 2], fps=Fraction(30))
        film = stitched(edit, clips, tmp_path / "film.mp4")

        of_one = [four + step for four in range(0, 24, 4) for step in (0, 1, 2, 2, 3)]
        assert film.numbers == [first + step for first in FIRSTS * 2 for step in of_one]

    def test_30_in_24_frames_leaves_out_every_fifth(self, tmp_path):
        clip = make_clip(tmp_path / "clip.mp4", 31, fps=Fraction(30))
        edit = cut_of([shot("clip")] * 3)
        film = stitched(edit, {"clip": clip}, tmp_path / "film.mp4")

        assert (
            film.numbers == [five + step for five in range(0, 30, 5) for step in (0, 1, 2, 4)] * 3
        )

    def test_23_976_in_24_shows_every_frame_once(self, tmp_path):
        clip = make_clip(tmp_path / "clip.mp4", 25, fps=NTSC_FILM)
        film = stitched(cut_of([shot("clip")] * 6), {"clip": clip}, tmp_path / "film.mp4")

        assert film.numbers == list(range(24)) * 6

    def test_shots_that_are_no_whole_number_of_frames_add_up(self, clips, tmp_path):
        edit = cut_of([shot(piece("clip 0", lasts="0.33"))] * 10, fps=NTSC_FILM)
        film = stitched(edit, clips, tmp_path / "film.mp4")

        assert len(film.frames) == edit.frames == 79  # 3.3 s, not ten times 0.33 s rounded
        assert [n for n, number in enumerate(film.numbers) if number == 0] == [
            event.record_in for event in edit.events
        ]

    @pytest.mark.parametrize("name", ODD)
    def test_any_clip_that_people_have(self, name, odd_clip, tmp_path):
        odd = ODD[name]
        lasts = min(odd.end, Fraction(1))
        film = stitched(
            cut_of([shot(piece("clip", lasts=lasts))]), {"clip": odd_clip(name)}, tmp_path / "f.mp4"
        )

        # A frame stands for at most a time stamp's rounding too early or too late.
        half = Fraction(1, 48) + Fraction(1, 500)
        for number, seen in enumerate(film.numbers):
            shown_from = odd.times[odd.numbers.index(seen)]
            after = [time for time in odd.times if time > shown_from]
            time = number / FILM
            assert shown_from <= time + half
            assert not after or after[0] >= time - half


class TestTransitions:
    def test_a_crossfade_shortens_the_film_and_goes_evenly_from_one_to_the_other(
        self, clips, tmp_path
    ):
        takes = [shot("clip 0"), shot("clip 1", transition=join("crossfade", "0.5"))]
        film = stitched(cut_of(takes), clips, tmp_path / "film.mp4")

        assert len(film.frames) == 36
        assert [read_number(picture) for picture in film.pictures[:12]] == list(range(12))
        assert [read_number(picture) for picture in film.pictures[24:]] == list(range(32, 44))
        for step, picture in enumerate(film.pictures[12:24]):
            mixed = (step + 0.5) / 12
            expected = draw_number(12 + step) * (1 - mixed) + draw_number(20 + step) * mixed
            assert np.abs(picture - expected).mean() < 2

    def test_the_frames_beside_a_crossfade_are_left_alone(self, clips, tmp_path):
        takes = [shot("clip 0"), shot("clip 1", transition=join("crossfade", "0.5"))]
        film = stitched(cut_of(takes), clips, tmp_path / "film.mp4")

        assert np.abs(film.pictures[11] - draw_number(11)).mean() < 1.5
        assert np.abs(film.pictures[24] - draw_number(32)).mean() < 1.5

    def test_a_crossfade_of_one_picture_into_itself_does_not_show(self, tmp_path):
        clip = make_clip(tmp_path / "clip.mp4", draw=flat(137))
        takes = [shot("clip"), shot("clip", transition=join("crossfade", "0.5"))]
        film = stitched(cut_of(takes), {"clip": clip}, tmp_path / "film.mp4")

        assert {int(picture.mean().round()) for picture in film.pictures} == {137}

    def test_crossfades_on_both_sides_of_a_shot(self, clips, tmp_path):
        takes = [shot(role, transition=join("crossfade", "0.25")) for role in THREE]
        film = stitched(cut_of(takes), clips, tmp_path / "film.mp4")

        assert len(film.frames) == 60
        assert [read_number(picture) for picture in film.pictures[24:36]] == list(range(26, 38))

    def test_a_crossfade_shorter_than_half_a_frame_is_a_cut(self, clips, tmp_path):
        takes = [shot("clip 0"), shot("clip 1", transition=join("crossfade", "0.01"))]
        film = stitched(cut_of(takes), clips, tmp_path / "film.mp4")

        assert film.numbers == [*second_from(0), *second_from(20)]

    @pytest.mark.parametrize(("color", "level"), [("black", 0), ("#ffffff", 255)])
    def test_a_fade_goes_through_its_colour(self, color, level, tmp_path):
        film = between_dark_and_light(tmp_path, "fade", color=color)

        middle = film.pictures[17:19]
        assert np.abs(np.array(middle) - level).mean() < 20
        assert abs(film.pictures[11].mean() - 60) < 2
        assert abs(film.pictures[24].mean() - 200) < 2
        # A quarter in, half of the first shot is left.
        assert abs(np.mean(film.pictures[14:16]) - (60 + level) / 2) < 4

    @pytest.mark.parametrize("direction", ["left", "right", "up", "down"])
    def test_the_edge_of_a_wipe_moves_where_it_is_said_to(self, direction, tmp_path):
        film = between_dark_and_light(tmp_path, "wipe", direction=direction)

        uncovered = {
            "left": np.s_[:, 90:],
            "right": np.s_[:, :70],
            "up": np.s_[58:, :],
            "down": np.s_[:38, :],
        }
        for side, part in uncovered.items():
            opposite = {"left", "right"} if direction in {"up", "down"} else {"up", "down"}
            if side not in opposite:  # half of the way: one half is the second shot
                expected = 200 if side == direction else 60
                assert abs(film.pictures[18][part].mean() - expected) < 12

    def test_a_slide_pushes_the_first_shot_out(self, clips, tmp_path):
        takes = [
            shot("clip 0"),
            shot("clip 1", transition=join("slide", "0.5", direction="left")),
        ]
        film = stitched(cut_of(takes), clips, tmp_path / "film.mp4")

        gone = round(160 * 6.5 / 12)
        both = np.concatenate((draw_number(18)[:, gone:], draw_number(26)[:, :gone]), axis=1)
        assert np.abs(film.pictures[18] - both).mean() < 3

    def test_a_dissolve_by_luma_shows_its_dark_places_first(self, tmp_path):
        ramp = np.repeat(np.linspace(0, 255, 160)[None, :, None], 96, axis=0).repeat(3, axis=2)
        Image.fromarray(ramp.astype(np.uint8)).save(tmp_path / "ramp.png")
        film = between_dark_and_light(
            tmp_path, "luma", {"picture 1": tmp_path / "ramp.png"}, file="picture 1"
        )

        for step, picture in enumerate(film.pictures[12:24]):
            line = picture.mean(axis=(0, 2))
            along = (step + 0.5) / 12
            assert abs(line[:8].mean() - 200) < 4 or along < 0.2
            assert abs(line[-8:].mean() - 60) < 4 or along > 0.8
            assert (np.diff(line) < 2).all()
        assert abs(film.pictures[11].mean() - 60) < 2
        assert abs(film.pictures[24].mean() - 200) < 2

    def test_a_picture_for_luma_of_another_size_is_fitted_and_may_lead_anywhere(self, tmp_path):
        Image.new("L", (33, 17), 0).save(tmp_path / "dark.png")
        film = between_dark_and_light(
            tmp_path, "luma", {"picture 1": tmp_path / "dark.png"}, file="picture 1"
        )

        assert abs(film.pictures[14].mean() - 200) < 2
        assert {len(film.pictures)} == {36}

    def test_those_that_meet_within_a_shot_are_refused(self, clips, tmp_path):
        takes = [shot(role, transition=join("crossfade", "0.75")) for role in THREE]

        with pytest.raises(ValueError, match="'of clip 1' overlap"):
            stitched(cut_of(takes), clips, tmp_path / "film.mp4")


def between_dark_and_light(
    folder: Path, kind: str, files: dict[str, Path] | None = None, **more: str
) -> Film:
    """A film of two plain shots, 60 and 200, with twelve frames of transition from frame 12 on."""
    dark = make_clip(folder / "dark.mp4", draw=flat(60))
    light = make_clip(folder / "light.mp4", draw=flat(200))
    takes = [shot("dark"), shot("light", transition=join(kind, "0.5", **more))]
    inputs = {"dark": dark, "light": light} | (files or {})
    return stitched(cut_of(takes), inputs, folder / "film.mp4")


class TestFilmEnds:
    def test_a_film_comes_up_from_its_colour_and_goes_down_to_it(self, tmp_path):
        clip = make_clip(tmp_path / "clip.mp4", draw=flat(200))
        edit = cut_of(
            [shot("clip")], fade_in=Fraction(1, 4), fade_out=Fraction(1, 2), color="#204060"
        )
        film = stitched(edit, {"clip": clip}, tmp_path / "film.mp4")

        color = np.array([0x20, 0x40, 0x60])
        for frame, shown in [
            (0, 1 / 12),
            (3, 7 / 12),
            (6, 1),
            (11, 1),
            (12, 23 / 24),
            (23, 1 / 24),
        ]:
            expected = 200 * shown + color * (1 - shown)
            assert np.abs(film.pictures[frame].mean(axis=(0, 1)) - expected).max() < 3


class TestFit:
    def test_a_clip_of_the_canvas_passes_through_without_a_change_of_colour(self, tmp_path):
        noise = np.random.default_rng(1).integers(30, 220, (12, 20, 3), np.uint8)
        picture = np.asarray(Image.fromarray(noise).resize((160, 96), Image.Resampling.BICUBIC))
        clip = make_clip(tmp_path / "clip.mp4", 13, draw=lambda _: picture)
        film = stitched(
            cut_of([shot(piece("clip", lasts="0.5"))]), {"clip": clip}, tmp_path / "film.mp4"
        )

        before, after = (Film(path).frames[0].to_ndarray() for path in (clip, film.path))
        assert np.abs(before.astype(int) - after).mean() < 1
        assert abs(before.mean() - after.mean()) < 0.1

    @pytest.mark.parametrize(
        ("size", "bars"),
        [
            (Size(96, 96), [np.s_[:, :30], np.s_[:, 130:]]),
            (Size(160, 48), [np.s_[:22], np.s_[74:]]),
            (Size(320, 96), [np.s_[:22], np.s_[74:]]),
        ],
    )
    def test_pad_shows_all_of_it_between_black_bars(self, size, bars, tmp_path):
        film = one_frame(tmp_path, size, "pad")

        assert all(film.pictures[0][bar].max() < 12 for bar in bars)
        assert read_number(without_bars(film.pictures[0])) == 45

    def test_crop_fills_the_canvas(self, tmp_path):
        film = one_frame(tmp_path, Size(160, 160), "crop")

        assert read_number(film.pictures[0]) == 45  # upright bars: its height is cropped

    @pytest.mark.parametrize(("focus", "left"), [(0, 0), (Fraction(1, 2), 80), (1, 160)])
    def test_crop_keeps_what_the_focus_is_on(self, focus, left, tmp_path):
        film = one_frame(tmp_path, Size(320, 96), "crop", (Fraction(focus), Fraction(1, 2)))

        kept = draw_number(45, 320, 96)[:, left : left + 160]
        assert np.abs(film.pictures[0] - kept).mean() < 2

    def test_blur_fills_the_bars_with_the_picture(self, tmp_path):
        film = one_frame(tmp_path, Size(96, 96), "blur")

        picture = film.pictures[0]
        assert read_number(picture[:, 32:128]) == 45
        bar = picture[:, 2:28]
        assert 20 < bar.mean() < 160
        assert np.abs(np.diff(bar, axis=1)).max() < 30  # nothing sharp in it

    def test_pixels_that_are_not_square_are_made_square(self, tmp_path):
        clip = tmp_path / "clip.mp4"
        # 80 x 96 stored, each pixel twice as wide as high: it fills 160 x 96.
        odd_clips.encode(clip, "-vf", "scale=80:96,setsar=2", *odd_clips.H264, count=13)
        film = stitched(
            cut_of([shot(piece("clip", lasts="0.5"))]), {"clip": clip}, tmp_path / "film.mp4"
        )

        assert film.numbers == list(range(12))

    def test_a_clip_filmed_upright_is_turned(self, tmp_path):
        lying, clip = tmp_path / "lying.mp4", tmp_path / "clip.mp4"
        odd_clips.encode(lying, "-vf", "transpose=cclock", *odd_clips.H264, count=13)
        odd_clips.ffmpeg("-display_rotation", "-90", "-i", lying, "-c", "copy", clip)
        film = stitched(
            cut_of([shot(piece("clip", lasts="0.5"))]), {"clip": clip}, tmp_path / "film.mp4"
        )

        assert film.numbers == list(range(12))

    def test_a_still_is_shown_for_as_long_as_it_lasts(self, clips, tmp_path):
        picture = tmp_path / "still.png"
        Image.fromarray(draw_number(63, 320, 192)).save(picture)
        takes = [shot("clip 0"), shot(piece("still", lasts="0.5", still=True)), shot("clip 1")]
        film = stitched(cut_of(takes), clips | {"still": picture}, tmp_path / "film.mp4")

        assert film.numbers == [*second_from(0), *[63] * 12, *second_from(20)]

    def test_a_long_still_is_coded_for_two_seconds_and_shown_again(self, clips, tmp_path):
        picture = tmp_path / "still.png"
        Image.fromarray(draw_number(63, 320, 192)).save(picture)
        takes = [shot(piece("still", lasts=11, still=True)), shot("clip 1")]
        words = Overlay(125, 130, "seen", "top-left", Letters(box="red"))
        edit = cut_of(takes, overlays=(words,))
        film = stitched(edit, clips | {"still": picture}, tmp_path / "film.mp4")

        assert film.numbers == [*[63] * 264, *second_from(20)]
        plain = film.pictures[0]
        changed = {n for n in range(264) if np.abs(film.pictures[n] - plain).max() > 40}
        assert changed <= set(range(125, 130))
        assert 127 in changed
        with av.open(str(film.path)) as container:
            packets = [packet for packet in container.demux(video=0) if packet.size]
        keys = [number for number, packet in enumerate(packets) if packet.is_keyframe]
        assert max(after - before for before, after in pairwise(keys)) <= 48

        own = conformed(cut_of(takes[:1]), picture, tmp_path / "own")
        assert len({each.offset for each in own}) == 48
        assert [each.shown for each in own] == list(range(264))


def conformed(edit: Edit, still: Path, segment: Path) -> list[Coded]:
    """The coded pictures of a cut of one still."""
    (passage,) = passages(edit)
    conform(passage.edit, {"clip 1": still}, segment, lambda done: None)
    return [picture for part in read_segment(segment).parts for picture in part.pictures]


def one_frame(folder: Path, size: Size, fit: str, focus=(Fraction(1, 2), Fraction(1, 2))) -> Film:
    """A film of one frame, of a clip of another size."""
    clip = make_clip(folder / "clip.mp4", 1, first=45, size=size)
    take = shot(piece("clip", lasts=Fraction(1, 24)), fit=fit, focus=focus)
    return stitched(cut_of([take], size=CANVAS), {"clip": clip}, folder / "film.mp4")


def without_bars(picture: np.ndarray) -> np.ndarray:
    rows = np.flatnonzero(picture.mean(axis=(1, 2)) > 20)
    columns = np.flatnonzero(picture.mean(axis=(0, 2)) > 20)
    return picture[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
