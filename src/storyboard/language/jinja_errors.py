"""What goes wrong in a text with Jinja, in the user's words and at the culprit."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from jinja2.exceptions import SecurityError, TemplateError, TemplateSyntaxError, UndefinedError

from storyboard.diagnostics import did_you_mean, listed

TAGS: Final = (
    "if", "elif", "else", "endif", "for", "endfor", "set", "endset", "macro", "endmacro",
    "filter", "endfilter", "with", "endwith", "raw", "endraw", "call", "endcall",
)  # fmt: skip
LEFT_OUT: Final = ("random", "urlize", "xmlattr", "pprint", "format")
"""Filters of Jinja's that storyboards do without."""
_OPENING = frozenset({"if", "for", "macro", "filter", "with", "raw", "call"})
_TAG = re.compile(r"\{%[-+]?\s*(\w+)")
_BRACES = re.compile(r"\{\{[-+]?(.*?)[-+]?\}\}", re.DOTALL)
_ENDS = {
    "end of print statement": "`}}`",
    "end of statement block": "`%}`",
    "end of template": "the end",
}


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


class LimitReached(SecurityError):
    """Something would take too long or grow too large."""


class NotAllowed(SecurityError):
    """Carries its own words, unlike what Jinja's sandbox says."""


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


def explained(
    error: Exception, piece: Piece, known: Mapping[str, Collection[str]]
) -> ExpressionError:
    """An error that Jinja, or an author's expression, has raised.

    Args:
        error: whatever was raised.
        piece: where it was raised.
        known: what there is: `filter` and `test`.
    """
    match error:
        case ExpressionError():
            return error
        case LimitReached():
            return ExpressionError("limit", _sentence(str(error)), piece.place, help=_SMALLER)
        case MemoryError() | RecursionError() | OverflowError():
            message = "This goes too deep or grows too large"
            return ExpressionError("limit", message, piece.place, help=_SMALLER)
        case UndefinedError():
            return ExpressionError("undefined", _sentence(str(error)), piece.place)
        case TemplateSyntaxError():
            return _syntax(error.message or "", piece, known)
        case NotAllowed() | ZeroDivisionError():
            return ExpressionError("failed", _sentence(str(error)), piece.place)
        case SecurityError():
            message = "This is not allowed in a storyboard"
            help_ = "Texts can use names, filters and methods of texts, nothing of Python's."
            return ExpressionError("failed", message, piece.place, help=help_)
        case TemplateError():
            return ExpressionError("failed", _sentence(str(error)), piece.place)
    said = (str(error) or type(error).__name__).rstrip(".")
    return ExpressionError("failed", f"This cannot be evaluated: {said}", piece.place)


_SMALLER = "Make it smaller: a text of a storyboard is for a prompt."


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


def _syntax(message: str, piece: Piece, known: Mapping[str, Collection[str]]) -> ExpressionError:
    def error(said: str, place: tuple[int, int], help: str | None = None) -> ExpressionError:
        return ExpressionError("syntax", said, place, help=help)

    if found := re.match(r"No (filter|test) named '(.+?)'", message):
        what, name = found[1], found[2]
        place = piece.within(re.search(rf"\b{re.escape(name)}\b", piece.text))
        shown = sorted(each for each in known[what] if each.isidentifier())
        help_ = "Storyboards leave it out." if name in LEFT_OUT else did_you_mean(name, shown)
        return error(f"There is no {what} `{name}`", place, help_)
    if "more here than one expression" in message:
        return error(_sentence(message), piece.place, "Join values with `~`: `{{ a ~ b }}`.")
    if found := re.match(r"unexpected char (['\"])(.+)\1 at (\d+)", message):
        at = min(int(found[3]), max(len(piece.text) - 1, 0))
        here = (piece.start + at, piece.start + at + 1)
        if found[2].strip("\\") in {"'", '"'}:
            return error("A quote is opened here and never closed", here, "Add the closing quote.")
        return error(f"`{found[2]}` means nothing here", here)
    if "end of template" in message or (
        "Expected an expression" in message and "end of" in message
    ):
        return error(
            "This expression ends too early", piece.place, "Something is missing at its end."
        )
    if found := re.match(r"expected token '(.+)', got '(.+)'", message, re.IGNORECASE):
        wanted = _ENDS.get(found[1], f"`{found[1]}`")
        place = piece.within(re.search(re.escape(found[2]), piece.text))
        return error(f"`{found[2]}` stands here where {wanted} is expected", place)
    if found := re.match(r"unexpected '(.+)'", message, re.IGNORECASE):
        place = piece.within(re.search(re.escape(found[1]), piece.text))
        return error(f"`{found[1]}` means nothing here", place)
    return error(_sentence(message or "it cannot be read"), piece.place)


def unreadable_whole(
    error: Exception, text: str, line: Piece, known: Mapping[str, Collection[str]]
) -> ExpressionError:
    """An error of a text with statements, or with braces that do not pair, at its culprit.

    Args:
        error: what Jinja raised.
        text: the whole text.
        line: the line that Jinja names.
        known: what there is: `filter` and `test`.
    """
    if not isinstance(error, TemplateSyntaxError):
        return explained(error, line, known)
    if said := _unpaired_braces(text):
        return said
    message = error.message or ""
    if found := re.search(r"innermost block that needs to be closed is '(\w+)'", message):
        if "unknown tag" not in message:
            return _unclosed(text, found[1], line)
        tag = re.search(r"unknown tag '(\w+)'", message)
        return _stray(text, tag[1] if tag else "", found[1], line)
    if found := re.search(r"unknown tag '(\w+)'", message):
        return _stray(text, found[1], None, line)
    return explained(error, line, known)


def _unpaired_braces(text: str) -> ExpressionError | None:
    at = 0
    while (opened := text.find("{{", at)) >= 0:
        closed, again = text.find("}}", opened), text.find("{{", opened + 2)
        if closed < 0 or opened < again < closed:
            message = "This `{{` is never closed"
            return ExpressionError(
                "syntax", message, (opened, opened + 2), help="Close it with `}}`."
            )
        if not text[opened + 2 : closed].strip(" \t\n+-"):
            message = "There is nothing between these braces"
            place = (opened, closed + 2)
            return ExpressionError("syntax", message, place, help="Write `{{ name }}`.")
        at = closed + 2
    return None


def _unclosed(text: str, tag: str, line: Piece) -> ExpressionError:
    waiting = []
    for found in _TAG.finditer(text):
        if found[1] in _OPENING:
            waiting.append(found)
        elif found[1].startswith("end") and waiting:
            waiting.pop()
    place = (waiting[-1].start(), waiting[-1].end()) if waiting else line.place
    message = f"`{{% {tag} %}}` is never closed"
    return ExpressionError("syntax", message, place, help=f"Close it with `{{% end{tag} %}}`.")


def _stray(text: str, tag: str, waiting: str | None, line: Piece) -> ExpressionError:
    places = [found.span() for found in _TAG.finditer(text) if found[1] == tag]
    place = places[-1] if places else line.place
    if tag in TAGS:
        said = "closes nothing here" if tag.startswith("end") else "belongs to no `{% if %}`"
        message = f"`{{% {tag} %}}` {said}"
        help_ = f"`{{% {waiting} %}}` waits for `{{% end{waiting} %}}`." if waiting else None
        return ExpressionError("syntax", message, place, help=help_)
    otherwise = "Statements are `{% if … %}`, `{% for … %}` and `{% set … %}`."
    help_ = did_you_mean(tag, TAGS, otherwise=otherwise)
    return ExpressionError("syntax", f"There is no statement `{tag}`", place, help=help_)


def expressions_in(text: str) -> list[Piece]:
    """The `{{ expressions }}` of a text that Jinja reads whole."""
    pieces = []
    for found in _BRACES.finditer(text):
        inner = found[1]
        start = found.start(1) + len(inner) - len(inner.lstrip())
        pieces.append(Piece(inner.strip(), start, start + len(inner.strip()), expression=True))
    return pieces


def _sentence(text: str) -> str:
    text = text.strip().rstrip(".")
    return text[:1].upper() + text[1:]
