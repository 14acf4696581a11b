"""Texts with expressions, cut at their braces; and what is wrong with one, and where.

Nothing here imports Jinja: see texts.py.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, TypeAlias

from storyboard.diagnostics import did_you_mean, listed

Names: TypeAlias = Mapping[str, Any]

MAX_TEXT: Final = 1_000_000
"""Characters that a text may grow to."""
CALLABLE: Final = ("range", "dict", "namespace")
"""What every text may call."""
NAME: Final = re.compile(r"\s*([A-Za-z_][A-Za-z0-9_]*)\s*")
"""An expression that is nothing but a name."""
_SIMPLE = re.compile(r"\{\{(?![-+])((?:[^{}'\"]|'[^'{}\\]*'|\"[^\"{}\\]*\")*?)(?<![-+])\}\}")
_BRACES = re.compile(r"\{\{[-+]?(.*?)[-+]?\}\}", re.DOTALL)


class Poisoned(Exception):
    """Raised by names whose value is wrong, which has been reported: nothing more is said."""


class ExpressionError(Exception):
    """A text that cannot be rendered.

    Attributes:
        kind: `syntax`, `undefined`, `limit` or `failed`.
        start: the first character of the culprit in the text.
        end: the character behind it.
        name: the unknown name, for `undefined`.
        help: what to do, where that is known here.
    """

    def __init__(
        self,
        kind: str,
        message: str,
        place: tuple[int, int],
        name: str | None = None,
        help: str | None = None,
    ) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.start, self.end = place
        self.name = name
        self.help = help


@dataclass(frozen=True, slots=True)
class Piece:
    """Plain text, or an expression and where it stands."""

    text: str
    start: int
    end: int
    expression: bool

    @property
    def place(self) -> tuple[int, int]:
        """Its first character, and the one behind it."""
        return self.start, self.end

    def within(self, found: re.Match[str] | None, group: int | str = 0) -> tuple[int, int]:
        """The place of a match inside the piece; all of it where there is none."""
        if found is None:
            return self.place
        return self.start + found.start(group), self.start + found.end(group)


def undefined(name: str | None, inside: object, piece: Piece) -> ExpressionError:
    """A name that is not there.

    Args:
        name: the name.
        inside: the value in which it was looked for; None for a name of its own.
        piece: the expression.
    """
    word = re.escape(str(name))
    found = re.search(rf"(?<![\w.]){word}(?!\w)|(?<=\.){word}(?!\w)", piece.text) if name else None
    place = piece.within(found)
    if inside is None:
        return ExpressionError("undefined", f"`{name}` is not defined", place, name)
    help_ = None
    if isinstance(inside, Mapping) and inside:
        names = [str(key) for key in inside]
        help_ = did_you_mean(str(name), names, otherwise=f"It has {listed(names, last='and')}.")
    elif isinstance(inside, list | tuple | str):
        help_ = f"It has {len(inside)} elements, counted from 0." if isinstance(name, int) else None
    return ExpressionError("undefined", f"There is no `{name}` in this value", place, help=help_)


def templated(text: str) -> bool:
    """Whether a text holds anything for Jinja."""
    return "{{" in text or "{%" in text or "{#" in text


@lru_cache(maxsize=65536)
def pieces_of(text: str) -> tuple[Piece, ...] | None:
    """A text cut into plain parts and expressions; None when Jinja must read it whole."""
    if "{%" in text or "{#" in text:
        return None
    pieces: list[Piece] = []
    at = 0
    for found in _SIMPLE.finditer(text):
        if found.start() > at:
            pieces.append(Piece(text[at : found.start()], at, found.start(), expression=False))
        inner = found[1]
        start = found.start(1) + len(inner) - len(inner.lstrip())
        pieces.append(Piece(inner.strip(), start, start + len(inner.strip()), expression=True))
        at = found.end()
    if at < len(text):
        pieces.append(Piece(text[at:], at, len(text), expression=False))
    odd = any("{{" in p.text if not p.expression else not p.text for p in pieces)
    if odd and text.startswith("{{") and text.endswith("}}") and text.count("{{") == 1:
        inner = text[2:-2]  # one expression, with braces or odd quotes of its own
        return (Piece(inner, 2, len(text) - 2, expression=True),) if inner.strip() else None
    return None if odd else tuple(pieces)


def expressions_in(text: str) -> list[Piece]:
    """The `{{ expressions }}` of a text that Jinja reads whole."""
    pieces = []
    for found in _BRACES.finditer(text):
        inner = found[1]
        start = found.start(1) + len(inner) - len(inner.lstrip())
        pieces.append(Piece(inner.strip(), start, start + len(inner.strip()), expression=True))
    return pieces
