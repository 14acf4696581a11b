"""Colours: what a clip's tags say is what its frames become, and twenty hops keep it."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from io import BytesIO
from pathlib import Path

import av
import numpy as np
import pytest
from odd_clips import FILM, H264, ffmpeg
from PIL import Image

from storyboard.media.colour import rgb_frame, to_rgb, to_yuv
from storyboard.media.container import BadMedia
from storyboard.media.encode import ClipWriter
from storyboard.media.frames import first_frame, take_frame
from storyboard.media.probe import probe
from storyboard.model import Moment, Size

COLOURS = [(200, 60, 40), (30, 140, 60), (20, 40, 180), (235, 235, 225), (8, 8, 8), (128, 128, 128)]


HD, SD, TALL = Size(1280, 720), Size(160, 96), Size(576, 1280)


def stripes(width: int, height: int) -> np.ndarray:
    """Upright stripes of the colours."""
    row = np.repeat(np.array(COLOURS, np.uint8), -(-width // len(COLOURS)), axis=0)[:width]
    return np.repeat(row[None], height, axis=0)


def stripes_of(picture: np.ndarray) -> np.ndarray:
    """The colours in the middle of the stripes."""
    width = picture.shape[1]
    places = [int((n + 0.5) * -(-width // len(COLOURS))) for n in range(len(COLOURS))]
    return np.stack([picture[4:-4, x - 3 : x + 4].mean((0, 1)) for x in places])


def coded(path: Path, *options: object, size: Size = SD, convert: str) -> Path:
    """A clip of the stripes, its RGB converted by ffmpeg's scaler and tagged by options."""
    raw = ("-f", "rawvideo", "-pix_fmt", "rgb24", "-s", size, "-r", 24, "-i", "-")
    scale = f"scale={convert}:flags=bicubic+accurate_rnd+full_chroma_inp"
    pictures = stripes(size.width, size.height).tobytes() * 2
    ffmpeg(*raw, "-vf", scale, *H264, "-qp", "4", *options, path, pictures=pictures)
    return path


def tagged(matrix: str, range_: str = "tv") -> tuple[str, ...]:
    return ("-colorspace", matrix, "-color_range", range_)


UNTAGGED = (
    "-bsf:v",
    "h264_metadata=colour_primaries=2:transfer_characteristics=2:matrix_coefficients=2",
)


@pytest.mark.parametrize(
    ("size", "convert", "options"),
    [
        (SD, "out_color_matrix=bt709:out_range=tv", tagged("bt709")),
        (SD, "out_color_matrix=bt709:out_range=pc", tagged("bt709", "pc")),
        (SD, "out_color_matrix=bt601:out_range=tv", tagged("smpte170m")),
        (SD, "out_color_matrix=bt601:out_range=tv", tagged("bt470bg")),
        (SD, "out_color_matrix=bt601:out_range=pc", tagged("bt470bg", "pc")),
        (SD, "out_color_matrix=bt2020:out_range=tv", tagged("bt2020nc")),
        (SD, "out_color_matrix=smpte240m:out_range=tv", tagged("smpte240m")),
        (HD, "out_color_matrix=bt601:out_range=tv", tagged("smpte170m")),
        (HD, "out_color_matrix=bt709:out_range=tv", UNTAGGED),
        (TALL, "out_color_matrix=bt709:out_range=tv", UNTAGGED),
        (SD, "out_color_matrix=bt601:out_range=tv", UNTAGGED),
    ],
    ids=lambda value: "" if isinstance(value, tuple) else str(value).replace(":out_range=", " "),
)
def test_colours_are_read_as_they_were_meant(
    size: Size, convert: str, options: tuple[str, ...], tmp_path: Path
) -> None:
    clip = coded(tmp_path / "clip.mp4", *options, size=size, convert=convert)
    frame = first_frame(clip)[1]

    assert (frame.colorspace == 2) == (options == UNTAGGED)
    np.testing.assert_allclose(stripes_of(to_rgb(frame)), COLOURS, atol=3)
    again = to_rgb(to_yuv(frame))
    np.testing.assert_allclose(stripes_of(again), COLOURS, atol=4)
    assert probe(clip).full_range == ("pc" in convert)
    assert probe(clip).plain == ("bt709:out_range=tv" in convert)


@pytest.mark.parametrize(
    ("pixels", "convert"),
    [
        ("yuv444p", "out_color_matrix=bt709:out_range=tv"),
        ("yuv422p", "out_color_matrix=bt709:out_range=tv"),
        ("yuv420p10le", "out_color_matrix=bt709:out_range=tv"),
        ("yuv444p10le", "out_color_matrix=bt709:out_range=pc"),
        ("bgr0", "out_range=pc"),
    ],
)
def test_other_samplings_and_depths(pixels: str, convert: str, tmp_path: Path) -> None:
    """As ProRes, 10-bit HEVC or lossless RGB come; here all in FFV1."""
    clip = coded(tmp_path / "clip.mkv", "-c:v", "ffv1", "-pix_fmt", pixels, convert=convert)

    frame = first_frame(clip)[1]

    assert frame.format.name == pixels
    np.testing.assert_allclose(stripes_of(to_rgb(frame)), COLOURS, atol=3)
    np.testing.assert_allclose(stripes_of(to_rgb(to_yuv(frame))), COLOURS, atol=4)


@pytest.mark.parametrize(("transfer", "name"), [(16, "PQ"), (18, "HLG")])
def test_hdr_is_refused_in_so_many_words(transfer: int, name: str, tmp_path: Path) -> None:
    tag = f"h264_metadata=transfer_characteristics={transfer}"
    clip = coded(tmp_path / "clip.mp4", "-bsf:v", tag, convert="out_color_matrix=bt2020")

    with pytest.raises(BadMedia, match=rf"it is HDR \({name}\); convert it to SDR") as caught:
        take_frame(clip, Moment.FIRST, None)
    assert caught.value.path == clip


def test_planes_are_those_of_the_standard() -> None:
    """Y, Cb and Cr by bt.709's own formula, rounded, for every flat colour."""
    levels = [0, 17, 64, 128, 191, 255]
    for red, green, blue in np.array(np.meshgrid(levels, levels, levels)).T.reshape(-1, 3):
        flat = np.full((4, 4, 3), (red, green, blue), np.uint8)
        planes = to_yuv(rgb_frame(flat)).to_ndarray()
        luma = 0.2126 * red + 0.7152 * green + 0.0722 * blue
        expected = (
            16 + 219 / 255 * luma,
            128 + 224 / 255 * (blue - luma) / 1.8556,
            128 + 224 / 255 * (red - luma) / 1.5748,
        )
        np.testing.assert_allclose([planes[0, 0], planes[4, 0], planes[5, 0]], expected, atol=0.75)


def test_a_plain_frame_is_passed_on_untouched(odd_clip: Callable[[str], Path]) -> None:
    frame = first_frame(odd_clip("as written here.mp4"))[1]

    assert to_yuv(frame) is frame
    assert to_yuv(frame, Size(80, 48)).width == 80


def landscape() -> np.ndarray:
    """A picture with soft and hard edges, saturated and grey parts, grain."""
    random = np.random.default_rng(7)
    soft = Image.fromarray(random.integers(20, 236, (6, 10, 3), dtype=np.uint8))
    picture = np.asarray(soft.resize((160, 96), Image.Resampling.BICUBIC)).astype(int)
    picture[60:80, 20:60] = (220, 30, 30)
    picture[10:40, 100:104] = (250, 250, 250)
    picture[50:, 130:] = (12, 14, 20)
    return (picture + random.integers(-6, 7, (96, 160, 1))).clip(0, 255).astype(np.uint8)


def test_twenty_hops_keep_the_colours(tmp_path: Path) -> None:
    """Clip to PNG to clip, as a chain of shots goes on from one another's last frames."""
    start = landscape()
    picture = start
    for hop in range(20):
        clip = tmp_path / f"{hop}.mp4"
        with ClipWriter(clip, Size(160, 96), FILM, keyframes={0, 4}) as writer:
            for _ in range(5):
                writer.write_rgb(picture)
        png = take_frame(clip, Moment.HAND_OVER, Fraction(4, 24))
        picture = np.asarray(Image.open(BytesIO(png)))

    shift = np.abs(picture.astype(float).mean((0, 1)) - start.mean((0, 1)))
    noise = np.mean((picture.astype(float) - start) ** 2)
    assert shift.max() <= 1, shift
    assert 10 * np.log10(255**2 / noise) > 30


def test_colour_does_not_creep_sideways(tmp_path: Path) -> None:
    """Colour samples stand between pixels: read elsewhere, they would move with each hop."""
    picture = np.full((96, 160, 3), 128, np.uint8)
    picture[30:66, 60:100] = (190, 90, 90)
    for _ in range(12):
        clip = tmp_path / "clip.mp4"
        with ClipWriter(clip, Size(160, 96), FILM, quantizer=4) as writer:
            writer.write_rgb(picture)
        picture = to_rgb(first_frame(clip)[1])

    redness = picture[..., 0].astype(float) - picture[..., 1]
    across, down = redness.sum(0), redness.sum(1)
    assert (across * np.arange(160)).sum() / across.sum() == pytest.approx(79.5, abs=0.05)
    assert (down * np.arange(96)).sum() / down.sum() == pytest.approx(47.5, abs=0.05)


def test_frames_of_the_same_picture_are_equal_whoever_decodes(
    odd_clip: Callable[[str], Path],
) -> None:
    """Nothing of a conversion stays for the next one, and the frame keeps its tags."""
    frame = first_frame(odd_clip("b-frames.mp4"))[1]
    tags = (frame.colorspace, frame.color_range)

    first = to_rgb(frame)
    to_yuv(frame)

    np.testing.assert_array_equal(to_rgb(frame), first)
    assert (frame.colorspace, frame.color_range) == tags
    assert isinstance(frame, av.VideoFrame)
