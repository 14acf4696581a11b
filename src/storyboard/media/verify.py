"""Whether a file that a provider made is what it was asked for, before it is believed."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from storyboard.media.boxes import is_mp4, walk
from storyboard.media.container import BadMedia, open_media, packets_of, picture_stream, whole
from storyboard.media.probe import ClipInfo, probe
from storyboard.model import Seconds

__all__ = ["BadMedia", "Expected", "verify"]

_SLACK_S = Fraction(1, 4)  # a clip of 5 s has one frame more, or ends a few early
_SLACK_ASPECT = Fraction(1, 20)  # sizes are rounded to what the coder likes


@dataclass(frozen=True, slots=True)
class Expected:
    """What a clip was asked to be.

    Attributes:
        duration: seconds; None where it follows from a video that was sent.
        aspect: width over height; None where nobody asked.
    """

    duration: Seconds | None = None
    aspect: Fraction | None = None


def verify(path: Path, expected: Expected) -> ClipInfo:
    """Walk over the boxes, decode every frame strictly, and compare with what was asked.

    Raises:
        BadMedia: it is no video, it is damaged or cut short, or another length
            or shape than was asked for.
        OSError: the file cannot be read.
    """
    index = walk(path) if is_mp4(path) else None
    info = probe(path)
    decoded, offered = _decode_all(path)
    listed = index.samples if index and index.samples and not index.edited else offered
    if decoded != listed:
        raise BadMedia(f"only {decoded} of its {listed} frames can be decoded", path)
    if expected.duration is not None and abs(info.duration - expected.duration) > _SLACK_S:
        raise BadMedia(
            f"it lasts {float(info.duration):.2f} s, and {float(expected.duration):g} s were asked for",
            path,
        )
    aspect = info.shown.aspect
    if expected.aspect is not None and abs(aspect / expected.aspect - 1) > _SLACK_ASPECT:
        raise BadMedia(
            f"its picture is {info.shown.width} x {info.shown.height}, another shape than was"
            f" asked for ({float(expected.aspect):.3g} : 1)",
            path,
        )
    return info


def _decode_all(path: Path) -> tuple[int, int]:
    """How many frames can be decoded wholly, and how many are there."""
    decoded = offered = 0
    with open_media(path) as container:
        stream = picture_stream(container)
        stream.thread_count = 1  # of several, one may wait for ever for the others when it fails
        stream.codec_context.options = {"err_detect": "explode"}
        for packet in packets_of(container, stream):
            offered += bool(packet.size) and not packet.is_discard
            decoded += whole(packet.decode())
    return decoded, offered
