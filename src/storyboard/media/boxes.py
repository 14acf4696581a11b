"""The boxes of an MP4 or MOV, walked over before anything is decoded.

A file that was cut short, or damaged, still opens in every common library and
plays what is left of it; its boxes say that something is missing.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import BinaryIO

from storyboard.media.container import BadMedia

LONGEST_S = 3600
"""A clip that says it is longer than an hour is none."""

_MOST_SAMPLES = LONGEST_S * 240
_WIDEST = 16384  # pixels
_PARENTS = {b"moov", b"trak", b"edts", b"mdia", b"minf", b"stbl"}
_DEEPEST = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """What an MP4 says of its picture track.

    Attributes:
        samples: how many frames; None where they are told in fragments.
        edited: whether some of them may be left out by an edit list.
    """

    samples: int | None
    edited: bool
    duration: Fraction


def is_mp4(path: Path) -> bool:
    """Whether a file begins as an MP4 or MOV does."""
    with path.open("rb") as file:
        return file.read(12)[4:8] in {b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip"}


def walk(path: Path) -> Index:
    """Look at every box's size, and at what the picture track says of itself.

    Raises:
        BadMedia: a box does not fit, or a figure is absurd.
        OSError: the file cannot be read.
    """
    with path.open("rb") as file:
        end = file.seek(0, os.SEEK_END)
        walked = _Walk(file)
        walked.over(0, end, 0)
    if b"mdat" not in walked.kinds:
        raise BadMedia("there are no pictures in it, only the description of some", path)
    for track in walked.tracks:
        if track.get("handler") == b"vide":
            return _index(track, fragmented=b"moof" in walked.kinds, path=path)
    raise BadMedia("its boxes describe no picture", path)


def _index(track: dict[str, int | bytes], *, fragmented: bool, path: Path) -> Index:
    samples, length, scale = (int(track.get(name, 0)) for name in ("samples", "length", "scale"))
    if not scale:
        raise BadMedia("its boxes give its picture no clock", path)
    duration = Fraction(length, scale)
    if samples > _MOST_SAMPLES or duration > LONGEST_S:
        raise BadMedia(f"it says that it has {samples} frames in {float(duration):.0f} s", path)
    if not samples and not fragmented:
        raise BadMedia("its boxes list no frames", path)
    return Index(
        samples=None if fragmented else samples, edited="edits" in track, duration=duration
    )


class _Walk:
    """Boxes within boxes."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.kinds: set[bytes] = set()
        self.tracks: list[dict[str, int | bytes]] = []

    def over(self, at: int, end: int, depth: int) -> None:
        """Every box from `at` to `end`, which is where their parent ends."""
        for kind, inside, behind in self._boxes(at, end):
            self.kinds.add(kind)
            if kind == b"trak":
                self.tracks.append({})
            if kind in _PARENTS and depth < _DEEPEST:
                self.over(inside, behind, depth + 1)
            elif self.tracks:
                self._note(kind, inside, behind)

    def _boxes(self, at: int, end: int) -> Iterator[tuple[bytes, int, int]]:
        while at < end:
            self._file.seek(at)
            head = self._file.read(16)
            size, kind, inside = int.from_bytes(head[:4], "big"), head[4:8], at + 8
            if size == 1:
                size, inside = int.from_bytes(head[8:16], "big"), at + 16
            if size == 0:  # up to the end
                size = end - at
            if len(head) < 8 or at + size > end or at + size < inside:
                name = kind.decode("latin-1")
                raise BadMedia(
                    f"it ends in the middle, or is damaged: its box {name!r} does not fit"
                )
            yield kind, inside, at + size
            at += size

    def _note(self, kind: bytes, inside: int, behind: int) -> None:
        """What one box says of the track at hand."""
        track = self.tracks[-1]
        self._file.seek(inside)
        data = self._file.read(min(behind - inside, 96))
        match kind:
            case b"elst":
                track["edits"] = int.from_bytes(data[4:8], "big")
            case b"hdlr" if "handler" not in track:
                track["handler"] = data[8:12]
            case b"mdhd":
                wide = data[:1] == b"\x01"
                at, width = (20, 8) if wide else (12, 4)
                track["scale"] = int.from_bytes(data[at : at + 4], "big")
                track["length"] = int.from_bytes(data[at + 4 : at + 4 + width], "big")
            case b"tkhd":
                size = data[-8:] if len(data) >= 84 else b""
                across, down = (int.from_bytes(size[n : n + 2], "big") for n in (0, 4))
                if max(across, down) > _WIDEST:
                    raise BadMedia(f"it says that its picture is {across} x {down}")
            case b"stsz":
                track["samples"] = int.from_bytes(data[8:12], "big")
                entries = 0 if any(data[4:8]) else 4 * int(track["samples"])
                if inside + 12 + entries > behind:
                    raise BadMedia("its list of frames is cut short")
            case _:
                pass
