"""The pictures and videos that a request is given, and what kind of file each is."""

from __future__ import annotations

from pathlib import Path

from storyboard.digest import digest_bytes
from storyboard.exchange import Media

_STARTS = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"BM", "image/bmp"),
    (b"\x1aE\xdf\xa3", "video/webm"),
)
_BRANDS = {b"avif": "image/avif", b"avis": "image/avif", b"heic": "image/heic", b"qt  ": "video/quicktime"}  # fmt: skip

ENDINGS = {"video/mp4": ".mp4", "video/quicktime": ".mov", "video/webm": ".webm"}
"""The ending of a clip's file by its type."""


def read_input(source: Path | str) -> Media:
    """An input as it is given to a provider: a file, or what only the provider can reach.

    Raises:
        OSError: the file cannot be read.
    """
    if isinstance(source, str):
        return Media(type="", reference=source)
    data = source.read_bytes()
    return Media(type=type_of(data[:32]), digest=digest_bytes(data), data=data)


def type_of(head: bytes) -> str:
    """The media type of a file by its first bytes."""
    for start, kind in _STARTS:
        if head.startswith(start):
            return kind
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if head[4:8] in {b"ftyp", b"moov", b"wide", b"mdat"}:
        return _BRANDS.get(head[8:12], "video/mp4")
    return "application/octet-stream"
