"""What a clip is: size, rate, length, colour; and whether it is a clip at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.container import InputContainer
from av.error import InvalidDataError

from storyboard.media.avc import Configuration, head_of
from storyboard.media.boxes import is_mp4
from storyboard.media.colour import (
    is_full_range,
    is_plain,
    is_upright,
    matrix_of,
    square_size,
    turned,
)
from storyboard.media.container import BadMedia, open_media, packets_of, picture_stream
from storyboard.media.form import Form, Stamped
from storyboard.media.picture import LARGEST
from storyboard.media.seeking import is_fresh
from storyboard.model import Seconds, Size

__all__ = ["BadMedia", "ClipInfo", "probe"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipInfo:
    """A clip's form.

    Attributes:
        size: of its picture as it is stored.
        shown: of its picture as it is to be seen: in square pixels, upright.
        pixel_aspect: a pixel's width over its height.
        upright: whether the picture is seen as it is stored, not turned or mirrored.
        fps: frames a second: exact where it is steady, else the average.
        steady: whether every frame stands where `fps` puts it.
        frames: how many it has.
        duration: from its first frame to the end of its last, in seconds.
        has_sound: whether it has a sound track; that may be longer.
        codec: of the picture: `h264`.
        pixel_format: of the picture: `yuv420p`.
        matrix: that its colours are read with: `ITU709`.
        full_range: whether its black is 0, and not 16.
        plain: whether its planes are as this package writes them: yuv420p,
            bt.709, limited range.
        standard: whether its pictures are whole, not interlaced, and their
            colours nowhere said to be others than bt.709's.
        form: its coded pictures, where they are H.264 in an MP4, plain, standard
            and upright, and its file says of each where it stands.
    """

    size: Size
    shown: Size
    pixel_aspect: Fraction
    upright: bool
    fps: Fraction
    steady: bool
    frames: int
    duration: Seconds
    has_sound: bool
    codec: str
    pixel_format: str
    matrix: str
    full_range: bool
    plain: bool
    standard: bool
    form: Form | None = field(repr=False)


def probe(path: Path) -> ClipInfo:
    """Look at a clip: every packet's time stamp, and the form of one frame.

    Raises:
        BadMedia: it is no video that can be read, or is cut short.
        OSError: there is no such file, or the disk fails.
    """
    with open_media(path) as container:
        stream = picture_stream(container)
        if stream.width * stream.height > LARGEST:
            raise BadMedia(f"its picture is {stream.width} x {stream.height}, too large to read")
        first, walked = _walked(container, stream)
        plain, upright = is_plain(first), is_upright(first)
        standard = (
            not first.interlaced_frame
            and first.color_primaries in {1, 2}  # bt.709, or not said
            and first.color_trc in {1, 2}
        )
        simple = plain and upright and standard and is_mp4(path)
        pixel_aspect = stream.sample_aspect_ratio or Fraction(1)
        square = square_size(first, pixel_aspect)
        seen = turned(np.broadcast_to(np.uint8(0), (square.height, square.width, 3)), first)
        fps, steady = _rate(stream, walked)
        return ClipInfo(
            size=Size(first.width, first.height),
            shown=Size(seen.shape[1], seen.shape[0]),
            pixel_aspect=pixel_aspect,
            upright=upright,
            fps=fps,
            steady=steady,
            frames=len(walked.stamps),
            duration=_duration(walked, fps, steady=steady),
            has_sound=bool(container.streams.audio),
            codec=stream.codec_context.name,
            pixel_format=first.format.name,
            matrix=matrix_of(first).name,
            full_range=is_full_range(first),
            plain=plain,
            standard=standard,
            form=_form(path, stream, walked) if simple else None,
        )


@dataclass(frozen=True, slots=True)
class _Walked:
    """A stream's packets.

    Attributes:
        stamps: of the frames, in order, in ticks.
        last_lasts: how many ticks the last one does.
        listed: all packets in their own order; None where one does not say when
            it is shown or where it stands, or is not to be shown.
        afresh: whether the first one is known to need none before it.
    """

    stamps: Sequence[int]
    last_lasts: int
    tick: Fraction
    listed: Sequence[Stamped] | None
    afresh: bool


def _walked(container: InputContainer, stream: av.VideoStream) -> tuple[av.VideoFrame, _Walked]:
    """Read all packets of a stream, and decode until there is a frame."""
    stream.thread_count = 1  # no frames held back for other threads
    first: av.VideoFrame | None = None
    afresh = False
    packets: dict[int, int] = {}
    listed: list[Stamped] | None = []
    for packet in packets_of(container, stream):
        if packet.size and listed is not None:
            listed = _with(listed, packet)
        if first is None:
            try:
                first = _form_of(packet, stream)
                afresh = first is not None and not packets
                first = first or _decoded_alone(packet)
            except InvalidDataError:
                continue  # a stream that begins in the middle of a picture
        stamp = packet.dts if packet.pts is None else packet.pts
        if stamp is not None and not packet.is_discard and _is_seen(packet):
            packets[stamp] = packet.duration or 0
    if first is None:
        raise BadMedia("not one frame of it can be decoded")
    begin = first.dts if first.pts is None else first.pts
    stamps = sorted(stamp for stamp in packets if begin is None or stamp >= begin)
    tick = stream.time_base or Fraction(1, 1000)
    return first, _Walked(stamps, packets[stamps[-1]], tick, listed, afresh)


def _with(listed: list[Stamped], packet: av.Packet[av.VideoStream]) -> list[Stamped] | None:
    """Packets with one more, where it says what must be known to find it again."""
    if packet.pts is None or packet.pos is None or packet.is_discard:
        return None
    listed.append(Stamped(packet.pts, packet.pos, packet.size, packet.is_keyframe))
    return listed


def _form(path: Path, stream: av.VideoStream, walked: _Walked) -> Form | None:
    configuration = Configuration.read(stream.codec_context.extradata or b"")
    if stream.codec_context.name != "h264" or configuration is None or not walked.listed:
        return None
    return Form.of(path, configuration, walked.listed, walked.tick, afresh=walked.afresh)


def _form_of(packet: av.Packet[av.VideoStream], stream: av.VideoStream) -> av.VideoFrame | None:
    """The first picture without its content, which takes a seventh of the time; None where unsure."""
    codec = stream.codec_context
    if packet.is_discard or packet.pts is None or not is_fresh(packet, stream):
        return None
    codec.options = {"ec": "0"}  # what is not there is not made up
    head = av.Packet(head_of(bytes(packet)))
    head.pts, head.time_base = packet.pts, packet.time_base
    frames = [*codec.decode(head), *codec.decode(None)]
    codec.flush_buffers()
    return next(iter(frames), None)


def _decoded_alone(packet: av.Packet[av.VideoStream]) -> av.VideoFrame | None:
    """A packet's picture if it is a key frame's, at once; else the next one that is ready."""
    frames = packet.decode()
    if not frames and packet.is_keyframe and packet.size and not packet.is_discard:
        codec = packet.stream.codec_context
        frames = codec.decode(None)  # it would else wait for those that are shown before others
        codec.flush_buffers()
    return next(iter(frames), None)


def _is_seen(packet: av.Packet[av.VideoStream]) -> bool:
    """Whether a packet is a frame; VP8 also has packets that others only draw on."""
    return packet.stream.codec_context.name != "vp8" or bool(bytes(packet)[0] & 0x10)


def _rate(stream: av.VideoStream, walked: _Walked) -> tuple[Fraction, bool]:
    """The frame rate, and whether the frames keep to it."""
    stamps, tick = walked.stamps, walked.tick
    told = [rate for rate in (stream.base_rate, stream.average_rate, stream.guessed_rate) if rate]
    if len(stamps) < 2:
        return (told or [Fraction(25)])[0], True
    mean = (len(stamps) - 1) / ((stamps[-1] - stamps[0]) * tick)
    for rate in (*told, mean):
        # In whole numbers: of fractions it takes ten times as long.
        lasts, unit = tick.denominator * rate.denominator, tick.numerator * rate.numerator
        off = max(abs((stamp - stamps[0]) * unit - n * lasts) for n, stamp in enumerate(stamps))
        if off <= min(2 * tick, 1 / (4 * rate)) * tick.denominator * rate.numerator:
            return rate, True
    return mean, False


def _duration(walked: _Walked, fps: Fraction, *, steady: bool) -> Seconds:
    """From the first frame to the end of the last: exact where the frames are steady."""
    stamps, tick = walked.stamps, walked.tick
    lasts = walked.last_lasts * tick or 1 / fps
    if not steady:
        return (stamps[-1] - stamps[0]) * tick + lasts
    if abs(lasts - 1 / fps) <= 2 * tick:  # rounded to ticks
        lasts = 1 / fps
    return (len(stamps) - 1) / fps + lasts
