"""The clips that simulated models make: real ones, that move, begin and end as they were asked to."""

from __future__ import annotations

import asyncio
import hashlib
import textwrap
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from fractions import Fraction
from io import BytesIO
from math import sqrt
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont, ImageOps

from storyboard.digest import digest, digest_bytes
from storyboard.media.encode import ClipWriter
from storyboard.media.rewrap import rewrap
from storyboard.model import Size
from storyboard.track import SOUND_RATE

Bytes = npt.NDArray[np.uint8]

Container: TypeAlias = Literal["mp4", "mov", "webm"]
TYPES: Mapping[Container, str] = {
    "mp4": "video/mp4",
    "mov": "video/quicktime",
    "webm": "video/webm",
}
"""Of the files that clips are."""

_FPS = Fraction(24)
_DRIFT = 0.12  # the share of the picture that the camera comes closer by in a clip


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A clip that was asked for.

    Attributes:
        seconds: how long it is; one frame longer where `extra_frame`.
        size: what it is without a picture; with one it has the picture's
            shape, and about as many pixels.
        shots: texts and their seconds; several make cuts in the clip.
        first, last: the pictures that it begins and ends with, as they were sent.
        sound: whether it has a sound track.
        seed: the same gives the same clip, another another.
        scale: how much smaller it is made, so that it is made quickly.
        container: `mp4`, `mov` or `webm`.
    """

    seconds: Fraction
    size: Size
    shots: tuple[tuple[str, Fraction], ...] = ()
    first: bytes | None = None
    last: bytes | None = None
    sound: bool = False
    seed: int = 0
    scale: Fraction = Fraction(1)
    extra_frame: bool = True
    container: Container = "mp4"

    def seeded(self, seed: int) -> Wanted:
        """The same with another seed."""
        return replace(self, seed=seed)

    @property
    def key(self) -> str:
        """Names the clip among all others."""
        return digest(
            [
                *(self.seconds, str(self.size), [list(shot) for shot in self.shots]),
                *(digest_bytes(each) if each else None for each in (self.first, self.last)),
                *(self.sound, self.seed, self.scale, self.extra_frame, self.container),
            ]
        )


class Studio:
    """Makes clips beside the server, each once, into a folder of its own."""

    def __init__(self) -> None:
        self._folder: TemporaryDirectory[str] | None = None
        self._threads = ThreadPoolExecutor(2, thread_name_prefix="studio")
        self._made: dict[str, asyncio.Future[Path]] = {}

    def order(self, wanted: Wanted) -> asyncio.Future[Path]:
        """The clip, as soon as it is made."""
        self._folder = self._folder or TemporaryDirectory(prefix="storyboard-simulators-")
        key = wanted.key
        if key not in self._made:
            path = Path(self._folder.name) / f"{key}.{wanted.container}"
            loop = asyncio.get_running_loop()
            self._made[key] = loop.run_in_executor(self._threads, _made, wanted, path)
        return self._made[key]

    def close(self) -> None:
        """Make no further clips, and keep none."""
        self._threads.shutdown(wait=True, cancel_futures=True)
        if self._folder:
            self._folder.cleanup()


def delivered_size(wanted: Wanted) -> Size:
    """The size of a clip: that which was asked for, or its first picture's shape with as many pixels."""
    width, height = float(wanted.size.width), float(wanted.size.height)
    if wanted.first is not None and (picture := picture_of(wanted.first)) is not None:
        area, aspect = width * height, picture.width / picture.height
        width, height = sqrt(area * aspect), sqrt(area / aspect)
    scale = float(wanted.scale)
    return Size(*(max(2, 2 * round(side * scale / 2)) for side in (width, height)))


def picture_of(data: bytes) -> Image.Image | None:
    """A picture that was sent; None where it is none."""
    try:
        with Image.open(BytesIO(data)) as opened:
            return ImageOps.exif_transpose(opened).convert("RGB")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None


def _made(wanted: Wanted, path: Path) -> Path:
    size = delivered_size(wanted)
    count = int(wanted.seconds * _FPS) + wanted.extra_frame
    plain = path.with_suffix(".mp4")
    with ClipWriter(plain, size, _FPS, sound=wanted.sound) as clip:
        if wanted.sound:
            clip.write_sound(_tone(wanted))
        for picture in _pictures(wanted, size, count):
            clip.write_rgb(picture)
    if wanted.container != "mp4":
        rewrap(plain, path, wanted.container)
    return path


def _pictures(wanted: Wanted, size: Size, count: int) -> Iterator[Bytes]:
    """The frames: the camera goes into each shot's picture; towards an end picture it fades.

    It moves with every second one, as drawn films do: half the work is the moving.
    """
    last = _fitted(wanted.last, size)
    shots = wanted.shots or (("", wanted.seconds),)
    starts = [
        int(sum((each[1] for each in shots[:n]), Fraction(0)) * _FPS) for n in range(len(shots))
    ]
    for number, (text, _) in enumerate(shots):
        begin, end = starts[number], [*starts, count][number + 1]
        still = _fitted(wanted.first, size) if number == 0 else None
        still = still or _card(size, wanted.seed + number, text)
        for index in range(begin, min(end, count)):
            if (index - begin) % 2 == 0 or index == count - 1:
                seen = _closer(still, wanted.seed + number, Fraction(index - begin, count))
                if last is not None and index > count // 2:
                    share = (index - count // 2) / (count - 1 - count // 2)
                    seen = Image.blend(seen, last, share)
                picture = np.asarray(seen)
            yield picture


def _closer(still: Image.Image, seed: int, share: Fraction) -> Image.Image:
    """What a camera sees that moves into a picture, to a side that the seed decides."""
    if not share:
        return still
    lost = _DRIFT * float(share)
    x, y = ((seed * 7 % 5) / 4, (seed * 3 % 4) / 3)
    left, top = still.width * lost * x, still.height * lost * y
    box = (left, top, left + still.width * (1 - lost), top + still.height * (1 - lost))
    return still.resize(still.size, Image.Resampling.BILINEAR, box=box)


def _fitted(data: bytes | None, size: Size) -> Image.Image | None:
    picture = picture_of(data) if data else None
    return ImageOps.fit(picture, (size.width, size.height)) if picture else None


def _card(size: Size, seed: int, text: str) -> Image.Image:
    """What stands for a picture that a model would have made from words."""
    hue = seed * 47 % 256
    across = np.linspace(40, 160, size.width, dtype=np.uint8)
    down = np.linspace(0, 60, size.height, dtype=np.uint8)
    value = across[None, :] + down[:, None]
    flat = np.full_like(value, hue), np.full_like(value, 120), value
    card = Image.merge("HSV", [Image.fromarray(band) for band in flat]).convert("RGB")
    lettering = ImageFont.load_default(max(6, size.height / 18))
    words = textwrap.fill(text[:240], 48)
    ImageDraw.Draw(card).multiline_text(
        (size.width * 0.06, size.height * 0.6), words, fill="white", font=lettering
    )
    return card


def _tone(wanted: Wanted) -> npt.NDArray[np.float32]:
    count = int(wanted.seconds * SOUND_RATE)
    pitch = 220 + wanted.seed % 220
    wave = 0.1 * np.sin(2 * np.pi * pitch * np.arange(count, dtype=np.float32) / SOUND_RATE)
    return np.repeat(wave.astype(np.float32)[:, None], 2, axis=1)


def seed_of(*facts: str | int) -> int:
    """A seed that follows from facts, the same on every machine."""
    joined = "\n".join(map(str, facts)).encode()
    return int.from_bytes(hashlib.sha256(joined).digest()[:4], "big")
