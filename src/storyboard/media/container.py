"""Opening media files, and saying in the user's words what is wrong with one."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from fractions import Fraction
from pathlib import Path
from typing import BinaryIO

import av
from av.container import InputContainer, OutputContainer
from av.error import FFmpegError
from av.stream import Disposition

# Only what films and sounds come in. Playlists (HLS, concat, SDP …) are left
# out: they would make libav open other files and addresses.
_FORMATS = (
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,mpegts,mpeg,avi,flv,ogg,gif,asf,mxf,"
    "wav,w64,mp3,aac,flac,aiff,caf"
)
_BOXES = {
    *(b"ftyp", b"styp", b"moov", b"moof", b"mdat", b"mfra", b"sidx", b"ssix", b"prft", b"emsg"),
    *(b"free", b"skip", b"wide", b"uuid", b"meta", b"udta", b"pdin"),
}
_PICTURES = {
    b"\x89PNG": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"RIFF....WEBP": "WebP",
    b"BM": "BMP",
    b"II*\0": "TIFF",
    b"MM\0*": "TIFF",
}


class BadMedia(Exception):
    """A file is not the video, sound or picture that it should be.

    As text it says what is wrong with the file, as the end of a sentence that
    names it: `it is empty`.

    Attributes:
        problem: that text.
        path: the file, where it is known.
    """

    def __init__(self, problem: str, path: Path | None = None) -> None:
        super().__init__(problem)
        self.problem = problem
        self.path = path


@contextmanager
def open_media(path: Path) -> Iterator[InputContainer]:
    """Open a video or sound file; it is closed when the block is left.

    Raises:
        BadMedia: it is none that can be read, or it turns out broken inside the block.
        OSError: there is no such file, or the disk fails.
    """
    with path.open("rb") as file:
        head = file.read(512)
        if _is_cut_short(file):
            raise BadMedia(
                "it ends in the middle: it was not downloaded or written to its end", path
            )
    try:
        with av.open(
            f"file:{path}",
            # An MP4's index says all that libav otherwise decodes pictures for: 2 ms, not 40.
            options={"skip_frame": "all"} if head[4:8] in _BOXES else {},
            metadata_errors="ignore",
            container_options={"format_whitelist": _FORMATS, "protocol_whitelist": "file"},
        ) as container:
            yield container
    except FFmpegError as error:
        raise _explained(error, head, path) from error
    except BadMedia as error:
        error.path = error.path or path
        raise


def picture_stream(container: InputContainer) -> av.VideoStream:
    """The stream of moving pictures; a sound file's cover does not count.

    Raises:
        BadMedia: there is none.
    """
    for stream in container.streams.video:
        if stream.disposition & Disposition.attached_pic:
            continue
        if stream.codec_context is None:
            raise BadMedia("its picture is coded in a way that is not known here")
        return stream
    raise BadMedia("it has no picture, only sound" if container.streams.audio else "it is no video")


def picture_track(
    container: OutputContainer, codec: str, rate: Fraction, options: Mapping[str, str]
) -> av.VideoStream:
    """A new track of pictures in a film that is written, bit-exact."""
    stream = container.add_stream(codec, rate=rate, options={**options, "flags": "+bitexact"})
    if not isinstance(stream, av.VideoStream):
        raise TypeError(f"{codec} is no codec for pictures")
    return stream


def packets_of(
    container: InputContainer, stream: av.VideoStream
) -> Iterator[av.Packet[av.VideoStream]]:
    """A stream's packets from where the file stands, and an empty one at the end."""
    with suppress(IndexError):  # of av, behind the end, where other streams began on the way
        yield from container.demux(stream)


def whole(frames: Iterable[av.VideoFrame]) -> int:
    """How many frames have no part that libav made up: it does not raise every error."""
    return sum(not frame.is_corrupt for frame in frames)


def as_os_error(error: FFmpegError, path: Path) -> OSError:
    """What libav could not read or write, as Python's own error that names the file."""
    number = error.errno
    if number is not None and number in errno.errorcode:  # the system's, not one of libav's own
        return OSError(number, os.strerror(number), str(path))
    return OSError(errno.EIO, error.strerror or "libav gave up", str(path))


def _explained(error: FFmpegError, head: bytes, path: Path) -> Exception:
    # The system's other numbers (EIO, EPERM, EAGAIN, ENOMEM) libav also gives to damaged files.
    if error.errno in {errno.ENOENT, errno.EACCES, errno.EMFILE, errno.ENFILE}:
        return as_os_error(error, path)
    return BadMedia(_what_it_is(head) or f"it cannot be read as video ({error.strerror})", path)


def _what_it_is(head: bytes) -> str | None:
    """What a file that libav refuses seems to be, by its first bytes."""
    if not head:
        return "it is empty"
    for start, kind in _PICTURES.items():
        if all(want in (have, ord(".")) for want, have in zip(start, head, strict=False)):
            return f"it is a picture ({kind}), not a video"
    if head[4:8] in _BOXES:
        return "it was not written to its end, or it is damaged: its index cannot be read"
    text = head.decode("utf-8", "ignore").lstrip("\ufeff \t\r\n")
    if text.startswith("<"):
        return "it is a web page (HTML or XML), not a video"
    if text.startswith(("{", "[")):
        return "it is JSON text, not a video"
    if text and all(char.isprintable() or char in "\r\n\t" for char in text):
        return "it is text, not a video"
    return None


def _is_cut_short(file: BinaryIO) -> bool:
    """Whether an MP4, MOV, MKV or WebM says of itself that it should be longer.

    libav plays what is there of such a file, and reports nothing.
    """
    end = file.seek(0, os.SEEK_END)
    file.seek(0)
    start = file.read(12)
    if start[4:8] in _BOXES:
        return _box_goes_beyond(file, end)
    if start.startswith(b"\x1a\x45\xdf\xa3"):
        return _segment_goes_beyond(file, end)
    return False


def _box_goes_beyond(file: BinaryIO, end: int) -> bool:
    """Whether one of an MP4's outermost boxes is longer than what is left of the file."""
    at = 0
    while at + 8 <= end:
        file.seek(at)
        head = file.read(16)
        size, kind = int.from_bytes(head[:4], "big"), head[4:8]
        if size == 1:
            size = int.from_bytes(head[8:16], "big")
        if size == 0 or kind not in _BOXES:  # up to the end; or no box at all
            return False
        at += max(size, 8)
    return at > end


def _segment_goes_beyond(file: BinaryIO, end: int) -> bool:
    """Whether a Matroska's segment is longer than what is left of the file."""
    at = 4
    for ident in (
        b"",
        b"\x18\x53\x80\x67",
    ):  # the header, whose own ident was read, then the segment
        file.seek(at)
        head = file.read(12)
        if not head.startswith(ident) or len(head) < len(ident) + 1 or not head[len(ident)]:
            return False
        width = 9 - head[len(ident)].bit_length()  # of an EBML number
        value = int.from_bytes(head[len(ident) :][:width], "big") - (1 << 7 * width)
        at += len(ident) + width
        if value == (1 << 7 * width) - 1:  # unknown, as in a live stream
            return False
        at += value
    return at > end
