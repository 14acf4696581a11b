"""A clip in another container: as it is where that holds it, else coded anew."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Literal

import av
from av.container import InputContainer, OutputContainer

from storyboard.media.container import open_media, picture_stream


def rewrap(clip: Path, destination: Path, container: Literal["mov", "webm"]) -> None:
    """Write a clip as QuickTime (the same H.264 and AAC) or WebM (VP9 and Opus).

    Args:
        clip: an MP4 of constant frame rate.
        destination: a file there is replaced.
        container: what it becomes.

    Raises:
        BadMedia: the clip cannot be read.
        OSError: the file cannot be written.
    """
    with open_media(clip) as source, av.open(str(destination), "w", format=container) as target:
        (_copy if container == "mov" else _code_anew)(source, target)


def _copy(source: InputContainer, target: OutputContainer) -> None:
    streams = [picture_stream(source), *source.streams.audio]
    copies = {stream.index: target.add_stream_from_template(stream) for stream in streams}
    for packet in source.demux(streams):
        if packet.dts is not None:
            packet.stream = copies[packet.stream.index]
            target.mux(packet)


def _code_anew(source: InputContainer, target: OutputContainer) -> None:
    picture = picture_stream(source)
    video = target.add_stream(
        "libvpx-vp9",
        rate=picture.average_rate or Fraction(24),
        options={"deadline": "realtime", "cpu-used": "8", "crf": "24", "b": "0"},
    )
    video.width, video.height = picture.width, picture.height
    video.pix_fmt = "yuv420p"
    heard = source.streams.audio[0] if source.streams.audio else None
    sound = target.add_stream("libopus", rate=48_000, layout="stereo") if heard else None
    resampler = av.AudioResampler("s16", "stereo", 48_000)
    for packet in source.demux([picture, *([heard] if heard else [])]):
        for frame in packet.decode():
            if isinstance(frame, av.VideoFrame):
                target.mux(video.encode(frame))
            elif sound and isinstance(frame, av.AudioFrame):
                for part in resampler.resample(frame):
                    target.mux(sound.encode(part))
    target.mux(video.encode(None))
    if sound:
        target.mux(sound.encode(None))
