"""The YAML parser's complaints, in words that help who wrote the file."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import yaml

from storyboard.diagnostics import Code, Diagnostic
from storyboard.source import Source, Span

_BRACES = re.compile(r"(?:^|[\s\[,:-])(\{[{%])")
_NOT_A_START = frozenset("@`%")


@dataclass(frozen=True, slots=True)
class _Complaint:
    """What the parser said, and where.

    Attributes:
        problem: the parser's words.
        context: what it was doing, in its words.
        at: where it stopped.
        opened: where what it was reading began.
    """

    source: Source
    problem: str
    context: str
    at: int
    opened: int

    @property
    def char(self) -> str:
        """The character at which the parser stopped."""
        return self.source.text[self.at : self.at + 1]

    @property
    def before(self) -> str:
        """The line up to there."""
        return self.source.text[self.source.text.rfind("\n", 0, self.at) + 1 : self.at]

    @property
    def column(self) -> int:
        """Of the place at which the parser stopped."""
        return self.source.position(self.at)[1]

    def span(self, start: int, length: int = 1) -> Span:
        """A stretch that stays inside the file."""
        size = len(self.source.text)
        return Span(self.source, min(start, size), min(start + length, size))

    def rest_of_line(self, start: int) -> Span:
        """From a place to the end of its line."""
        line = self.source.text[start:].split("\n", 1)[0].split(" #")[0].rstrip()
        return self.span(start, max(len(line), 1))


_Said: TypeAlias = "tuple[str, Span, str | None] | None"


def said_plainly(error: yaml.YAMLError, source: Source) -> Diagnostic:
    """A parser's complaint as a diagnostic: what is wrong, at its place, and what to do."""
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    context_mark = getattr(error, "context_mark", None) or mark
    size = len(source.text)
    complaint = _Complaint(
        source,
        str(getattr(error, "problem", None) or error),
        str(getattr(error, "context", None) or ""),
        min(mark.index if mark else 0, size),
        min(context_mark.index if context_mark else 0, size),
    )
    if braces := _unquoted_braces(complaint):
        return braces
    for explain in _EXPLAINED:
        if said := explain(complaint):
            message, span, help_ = said
            return Diagnostic(Code.YAML_SYNTAX, message, span, help=help_)
    said_ = f"{complaint.context}: {complaint.problem}" if complaint.context else complaint.problem
    return Diagnostic(
        Code.YAML_SYNTAX,
        f"This is not YAML: {said_}.",
        complaint.span(complaint.at),
        help="Text with signs that YAML knows must be in quotes.",
    )


def _unquoted_braces(said: _Complaint) -> Diagnostic | None:
    """`{{ name }} and more`, or a statement, without quotes: the likeliest mistake of all."""
    start = said.at - len(said.before)
    found = _BRACES.search(said.source.text, start, said.at + 2)
    if found is None or found.start(1) > said.at:
        return None
    if said.before[: found.start(1) - start].count('"') % 2:
        return None
    span = said.rest_of_line(found.start(1))
    text = said.source.text[span.start : span.end]
    quoted = f"'{text}'" if '"' in text and "'" not in text else f'"{text}"'
    return Diagnostic(
        Code.UNQUOTED,
        f"A value that begins with `{found[1]}` is no text for YAML.",
        span,
        help=f"Put it in quotes: {quoted}." if len(text) < 80 else "Put the whole in quotes.",
    )


def _tab(said: _Complaint) -> _Said:
    if said.char == "\t" or ("cannot start any token" in said.problem and not said.before.strip()):
        if said.char != "\t" and "\t" not in said.before:
            return None
        return (
            "A tab cannot indent YAML.",
            said.span(said.at),
            "Use spaces; most editors can do that for you.",
        )
    return None


def _never_closed_quote(said: _Complaint) -> _Said:
    if "quoted scalar" in said.context and "found unexpected" in said.problem:
        return "This quote is never closed.", said.span(said.opened), "Add the closing quote."
    return None


def _escape(said: _Complaint) -> _Said:
    if "escape" not in said.problem and "hexdecimal" not in said.problem:
        return None
    at = max(said.source.text.rfind("\\", said.opened, said.at + 1), said.opened)
    help_ = "Write `\\\\` for a backslash, or put the text in single quotes."
    return "This is no escape that YAML knows.", said.span(at, 2), help_


def _colon(said: _Complaint) -> _Said:
    if "mapping values are not allowed" not in said.problem:
        return None
    if said.before.count("{") > said.before.count("}"):
        return _comma(said)
    return (
        "A `: ` stands here where it makes no entry of a mapping.",
        said.span(said.at),
        "Put text that contains `: ` in quotes, or check the indentation of this line.",
    )


def _comma(said: _Complaint) -> _Said:
    return (
        "A `,` is missing before this.",
        said.span(said.at),
        "Entries between brackets are parted by commas; text with `: ` or `,` in it needs quotes.",
    )


def _bracket(said: _Complaint) -> _Said:
    if "flow" not in said.context or "did not find expected" not in said.problem:
        return None
    opening = said.source.text[said.opened : said.opened + 1]
    same_line = said.source.position(said.opened)[0] == said.source.position(said.at)[0]
    if same_line and said.char not in {"", "\n", "\r"}:
        return _comma(said)
    closing = {"[": "]", "{": "}"}.get(opening, "}")
    return f"This `{opening}` is never closed.", said.span(said.opened), f"Add the `{closing}`."


def _forbidden_start(said: _Complaint) -> _Said:
    if said.char in _NOT_A_START and "cannot start" in said.problem:
        return (
            f"A value cannot begin with {'a backtick' if said.char == '`' else f'`{said.char}`'}.",
            said.span(said.at),
            "Put the value in quotes.",
        )
    return None


def _alias(said: _Complaint) -> _Said:
    if "alias" not in said.context and "anchor" not in said.context:
        return None
    char = said.source.text[said.opened : said.opened + 1]
    return (
        f"A value that begins with `{char}` is no text for YAML.",
        said.rest_of_line(said.opened),
        "Put the value in quotes.",
    )


def _tag(said: _Complaint) -> _Said:
    if "tag" not in said.context and "tag" not in said.problem:
        return None
    return (
        "This tag means nothing here.",
        said.rest_of_line(said.opened),
        "Text that begins with `!` must be in quotes.",
    )


def _after_closed(said: _Complaint) -> _Said:
    """Text behind a value that a quote or a bracket has ended."""
    closed = said.before.rstrip()[-1:]
    if "did not find expected" not in said.problem or closed not in {'"', "'", "]", "}"}:
        return None
    ended = "a quoted text" if closed in "\"'" else f"a `{closed}`"
    help_ = {
        '"': 'Put all of it inside the quotes; a `"` inside them is written `\\"`.',
        "'": "Put all of it inside the quotes; a `'` inside them is written `''`.",
    }.get(closed, "Text that begins with `[` or `{` must be in quotes.")
    return f"The value ended with {ended}, and more follows.", said.rest_of_line(said.at), help_


def _dash(said: _Complaint) -> _Said:
    if "did not find expected '-' indicator" not in said.problem:
        return None
    if said.column == said.source.position(said.opened)[1]:
        return (
            "A list goes on here without its `- `.",
            said.rest_of_line(said.at),
            "Begin each element of the list with `- ` in the same column.",
        )
    return _indent(said)


def _indent(said: _Complaint) -> _Said:
    return (
        "The indentation of this line fits nothing above it.",
        said.rest_of_line(said.at),
        "Keys of one mapping, and the `- ` of one list, start in one column.",
    )


def _key(said: _Complaint) -> _Said:
    return _indent(said) if "did not find expected key" in said.problem else None


def _no_colon(said: _Complaint) -> _Said:
    if "could not find expected ':'" not in said.problem:
        return None
    span = said.rest_of_line(said.opened)
    text = said.source.text[span.start : span.end]
    if found := re.match(r"([A-Za-z_]\w*):(\S.*)", text):
        return (
            "A key's `:` needs a space behind it.",
            span,
            f"Write `{found[1]}: {found[2]}`.",
        )
    return (
        "A key stands here without its `:`.",
        span,
        "Write `key: value`; text over several lines needs quotes, `|` or `>`.",
    )


_EXPLAINED: tuple[Callable[[_Complaint], _Said], ...] = (
    _tab,
    _never_closed_quote,
    _escape,
    _forbidden_start,
    _alias,
    _tag,
    _colon,
    _after_closed,
    _bracket,
    _dash,
    _key,
    _no_colon,
)
