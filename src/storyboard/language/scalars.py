"""Where the characters of a scalar stand in the file that it was written in.

A scalar's text is not what the file holds: quotes are gone, escapes resolved,
lines folded, indentation removed. To point at an expression inside one, its
characters are found again in the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from storyboard.source import Node, Span

_ESCAPE_LENGTHS = {"x": 4, "u": 6, "U": 10}
_SPACE = " \t\r\n"
_SPACES = frozenset(_SPACE)
_FOLD = re.compile(r"[ \t]*\r?\n[ \t\r\n]*")


def part(node: Node, start: int, end: int) -> Span:
    """The place of the characters `start` up to `end` of a scalar's text."""
    if node.text is None or not 0 <= start < end <= len(node.text):
        return node.span
    offsets = _offsets(node.span.source.text[node.span.start : node.span.end], node.text)
    if len(offsets) < end:
        return node.span
    first = node.span.start + offsets[start]
    last = node.span.start + offsets[end - 1] + 1
    return Span(node.span.source, first, last)


def _offsets(written: str, text: str) -> list[int]:
    """For each character of `text`, where it stands in `written`.

    Shorter than `text` where the two cannot be brought together. White space
    that was folded stands where the folding begins.
    """
    if written.startswith('"'):
        found = list(_escaped(written))
        return found if len(found) == len(text) else []
    at, quoted = 0, written.startswith("'")
    if quoted:
        at = 1
    elif written[:1] in {"|", ">"}:
        at = written.find("\n") + 1  # the header may hold indicators and a comment
    found = []
    for char in text:
        if char in _SPACE:
            found.append(at)
            at += written[at : at + 1] in _SPACES
            continue
        at = _next_ink(written, at)
        if written[at : at + 1] != char:
            return found
        found.append(at)
        at += 2 if quoted and char == "'" else 1
    return found


def _next_ink(written: str, at: int) -> int:
    while written[at : at + 1] in _SPACES:
        at += 1
    return at


def _escaped(written: str) -> Iterator[int]:
    """Where each character of a text in double quotes stands: its escape, if it has one."""
    at, end = 1, len(written) - 1
    while at < end:
        folded = _FOLD.match(written, at, end)
        if written[at] == "\\" and written[at + 1] in "\r\n":
            at = _next_ink(written, at + 1)  # an escaped line end is nothing, like what follows
        elif written[at] == "\\":
            yield at
            at += _ESCAPE_LENGTHS.get(written[at + 1], 2)
        elif folded:
            lines = folded[0].count("\n")
            yield from [at] * max(lines - 1, 1)  # one line end is a space, more are one less
            at = folded.end()
        else:
            yield at
            at += 1
