"""Subtitle files: SubRip (.srt) and WebVTT (.vtt), read and written.

What is read is the words and their times. Marks within the words (italics,
colours, who speaks, where a cue stands) are left out.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from storyboard.model import Seconds

_TIME = re.compile(r"(?:(\d{1,4}):)?(\d{1,2}):(\d{1,2})[,.](\d{1,3})")
_TIMES = re.compile(r"\s*(\S+)\s*-->\s*(\S+)(.*)")
_MARKS = re.compile(r"</?[A-Za-z][^<>\n]*>|<\d[\d:.]*>|\{\\[^{}\n]*\}")
_NO_CUE = ("NOTE", "STYLE", "REGION")


@dataclass(frozen=True, slots=True)
class Cue:
    """Words that are read while they are heard.

    Attributes:
        start, end: seconds of the film.
        text: one or several lines.
        offset: where its words begin in the file that they come from.
    """

    start: Seconds
    end: Seconds
    text: str
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in a file: in words, and from which character to which."""

    message: str
    start: int
    end: int
    help: str | None = None


@dataclass(frozen=True, slots=True)
class Subtitles:
    """A subtitle file as it was read; cues that cannot be read are left out."""

    text: str
    cues: tuple[Cue, ...]
    faults: tuple[Fault, ...] = ()


def read_subtitles(content: bytes, name: str) -> Subtitles:
    """Read a file; what is wrong with it is among its faults.

    Args:
        content: its bytes, UTF-8.
        name: its name, whose ending tells its format.
    """
    try:
        text = content.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        before = content[: error.start]
        text = content.decode("latin-1").replace("\r\n", "\n").replace("\r", "\n")
        offset = len(before.decode("utf-8").replace("\r\n", "\n").replace("\r", "\n"))
        fault = Fault(
            "This is not UTF-8.", offset, offset + 1, "Save the file as UTF-8 in your editor."
        )
        return Subtitles(text, (), (fault,))
    web = name.lower().endswith(".vtt")
    found: list[Cue] = []
    faults: list[Fault] = []
    blocks = list(_blocks(text))
    if web:
        if not text.startswith("WEBVTT"):
            end = len(text.partition("\n")[0])
            faults.append(
                Fault("A WebVTT file begins with `WEBVTT`.", 0, end, "Write it on the first line.")
            )
        elif blocks:
            blocks = _without_header(blocks)
    for block in blocks:
        if web and block[0][1].split(" ")[0] in _NO_CUE:
            continue
        cue = _cue(block, web=web)
        if isinstance(cue, Cue):
            found.append(cue)
        else:
            faults.append(cue)
    if not found and not faults:
        faults.append(Fault("There is no caption in this file.", 0, 0))
    return Subtitles(text, tuple(sorted(found, key=lambda cue: cue.start)), tuple(faults))


Block = list[tuple[int, str]]
"""Lines, each with the place of its first character."""


def _blocks(text: str) -> Iterator[Block]:
    block: Block = []
    offset = 0
    for line in [*text.split("\n"), ""]:
        if line.strip():
            block.append((offset, line))
        elif block:
            yield block
            block = []
        offset += len(line) + 1


def _without_header(blocks: list[Block]) -> list[Block]:
    """The blocks behind the header, which a cue may follow without a blank line."""
    rest = [line for line in blocks[0][1:] if "-->" in line[1]]
    if not rest:
        return blocks[1:]
    return [blocks[0][blocks[0].index(rest[0]) :], *blocks[1:]]


def _cue(block: Block, *, web: bool) -> Cue | Fault:
    timed = next((n for n, (_, line) in enumerate(block[:2]) if "-->" in line), None)
    example = "00:00:01.000 --> 00:00:03.500" if web else "00:00:01,000 --> 00:00:03,500"
    if timed is None:
        start, line = block[min(1, len(block) - 1)]
        if not block[0][1].strip().isdecimal():
            start, line = block[0]
        message = "A caption needs its times before its words."
        return Fault(message, start, start + len(line), f"Write a line such as `{example}`.")
    start, line = block[timed]
    whole = start, start + len(line)
    found = _TIMES.fullmatch(line)
    times = [_seconds(part) for part in found.group(1, 2)] if found else [None, None]
    if times[0] is None or times[1] is None:
        return Fault("These are no times of a caption.", *whole, f"Write them as `{example}`.")
    if times[1] <= times[0]:
        return Fault("This caption ends before it begins.", *whole, "Put its end behind its start.")
    words = [_plain(text, web=web) for _, text in block[timed + 1 :]]
    if not any(words):
        return Fault("This caption has no words.", *whole, "Write them below, or take it out.")
    return Cue(times[0], times[1], "\n".join(filter(None, words)), block[timed + 1][0])


def _seconds(text: str) -> Seconds | None:
    found = _TIME.fullmatch(text)
    if not found:
        return None
    hours, minutes, seconds, rest = found.groups(default="0")
    if int(minutes) > 59 or int(seconds) > 59:
        return None
    whole = int(hours) * 3600 + int(minutes) * 60 + int(seconds)
    return whole + Fraction(int(rest.ljust(3, "0")), 1000)


def _plain(text: str, *, web: bool) -> str:
    plain = _MARKS.sub("", text)
    return " ".join((html.unescape(plain) if web else plain).split())


def side_by_side(cues: Iterable[Cue]) -> tuple[Cue, ...]:
    """Cues of which none overlaps another: where several are at once, one has the words of all."""
    cues = list(cues)
    bounds = sorted({time for cue in cues for time in (cue.start, cue.end)})
    made: list[Cue] = []
    for start, end in pairwise(bounds):
        at_once = [cue for cue in cues if cue.start <= start and end <= cue.end]
        if not at_once:
            continue
        text = "\n".join(cue.text for cue in at_once)
        if made and made[-1].text == text and made[-1].end == start:
            made[-1] = Cue(made[-1].start, end, text, made[-1].offset)
        else:
            made.append(Cue(start, end, text, at_once[0].offset))
    return tuple(made)


def as_srt(cues: Sequence[Cue]) -> str:
    """The cues as a SubRip file."""
    return "".join(
        f"{number}\n{_clock(cue.start, ',')} --> {_clock(cue.end, ',')}\n{cue.text}\n\n"
        for number, cue in enumerate(cues, 1)
    )


def as_vtt(cues: Sequence[Cue]) -> str:
    """The cues as a WebVTT file."""
    blocks = [
        f"{_clock(cue.start, '.')} --> {_clock(cue.end, '.')}\n{html.escape(cue.text, quote=False)}\n"
        for cue in cues
    ]
    return "\n".join(["WEBVTT\n", *blocks])


def _clock(seconds: Seconds, point: str) -> str:
    thousandths = round(seconds * 1000)
    minutes, rest = divmod(thousandths, 60_000)
    return f"{minutes // 60:02}:{minutes % 60:02}:{rest // 1000:02}{point}{rest % 1000:03}"
