"""A value and its place, always together.

`Source` is a file's text, `Span` a stretch of it, `Node` a YAML value that
knows where it was written and, when it came through a template, a loop or a
used file, by which way (`Via`).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeAlias

Scalar: TypeAlias = "bool | int | float | str | None"
Plain: TypeAlias = "Scalar | list[Plain] | dict[str, Plain]"


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """A text file as it was read.

    Attributes:
        name: how messages call it: its path, as the user would type it.
        text: its characters, without a byte order mark.
    """

    name: str
    text: str
    _starts: list[int] = field(default_factory=list, repr=False)

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column of a character, both counted from 1."""
        if not self._starts:  # found on the first question; most files are never asked
            self._starts.extend(_line_starts(self.text))
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1

    def line(self, number: int) -> str:
        """The text of a line, without its end; empty past the last one."""
        if not self._starts:
            self._starts.extend(_line_starts(self.text))
        if not 1 <= number <= len(self._starts):
            return ""
        start = self._starts[number - 1]
        end = self._starts[number] if number < len(self._starts) else len(self.text)
        return self.text[start:end].rstrip("\r\n")


def _line_starts(text: str) -> Iterator[int]:
    yield 0
    offset = text.find("\n")
    while offset >= 0:
        yield offset + 1
        offset = text.find("\n", offset + 1)


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a source: the characters from `start` up to `end`."""

    source: Source
    start: int
    end: int

    @property
    def file(self) -> str:
        """The source's name."""
        return self.source.name

    @property
    def begins(self) -> tuple[int, int]:
        """Line and column of the first character, from 1."""
        return self.source.position(self.start)

    @property
    def ends(self) -> tuple[int, int]:
        """Line and column just behind the last character, from 1."""
        return self.source.position(self.end)


@dataclass(frozen=True, slots=True)
class Via:
    """One step of the way by which a value came to where it is used.

    Attributes:
        what: the step in words: `in item 3 of 5`.
        span: where that is written.
        outer: the step around this one.
    """

    what: str
    span: Span
    outer: Via | None = None

    def steps(self) -> Iterator[Via]:
        """This step and those around it, the nearest first."""
        step: Via | None = self
        while step is not None:
            yield step
            step = step.outer


# Not frozen: a big film has a hundred thousand of these, and a frozen
# dataclass takes three times as long to make. Nothing changes one once made.
@dataclass(slots=True, eq=False)
class Node:
    """A YAML value with its place.

    Attributes:
        value: a scalar as YAML 1.2's core reads it, a list of nodes, or a
            mapping from key to node.
        span: where the value is written.
        key: where its key is written, for an entry of a mapping.
        text: a scalar as it was written, quotes and escapes resolved: what is
            meant where text is wanted (`off`, `01`, `9:16`).
        quoted: whether a scalar was quoted or a block, and so is text in any case.
        via: how the value came here, when not by being written here.
    """

    value: Scalar | list[Node] | dict[str, Node]
    span: Span
    key: Span | None = None
    text: str | None = None
    quoted: bool = False
    via: Via | None = None

    @property
    def items(self) -> dict[str, Node]:
        """The entries of a mapping; of anything else none."""
        return self.value if isinstance(self.value, dict) else {}

    @property
    def elements(self) -> list[Node]:
        """The elements of a list; of anything else none."""
        return self.value if isinstance(self.value, list) else []

    @property
    def place(self) -> Span:
        """Where to point when the entry as a whole is meant: its key, if it has one."""
        return self.key or self.span

    def get(self, key: str) -> Node | None:
        """The entry of a mapping under that key."""
        return self.value.get(key) if isinstance(self.value, dict) else None

    def plain(self) -> Plain:
        """The value alone, as Python's lists, dicts and scalars."""
        if isinstance(self.value, dict):
            return {key: node.plain() for key, node in self.value.items()}
        if isinstance(self.value, list):
            return [node.plain() for node in self.value]
        return self.value

    def reached(self, via: Via | None) -> Node:
        """This node, reached by one more step of the way."""
        return replace(self, via=via)


@dataclass(frozen=True, slots=True)
class Document:
    """A storyboard as it was read: its own file and those that it names.

    Attributes:
        path: the storyboard file.
        root: its content.
        used: the contents of the `use`d files, in order.
        scenes: the contents of scene files, by the `file:` that names them.
        library: the templates that ship with the tool, by name, where the
            storyboard mentions any.
        files: every file that was read.
        incomplete: whether a file that it names could not be read: names that
            seem to be missing may stand there.
    """

    path: Path
    root: Node
    used: tuple[Node, ...] = ()
    scenes: Mapping[str, Node] = field(default_factory=dict)
    library: Mapping[str, Node] = field(default_factory=dict)
    files: tuple[Path, ...] = ()
    incomplete: bool = False

    @property
    def folder(self) -> Path:
        """The storyboard's folder, from which paths count."""
        return self.path.parent
