"""What goes wrong in a text with Jinja, in the user's words and at the culprit."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Final

from jinja2.exceptions import SecurityError, TemplateError, TemplateSyntaxError, UndefinedError

from storyboard.diagnostics import did_you_mean
from storyboard.language.expressions import ExpressionError, Piece

TAGS: Final = (
    "if", "elif", "else", "endif", "for", "endfor", "set", "endset", "macro", "endmacro",
    "filter", "endfilter", "with", "endwith", "raw", "endraw", "call", "endcall",
)  # fmt: skip
LEFT_OUT: Final = ("random", "urlize", "xmlattr", "pprint", "format")
"""Filters of Jinja's that storyboards do without."""
_OPENING = frozenset({"if", "for", "macro", "filter", "with", "raw", "call"})
_TAG = re.compile(r"\{%[-+]?\s*(\w+)")
_ENDS = {
    "end of print statement": "`}}`",
    "end of statement block": "`%}`",
    "end of template": "the end",
}


class LimitReached(SecurityError):
    """Something would take too long or grow too large."""


class NotAllowed(SecurityError):
    """Carries its own words, unlike what Jinja's sandbox says."""


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


def _sentence(text: str) -> str:
    text = text.strip().rstrip(".")
    return text[:1].upper() + text[1:]
