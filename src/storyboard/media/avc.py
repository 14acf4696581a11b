"""H.264 as MP4 holds it: parameter sets, and pictures coded so that they join with others.

Coded pictures name the parameter sets that they need by numbers. What is coded
here has sets of number 1; nearly everybody else's have 0. So both can stand in
one track, whose configuration (`avcC`) holds the sets of both.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Self

import av
from av.video.frame import PictureType
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc

from storyboard.media.fit import Planes, frame_of
from storyboard.model import Size

OWN_SETS = 1
"""The number of the parameter sets of what is coded here for a film."""

X264 = (
    "scenecut=0:mbtree=0:aq-mode=0:rc-lookahead=0:sync-lookahead=0:open-gop=0"
    ":sliced-threads=0:chromaloc=1"  # 1: the middle of four pixels
)
# aud: each picture says where it begins. Without CABAC coding takes half of the time, and
# gives a sixth more bytes at the same quality, of few pictures.
_IN_A_FILM = f"{X264}:sps-id={OWN_SETS}:annexb=0:aud=1:cabac=0"
_QUANTIZER = 18
"""Of a film: nothing is made from its frames again, as it is from a clip's."""

_KEY, _MESSAGE, _SPS, _PPS = 5, 6, 7, 8
HEAD = 256
"""Bytes in which a slice has said all that it says before its pixels."""

_PLAIN_PROFILES = (66, 77, 88)
"""Profiles whose configuration ends with the parameter sets."""


@dataclass(frozen=True, slots=True)
class Configuration:
    """What a decoder must know before the first picture: `avcC`.

    Attributes:
        profile: profile, compatibility and level, a byte each.
        sps: sequence parameter sets, each a whole NAL unit.
        pps: picture parameter sets.
    """

    profile: bytes
    sps: tuple[bytes, ...]
    pps: tuple[bytes, ...]

    @classmethod
    def read(cls, avcc: bytes) -> Self | None:
        """From the bytes of an `avcC`; None where they are none with lengths of four bytes."""
        try:
            if avcc[0] != 1 or avcc[4] & 3 != 3:
                return None
            sps, at = _listed(avcc, 6, avcc[5] & 31)
            pps, _ = _listed(avcc, at + 1, avcc[at])
        except IndexError:
            return None
        return cls(avcc[1:4], sps, pps) if sps and pps else None

    def numbers(self) -> tuple[set[int], set[int]]:
        """The numbers of its sequence sets, and those of its picture sets."""
        return {_number(unit, 4) for unit in self.sps}, {_number(unit, 1) for unit in self.pps}

    def __add__(self, other: Configuration) -> Configuration:
        """One that serves the pictures of both."""
        return Configuration(
            bytes(
                (
                    max(self.profile[0], other.profile[0]),
                    self.profile[1] & other.profile[1],
                    max(self.profile[2], other.profile[2]),
                )
            ),
            tuple(dict.fromkeys(self.sps + other.sps)),
            tuple(dict.fromkeys(self.pps + other.pps)),
        )

    def clashes_with(self, other: Configuration) -> bool:
        """Whether a number means one thing here and another there."""
        together = self + other
        return any(
            len({_number(unit, at) for unit in units}) < len(units)
            for units, at in ((together.sps, 4), (together.pps, 1))
        )

    def written(self) -> bytes:
        """The bytes of an `avcC`."""
        parts = [b"\x01", self.profile, b"\xff", bytes((0xE0 | len(self.sps),))]
        parts += [len(unit).to_bytes(2, "big") + unit for unit in self.sps]
        parts.append(bytes((len(self.pps),)))
        parts += [len(unit).to_bytes(2, "big") + unit for unit in self.pps]
        if self.profile[0] not in _PLAIN_PROFILES:
            parts.append(b"\xfd\xf8\xf8\x00")  # 4:2:0 of 8 bits, no further sets
        return b"".join(parts)


def _listed(avcc: bytes, at: int, count: int) -> tuple[tuple[bytes, ...], int]:
    units = []
    for _ in range(count):
        length = int.from_bytes(avcc[at : at + 2], "big")
        if not length or at + 2 + length > len(avcc):
            raise IndexError
        units.append(avcc[at + 2 : at + 2 + length])
        at += 2 + length
    return tuple(units), at


def _number(unit: bytes, at: int) -> int:
    """The number of a parameter set: an Exp-Golomb code at a byte of its unit."""
    bits = int.from_bytes(unit[at : at + 8].ljust(8, b"\0"), "big")
    zeros = 64 - bits.bit_length()
    return (bits >> (63 - 2 * zeros)) - 1 if zeros < 32 else -1


def units_of(packet: bytes) -> Iterator[bytes]:
    """The NAL units of a coded picture, without their lengths.

    Raises:
        ValueError: the lengths do not add up.
    """
    at = 0
    while at < len(packet):
        length = int.from_bytes(packet[at : at + 4], "big")
        at += 4 + length
        if not length or at > len(packet):
            raise ValueError("a coded picture's units do not fill it")
        yield packet[at - length : at]


def starts_afresh(packet: bytes, sets: Configuration) -> bool:
    """Whether a coded picture, and all that follow, need none before it (an IDR picture).

    One that brings other parameter sets than its file's does not count.
    """
    try:
        units = list(units_of(packet))
    except ValueError:
        return False
    known = {*sets.sps, *sets.pps}
    kinds = {unit[0] & 31 for unit in units}
    brought = {unit for unit in units if unit[0] & 31 in {_SPS, _PPS}}
    return _KEY in kinds and brought <= known


def head_of(packet: bytes) -> bytes:
    """What of a coded picture says how it is coded: all before its first slice, and how that begins.

    A decoder gives a picture for it that has the form of the whole one, and no content.

    Raises:
        ValueError: the lengths of its units do not add up.
    """
    head = []
    for unit in units_of(packet):
        is_slice = unit[0] & 31 <= _KEY
        kept = unit[:HEAD] if is_slice else unit
        head += [len(kept).to_bytes(4, "big"), kept]
        if is_slice:
            break
    return b"".join(head)


class PictureCoder:
    """Codes pictures for a film; each one is ready when the next has come.

    The first picture can be decoded alone, and so can one about every two
    seconds. No picture waits for a later one. The same pictures give the same
    bytes.

    Attributes:
        configuration: of what it codes.
    """

    def __init__(self, size: Size, fps: Fraction) -> None:
        self._fps = fps
        self._codec = av.VideoCodecContext.create("libx264", "w")
        configure(self._codec, size, fps)
        self._codec.options = options(
            fps, _QUANTIZER, "superfast", _IN_A_FILM, flags="+global_header"
        )
        self._codec.open()
        configuration = Configuration.read(self._codec.extradata or b"")
        if configuration is None:
            raise ValueError("x264 gave no configuration")
        self.configuration = configuration
        self._count = 0

    def code(self, picture: Planes) -> Iterator[tuple[bytes, bool]]:
        """Add a picture; the coded ones that are ready, each with whether it can be decoded alone."""
        frame = frame_of(picture)
        frame.pts, frame.time_base = self._count, 1 / self._fps
        frame.pict_type = PictureType.NONE
        self._count += 1
        yield from self._coded(self._codec.encode(frame))

    def rest(self) -> Iterator[tuple[bytes, bool]]:
        """What is not given out yet; nothing can be added behind it."""
        yield from self._coded(self._codec.encode(None))

    def _coded(self, packets: Iterable[av.Packet[av.VideoStream]]) -> Iterator[tuple[bytes, bool]]:
        for packet in packets:
            # Without x264's message about itself, which differs between its versions.
            units = [unit for unit in units_of(bytes(packet)) if unit[0] & 31 != _MESSAGE]
            yield (
                b"".join(len(unit).to_bytes(4, "big") + unit for unit in units),
                bool(packet.is_keyframe),
            )


def configure(codec: av.VideoCodecContext, size: Size, fps: Fraction) -> None:
    """Set the form of everything that this package codes: see `encode`."""
    codec.width, codec.height = size.width, size.height
    codec.pix_fmt = "yuv420p"
    codec.time_base = 1 / fps
    codec.framerate = fps
    codec.thread_count = 1  # x264 writes other bytes with other numbers of threads
    codec.sample_aspect_ratio = Fraction(1)
    codec.color_range = ColorRange.MPEG
    codec.colorspace = Colorspace.ITU709
    codec.color_primaries = ColorPrimaries.BT709
    codec.color_trc = ColorTrc.BT709


def key_distance(fps: Fraction) -> int:
    """From one key frame to the next: about two seconds."""
    return max(1, round(2 * fps))


def options(
    fps: Fraction, quantizer: int, preset: str, parameters: str = X264, flags: str = ""
) -> dict[str, str]:
    """x264's options: constant quantizer, no B-frames, a key frame about every two seconds."""
    return {
        "preset": preset,
        "qp": str(quantizer),
        "bf": "0",
        "g": str(key_distance(fps)),
        "forced-idr": "1",
        "flags": f"+bitexact+cgop{flags}",
        "x264-params": parameters,
    }
