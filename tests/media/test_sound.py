"""Sound of files of every kind, as 48 kHz stereo with each sample in its place."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from cutting import make_clip, onsets, rms, tone, with_beep, write_wav
from odd_clips import draw_number, ffmpeg

from storyboard.media.container import BadMedia
from storyboard.media.sound import sound_length, sound_of

RATE = 48_000
BEEP = 0.6


def heard(path: Path, *arguments: Fraction) -> np.ndarray:
    return np.concatenate([np.zeros((0, 2), np.float32), *sound_of(path, *arguments)])


@pytest.fixture(scope="module")
def beep(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A second and a half with a beep at 0.6 s: WAV, 48 kHz, stereo."""
    return write_wav(tmp_path_factory.mktemp("beep") / "beep.wav", with_beep(1.5, BEEP))


LEFT = "pan=mono|c0=FL"
FILES = {
    "as it is.wav": (),
    "44100.wav": ("-ar", "44100"),
    "mono.wav": ("-af", LEFT),
    "mono 22050.wav": ("-af", LEFT, "-ar", "22050"),
    "24 bit.flac": ("-sample_fmt", "s32"),
    "aac.m4a": (),
    "mono 44100.m4a": ("-af", LEFT, "-ar", "44100"),
    "mpeg.mp3": ("-b:a", "192k"),
    "vorbis.ogg": ("-c:a", "libvorbis", "-b:a", "192k"),
    "opus.webm": ("-c:a", "libopus", "-b:a", "192k"),
    "milliseconds.mkv": ("-c:a", "aac", "-ar", "44100"),
    "surround.wav": ("-af", "pan=5.1|FL=FL|FR=FR"),
}


@pytest.mark.parametrize("name", FILES)
def test_a_beep_is_heard_when_it_sounds_whatever_the_file(name, beep, tmp_path):
    ffmpeg("-i", beep, *FILES[name], tmp_path / name)

    sound = heard(tmp_path / name)
    assert onsets(sound) == [pytest.approx(BEEP, abs=0.001)]
    assert rms(sound[:RATE]) == pytest.approx(rms(with_beep(1, BEEP)), rel=0.1)
    assert len(sound) == pytest.approx(1.5 * RATE, abs=0.06 * RATE)


CLIPS = {
    "aac.mp4": ("-c:a", "aac"),
    "44100.mov": ("-c:a", "aac", "-ar", "44100", "-ac", "1"),
    "pcm.mov": ("-c:a", "pcm_s16le"),
    "transport stream.ts": ("-c:a", "aac", "-muxdelay", "2"),
    "fragments.mp4": ("-c:a", "aac", "-movflags", "frag_keyframe+empty_moov"),
    "milliseconds.mkv": ("-c:a", "aac"),
    "opus.webm": ("-c:v", "libvpx-vp9", "-deadline", "realtime", "-c:a", "libopus"),
}


@pytest.mark.parametrize("name", CLIPS)
def test_the_sound_of_a_clip_keeps_its_place_beside_the_picture(name, beep, tmp_path):
    pictures = b"".join(draw_number(number).tobytes() for number in range(36))
    raw = ("-f", "rawvideo", "-pix_fmt", "rgb24", "-s", "160x96", "-r", "24", "-i", "-")
    coding = ("-c:v", "libx264", "-pix_fmt", "yuv420p", "-preset", "veryfast", *CLIPS[name])
    ffmpeg(*raw, "-i", beep, *coding, tmp_path / name, pictures=pictures)

    assert onsets(heard(tmp_path / name)) == [pytest.approx(BEEP, abs=0.001)]


@pytest.mark.parametrize("late", ["picture", "sound"])
def test_a_shift_between_picture_and_sound_is_kept(late, beep, tmp_path):
    clip = make_clip(tmp_path / "silent.mp4", 30)
    inputs = {
        "picture": ("-itsoffset", "0.25", "-i", clip, "-i", beep),
        "sound": ("-i", clip, "-itsoffset", "0.25", "-i", beep),
    }
    ffmpeg(*inputs[late], "-c:v", "copy", "-c:a", "aac", tmp_path / "clip.mp4")

    expected = BEEP + (0.25 if late == "sound" else -0.25)
    assert onsets(heard(tmp_path / "clip.mp4")) == [pytest.approx(expected, abs=0.001)]


def test_a_clip_that_this_package_wrote_gives_back_its_sound(tmp_path):
    clip = make_clip(tmp_path / "clip.mp4", 25, sound=with_beep(1.1, 0.3))

    assert onsets(heard(clip)) == [pytest.approx(0.3, abs=0.001)]


@pytest.mark.parametrize("ending", ["wav", "mp3", "m4a", "mkv"])
@pytest.mark.parametrize("start", [Fraction(1, 3), Fraction(15, 2)])
def test_sound_from_a_time_on_is_the_rest_of_the_whole(start, ending, tmp_path):
    rising = np.sin(np.linspace(0, 100, 9 * RATE) ** 2 * 2)[:, None].repeat(2, axis=1) * 0.5
    path = tmp_path / f"sound.{ending}"
    ffmpeg("-i", write_wav(tmp_path / "source.wav", rising), path)

    rest, whole = heard(path, start), heard(path)[int(start * RATE) :]
    assert len(rest) == pytest.approx(len(whole), abs=2)
    length = min(len(rest), len(whole))
    assert np.abs(rest[:length] - whole[:length]).max() < 0.01


def test_sound_from_beyond_the_end_is_none(beep):
    assert len(heard(beep, Fraction(2))) == 0


def test_one_channel_is_as_loud_on_both_loudspeakers(tmp_path):
    mono = write_wav(tmp_path / "mono.wav", tone(0.2)[:, :1])

    sound = heard(mono)
    assert np.array_equal(sound[:, 0], sound[:, 1])
    assert rms(sound) == pytest.approx(rms(tone(0.2)), rel=0.01)


def test_a_hole_in_the_time_stamps_is_silence(tmp_path):
    path = tmp_path / "hole.mkv"
    write_packets(path, [(0, 0.5), (1.0, 0.5)])

    sound = heard(path)
    assert len(sound) == pytest.approx(1.5 * RATE, abs=RATE / 100)
    assert rms(sound[: RATE // 2 - 100]) > 0.15
    assert np.abs(sound[RATE // 2 + 100 : RATE - 100]).max() == 0
    assert rms(sound[RATE + 100 :]) > 0.15


def write_packets(path: Path, stretches: list[tuple[float, float]]) -> None:
    """A tone as PCM in packets of 10 ms: stretches from a time on, of a length."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=RATE, layout="stereo")
        for begins, lasts in stretches:
            for packet in range(round(lasts * 100)):
                block = (tone(0.01) * 32767).astype(np.int16)
                frame = av.AudioFrame.from_ndarray(block.reshape(1, -1), "s16", "stereo")
                frame.sample_rate, frame.time_base = RATE, Fraction(1, RATE)
                frame.pts = round(begins * RATE) + packet * 480
                container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


@pytest.mark.parametrize("speed", [Fraction(5, 4), Fraction(3, 4), Fraction(5, 2)])
def test_another_speed_changes_the_length_and_not_the_pitch(speed, tmp_path):
    path = write_wav(tmp_path / "tone.wav", tone(2, 440))

    sound = heard(path, Fraction(0), speed)
    assert len(sound) == pytest.approx(2 * RATE / speed, abs=0.05 * RATE)
    spectrum = np.abs(np.fft.rfft(sound[4000:-4000, 0]))
    pitch = spectrum.argmax() * RATE / (len(sound) - 8000)
    assert pitch == pytest.approx(440, rel=0.01)


def test_at_another_speed_a_beep_is_heard_within_a_frame_of_its_time(beep):
    assert onsets(heard(beep, Fraction(0), Fraction(3, 2))) == [pytest.approx(0.4, abs=0.025)]


def test_a_clip_without_sound_gives_none(tmp_path):
    assert len(heard(make_clip(tmp_path / "clip.mp4", 3))) == 0


@pytest.mark.parametrize("name", ["mono 22050.wav", "aac.m4a", "mpeg.mp3", "opus.webm"])
def test_its_length_is_known_without_decoding(name, beep, tmp_path):
    ffmpeg("-i", beep, *FILES[name], tmp_path / name)

    assert float(sound_length(tmp_path / name)) == pytest.approx(1.5, abs=0.06)


def test_the_length_of_no_sound_is_an_error(tmp_path):
    with pytest.raises(BadMedia, match="it has no sound"):
        sound_length(make_clip(tmp_path / "clip.mp4", 3))


def test_what_is_no_sound_file_is_said(tmp_path):
    page = tmp_path / "song.mp3"
    page.write_text("<html>404</html>")

    with pytest.raises(BadMedia) as told:
        heard(page)
    assert told.value.path == page
