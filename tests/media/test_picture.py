"""Users' pictures as they are to be seen, and pictures as PNG."""

from __future__ import annotations

import struct
import tracemalloc
import zlib
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from PIL import Image, ImageCms

from storyboard.media.container import BadMedia
from storyboard.media.picture import picture_size, read_picture, to_png
from storyboard.model import Size

RED, GREEN, BLUE = (200, 30, 20), (20, 160, 40), (30, 40, 210)


def sample() -> Image.Image:
    """Red on the left, green on the upper right, blue below it."""
    image = Image.new("RGB", (24, 16), RED)
    image.paste(GREEN, (12, 0, 24, 8))
    image.paste(BLUE, (12, 8, 24, 16))
    return image


def assert_is_sample(picture: np.ndarray, within: int = 0) -> None:
    assert picture.shape == (16, 24, 3)
    assert picture.dtype == np.uint8
    corners = [picture[8, 4], picture[3, 19], picture[12, 19]]
    np.testing.assert_allclose(np.array(corners, int), [RED, GREEN, BLUE], atol=within)


@pytest.mark.parametrize(
    ("name", "prepare", "options", "within"),
    [
        ("rgb.png", lambda image: image, {}, 0),
        ("interlaced name without ending", lambda image: image, {"format": "PNG"}, 0),
        ("palette.png", lambda image: image.quantize(8), {}, 0),
        ("palette with transparency.png", lambda image: image.quantize(8), {"transparency": 7}, 0),
        ("opaque.png", lambda image: image.convert("RGBA"), {}, 0),
        ("photo.jpg", lambda image: image, {"quality": 95, "subsampling": 0}, 3),
        ("print.jpg", lambda image: image.convert("CMYK"), {"quality": 95}, 4),
        ("lossless.webp", lambda image: image, {"lossless": True}, 0),
        ("lossy.webp", lambda image: image, {"quality": 95}, 12),
    ],
)
def test_pictures_of_all_kinds(
    name: str,
    prepare: Callable[[Image.Image], Image.Image],
    options: dict[str, object],
    within: int,
    tmp_path: Path,
) -> None:
    prepare(sample()).save(tmp_path / name, **options)

    assert_is_sample(read_picture(tmp_path / name), within)
    assert picture_size(tmp_path / name) == Size(24, 16)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("ending", ["jpg", "png", "webp"])
def test_pictures_are_turned_as_the_camera_said(
    ending: str, orientation: int, tmp_path: Path
) -> None:
    turns = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,  # stored so that a quarter to the right sets it upright
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    stored = sample().transpose(turns[orientation]) if orientation in turns else sample()
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = tmp_path / f"photo.{ending}"
    stored.save(path, exif=exif, quality=95, **({"lossless": True} if ending == "webp" else {}))

    assert_is_sample(read_picture(path), 4 if ending == "jpg" else 0)
    assert picture_size(path) == Size(24, 16)


def test_broken_exif_does_no_harm(tmp_path: Path) -> None:
    for number, exif in enumerate((b"Exif\0\0junk", b"Exif\0\0MM\0*\0\0\0\x08\0\x09", b"Exif\0\0")):
        path = tmp_path / f"{number}.jpg"
        sample().save(path, exif=exif, quality=95)
        assert_is_sample(read_picture(path), 10)
        assert picture_size(path) == Size(24, 16)


def test_what_is_transparent_lies_on_black(tmp_path: Path) -> None:
    image = sample().convert("RGBA")
    image.putalpha(Image.new("L", image.size, 128))
    image.save(tmp_path / "glass.png")
    Image.new("LA", (2, 2), (250, 0)).save(tmp_path / "nothing.png")

    half = read_picture(tmp_path / "glass.png")[8, 4]
    np.testing.assert_allclose(half, np.array(RED) * 128 / 255, atol=1)
    assert not read_picture(tmp_path / "nothing.png").any()


def test_sixteen_bits_are_rounded(tmp_path: Path) -> None:
    levels = np.array([[0, 127, 129, 32896, 65535]], np.uint16)
    Image.fromarray(levels).save(tmp_path / "deep.png")

    assert read_picture(tmp_path / "deep.png")[0, :, 1].tolist() == [0, 0, 1, 128, 255]


def test_grey_and_one_bit(tmp_path: Path) -> None:
    Image.new("L", (3, 2), 77).save(tmp_path / "grey.png")
    Image.new("1", (3, 2), 1).save(tmp_path / "bit.png")

    assert (read_picture(tmp_path / "grey.png") == 77).all()
    assert (read_picture(tmp_path / "bit.png") == 255).all()


def test_a_colour_profile_is_converted_to_srgb(tmp_path: Path) -> None:
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    swaps = srgb.replace(b"rXYZ", b"____").replace(b"gXYZ", b"rXYZ").replace(b"____", b"gXYZ")
    red, green, blue = sample().split()
    other = Image.merge("RGB", (green, red, blue))  # in a space whose red is sRGB's green
    for image, profile in ((sample(), srgb), (sample(), b"junk"), (other, swaps)):
        image.save(tmp_path / "image.png", icc_profile=profile)
        assert_is_sample(read_picture(tmp_path / "image.png"), 1)
    other.convert("RGBA").save(tmp_path / "image.png", icc_profile=swaps)
    assert_is_sample(read_picture(tmp_path / "image.png"), 1)


def png_head(width: int, height: int) -> bytes:
    """The start of a PNG that promises a picture of that size."""
    chunk = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = b"IDAT" + zlib.compress(bytes(1000))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(part) - 4) + part + struct.pack(">I", zlib.crc32(part))
        for part in (chunk, data)
    )


@pytest.mark.parametrize("size", [(12000, 12500), (8001, 8000), (2**31 - 1, 2**31 - 1)])
def test_a_picture_that_would_fill_the_memory_is_not_decoded(
    size: tuple[int, int], tmp_path: Path
) -> None:
    path = tmp_path / "bomb.png"
    path.write_bytes(png_head(*size))
    tracemalloc.start()

    with pytest.raises(BadMedia, match=f"{size[0]} x {size[1]} pixels, more than the 64 million"):
        read_picture(path)

    assert tracemalloc.get_traced_memory()[1] < 5_000_000
    tracemalloc.stop()
    with pytest.raises(BadMedia, match="more than the 64 million"):
        picture_size(path)


def damaged(content: bytes) -> bytes:
    return content[: len(content) // 2]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "it is empty"),
        (b"<html>", "it is no PNG, JPEG or WebP picture"),
        (b"GIF89a" + bytes(40), "it is no PNG, JPEG or WebP picture"),
        (b"RIFF\x28\0\0\0WAVEfmt " + bytes(40), "it is no PNG, JPEG or WebP picture"),
        (b"\x89PNG\r\n\x1a\n", "it is damaged"),
        (b"\xff\xd8\xff\xe0", "it is damaged"),
        (b"RIFF\x40\0\0\0AVI LIST", "it is no PNG, JPEG or WebP picture"),
        (b"RIFF\x40\0\0\0WEBPVP8 " + bytes(50), "it is damaged"),
        (png_head(40, 40), "it is damaged, or was not written to its end"),
    ],
)
def test_what_is_no_picture(content: bytes, told: str, tmp_path: Path) -> None:
    path = tmp_path / "picture.png"
    path.write_bytes(content)

    with pytest.raises(BadMedia) as caught:
        read_picture(path)

    assert str(caught.value).startswith(told)
    assert caught.value.path == path


@pytest.mark.parametrize("ending", ["png", "jpg", "webp"])
def test_pictures_that_break_off(ending: str, tmp_path: Path) -> None:
    grain = np.random.default_rng(0).integers(0, 256, (80, 90, 3), dtype=np.uint8)
    path = tmp_path / f"picture.{ending}"
    Image.fromarray(grain).save(path)
    content = path.read_bytes()
    for part in (0.1, 0.5, 0.95):
        path.write_bytes(content[: int(len(content) * part)])
        with pytest.raises(BadMedia, match="damaged"):
            read_picture(path)


def test_a_missing_picture_is_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_picture(tmp_path / "gone.png")


@settings(max_examples=60, deadline=None)
@given(
    arrays.arrays(
        np.uint8,
        st.tuples(st.integers(1, 150), st.integers(1, 20), st.just(3)),
        elements=st.integers(0, 255),
    )
)
def test_png_holds_the_picture_to_the_bit(picture: np.ndarray) -> None:
    png = to_png(picture)

    with Image.open(BytesIO(png)) as image:
        assert image.mode == "RGB"
        assert not image.info
        np.testing.assert_array_equal(np.asarray(image), picture)
    assert to_png(np.asfortranarray(picture)) == png
