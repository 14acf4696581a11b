"""Params of templates: whether their descriptions are right, and whether values fit them.

A param is described in the words of JSON Schema, of which these few are known.
What does not fit is said in the user's words, at the very value.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from math import isfinite
from typing import Any, Final

from storyboard.diagnostics import Code, did_you_mean, listed
from storyboard.language.fields import Fields
from storyboard.language.saying import said
from storyboard.source import Node

KEYWORDS: Final = frozenset({
    "type", "enum", "minimum", "maximum", "default", "description", "pattern", "minLength", "maxLength",
    "items", "minItems", "maxItems", "examples", "title",
})  # fmt: skip
_TYPES: Final[Mapping[str, tuple[tuple[type, ...], str]]] = {
    "string": ((str,), "text"),
    "integer": ((int,), "a whole number"),
    "number": ((int, float), "a number"),
    "boolean": ((bool,), "true or false"),
    "array": ((list,), "a list"),
    "object": ((dict,), "a mapping"),
    "null": ((type(None),), "null"),
}


class Params(Fields):
    """Reads descriptions of params, and judges values by them."""

    def sound(self, schema: Node, name: str) -> bool:
        """Whether a description can be judged by; what is wrong with it is reported."""
        if schema.value is None:
            return True  # a param without more words
        entries = self.mapping(schema, name, KEYWORDS)
        if entries is None:
            return False
        wrong = [word for word, node in entries.items() if not self._keyword(word, node, name)]
        return not wrong

    def _keyword(self, word: str, node: Node, name: str) -> bool:
        match word:
            case "type":
                named = node.elements if isinstance(node.value, list) else [node]
                return not [each for each in named if not self._known_type(each)]
            case "enum":
                if not node.elements:
                    self._bad(node, "`enum` takes a list of values.", "Write `enum: [one, two]`.")
                return bool(node.elements)
            case "minimum" | "maximum":
                if not _is_number(node.value):
                    self._bad(node, f"`{word}` takes a number.")
                return _is_number(node.value)
            case "minLength" | "maxLength" | "minItems" | "maxItems":
                fits = isinstance(node.value, int) and _is_number(node.value) and node.value >= 0
                if not fits:
                    self._bad(node, f"`{word}` takes a whole number of at least 0.")
                return fits
            case "pattern":
                return self._regular(node)
            case "items":
                return self.sound(node, f"{name}.items")
        return True

    def _known_type(self, node: Node) -> bool:
        known = node.text in _TYPES
        if not known:
            otherwise = f"It is one of {listed(sorted(_TYPES))}."
            words = {"int": "integer", "str": "string", "float": "number", "bool": "boolean", "list": "array", "dict": "object", "text": "string"}  # fmt: skip
            meant = words.get(node.text or "")
            help_ = f"Did you mean `{meant}`?" if meant else None
            self._bad(
                node,
                f"A param's `type` cannot be {said(node)}.",
                help_ or did_you_mean(node.text or "", _TYPES, otherwise=otherwise),
            )
        return known

    def _regular(self, node: Node) -> bool:
        try:
            re.compile(node.text or "")
        except (re.error, OverflowError, RecursionError) as error:
            self._bad(node, f"`pattern` is no regular expression: {error}.")
            return False
        return True

    def _bad(self, node: Node, message: str, help: str | None = None) -> None:
        self.problems.add(Code.BAD_PARAM, message, node, help)

    def fits(self, template: str, name: str, value: Node, schema: Node) -> bool:
        """Whether a value fits its description; what does not is reported."""
        for word, wanted in schema.items.items():
            if word in _JUDGES and not _JUDGES[word](value, wanted):
                message, help_ = _misfit(word, value, wanted)
                self._bad(value, f"The param `{name}` of `{template}` {message}.", help_)
                return False
        items = schema.get("items")
        if items is None:
            return True
        return not [each for each in value.elements if not self.fits(template, name, each, items)]


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)


def _is_of(value: Node, wanted: Node) -> bool:
    names = [each.text for each in wanted.elements] or [wanted.text]
    for name in names:
        kinds, _ = _TYPES[name or ""]
        if name == "string" and value.text is not None:
            return True
        if isinstance(value.value, kinds) and (
            not isinstance(value.value, bool) or name == "boolean"
        ):
            return True
        if name == "integer" and isinstance(value.value, float) and value.value.is_integer():
            return True
    return False


def _is_among(value: Node, wanted: Node) -> bool:
    plain = value.plain()
    return any(
        (plain == each.plain() and isinstance(plain, bool) == isinstance(each.value, bool))
        or (each.text is not None and value.text == each.text)
        for each in wanted.elements
    )


def _size(value: Node) -> int:
    return len(value.elements) if isinstance(value.value, list) else len(value.text or "")


_JUDGES: Final[Mapping[str, Callable[[Node, Any], bool]]] = {
    "type": _is_of,
    "enum": _is_among,
    "minimum": lambda value, wanted: not _is_number(value.value) or value.value >= wanted.value,
    "maximum": lambda value, wanted: not _is_number(value.value) or value.value <= wanted.value,
    "pattern": lambda value, wanted: (
        value.text is None or bool(re.search(wanted.text or "", value.text))
    ),
    "minLength": lambda value, wanted: value.text is None or _size(value) >= wanted.value,
    "maxLength": lambda value, wanted: value.text is None or _size(value) <= wanted.value,
    "minItems": lambda value, wanted: (
        not isinstance(value.value, list) or _size(value) >= wanted.value
    ),
    "maxItems": lambda value, wanted: (
        not isinstance(value.value, list) or _size(value) <= wanted.value
    ),
}


def _misfit(word: str, value: Node, wanted: Node) -> tuple[str, str | None]:
    match word:
        case "type":
            names = [each.text for each in wanted.elements] or [wanted.text]
            kinds = " or ".join(_TYPES[name or ""][1] for name in names)
            return f"must be {kinds}, not {said(value)}", None
        case "enum":
            choices = [each.text or said(each) for each in wanted.elements]
            otherwise = f"It is one of {listed(choices)}."
            return f"cannot be {said(value)}", did_you_mean(
                value.text or "", choices, otherwise=otherwise
            )
        case "minimum" | "maximum":
            bound = "least" if word == "minimum" else "most"
            return f"must be at {bound} {wanted.text}, and is {value.text}", None
        case "pattern":
            return f"must match `{wanted.text}`, and {said(value)} does not", None
    bound = "least" if word.startswith("min") else "most"
    what = "elements" if word.endswith("Items") else "characters"
    return f"must have at {bound} {wanted.value} {what}, and has {_size(value)}", None
