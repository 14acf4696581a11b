"""Rendering texts: those that hold nothing but names at once, all others by Jinja.

Most texts hold nothing but names, and to import Jinja takes longer than to read
a film of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from keyword import iskeyword
from typing import TYPE_CHECKING, Any

from storyboard.language.expressions import (
    CALLABLE,
    MAX_TEXT,
    NAME,
    ExpressionError,
    Names,
    Piece,
    pieces_of,
)
from storyboard.source import Plain

if TYPE_CHECKING:
    from storyboard.language.jinja import Jinja


class Texts:
    """Renders texts as `Jinja` does. One for each run.

    Attributes:
        globals: what every text may call: names given to it should fall back on these.
    """

    def __init__(self) -> None:
        self.globals: Names = _Callable(self)

    @cached_property
    def jinja(self) -> Jinja:
        """What renders texts of any kind."""
        from storyboard.language.jinja import Jinja

        return Jinja()

    def render(self, text: str, names: Names) -> Plain:
        """See `Jinja.render`."""
        pieces = pieces_of(text)
        if pieces is None or not all(_is_name_of(names, piece) for piece in pieces):
            return self.jinja.render(text, names)
        values = [names[piece.text.strip()] if piece.expression else piece.text for piece in pieces]
        if len(values) == 1 and pieces[0].expression:
            (value,) = values
            plain = value is None or isinstance(value, bool | int | float | str)
            return value if plain else self.jinja.render(text, names)
        made = "".join(map(str, values))
        return made if len(made) <= MAX_TEXT else self.jinja.render(text, names)

    def evaluate(self, text: str, names: Names) -> Plain:
        """See `Jinja.evaluate`."""
        return self.jinja.evaluate(text, names)

    def unreadable(self, text: str) -> list[ExpressionError]:
        """See `Jinja.unreadable`."""
        pieces = pieces_of(text)
        if pieces is not None and all(_can_be_read(piece) for piece in pieces):
            return []
        return self.jinja.unreadable(text)

    def others(self, text: str, names: Names, first: ExpressionError) -> list[ExpressionError]:
        """See `Jinja.others`."""
        return self.jinja.others(text, names, first)


class _Callable(Mapping[str, Any]):
    """What every text may call, by name; Jinja has it."""

    def __init__(self, texts: Texts) -> None:
        self._texts = texts

    def __contains__(self, name: object) -> bool:
        return name in CALLABLE

    def __getitem__(self, name: str) -> Any:
        if name not in CALLABLE:
            raise KeyError(name)
        return self._texts.jinja.globals[name]

    def __iter__(self) -> Iterator[str]:
        return iter(CALLABLE)

    def __len__(self) -> int:
        return len(CALLABLE)


def _is_name_of(names: Names, piece: Piece) -> bool:
    """Whether a piece is plain text, or a name that stands for something."""
    if not piece.expression:
        return True
    found = NAME.fullmatch(piece.text)
    return found is not None and found[1] in names and found[1] not in CALLABLE


def _can_be_read(piece: Piece) -> bool:
    """Whether a piece is plain text, or a name to Jinja, too."""
    if not piece.expression:
        return True
    found = NAME.fullmatch(piece.text)
    return found is not None and not iskeyword(found[1])
