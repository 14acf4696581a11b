"""A few frames of a segment, decoded from the very pictures that a film of it holds.

Only what they need is decoded: from the key frame before them on, and of those
on the way there what others need.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import av

from storyboard.media.decoding import decoded
from storyboard.media.segment import Segment


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
            path = segment.path if part.clip is None else clips[part.clip]
            # One thread: other seams are measured meanwhile.
            frames = decoded(path, part.configuration, part.pictures, here)
            found += [frame for _, frame in frames]
        begins = ends
    return found
