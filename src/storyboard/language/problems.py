"""Collecting problems: each said once, with the first few of its uses."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from storyboard.diagnostics import Code, Diagnostic, Severity
from storyboard.source import Node, Span, Via

_SHOWN_USES = 3
_Key: TypeAlias = tuple[Code, str, str, int, int]

# What the reader says of a value; what the value then is for the rest is no more news.
_READING = frozenset({Code.BAD_TAG, Code.BAD_ALIAS, Code.BAD_KEY, Code.UNQUOTED})
_MISREAD = frozenset({Code.WRONG_TYPE, Code.OUT_OF_RANGE, Code.NOT_A_CHOICE, Code.BAD_ID})
# What a file that could not be read may have held.
_PERHAPS_ELSEWHERE = frozenset({
    Code.UNDEFINED, Code.UNKNOWN_TEMPLATE, Code.UNKNOWN_PROFILE, Code.UNKNOWN_VAR, Code.UNKNOWN_SHOT,
    Code.NO_SHOTS,
})  # fmt: skip


@dataclass(slots=True)
class _Uses:
    """Where one problem shows: the ways to it, and how many there are."""

    first: Diagnostic
    ways: dict[tuple[str, str, int], Via] = field(default_factory=dict)

    def add(self, via: Via) -> None:
        self.ways.setdefault((via.what, via.span.file, via.span.start), via)

    def said(self) -> Diagnostic:
        others = tuple(self.ways.values())[1:]
        if not others:
            return self.first
        shown = others[: _SHOWN_USES - 1]
        return replace(self.first, uses=shown, more_uses=len(others) - len(shown))


class Problems:
    """What was found so far. The same problem at the same place counts once.

    A template that forty shots use is expanded forty times; what is wrong in
    its text is one problem with forty uses, of which the first few are shown.
    """

    def __init__(self) -> None:
        self._found: dict[_Key, _Uses] = {}

    def __bool__(self) -> bool:
        return any(uses.first.severity is Severity.ERROR for uses in self._found.values())

    def add(
        self,
        code: Code,
        message: str,
        at: Node | Span | None,
        help: str | None = None,
        via: Via | None = None,
    ) -> None:
        """Report a problem at a value, or at a place."""
        span = at.span if isinstance(at, Node) else at
        if isinstance(at, Node):
            via = via or at.via
            if at.key and at.span.start == at.span.end:
                span = at.key  # nothing is written there: its key is what can be seen
        self.extend([Diagnostic(code, message, span, help, via)])

    def extend(self, diagnostics: Iterable[Diagnostic]) -> None:
        """Report problems that were found elsewhere."""
        for item in diagnostics:
            span = item.span
            key = (
                item.code,
                item.message if item.via is None else "",
                span.file if span else "",
                span.start if span else 0,
                span.end if span else 0,
            )
            uses = self._found.setdefault(key, _Uses(item))
            for via in (item.via, *item.uses):
                if via is not None:
                    uses.add(via)

    def known(self, code: Code, span: Span) -> bool:
        """Whether a problem of that kind was found at that very place."""
        return any(
            key[0] is code and key[2:4] == (span.file, span.start) and key[4] == span.end
            for key in self._found
        )

    def all(self) -> tuple[Diagnostic, ...]:
        """Every problem, by file and place; those without a place first."""
        return _in_order([uses.said() for uses in self._found.values()])


def told(found: Iterable[Diagnostic], *, incomplete: bool = False) -> tuple[Diagnostic, ...]:
    """What all passes found, in the order of the files, without what only follows.

    Args:
        found: in the order of the passes.
        incomplete: whether a file could not be read, so that names that seem
            to be missing may stand in it.
    """
    problems = list(found)
    misread = {
        (item.span.file, item.span.start)
        for item in problems
        if item.span and item.code in _READING
    }
    return _in_order([
        item
        for item in problems
        if not (incomplete and item.code in _PERHAPS_ELSEWHERE)
        and not (
            item.span
            and item.code in _MISREAD
            and (item.span.file, item.span.start) in misread
        )
    ])  # fmt: skip


def _in_order(found: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    found = list(found)
    files: dict[str, int] = {}
    for item in found:
        if item.span:
            files.setdefault(item.span.file, len(files))

    def place(item: Diagnostic) -> tuple[int, int, str]:
        if item.span is None:
            return (-1, 0, item.code.number)
        return (files[item.span.file], item.span.start, item.code.number)

    return tuple(sorted(found, key=place))
