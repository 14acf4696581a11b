"""Writing clips: H.264 and AAC in MP4, exact to the frame and to the byte.

Every clip that this package writes comes from here, so all of them share one
form: yuv420p, bt.709, limited range, tagged as such; constant quantizer; no
B-frames, so that frames are stored in the order they are shown in and packets
can be cut and joined anywhere; the index at the front of the file.

A key frame's pixels depend on its picture alone: nothing that looks across
frames (rate control, macroblock trees, scene cuts) is on.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Self

import av
import numpy as np
import numpy.typing as npt
from av.error import FFmpegError
from av.video.frame import PictureType

from storyboard.media.avc import configure, options
from storyboard.media.colour import rgb_frame, to_yuv
from storyboard.media.container import as_os_error
from storyboard.model import Size
from storyboard.timeline import nearest_frame
from storyboard.track import SOUND_RATE

Bytes = npt.NDArray[np.uint8]
Samples = npt.NDArray[np.float32]

SOUND_PACKET = 1024
"""Samples in one packet of AAC."""

_MUXER = {
    "fflags": "+bitexact",
    "movflags": "+faststart+write_colr",
    "movie_timescale": str(SOUND_RATE),  # edit lists are exact to the sample
}


class ClipWriter:
    """Writes one clip; a context manager.

    The file is at `path` when the `with` block is left normally, whole; while
    it is being written it has another name beside it, and nothing stays of it
    when the block is left by an exception.

        with ClipWriter(path, Size(1280, 720), Fraction(24), keyframes={0, 120}) as clip:
            for picture in pictures:
                clip.write_rgb(picture)

    Attributes:
        frames: how many frames have been written.

    Raises:
        ValueError: the size is odd (4:2:0 needs even sides), or the rate is not positive.
        OSError: the folder or the disk does not take the file, at any step.
    """

    def __init__(
        self,
        path: Path,
        size: Size,
        fps: Fraction,
        *,
        keyframes: Collection[int] = (),
        quantizer: int = 16,
        sound: bool = False,
    ) -> None:
        """Open the clip.

        Args:
            path: where the finished clip goes; a file there is replaced.
            size: of every picture, in pixels; both sides even.
            fps: frames a second, exact.
            keyframes: numbers of frames that can be decoded alone. Frame 0 is
                one anyway, and one about every two seconds.
            quantizer: H.264's QP, constant for the whole clip: 0 is lossless,
                16 cannot be told from the source by eye.
            sound: whether the clip has a sound track.
        """
        if size.width % 2 or size.height % 2 or min(size.width, size.height) < 2:
            raise ValueError(f"a clip's width and height must be even, and {size} is not")
        if fps <= 0:
            raise ValueError(f"a clip's frame rate must be positive, and {fps} is not")
        self.frames = 0
        self._path = path
        self._part = path.with_name(path.name + ".part")
        self._size = size
        self._fps = Fraction(fps)
        self._keyframes = frozenset(keyframes)
        self._sound_ahead: list[Samples] = []
        self._samples = 0
        with _as_os_errors(path):
            # libav opens the file with its first packet; a folder that is gone is told now.
            self._part.touch()
            self._container = av.open(f"file:{self._part}", "w", format="mp4", options=_MUXER)
        self._video = self._add_video(quantizer)
        self._audio = self._add_audio() if sound else None

    def __enter__(self) -> Self:
        return self

    def write_rgb(self, picture: Bytes) -> None:
        """Add a frame from a picture: height x width x 3, RGB, 0 to 255."""
        self._check("picture", picture, (self._size.height, self._size.width, 3))
        self._write(to_yuv(rgb_frame(picture)))

    def write_yuv(self, y: Bytes, u: Bytes, v: Bytes) -> None:
        """Add a frame from its planes: bt.709, limited range, u and v of half the size.

        Their samples stand in the middle of the four pixels that they colour.
        """
        width, height = self._size.width, self._size.height
        self._check("y plane", y, (height, width))
        for plane in (u, v):
            self._check("colour plane", plane, (height // 2, width // 2))
        joined = np.concatenate((y.ravel(), u.ravel(), v.ravel()))
        self._write(
            av.VideoFrame.from_ndarray(joined.reshape(height * 3 // 2, width), format="yuv420p")
        )

    def write_sound(self, samples: Samples) -> None:
        """Add sound behind that written before: n x 2, float, -1 to 1, 48 kHz.

        It ends with the picture: what is missing at the end is silence, what is
        too much is left out. Sound that is ahead of its picture waits in memory.
        """
        if self._audio is None:
            raise ValueError("this clip was opened without sound")
        if samples.ndim != 2 or samples.shape[1] != 2:
            raise ValueError(f"sound must be n x 2 samples, and this is {samples.shape}")
        self._sound_ahead.append(np.array(samples, np.float32))
        with _as_os_errors(self._path):
            self._encode_sound()

    def _add_video(self, quantizer: int) -> av.VideoStream:
        # At a constant quantizer `veryfast` takes a third longer and saves next to nothing.
        coding = options(self._fps, quantizer, "superfast")
        stream = self._container.add_stream("libx264", rate=self._fps, options=coding)
        configure(stream.codec_context, self._size, self._fps)
        return stream

    def _add_audio(self) -> av.AudioStream:
        stream = self._container.add_stream(
            "aac", rate=SOUND_RATE, layout="stereo", options={"flags": "+bitexact"}
        )
        stream.codec_context.bit_rate = 256_000
        return stream

    def _write(self, frame: av.VideoFrame) -> None:
        frame.pts = self.frames
        frame.time_base = 1 / self._fps
        frame.pict_type = PictureType.I if self.frames in self._keyframes else PictureType.NONE
        with _as_os_errors(self._path):
            self._container.mux(self._video.encode(frame))
            self.frames += 1
            self._encode_sound()

    def _encode_sound(self) -> None:
        """Encode the waiting sound in whole packets, as far as the picture has come."""
        if self._audio is None:
            return
        ahead = sum(map(len, self._sound_ahead))
        packets = min(ahead, self._samples_due()) // SOUND_PACKET
        if packets > 0:
            waiting = np.concatenate(self._sound_ahead)
            for packet in range(packets):
                self._encode_packet(self._audio, waiting[packet * SOUND_PACKET :][:SOUND_PACKET])
            self._sound_ahead = [waiting[packets * SOUND_PACKET :]]

    def _samples_due(self) -> int:
        """How many samples the picture lasts beyond the sound that is encoded."""
        return nearest_frame(self.frames / self._fps, Fraction(SOUND_RATE)) - self._samples

    def _encode_packet(self, audio: av.AudioStream, samples: Samples) -> None:
        frame = av.AudioFrame.from_ndarray(
            np.ascontiguousarray(samples.T), format="fltp", layout="stereo"
        )
        frame.sample_rate = SOUND_RATE
        frame.pts = self._samples
        frame.time_base = Fraction(1, SOUND_RATE)
        self._container.mux(audio.encode(frame))
        self._samples += len(samples)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if kind is None:
                with _as_os_errors(self._path):
                    self._finish()
        finally:
            with suppress(FFmpegError, OSError):  # a second failure, of a clip given up
                self._container.close()
            self._part.unlink(missing_ok=True)

    def _finish(self) -> None:
        if not self.frames:
            raise ValueError("a clip needs at least one frame")
        self._container.mux(self._video.encode(None))
        if self._audio:
            due = self._samples_due()
            rest = np.concatenate((*self._sound_ahead, np.zeros((due, 2), np.float32)))[:due]
            self._sound_ahead = [rest]
            self._encode_sound()
            if len(self._sound_ahead[0]):
                self._encode_packet(self._audio, self._sound_ahead[0])
            self._container.mux(self._audio.encode(None))
        self._container.close()
        self._part.replace(self._path)

    def _check(self, name: str, array: Bytes, shape: tuple[int, ...]) -> None:
        if array.shape != shape or array.dtype != np.uint8:
            raise ValueError(
                f"frame {self.frames}: the {name} must be {shape} of uint8, "
                f"and is {array.shape} of {array.dtype}"
            )


@contextmanager
def _as_os_errors(path: Path) -> Iterator[None]:
    """Say what libav could not write as an OSError that names the file."""
    try:
        yield
    except FFmpegError as error:
        raise as_os_error(error, path) from error
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error
