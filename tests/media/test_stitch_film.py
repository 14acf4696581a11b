"""The film as a file: its form, its bytes, and what is left of it when something fails."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import odd_clips
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
    put_together,
    rendered,
    shot,
    sound_event,
    stitched,
    tone,
    with_beep,
    write_film,
    write_wav,
)

from storyboard.media.container import BadMedia
from storyboard.timeline import Edit


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("clips")
    return {
        "beep": make_clip(folder / "beep.mp4", sound=with_beep(1.05, 0.5)),
        "silent": make_clip(folder / "silent.mp4", first=30),
        "tone": make_clip(folder / "tone.mp4", sound=tone(1.05, 200)),
    }


@pytest.fixture(scope="module")
def path(clips: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    return stitched(in_a_row("beep", "silent"), clips, path).path


def in_a_row(*roles: str, fps: Fraction = Fraction(24)) -> Edit:
    return cut_of([shot(role) for role in roles], fps=fps)


class TestSound:
    def test_beeps_are_heard_when_the_clips_have_them(self, clips, tmp_path):
        film = stitched(in_a_row("beep", "silent", "beep"), clips, tmp_path / "film.mp4")

        assert onsets(film.sound) == pytest.approx([0.5, 2.5], abs=0.001)

    @pytest.mark.parametrize("fps", [Fraction(24), Fraction(30000, 1001)])
    def test_it_ends_with_the_picture(self, fps, clips, tmp_path):
        edit = in_a_row("beep", "silent", fps=fps)
        film = stitched(edit, clips, tmp_path / "film.mp4")

        with av.open(str(film.path)) as container:
            video, audio = container.streams.video[0], container.streams.audio[0]
            picture_ends = video.duration * video.time_base
            sound_ends = audio.duration * audio.time_base
        assert picture_ends == edit.duration
        assert abs(sound_ends - picture_ends) <= Fraction(1, RATE)

    def test_a_silent_film_has_a_silent_track(self, clips, tmp_path):
        film = stitched(in_a_row("silent"), clips, tmp_path / "film.mp4")

        assert np.abs(film.sound).max() == 0

    def test_no_click_is_heard_at_a_cut(self, clips, tmp_path):
        takes = [shot("tone", trim=("0.1", "0.83")), shot("tone", trim=("0.2", "0.9"))]
        film = stitched(cut_of(takes), clips, tmp_path / "film.mp4")

        assert largest_step(film.sound) < 1.2 * largest_step(tone(1, 200))


class TestForm:
    def test_browsers_can_begin_before_they_have_all_of_it(self, path):
        content = path.read_bytes()

        assert content[4:8] == b"ftyp"
        assert content.index(b"moov") < content.index(b"mdat")

    def test_picture_and_sound_are_what_browsers_play(self, path):
        with av.open(str(path)) as container:
            video, audio = container.streams
            assert (video.codec_context.name, audio.codec_context.name) == ("h264", "aac")
            assert video.codec_context.codec_tag == "avc1"
            assert video.codec_context.pix_fmt == "yuv420p"
            assert (audio.sample_rate, audio.layout.name) == (RATE, "stereo")

    def test_there_is_one_set_of_parameters(self, path):
        with av.open(str(path)) as container:
            avcc = container.streams.video[0].codec_context.extradata

        sequence_sets = avcc[5] & 0x1F
        length = int.from_bytes(avcc[6:8], "big")
        assert (sequence_sets, avcc[8 + length]) == (1, 1)

    def test_colours_are_tagged(self, path):
        with av.open(str(path)) as container:
            context = container.streams.video[0].codec_context
            tags = context.colorspace, context.color_primaries, context.color_trc
            assert (*tags, context.color_range) == (1, 1, 1, 1)

    def test_the_same_inputs_give_the_same_bytes(self, clips, path, tmp_path):
        edit = in_a_row("beep", "silent")

        assert stitched(edit, clips, tmp_path / "again.mp4").path.read_bytes() == path.read_bytes()

    def test_what_it_is_written_over_leaves_no_trace(self, clips, path, tmp_path):
        over = tmp_path / "again.mp4"
        over.write_bytes(random.Random(7).randbytes(2 * path.stat().st_size))

        assert (
            stitched(in_a_row("beep", "silent"), clips, over).path.read_bytes() == path.read_bytes()
        )

    def test_progress_goes_up_to_the_end(self, clips, tmp_path):
        told: list[float] = []
        edit = in_a_row("beep")
        inputs = rendered(edit, clips, tmp_path, lambda _: None)
        write_film(edit, inputs, tmp_path / "film.mp4", told.append)

        assert told == sorted(told)
        assert told[-1] == 1


class TestFailures:
    @pytest.fixture
    def web_page(self, tmp_path) -> Path:
        path = tmp_path / "take.mp4"
        path.write_text("<!DOCTYPE html><html><body>502 Bad Gateway</body></html>")
        return path

    @pytest.fixture
    def cut_short(self, tmp_path) -> Path:
        whole = odd_clips.encode(
            tmp_path / "whole.mp4", *odd_clips.H264, "-movflags", "faststart", count=25
        ).read_bytes()
        path = tmp_path / "cut-short.mp4"
        path.write_bytes(whole[: len(whole) * 2 // 3])
        return path

    @pytest.mark.parametrize("broken", ["web_page", "cut_short"])
    def test_a_broken_clip_is_named_with_its_shot(self, broken, clips, tmp_path, request):
        inputs = clips | {"bad": request.getfixturevalue(broken)}
        film = tmp_path / "films" / "film.mp4"
        film.parent.mkdir()

        with pytest.raises(BadMedia) as told:
            stitched(in_a_row("beep", "bad"), inputs, film)
        assert str(told.value).startswith(f"{inputs['bad']} (in shot 'of bad'): it ")
        assert list(film.parent.iterdir()) == []

    def test_damage_in_the_middle_of_a_clip_is_told(self, clips, tmp_path):
        noise = np.random.default_rng(5).integers(0, 255, (25, 96, 160, 3), np.uint8)
        whole = bytearray(
            make_clip(tmp_path / "whole.mp4", draw=lambda number: noise[number]).read_bytes()
        )
        begins = whole.index(b"mdat")
        middle = begins + (len(whole) - begins) // 2
        whole[middle : middle + 6000] = bytes(6000)
        bad = tmp_path / "bad.mp4"
        bad.write_bytes(whole)

        with pytest.raises(
            BadMedia, match=r"bad\.mp4 \(in shot 'of bad'\): its picture is damaged"
        ):
            stitched(cut_of([shot("bad")]), {"bad": bad}, tmp_path / "film.mp4")
        assert not (tmp_path / "film.mp4").exists()

    def test_a_soundtrack_that_is_none_is_named(self, clips, web_page, tmp_path):
        edit = cut_of([shot("beep")], sounds=(sound_event("score"),))

        with pytest.raises(BadMedia, match=r"take\.mp4: it is a web page"):
            stitched(edit, clips | {"score": web_page}, tmp_path / "film.mp4")

    def test_a_still_that_is_no_picture_is_named(self, clips, web_page, tmp_path):
        edit = cut_of([shot("beep"), shot(piece("still", still=True))])

        with pytest.raises(BadMedia, match=r"take\.mp4 \(in shot 'of still'\): it is no PNG"):
            stitched(edit, clips | {"still": web_page}, tmp_path / "film.mp4")

    def test_a_missing_clip_is_named(self, clips, tmp_path):
        gone = tmp_path / "gone.mp4"

        with pytest.raises(FileNotFoundError, match=r"gone\.mp4"):
            stitched(cut_of([shot("gone")]), {"gone": gone}, tmp_path / "film.mp4")

    def test_a_folder_that_is_not_there_is_named(self, clips, tmp_path):
        with pytest.raises(OSError, match="nowhere"):
            stitched(cut_of([shot("beep")]), clips, tmp_path / "nowhere" / "film.mp4")

    def test_nothing_half_made_stays_when_it_is_stopped(self, clips, tmp_path):
        class Stopped(Exception):
            pass

        def stop_half_way(done: float) -> None:
            if done > 0.5:
                raise Stopped

        edit = in_a_row("beep", "tone")
        (tmp_path / "pieces").mkdir()
        made = rendered(edit, clips, tmp_path / "pieces", lambda _: None)
        with pytest.raises(Stopped):
            write_film(edit, made, tmp_path / "film.mp4", stop_half_way)
        assert [path.name for path in tmp_path.iterdir()] == ["pieces"]


class TestLeftovers:
    def test_no_file_stays_open(self, clips, tmp_path):
        def fail(done: float) -> None:
            if done > 0.6:
                raise InterruptedError

        score = write_wav(tmp_path / "score.wav", tone(5))
        takes = [shot(role, transition=join("crossfade", "0.5")) for role in clips]
        edit = cut_of(takes, sounds=(sound_event("score"),))
        inputs = clips | {"score": score}
        stitched(edit, inputs, tmp_path / "film.mp4")  # what is imported stays open
        before = len(list(Path("/proc/self/fd").iterdir()))

        for _ in range(3):
            stitched(edit, inputs, tmp_path / "film.mp4")
            with pytest.raises(InterruptedError):
                put_together(edit, inputs, tmp_path / "film.mp4", fail)
        assert len(list(Path("/proc/self/fd").iterdir())) == before

    def test_no_process_is_started(self, clips, tmp_path):
        children = Path(f"/proc/self/task/{os.getpid()}/children")

        def look(_: float) -> None:
            assert children.read_text() == before

        before = children.read_text()
        takes = [shot(role, transition=join("crossfade", "0.5")) for role in clips]
        put_together(cut_of(takes), clips, tmp_path / "film.mp4", look)

    def test_moviepy_is_left_alone_where_nothing_is_composed(self, clips, tmp_path):
        program = (
            "import sys; from pathlib import Path; from cutting import *\n"
            f"inputs = {{'beep': Path({str(clips['beep'])!r})}}\n"
            f"stitched(cut_of([shot('beep')]), inputs, Path({str(tmp_path / 'film.mp4')!r}))\n"
            "assert 'moviepy' not in sys.modules"
        )
        run_python(program)

    def test_memory_does_not_grow_with_the_film(self, tmp_path):
        """Fifty shots take what five take: 900 frames more would be 175 MB."""
        make_clip(
            tmp_path / "clip.mp4",
            21,
            size=odd_clips.Size(480, 270),
            draw=flat(90, odd_clips.Size(480, 270)),
        )
        program = (
            "from resource import *; from pathlib import Path; from cutting import *\n"
            "def peak(shots):\n"
            "    takes = [shot(piece('clip', lasts='5/6'))] * shots\n"
            f"    folder = Path({str(tmp_path)!r})\n"
            "    edit = cut_of(takes, size=Size(480, 270))\n"
            "    stitched(edit, {'clip': folder / 'clip.mp4'}, folder / 'film.mp4')\n"
            "    return getrusage(RUSAGE_SELF).ru_maxrss // 1024\n"
            "few, many = peak(5), peak(50)\n"
            "assert many - few < 40, (few, many)"
        )
        run_python(program)


def run_python(program: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=Path(__file__).parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
