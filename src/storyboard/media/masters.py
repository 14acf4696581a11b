"""A cut as WebM and as MOV for editors: every frame of it, with its sound.

Each is encoded from the cut's pictures themselves, never from its MP4, in one pass.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import av
import numpy as np
from av.container import OutputContainer
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc, Interpolation

from storyboard.media.container import picture_track
from storyboard.media.fit import Planes, frame_of
from storyboard.media.heard import heard
from storyboard.media.probe import ClipInfo
from storyboard.media.reel import pictures
from storyboard.media.tracks import Tracks
from storyboard.provider import Report
from storyboard.timeline import Edit, nearest_frame
from storyboard.track import SOUND_RATE


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


def write_master(
    edit: Edit,
    inputs: Mapping[str, Path],
    clips: Mapping[str, ClipInfo],
    part: Path,
    kind: str,
    report: Report,
) -> None:
    """Write a cut as `webm` (VP9 and Opus) or `mov` (ProRes 422 HQ and PCM).

    Args:
        edit: the cut.
        inputs: by role, the files that it names.
        clips: by role, what its clips are.
        part: where it goes.
        kind: the format.
        report: told how much is done.

    Raises:
        BadMedia: an input is not what it should be.
        FFmpegError: the film cannot be written.
        OSError: an input is not there, or the disk fails.
    """
    form = _FORMS[kind]
    options = {"fflags": "+bitexact", **form.muxer}
    with (
        closing(pictures(edit, inputs, clips)) as reel,
        TemporaryDirectory(dir=part.parent) as folder,
        av.open(f"file:{part}", "w", format=kind, options=options) as container,
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


def _sound_track(container: OutputContainer, codec: str) -> av.AudioStream:
    options = {"flags": "+bitexact"}
    stream = container.add_stream(codec, rate=SOUND_RATE, layout="stereo", options=options)
    if not isinstance(stream, av.AudioStream):
        raise TypeError(f"{codec} is no codec for sound")
    return stream


def _video(container: OutputContainer, form: _Form, edit: Edit) -> av.VideoStream:
    video = picture_track(container, form.codec, edit.fps, form.options)
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
