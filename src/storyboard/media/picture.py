"""Pictures: users' files as RGB, and RGB as PNG."""

from __future__ import annotations

import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageCms
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.WebPImagePlugin import WebPImageFile

from storyboard.media.container import BadMedia
from storyboard.model import Size

Bytes = npt.NDArray[np.uint8]

LARGEST = 64_000_000
"""How many pixels a picture may have: no decoder is asked for more."""

_EFFORT = 5
"""zlib's level. Another one gives other bytes, and so makes other frames for every key."""

_BAND = 64
"""Rows of a PNG that are worked on at once, to bound the memory."""

_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_DAMAGE = (
    OSError,
    SyntaxError,
    ValueError,
    IndexError,
    KeyError,
    EOFError,
    struct.error,
    zlib.error,
)
"""What Pillow raises for files that are not as they should be."""

_READERS = {
    b"\x89PNG\r\n\x1a\n": PngImageFile,
    b"\xff\xd8\xff": JpegImageFile,
    b"RIFF": WebPImageFile,
}


def read_picture(path: Path) -> Bytes:
    """A PNG, JPEG or WebP file as it is to be seen: height x width x 3, RGB (sRGB), 0 to 255.

    It is turned as its EXIF says, what is transparent lies on black, 16 bits
    are rounded to 8, a colour profile is converted to sRGB.

    Raises:
        BadMedia: it is no such picture, is damaged, or has more than 64 million pixels.
        OSError: there is no such file, or the disk fails.
    """
    with _quietly():
        image = _opened(path)
        turn = _UPRIGHT.get(_orientation(image))
        try:
            image.load()
        except _DAMAGE as error:  # no disk's fault: its bytes were read already
            raise BadMedia(
                f"it is damaged, or was not written to its end ({error})", path
            ) from error
        picture = _on_black(_eight_bits(image))
        return np.asarray(picture if turn is None else picture.transpose(turn))


def picture_size(path: Path) -> Size:
    """The size at which `read_picture` would give a picture; its pixels are not decoded.

    Raises:
        BadMedia: as `read_picture`, as far as the file's head shows.
        OSError: there is no such file, or the disk fails.
    """
    with _quietly():
        image = _opened(path)
        lies_on_its_side = _orientation(image) in {5, 6, 7, 8}
    width, height = image.size
    return Size(height, width) if lies_on_its_side else Size(width, height)


def to_png(picture: Bytes) -> bytes:
    """A picture (height x width x 3, RGB, 0 to 255) as PNG; the same picture, the same bytes.

    Plain 8-bit RGB without any further chunk. Each row takes the filter that
    leaves the least to code.
    """
    height, width, _ = picture.shape
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = picture.reshape(height, width * 3)
    coder = zlib.compressobj(_EFFORT)
    data = b"".join(coder.compress(_filtered(rows, top)) for top in range(0, height, _BAND))
    data += coder.flush()
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", data) + _chunk(b"IEND")


def _opened(path: Path) -> Image.Image:
    content = path.read_bytes()
    reader = next((kind for start, kind in _READERS.items() if content.startswith(start)), None)
    if content.startswith(b"RIFF") and content[8:12] != b"WEBP":  # a sound or a film is RIFF, too
        reader = None
    if reader is None:
        raise BadMedia("it is no PNG, JPEG or WebP picture" if content else "it is empty", path)
    try:
        # Not Image.open: that only warns of pictures that would fill the memory.
        image: Image.Image = reader(BytesIO(content))
    except _DAMAGE as error:
        raise BadMedia(f"it is damaged ({error})", path) from error
    if image.width * image.height > LARGEST:
        raise BadMedia(
            f"it has {image.width} x {image.height} pixels, "
            f"more than the {LARGEST // 1_000_000} million that are read",
            path,
        )
    return image


@contextmanager
def _quietly() -> Iterator[None]:
    """Keep Pillow's warnings from the terminal: of broken EXIF, of odd JPEGs."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _orientation(image: Image.Image) -> int:
    """How a picture is to be turned, as EXIF numbers it; 1, upright, where that is broken."""
    try:
        return int(image.getexif().get(0x0112, 1))
    except (*_DAMAGE, TypeError):
        return 1


def _eight_bits(image: Image.Image) -> Image.Image:
    """A picture in RGB or RGBA."""
    if image.mode.startswith("I"):  # 16 bits of grey
        grey = (np.asarray(image).astype(np.uint32) * 255 + 32767) // 65535
        return Image.fromarray(grey.astype(np.uint8)).convert("RGB")
    has_alpha = image.mode in {"RGBA", "LA", "PA", "La", "RGBa"} or "transparency" in image.info
    wanted = "RGBA" if has_alpha else "RGB"
    profile = image.info.get("icc_profile")
    if image.mode != "CMYK":  # whose profile is one of inks, and leads to RGB by itself
        image = image.convert(wanted)
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile or b""))
        srgb = ImageCms.createProfile("sRGB")
        converted = ImageCms.profileToProfile(image, source, srgb, outputMode=wanted)
    except (ImageCms.PyCMSError, OSError):  # no profile, or none that can be read
        converted = None
    return converted or image.convert(wanted)


def _on_black(image: Image.Image) -> Image.Image:
    if image.mode == "RGB":
        return image
    black = Image.new("RGBA", image.size, (0, 0, 0, 255))
    return Image.alpha_composite(black, image).convert("RGB")


def _filtered(rows: Bytes, top: int) -> bytes:
    """A band of rows from `top` on, each behind the number of its PNG filter."""
    band = rows[top : top + _BAND].astype(np.int16)
    before = rows[top - 1 : top] if top else np.zeros_like(rows[:1])
    above = np.concatenate((before.astype(np.int16), band[:-1]))
    left, corner = (np.pad(part, ((0, 0), (3, 0)))[:, :-3] for part in (band, above))
    guesses = (0, left, above, (left + above) // 2, _paeth(left, above, corner))
    candidates = np.stack([(band - guess).astype(np.uint8) for guess in guesses])
    # The smaller the signed differences of a row, the better it packs.
    cost = np.abs(candidates.view(np.int8).astype(np.int16)).sum(axis=2, dtype=np.int64)
    best = cost.argmin(axis=0)
    chosen = candidates[best, np.arange(len(band))]
    return np.column_stack((best.astype(np.uint8), chosen)).tobytes()


def _paeth(
    left: npt.NDArray[np.int16], above: npt.NDArray[np.int16], corner: npt.NDArray[np.int16]
) -> npt.NDArray[np.int16]:
    """Of three neighbours, the one nearest to `left + above - corner`."""
    by_left, by_above = np.abs(above - corner), np.abs(left - corner)
    by_corner = np.abs(left + above - 2 * corner)
    nearest = np.where(by_above <= by_corner, above, corner)
    return np.where((by_left <= by_above) & (by_left <= by_corner), left, nearest)


def _chunk(kind: bytes, data: bytes = b"") -> bytes:
    check = zlib.crc32(kind + data)
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", check)
