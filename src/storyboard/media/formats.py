"""A cut in other formats than MP4: WebM, MOV for editors, GIF and WebP as previews.

Each is encoded from the cut's pictures themselves, never from its MP4, in one
pass over them; a GIF takes a second one, for its palette.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import chain, pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, TypeAlias

import av
import numpy as np
from av.container import OutputContainer
from av.error import FFmpegError
from av.filter import Graph
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc, Interpolation

from storyboard.media.colour import rgb_frame, to_rgb
from storyboard.media.conform import named, probed
from storyboard.media.container import BadMedia, as_os_error
from storyboard.media.fit import Planes, frame_of
from storyboard.media.heard import heard
from storyboard.media.probe import ClipInfo
from storyboard.media.reel import pictures
from storyboard.media.tracks import Tracks
from storyboard.model import Size
from storyboard.provider import Report
from storyboard.timeline import Edit, nearest_frame
from storyboard.track import SOUND_RATE

Frames: TypeAlias = Generator[av.VideoFrame, None, None]


@dataclass(frozen=True, slots=True)
class _Form:
    """How a format is written.

    Attributes:
        codec: of its picture.
        pixels: the form of that.
        options: of the codec.
        threads: for it: fixed, since some codecs write other bytes with other numbers.
        sound: the codec of its sound.
        bit_rate: of that.
        carries: whether it has a track of captions.
        muxer: options of the container.
    """

    codec: str
    pixels: str
    options: Mapping[str, str]
    sound: str
    threads: int = 4
    bit_rate: int | None = None
    carries: bool = False
    muxer: Mapping[str, str] = field(default_factory=dict)


_FORMS: Final[Mapping[str, _Form]] = {
    "webm": _Form(
        codec="libvpx-vp9",
        pixels="yuv420p",
        options={
            "crf": "24", "b": "0", "deadline": "good", "cpu-used": "4", "row-mt": "1",
            "tile-columns": "2", "auto-alt-ref": "1", "lag-in-frames": "25",
        },
        sound="libopus",
        bit_rate=160_000,
    ),
    "mov": _Form(
        codec="prores_ks",
        pixels="yuv422p10le",
        options={"profile": "3", "vendor": "apl0"},  # 422 HQ
        sound="pcm_s24le",
        carries=True,
        muxer={"movflags": "+faststart+write_colr"},
    ),
}  # fmt: skip

PREVIEWS: Final[Mapping[str, tuple[int, Fraction]]] = {
    "gif": (480, Fraction(25, 2)),  # GIF counts in hundredths: 8 of them a frame
    "webp": (640, Fraction(15)),
}
"""Formats that are previews: their longest side in pixels, and the most frames a second."""

_PREVIEW_CODECS: Final[Mapping[str, tuple[str, str, Mapping[str, str]]]] = {
    "gif": ("gif", "pal8", {}),
    "webp": ("libwebp_anim", "yuv420p", {"quality": "75", "compression_level": "4"}),
}


def write_as(edit: Edit, inputs: Mapping[str, Path], destination: Path, report: Report) -> None:
    """Write a cut in the format that its file's ending names.

    `.webm`: VP9 and Opus. `.mov`: ProRes 422 HQ and PCM. Both have every frame
    of the cut. `.gif` and `.webp` are small, have fewer frames and no sound,
    and are played again and again. The film appears whole or not at all.

    Args:
        edit: the cut.
        inputs: by role, the files that it names.
        destination: where it goes.
        report: told how much is done.

    Raises:
        BadMedia: an input is not what it should be.
        OSError: an input is not there, or the disk does not take the film.
    """
    part = destination.with_name(destination.name + ".part")
    kind = destination.suffix.removeprefix(".")
    try:
        clips = probed(edit, inputs)
        part.touch()  # a folder that is gone is told now
        if kind in PREVIEWS:
            _preview(edit, inputs, clips, part, kind, report)
        else:
            _master(edit, inputs, clips, part, kind, report)
        part.replace(destination)
    except BadMedia as error:
        raise BadMedia(f"{named(error.path, edit, inputs)}: {error.problem}", error.path) from error
    except FFmpegError as error:
        raise as_os_error(error, destination) from error
    finally:
        part.unlink(missing_ok=True)


def _master(
    edit: Edit,
    inputs: Mapping[str, Path],
    clips: Mapping[str, ClipInfo],
    part: Path,
    kind: str,
    report: Report,
) -> None:
    form = _FORMS[kind]
    options = {"fflags": "+bitexact", **form.muxer}
    with (
        closing(pictures(edit, inputs, clips)) as reel,
        TemporaryDirectory(dir=part.parent) as folder,
        closing(_open(part, kind, options)) as container,
    ):
        video = _video(container, form, edit)
        audio = _sound_track(container, form.sound)
        if form.bit_rate:
            audio.codec_context.bit_rate = form.bit_rate
        tracks = Tracks(container, edit) if form.carries else None
        container.start_encoding()
        sound, samples = _packets(edit, inputs, Path(folder), audio.codec_context.frame_size), 0
        for number, picture in enumerate(reel):
            container.mux(video.encode(_shown(picture, number, edit.fps, form.pixels)))
            due = nearest_frame((number + 1) / edit.fps, Fraction(SOUND_RATE))
            while samples < due and (block := next(sound, None)) is not None:
                block.pts, block.time_base = samples, Fraction(1, SOUND_RATE)
                samples += block.samples
                container.mux(audio.encode(block))
            report((number + 1) / edit.frames)
        container.mux(video.encode(None))
        container.mux(audio.encode(None))
        if tracks:
            tracks.write()


def _open(part: Path, kind: str, options: dict[str, str]) -> OutputContainer:
    return av.open(f"file:{part}", "w", format=kind, options=options)


def _picture_track(
    container: OutputContainer, codec: str, rate: Fraction, options: Mapping[str, str]
) -> av.VideoStream:
    stream = container.add_stream(codec, rate=rate, options={**options, "flags": "+bitexact"})
    if not isinstance(stream, av.VideoStream):
        raise TypeError(f"{codec} is no codec for pictures")
    return stream


def _sound_track(container: OutputContainer, codec: str) -> av.AudioStream:
    options = {"flags": "+bitexact"}
    stream = container.add_stream(codec, rate=SOUND_RATE, layout="stereo", options=options)
    if not isinstance(stream, av.AudioStream):
        raise TypeError(f"{codec} is no codec for sound")
    return stream


def _video(container: OutputContainer, form: _Form, edit: Edit) -> av.VideoStream:
    video = _picture_track(container, form.codec, edit.fps, form.options)
    codec = video.codec_context
    codec.width, codec.height = edit.size.width, edit.size.height
    codec.pix_fmt = form.pixels
    codec.time_base = 1 / edit.fps
    codec.thread_count = form.threads
    codec.sample_aspect_ratio = Fraction(1)
    codec.color_range = ColorRange.MPEG
    codec.colorspace = Colorspace.ITU709
    codec.color_primaries = ColorPrimaries.BT709
    codec.color_trc = ColorTrc.BT709
    return video


def _shown(picture: Planes, number: int, fps: Fraction, pixels: str) -> av.VideoFrame:
    frame = frame_of(picture)
    if pixels != "yuv420p":
        accurate = Interpolation.BICUBIC | Interpolation.ACCURATE_RND | Interpolation.BITEXACT
        frame = frame.reformat(format=pixels, interpolation=accurate, threads=1)
    frame.pts, frame.time_base = number, 1 / fps
    return frame


def _packets(
    edit: Edit, inputs: Mapping[str, Path], folder: Path, size: int
) -> Iterator[av.AudioFrame]:
    """The cut's sound in frames as large as its codec wants them; any size where it does not care."""
    left = np.zeros((0, 2), np.float32)
    for block in heard(edit, inputs, folder):
        left = np.concatenate((left, block))
        whole = len(left) // size * size if size else len(left)
        for start in range(0, whole, size or whole):
            yield _sounding(left[start : start + (size or whole)])
        left = left[whole:]
    if len(left):
        yield _sounding(left)


def _sounding(samples: np.ndarray[tuple[int, ...], np.dtype[np.float32]]) -> av.AudioFrame:
    frame = av.AudioFrame.from_ndarray(
        np.ascontiguousarray(samples.T), format="fltp", layout="stereo"
    )
    frame.sample_rate = SOUND_RATE
    return frame


def _preview(
    edit: Edit,
    inputs: Mapping[str, Path],
    clips: Mapping[str, ClipInfo],
    part: Path,
    kind: str,
    report: Report,
) -> None:
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

    with closing(_open(part, kind, {"loop": "0", "fflags": "+bitexact"})) as container:
        codec, pixels, options = _PREVIEW_CODECS[kind]
        video = _picture_track(container, codec, rate, options)
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
