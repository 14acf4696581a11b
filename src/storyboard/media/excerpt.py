"""A few frames of a segment, decoded from the very pictures that a film of it holds.

Only what they need is decoded: from the key frame before them on, and of those
on the way there what others need.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import av
from av.error import InvalidDataError

from storyboard.media.avc import starts_afresh
from storyboard.media.container import BadMedia
from storyboard.media.segment import Part, Segment


def excerpt(segment: Segment, clips: Mapping[str, Path], wanted: range) -> list[av.VideoFrame]:
    """Frames of a segment, as they are shown; those that it has of the wanted ones.

    Args:
        segment: the segment.
        clips: by its own roles, the clips that its pictures are in.
        wanted: numbers of frames, from 0.

    Raises:
        BadMedia: a picture is damaged, or a file ends before it.
        OSError: a file is not there, or the disk fails.
    """
    found: list[av.VideoFrame] = []
    begins = 0
    for part in segment.parts:
        ends = begins + len(part.pictures)
        here = range(max(begins, wanted.start), min(ends, wanted.stop))
        if here:
            found += _decoded(segment.path if part.clip is None else clips[part.clip], part, here)
        begins = ends
    return found


def _decoded(path: Path, part: Part, wanted: range) -> list[av.VideoFrame]:
    places = {picture.shown: place for place, picture in enumerate(part.pictures)}
    last = max(places[number] for number in wanted)
    codec = av.VideoCodecContext.create("h264", "r")
    codec.extradata = part.configuration.written()
    codec.thread_count = 1  # the others have a seam of their own
    found: dict[int | None, av.VideoFrame] = {}
    with path.open("rb") as file:

        def read(place: int) -> bytes:
            picture = part.pictures[place]
            file.seek(picture.offset)
            return file.read(picture.size)

        begins = next(
            place
            for place in range(places[wanted.start], -1, -1)
            if not place
            or (
                part.pictures[place].key
                and part.pictures[place].shown <= wanted.start
                and starts_afresh(read(place), part.configuration)
            )
        )
        try:
            for place in range(begins, last + 1):
                shown = part.pictures[place].shown
                codec.skip_frame = "DEFAULT" if shown in wanted else "NONREF"
                packet = av.Packet(read(place))
                packet.pts = shown
                found |= {frame.pts: frame for frame in codec.decode(packet)}
            found |= {frame.pts: frame for frame in codec.decode(None)}
        except InvalidDataError as error:
            raise BadMedia("its picture is damaged", path) from error
    if not all(number in found for number in wanted):
        raise BadMedia("its picture is damaged", path)
    return [found[number] for number in wanted]
