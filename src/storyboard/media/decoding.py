"""Frames of a clip whose coded pictures are known, decoded: those that are wanted, and what they need."""

from __future__ import annotations

from collections.abc import Collection, Generator, Iterable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, TypeAlias

import av
from av.error import InvalidDataError
from av.video.reformatter import ColorRange, Colorspace

from storyboard.media.avc import Configuration, starts_afresh
from storyboard.media.container import BadMedia
from storyboard.media.references import needed
from storyboard.media.segment import Coded

Numbered: TypeAlias = tuple[int, av.VideoFrame]
"""A frame, and which of its clip's it is."""


def decoded(
    path: Path,
    configuration: Configuration,
    pictures: Sequence[Coded],
    wanted: Collection[int],
    *,
    threads: int = 1,
) -> Generator[Numbered, None, None]:
    """Frames in the order in which they are shown, from the key frame before the first wanted one on.

    Pictures that none of them needs are not decoded. Each is an H.264 picture
    in yuv420p, bt.709, limited range.

    Args:
        path: the file that the pictures are in.
        configuration: that they need.
        pictures: as they are decoded; the first can be decoded alone.
        wanted: which are to be seen, by their `shown`; at least one.
        threads: how many decode. Of several, one may wait for ever for another
            where a picture is damaged: more than one is for clips that were
            decoded before.

    Raises:
        BadMedia: a picture that they need is damaged, or the file ends before it. Of
            those wanted, each tells itself whether it is (`is_corrupt`).
        OSError: the file is not there, or cannot be read.
    """
    left = sorted(wanted, reverse=True)
    early: dict[int, av.VideoFrame] = {}
    try:
        with path.open("rb") as file:
            for number, frame in _frames(file, configuration, pictures, set(wanted), threads):
                if number not in wanted:
                    if frame.is_corrupt:  # those that refer to it do not tell
                        raise BadMedia("its picture is damaged", path)
                    continue
                early[number] = frame
                while left and left[-1] in early:
                    yield left[-1], early.pop(left.pop())
    except InvalidDataError as error:
        raise BadMedia("its picture is damaged", path) from error
    if left:
        raise BadMedia("its picture is damaged", path)


def _frames(
    file: BinaryIO,
    configuration: Configuration,
    pictures: Sequence[Coded],
    wanted: Collection[int],
    threads: int,
) -> Iterator[Numbered]:
    places = [place for place, picture in enumerate(pictures) if picture.shown in wanted]
    begins = _key(file, configuration, pictures, min(wanted), places[0])
    fed = pictures[begins : places[-1] + 1]
    spared = any(picture.shown not in wanted for picture in fed)
    given = needed(file, configuration, fed, wanted) if spared else fed
    codec = _decoder(configuration, threads)
    for picture in given or fed:
        if isinstance(picture, bytes):
            packet = av.Packet(len(picture).to_bytes(4, "big") + picture)
        else:
            # What others may refer to is decoded where it is not known what does.
            codec.skip_frame = "DEFAULT" if given or picture.shown in wanted else "NONREF"
            packet = av.Packet(_read(file, picture))
            packet.pts = picture.shown
        yield from _numbered(codec.decode(packet))
    yield from _numbered(codec.decode(None))


def _numbered(frames: Iterable[av.VideoFrame]) -> Iterator[Numbered]:
    """Frames with their numbers; pictures of which only the heads were given have none."""
    return ((frame.pts, frame) for frame in frames if frame.pts is not None)


def _decoder(configuration: Configuration, threads: int) -> av.VideoCodecContext:
    codec = av.VideoCodecContext.create("h264", "r")
    codec.extradata = configuration.written()
    codec.thread_type, codec.thread_count = "FRAME", threads
    codec.options = {
        "strict": "strict"
    }  # no picture comes early, also where nobody says in what order
    # As players and the muxer tell it, where the pictures themselves do not.
    codec.colorspace, codec.color_range = Colorspace.ITU709, ColorRange.MPEG
    return codec


def _key(
    file: BinaryIO,
    configuration: Configuration,
    pictures: Sequence[Coded],
    first: int,
    place: int,
) -> int:
    """The place of the last picture from which on everything can be decoded that is wanted."""
    while place and not (
        pictures[place].key
        and pictures[place].shown <= first
        and starts_afresh(_read(file, pictures[place]), configuration)
    ):
        place -= 1
    return place


def _read(file: BinaryIO, picture: Coded) -> bytes:
    file.seek(picture.offset)
    coded = file.read(picture.size)
    if len(coded) < picture.size:
        raise BadMedia("it ends in the middle of its picture", Path(file.name))
    return coded
