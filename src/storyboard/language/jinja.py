"""Jinja on one string at a time: sandboxed, bounded, and exact about places.

A text is cut into plain parts and `{{ expressions }}`; each expression is
compiled once and evaluated wherever it stands, which is much faster than
compiling every prompt, and says which expression failed. Only a text with
statements (`{% … %}`), comments or white space control is given to Jinja whole.

Nothing here can reach files, network, environment, clock or randomness, and
nothing can run on or grow without end: loops, ranges and texts are counted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from jinja2.environment import Template
from jinja2.exceptions import TemplateSyntaxError

from storyboard.language.expressions import (
    MAX_TEXT,
    NAME,
    ExpressionError,
    Names,
    Piece,
    Poisoned,
    expressions_in,
    pieces_of,
    undefined,
)
from storyboard.language.jinja_errors import explained, unreadable_whole
from storyboard.language.sandbox import CULPRIT, Named, Sandbox
from storyboard.source import Plain


class Jinja:
    """Renders texts. One for each run: it keeps what it has compiled.

    Attributes:
        globals: what every text may call: names given to it should fall back on these.
    """

    def __init__(self) -> None:
        self._sandbox = Sandbox()
        self.globals: Names = dict(self._sandbox.globals)
        self._compiled = lru_cache(maxsize=None)(self._compile_expression)
        self._whole = lru_cache(maxsize=None)(self._compile_whole)
        self._known = {"filter": self._sandbox.filters, "test": self._sandbox.tests}

    def render(self, text: str, names: Names) -> Plain:
        """A text with its expressions replaced.

        A text that is wholly one `{{ expression }}` gives that expression's
        value, with its type; any other gives text.

        Raises:
            ExpressionError: with the culprit's place in the text.
        """
        self._sandbox.steps = 0
        pieces = pieces_of(text)
        if pieces is None:
            return self._render_whole(text, names)
        if len(pieces) == 1 and pieces[0].expression:
            return _plain(self._evaluate(pieces[0], names), pieces[0])
        made = [
            str(self._evaluate(piece, names)) if piece.expression else piece.text
            for piece in pieces
        ]
        return _short_enough("".join(made), 0, len(text))

    def evaluate(self, text: str, names: Names) -> Plain:
        """The value of an expression without braces, as `when:` has it.

        Raises:
            ExpressionError: with the culprit's place in the text.
        """
        self._sandbox.steps = 0
        piece = Piece(text, 0, len(text), expression=True)
        return _plain(self._evaluate(piece, names), piece)

    def _evaluate(self, piece: Piece, names: Names) -> Any:
        if (simple := NAME.fullmatch(piece.text)) and simple[1] in names:
            return names[simple[1]]
        try:
            value = self._expression(piece.text)(names)
        except Poisoned:
            raise
        except Exception as error:  # whatever an author's expression does is the author's to mend
            if isinstance(missing := getattr(error, CULPRIT, None), Named):
                raise undefined(*missing.missing, piece) from error
            raise explained(error, piece, self._known) from error
        if isinstance(value, Named):
            raise undefined(*value.missing, piece)
        return value

    def unreadable(self, text: str) -> list[ExpressionError]:
        """What in a text cannot be read, whatever its names stand for."""
        pieces = pieces_of(text)
        if pieces is None:
            try:
                self._whole(text)
            except Exception as error:  # as in `render`
                return [self._unreadable_whole(text, error)]
            return []
        errors = []
        for piece in pieces:
            if piece.expression:
                try:
                    self._expression(piece.text)
                except Exception as error:  # as in `render`
                    errors.append(explained(error, piece, self._known))
        return errors

    def others(self, text: str, names: Names, first: ExpressionError) -> list[ExpressionError]:
        """What else goes wrong in a text behind its first error."""
        errors = []
        for piece in pieces_of(text) or ():
            if piece.expression and piece.start > first.end and first.kind != "limit":
                try:
                    self._evaluate(piece, names)
                except Poisoned:
                    continue
                except ExpressionError as error:
                    errors.append(error)
        return errors

    def _unreadable_whole(self, text: str, error: Exception) -> ExpressionError:
        if isinstance(error, TemplateSyntaxError):
            for piece in expressions_in(text):
                if not piece.text:
                    continue
                try:
                    self._expression(piece.text)
                except Exception as culprit:  # as in `render`
                    return explained(culprit, piece, self._known)
        return unreadable_whole(error, text, self._suspect(text, error), self._known)

    def _expression(self, text: str) -> Callable[[Names], Any]:
        compiled = self._compiled(text)
        if isinstance(compiled, Exception):
            raise compiled
        return compiled

    def _compile_expression(self, text: str) -> Callable[[Names], Any] | Exception:
        """An expression ready to be evaluated, or why it cannot be: kept, too, as loops ask again."""
        try:
            template = self._sandbox.expression(text.strip())
        except Exception as error:  # as in `render`
            return error

        def evaluate(names: Names) -> Any:
            context = template.new_context(names, shared=True)  # type: ignore[arg-type]  # asked, never copied
            for _ in template.root_render_func(context):
                pass
            return context.vars["result"]

        return evaluate

    def _render_whole(self, text: str, names: Names) -> str:
        try:
            template = self._whole(text)
            context = template.new_context(names, shared=True)  # type: ignore[arg-type]  # asked, never copied
            return _short_enough("".join(template.root_render_func(context)), 0, len(text))
        except Poisoned:
            raise
        except Exception as error:  # as above
            if isinstance(missing := getattr(error, CULPRIT, None), Named):
                raise undefined(*missing.missing, self._suspect(text, error)) from error
            raise self._unreadable_whole(text, error) from error

    def _compile_whole(self, text: str) -> Template:
        return self._sandbox.from_string(text)

    def _suspect(self, text: str, error: Exception) -> Piece:
        """The part of a text with statements that an error is about: its line, or its name."""
        line = getattr(error, "lineno", None)
        if not isinstance(error, TemplateSyntaxError):
            trace = error.__traceback__
            while trace is not None:
                if trace.tb_frame.f_code.co_filename == "<template>":
                    line = self._whole(text).get_corresponding_lineno(trace.tb_lineno)
                trace = trace.tb_next
        lines = text.split("\n")
        number = min(max((line or 1) - 1, 0), len(lines) - 1)
        start = sum(len(before) + 1 for before in lines[:number])
        inner = lines[number].strip()
        start += lines[number].find(inner) if inner else 0
        return Piece(inner, start, start + len(inner), expression=True)


def _short_enough(text: str, start: int, end: int) -> str:
    if len(text) > MAX_TEXT:
        message = f"This makes a text of more than {MAX_TEXT:,} characters"
        raise ExpressionError("limit", message, (start, end))
    return text


def _plain(value: Any, piece: Piece) -> Plain:
    """A value as YAML could have held it."""
    match value:
        case None | bool() | int() | float() | str():
            return value
        case Mapping():
            return {str(key): _plain(item, piece) for key, item in value.items()}
        case list() | tuple() | range():
            return [_plain(item, piece) for item in value]
    if isinstance(value, Named):
        raise undefined(*value.missing, piece)
    if hasattr(value, "__next__") or hasattr(value, "__iter__"):
        return [_plain(item, piece) for item in value]
    message = "This gives nothing that a storyboard can hold"
    raise ExpressionError("failed", message, piece.place)
