"""What a film carries beside picture and sound: captions as a track, chapters."""

from __future__ import annotations

from fractions import Fraction

import av
from av.container import OutputContainer
from av.subtitles.stream import SubtitleStream

from storyboard.timeline import Edit

_TICK = Fraction(1, 1000)
# 3GPP timed text is set up by an ASS header; players use their own letters anyway.
_HEADER = b"""[Script Info]
ScriptType: v4.00+
PlayResX: 384
PlayResY: 288

[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, \
Bold, Italic, Underline, StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, \
Shadow, Alignment, MarginL, MarginR, MarginV, Encoding
Style: Default,Arial,16,&Hffffff,&Hffffff,&H0,&H0,0,0,0,0,100,100,0,0,1,1,0,2,10,10,10,1

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
"""


class Tracks:
    """The captions and chapters of a cut, for an MP4 or MOV that is being written.

    Make it when the other streams are there and nothing is written yet; then
    `write` once, at any time before the file is closed.
    """

    def __init__(self, container: OutputContainer, edit: Edit) -> None:
        """Add the chapters, and a track where the cut has captions."""
        self._container = container
        self._edit = edit
        self._stream: SubtitleStream | None = None
        if edit.captions:
            self._stream = container.add_stream("mov_text")
            self._stream.codec_context.subtitle_header = _HEADER
            self._stream.codec_context.time_base = _TICK
            self._stream.time_base = _TICK
        if edit.chapters:
            starts = [chapter.record_in for chapter in edit.chapters]
            container.set_chapters(
                [
                    {
                        "id": number,
                        "start": _ticks(start / edit.fps),
                        "end": _ticks(end / edit.fps),
                        "time_base": _TICK,
                        "metadata": {"title": chapter.title},
                    }
                    for number, (chapter, start, end) in enumerate(
                        zip(edit.chapters, starts, [*starts[1:], edit.frames], strict=True), 1
                    )
                ]
            )

    def write(self) -> None:
        """Write the captions; between them the track is empty."""
        if self._stream is None:
            return
        for caption in self._edit.captions:
            words = caption.text.encode()
            packet = av.Packet(len(words).to_bytes(2, "big") + words)
            start, end = (
                _ticks(at / self._edit.fps) for at in (caption.record_in, caption.record_out)
            )
            packet.stream = self._stream
            packet.pts = packet.dts = start
            packet.duration = end - start
            packet.time_base = _TICK
            self._container.mux(packet)


def _ticks(seconds: Fraction) -> int:
    return round(seconds / _TICK)
