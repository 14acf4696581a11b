"""A segment: the coded picture of one passage of a cut.

Coded pictures that are a clip's own are not in it: it says where in the clip's
file they stand. So a shot that is as its clip has it costs a few hundred bytes,
however long it is. In the file the bytes of all other pictures come first, then
a list of everything as JSON, then the length of that list in eight bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import cycle, islice
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from storyboard.media.avc import Configuration
from storyboard.media.container import BadMedia
from storyboard.media.trailer import read_trailer, write_trailer


@dataclass(frozen=True, slots=True)
class Coded:
    """One coded picture.

    Attributes:
        offset: where in its file it begins.
        size: in bytes.
        shown: which of the segment's frames it is; pictures stand in the order
            in which they are decoded.
        key: whether it can be decoded alone, and all behind it without those before.
    """

    offset: int
    size: int
    shown: int
    key: bool


@dataclass(frozen=True, slots=True)
class Part:
    """Pictures from one file.

    Attributes:
        clip: the passage's role of the clip that they are in; None for the
            segment's own.
    """

    clip: str | None
    configuration: Configuration
    pictures: tuple[Coded, ...]


@dataclass(frozen=True, slots=True)
class Segment:
    """A segment, read: its parts in order; each begins with a picture that can be decoded alone."""

    path: Path
    parts: tuple[Part, ...]


def read_segment(path: Path) -> Segment:
    """Read a segment's list; the pictures stay where they are.

    Raises:
        BadMedia: it is no segment.
        OSError: the file cannot be read.
    """
    listed = read_trailer(path, "it is no piece of a film")
    return Segment(path, tuple(map(_part, listed)))


def _part(listed: dict[str, object]) -> Part:
    clip, avcc, pictures = listed["clip"], listed["avcc"], listed["pictures"]
    configuration = Configuration.read(bytes.fromhex(str(avcc)))
    if configuration is None or not isinstance(pictures, list):
        raise BadMedia("it is no piece of a film")
    return Part(
        clip=None if clip is None else str(clip),
        configuration=configuration,
        pictures=tuple(Coded(at, size, shown, bool(key)) for at, size, shown, key in pictures),
    )


class SegmentWriter:
    """Writes a segment; a context manager. The file is complete when the block is left normally."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._parts: list[Part] = []
        self._at = 0
        self._shown = 0

    def __enter__(self) -> Self:
        self._file: BinaryIO = self._path.open("wb")
        return self

    def copy(self, clip: str, configuration: Configuration, pictures: Sequence[Coded]) -> None:
        """Add pictures of a clip; `shown` counts from the first of them."""
        self._add(clip, configuration, pictures)

    def write(
        self,
        configuration: Configuration,
        pictures: Iterable[tuple[bytes, bool]],
        frames: int | None = None,
    ) -> None:
        """Add coded pictures, in the order in which they are shown and decoded.

        Args:
            configuration: that they need.
            pictures: with whether they can be decoded alone; the first one can.
            frames: how many are shown: all of them again and again, as often as
                it takes. None for each once.
        """
        written = []
        for shown, (picture, key) in enumerate(pictures):
            self._file.write(picture)
            written.append(Coded(self._at, len(picture), shown, key))
            self._at += len(picture)
        again = islice(cycle(written), len(written), frames or len(written))
        written += [replace(each, shown=shown) for shown, each in enumerate(again, len(written))]
        self._add(None, configuration, written)

    def _add(
        self, clip: str | None, configuration: Configuration, pictures: Sequence[Coded]
    ) -> None:
        if pictures:
            moved = tuple(
                Coded(each.offset, each.size, each.shown + self._shown, each.key)
                for each in pictures
            )
            self._parts.append(Part(clip, configuration, moved))
            self._shown += len(pictures)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._file as file:
            if kind is None:
                write_trailer(file, [_listed(part) for part in self._parts])
        if kind is not None:
            self._path.unlink(missing_ok=True)


def _listed(part: Part) -> dict[str, object]:
    return {
        "clip": part.clip,
        "avcc": part.configuration.written().hex(),
        "pictures": [[each.offset, each.size, each.shown, int(each.key)] for each in part.pictures],
    }
