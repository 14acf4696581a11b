"""The stitch: the pieces of a cut joined to its film, without decoding anything.

Coded pictures go from clips and segments into the film as they are, each at
its frame's time. The clips' parameter sets are merged into one configuration,
so that one track plays through.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, BinaryIO, TypeAlias

import av
from av.error import FFmpegError

from storyboard.film_file import FilmFile
from storyboard.media.avc import Configuration, configure
from storyboard.media.chunk import SoundChunk, read_chunk
from storyboard.media.container import BadMedia, as_os_error
from storyboard.media.segment import Coded, Segment, read_segment
from storyboard.media.tracks import Tracks
from storyboard.passages import Clash, passages
from storyboard.provider import Report
from storyboard.stretches import PACKET
from storyboard.timeline import Edit, nearest_frame
from storyboard.track import SOUND_RATE

_WRITTEN = 1 << 18
"""Bytes that go to the system at once; they stay in the processor's own memory till then."""

Packet: TypeAlias = "av.Packet[Any]"


def stitch(edit: Edit, inputs: Mapping[str, Path], destination: FilmFile, report: Report) -> None:
    """Join a cut's pieces: H.264 and AAC in one MP4 that plays in browsers, its index in front.

    It has exactly `edit.frames` frames, and sound that ends with the picture.
    The same inputs give the same bytes. Two files are open at a time.

    Args:
        edit: the cut.
        inputs: by role, the cut's files: its clips, the segment of each passage
            in order (`piece 1` …), and the chunks of its sound (`track 1` …).
        destination: the film's file, at its beginning. Whoever opened it closes it.
        report: told how much is done. What it raises comes out unchanged.

    Raises:
        Clash: some passages must be made anew, without copying from their clips.
        BadMedia: an input is not what it should be.
        OSError: an input is not there, or the disk does not take the film.
    """
    segments = [
        (
            read_segment(inputs[f"piece {number}"]),
            {own: inputs[of] for own, of in each.roles.items()},
        )
        for number, each in enumerate(passages(edit), 1)
    ]
    chunks = [read_chunk(inputs[role]) for role in _numbered("track", inputs)]
    configuration = _merged([segment for segment, _ in segments])
    with (
        _film(destination, edit, configuration, chunks) as film,
        _as_os_errors(destination.path),
    ):
        film.tracks.write()
        sound = _sound_packets(film, chunks, edit)
        waiting = next(sound, None)
        for number, packet in enumerate(_picture_packets(film, segments, edit), 1):
            film.container.mux_one(packet)
            while waiting is not None and _is_due(waiting, packet, edit.fps):
                film.container.mux_one(waiting)
                waiting = next(sound, None)
            report(number / edit.frames)
        if waiting is not None:
            film.container.mux_one(waiting)
        for rest in sound:
            film.container.mux_one(rest)


def _numbered(name: str, inputs: Mapping[str, Path]) -> list[str]:
    """The roles `name 1`, `name 2` …, in order."""
    roles = [role for role in inputs if role.startswith(f"{name} ")]
    return sorted(roles, key=lambda role: int(role.rpartition(" ")[2]))


def _merged(segments: Sequence[Segment]) -> Configuration:
    """One configuration for all.

    Raises:
        Clash: names the passages of all clips that do not go with most others.
    """
    uses = Counter(part.configuration for segment in segments for part in segment.parts)
    own = {part.configuration for each in segments for part in each.parts if part.clip is None}
    ranked = sorted(uses, key=lambda each: (each not in own, -uses[each]))
    merged = ranked[0]
    refused = set()
    for configuration in ranked[1:]:
        if merged.clashes_with(configuration):
            refused.add(configuration)
        else:
            merged += configuration
    if refused:
        raise Clash(
            [
                number
                for number, segment in enumerate(segments, 1)
                if any(part.configuration in refused for part in segment.parts)
            ]
        )
    return merged


@dataclass(frozen=True, slots=True)
class _Film:
    """A film that is being written."""

    container: av.container.OutputContainer
    picture: av.VideoStream
    sound: av.AudioStream | None
    tracks: Tracks


@contextmanager
def _film(
    file: FilmFile, edit: Edit, configuration: Configuration, chunks: Sequence[SoundChunk]
) -> Iterator[_Film]:
    packets = sum(len(chunk.sizes) for chunk in chunks)
    options = {
        "fflags": "+bitexact",
        # Pictures that are decoded out of order are told by offsets below 0,
        # not by an edit list, which players read in different ways.
        "movflags": "+write_colr+negative_cts_offsets",
        "movie_timescale": str(SOUND_RATE),  # the sound's edit list is exact to the sample
        "moov_size": str(_index_size(edit, packets)),  # room in front, written into last
        "flush_packets": "0",  # many go to the system at once
    }
    with _as_os_errors(file.path):
        container = av.open(file, "w", format="mp4", options=options, buffer_size=_WRITTEN)
    try:
        with _as_os_errors(file.path):
            yield _Film(
                container,
                _picture_stream(container, edit, configuration),
                _sound_stream(container, chunks[0]) if chunks else None,
                Tracks(container, edit),
            )
            container.close()
    finally:
        with suppress(FFmpegError, OSError):  # a second failure, of a film given up
            container.close()


def _index_size(edit: Edit, packets: int) -> int:
    """Bytes that are enough for an MP4's index: for each sample its size, times and place."""
    titles = sum(len(chapter.title.encode()) for chapter in edit.chapters)
    words = 128 * len(edit.captions) + 128 * len(edit.chapters) + 2 * titles
    return 32768 + 40 * edit.frames + 24 * packets + words


def _picture_stream(
    container: av.container.OutputContainer, edit: Edit, configuration: Configuration
) -> av.VideoStream:
    # PyAV copies coded pictures from a file's stream only; of a coder's it takes what is set.
    stream = container.add_stream("libx264", rate=edit.fps, options={"preset": "ultrafast"})
    configure(stream.codec_context, edit.size, edit.fps)
    stream.codec_context.open()
    stream.codec_context.extradata = configuration.written()
    return stream


def _sound_stream(container: av.container.OutputContainer, chunk: SoundChunk) -> av.AudioStream:
    stream = container.add_stream("aac", rate=SOUND_RATE, layout="stereo")
    stream.codec_context.open()
    stream.codec_context.extradata = chunk.configuration
    return stream


def _picture_packets(
    film: _Film, segments: Sequence[tuple[Segment, Mapping[str, Path]]], edit: Edit
) -> Iterator[Packet]:
    """Every coded picture in decoding order."""
    late, frame = _lateness(segments), 1 / edit.fps
    decoded = shown = 0
    for segment, clips in segments:
        with ExitStack() as files:
            opened: dict[str | None, BinaryIO] = {}
            for part in segment.parts:
                if part.clip not in opened:
                    path = segment.path if part.clip is None else clips[part.clip]
                    opened[part.clip] = files.enter_context(path.open("rb"))
                for picture in part.pictures:
                    packet = av.Packet(_read(opened[part.clip], picture, segment))
                    packet.stream, packet.time_base = film.picture, frame
                    packet.pts, packet.dts = shown + picture.shown, decoded - late
                    packet.duration, packet.is_keyframe = 1, picture.key
                    decoded += 1
                    yield packet
        shown = decoded


def _lateness(segments: Sequence[tuple[Segment, Mapping[str, Path]]]) -> int:
    """How many pictures, at most, are decoded before one that is shown sooner."""
    return max(
        (
            place - picture.shown
            for segment, _ in segments
            for place, picture in enumerate(
                picture for part in segment.parts for picture in part.pictures
            )
        ),
        default=0,
    )


def _read(file: BinaryIO, picture: Coded, segment: Segment) -> bytes:
    file.seek(picture.offset)
    read = file.read(picture.size)
    if len(read) < picture.size:
        raise BadMedia("it ends in the middle", segment.path)
    return read


def _sound_packets(film: _Film, chunks: Sequence[SoundChunk], edit: Edit) -> Iterator[Packet]:
    """Every packet of sound; the first comes before the first sample that is heard."""
    if film.sound is None:
        return
    end, sample = nearest_frame(edit.duration, Fraction(SOUND_RATE)), Fraction(1, SOUND_RATE)
    at = -PACKET
    for chunk in chunks:
        with chunk.path.open("rb") as file:
            for size in chunk.sizes:
                packet = av.Packet(file.read(size))
                packet.stream, packet.time_base = film.sound, sample
                packet.pts = packet.dts = at
                packet.duration, packet.is_keyframe = min(PACKET, max(1, end - at)), True
                at += PACKET
                yield packet


def _is_due(sound: Packet, picture: Packet, fps: Fraction) -> bool:
    """Whether a packet of sound begins by the time at which a picture is decoded."""
    at, frame = sound.dts or 0, picture.dts or 0
    return at * fps.numerator <= frame * fps.denominator * SOUND_RATE


@contextmanager
def _as_os_errors(path: Path) -> Iterator[None]:
    """Say what libav could not write as an OSError that names the file."""
    try:
        yield
    except FFmpegError as error:
        raise as_os_error(error, path) from error
