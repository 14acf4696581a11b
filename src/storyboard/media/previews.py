"""A cut as a small moving picture without sound, GIF or WebP, played again and again.

It is encoded from the cut's pictures themselves, in one pass over them; a GIF
takes a second one, for its palette.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import closing, suppress
from fractions import Fraction
from itertools import chain, pairwise
from pathlib import Path
from typing import Final, TypeAlias

import av
from av.filter import Graph

from storyboard.media.colour import rgb_frame, to_rgb
from storyboard.media.container import picture_track
from storyboard.media.fit import frame_of
from storyboard.media.probe import ClipInfo
from storyboard.media.reel import pictures
from storyboard.model import Size
from storyboard.provider import Report
from storyboard.timeline import Edit, nearest_frame

Frames: TypeAlias = Generator[av.VideoFrame, None, None]

PREVIEWS: Final[Mapping[str, tuple[int, Fraction]]] = {
    "gif": (480, Fraction(25, 2)),  # GIF counts in hundredths: 8 of them a frame
    "webp": (640, Fraction(15)),
}
"""Formats that are previews: their longest side in pixels, and the most frames a second."""

_PREVIEW_CODECS: Final[Mapping[str, tuple[str, str, Mapping[str, str]]]] = {
    "gif": ("gif", "pal8", {}),
    "webp": ("libwebp_anim", "yuv420p", {"quality": "75", "compression_level": "4"}),
}


def write_preview(
    edit: Edit,
    inputs: Mapping[str, Path],
    clips: Mapping[str, ClipInfo],
    part: Path,
    kind: str,
    report: Report,
) -> None:
    """Write a cut as `gif` or `webp`; what it takes and raises is as `write_master`'s."""
    side, most = PREVIEWS[kind]
    rate, size = min(most, edit.fps), _within(edit.size, side)
    passes = 2 if kind == "gif" else 1

    def small(number: int) -> Frames:
        """The preview's frames, for one pass of several."""
        taken = 0
        with closing(pictures(edit, inputs, clips)) as reel:
            for at, picture in enumerate(reel):
                report((number + (at + 1) / edit.frames) / passes)
                if at >= nearest_frame(taken / rate, edit.fps):
                    frame = rgb_frame(to_rgb(frame_of(picture), size))
                    frame.pts, frame.time_base = taken, 1 / rate
                    taken += 1
                    yield frame

    looped = {"loop": "0", "fflags": "+bitexact"}
    with av.open(f"file:{part}", "w", format=kind, options=looped) as container:
        codec, pixels, options = _PREVIEW_CODECS[kind]
        video = picture_track(container, codec, rate, options)
        video.codec_context.width, video.codec_context.height = size.width, size.height
        video.codec_context.pix_fmt = pixels
        video.codec_context.time_base = 1 / rate
        if kind == "gif":
            palette = _palette(small(0), size, rate)
            frames = _painted(small(1), palette, size, rate)
        else:
            frames = small(0)
        with closing(frames):
            for frame in frames:
                container.mux(video.encode(frame))
        container.mux(video.encode(None))


def _palette(frames: Frames, size: Size, rate: Fraction) -> av.VideoFrame:
    """The 256 colours that paint a film best, most of all where it moves."""
    graph = Graph()
    filters = [
        graph.add_buffer(
            width=size.width,
            height=size.height,
            format=av.VideoFormat("rgb24", size.width, size.height),
            time_base=1 / rate,
        ),
        graph.add("format", "bgra"),
        graph.add("palettegen", "max_colors=256:stats_mode=diff"),
        graph.add("buffersink"),
    ]
    for one, following in pairwise(filters):
        one.link_to(following)
    graph.configure()
    with closing(frames):
        for frame in frames:
            filters[0].push(frame)
    filters[0].push(None)
    palette = filters[-1].pull()
    if not isinstance(palette, av.VideoFrame):
        raise TypeError("a palette is a picture")
    palette.pts, palette.time_base = 0, 1 / rate
    return palette


def _painted(frames: Frames, palette: av.VideoFrame, size: Size, rate: Fraction) -> Frames:
    """The frames in the colours of a palette; their grain does not crawl."""
    graph = Graph()
    source = graph.add_buffer(
        width=size.width,
        height=size.height,
        format=av.VideoFormat("rgb24", size.width, size.height),
        time_base=1 / rate,
        name="film",
    )
    colors = graph.add_buffer(
        width=16, height=16, format=palette.format, time_base=1 / rate, name="colors"
    )
    converted, sink = graph.add("format", "bgra"), graph.add("buffersink")
    painter = graph.add("paletteuse", "dither=bayer:bayer_scale=3:diff_mode=rectangle")
    source.link_to(converted)
    converted.link_to(painter, 0, 0)
    colors.link_to(painter, 0, 1)
    painter.link_to(sink)
    graph.configure()
    colors.push(palette)
    colors.push(None)
    with closing(frames):
        for frame in chain(frames, (None,)):
            source.push(frame)
            with suppress(BlockingIOError, EOFError):  # until it wants another frame
                while isinstance(painted := sink.pull(), av.VideoFrame):
                    yield painted


def _within(size: Size, side: int) -> Size:
    """A size of the same shape whose longest side is at most so long; even."""
    scale = min(Fraction(1), Fraction(side, max(size.width, size.height)))
    return Size(*(max(2, 2 * round(length * scale / 2)) for length in (size.width, size.height)))
