"""Videos that were sent: how long they are."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory

from storyboard.media.container import BadMedia
from storyboard.media.probe import probe

_UNREADABLE = Fraction(5)


def seconds_of(video: bytes) -> Fraction:
    """How long a video is; five seconds stand for one that cannot be read."""
    with TemporaryDirectory(prefix="storyboard-simulators-") as folder:
        path = Path(folder) / "sent.mp4"
        path.write_bytes(video)
        try:
            return probe(path).duration
        except BadMedia:
            return _UNREADABLE
