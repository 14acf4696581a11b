"""Files that are not the clips they are taken for: each says what is wrong with it."""

from __future__ import annotations

import socket
from collections.abc import Callable
from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from random import Random

import pytest
from odd_clips import B_FRAMES, encode, ffmpeg, tone

from storyboard.media.container import BadMedia
from storyboard.media.frames import frames_in_order, take_frame
from storyboard.media.probe import probe
from storyboard.model import Moment

Clips = Callable[[str], Path]


def refused(path: Path) -> str:
    """What the user is told, whoever opens the file."""
    with pytest.raises(BadMedia) as by_probe:
        probe(path)
    with pytest.raises(BadMedia) as by_frame:
        take_frame(path, Moment.LAST, None)
    with pytest.raises(BadMedia):
        next(frames_in_order(path, Fraction(1)))
    assert by_probe.value.path == by_frame.value.path == path
    assert str(by_probe.value) == str(by_frame.value)
    return str(by_probe.value)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "it is empty"),
        (b"<!DOCTYPE html><title>Sign in</title>", "it is a web page (HTML or XML), not a video"),
        (
            b"\xef\xbb\xbf\n <Error><Code>AccessDenied</Code></Error>",
            "it is a web page (HTML or XML)",
        ),
        (b'{"detail": "expired"}', "it is JSON text, not a video"),
        ("Die Datei läuft ab".encode() * 40, "it is text, not a video"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\n", "it is text"),
        (b"\x89PNG\r\n\x1a\n" + bytes(64), "it is a picture (PNG), not a video"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF" + bytes(64), "it is a picture (JPEG), not a video"),
        (b"RIFF\x24\0\0\0WEBPVP8 " + bytes(64), "it is a picture (WebP), not a video"),
        (bytes(4000), "it cannot be read as video"),
        (bytes(range(256)) * 30, "it cannot be read as video"),
    ],
)
def test_what_is_no_video(content: bytes, told: str, tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    path.write_bytes(content)

    assert refused(path).startswith(told)


@pytest.mark.parametrize("part", [0.02, 0.3, 0.5, 0.9, 0.999])
@pytest.mark.parametrize(
    "name",
    [
        "as written here.mp4",
        "b-frames.mp4",
        "fragments.mp4",
        "vp9.webm",
        "23.976 in milliseconds.mkv",
    ],
)
def test_a_download_that_broke_off(name: str, part: float, odd_clip: Clips, tmp_path: Path) -> None:
    whole = odd_clip(name).read_bytes()
    path = tmp_path / name
    path.write_bytes(whole[: int(len(whole) * part)])

    assert refused(path) == "it ends in the middle: it was not downloaded or written to its end"


def test_a_recording_without_its_index(odd_clip: Clips, tmp_path: Path) -> None:
    """Between whole boxes, before the last: as a recorder leaves it that was killed."""
    whole = odd_clip("b-frames.mp4").read_bytes()
    path = tmp_path / "clip.mp4"
    path.write_bytes(whole[: whole.index(b"moov") - 4])

    assert "its index cannot be read" in refused(path)


def test_sound_alone(tmp_path: Path) -> None:
    ffmpeg(*tone(1), "-c:a", "aac", tmp_path / "sound.mp4")

    assert refused(tmp_path / "sound.mp4") == "it has no picture, only sound"


def test_a_cover_is_no_picture(tmp_path: Path) -> None:
    cover = tmp_path / "cover.png"
    ffmpeg("-i", encode(tmp_path / "clip.mp4", *B_FRAMES, count=1), "-frames:v", "1", cover)
    song = tmp_path / "song.mp3"
    ffmpeg(*tone(1), "-i", cover, "-map", "0", "-map", "1", "-disposition:v", "attached_pic", song)

    assert refused(song) == "it has no picture, only sound"


def test_a_picture_in_no_known_code(odd_clip: Clips, tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    path.write_bytes(odd_clip("b-frames.mp4").read_bytes().replace(b"avc1", b"zzz1"))

    assert refused(path) == "its picture is coded in a way that is not known here"


@pytest.mark.parametrize("seed", range(30))
def test_rotten_files_are_read_or_refused(seed: int, odd_clip: Clips, tmp_path: Path) -> None:
    """A few bytes changed anywhere, half of them in the headers: never any other error."""
    random = Random(seed)
    name = random.choice(["b-frames.mp4", "open gop.ts", "vp9.webm", "fragments.mp4", "mpeg4.avi"])
    content = bytearray(odd_clip(name).read_bytes())
    for _ in range(6):
        content[random.randrange(random.choice([800, len(content)]))] = random.choice([0, 127, 255])
    path = tmp_path / name
    path.write_bytes(content)

    with suppress(BadMedia):
        assert probe(path).frames > 0
    with suppress(BadMedia):
        assert take_frame(path, Moment.LAST, None).startswith(b"\x89PNG")


def test_a_playlist_opens_nothing_else(odd_clip: Clips, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.05)
        address = f"http://127.0.0.1:{server.getsockname()[1]}/clip.ts"
        for text in (
            f"#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\n{address}\n#EXT-X-ENDLIST\n",
            f"ffconcat version 1.0\nfile {odd_clip('b-frames.mp4')}\n",
        ):
            path = tmp_path / "clip.mp4"
            path.write_text(text)
            assert refused(path) == "it is text, not a video"
        with pytest.raises(TimeoutError):
            server.accept()


def test_what_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"gone\.mp4"):
        probe(tmp_path / "gone.mp4")
    with pytest.raises(IsADirectoryError):
        take_frame(tmp_path, Moment.FIRST, None)


def test_names_that_look_like_addresses(odd_clip: Clips, tmp_path: Path) -> None:
    for name in ("http:clip.mp4", "12:30 %d ü.mp4", "concat:a|b.mp4"):
        path = tmp_path / name
        path.write_bytes(odd_clip("b-frames.mp4").read_bytes())
        assert probe(path).frames == 49


def test_bytes_behind_the_end_do_no_harm(odd_clip: Clips, tmp_path: Path) -> None:
    for tail in (bytes(3), bytes(64), b"made by a camera, 2024"):
        path = tmp_path / "clip.mp4"
        path.write_bytes(odd_clip("as written here.mp4").read_bytes() + tail)
        assert probe(path).frames == 49
