"""Fields, values and numbers as messages say them; and numbers and times as people write them."""

from __future__ import annotations

import re
from fractions import Fraction

from storyboard.source import Node

_WITH_UNIT = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)\s*(ms|s|sec|secs|seconds?|m|min|minutes?)")
_UNITS = {
    "ms": Fraction(1, 1000), **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), Fraction(1)),
    **dict.fromkeys(("m", "min", "minute", "minutes"), Fraction(60)),
}  # fmt: skip
_CLOCK = re.compile(r"(?:(\d{1,4}):)?(\d{1,4}):(\d\d(?:\.\d{1,9})?)")
# What messages are about when they are about no field.
_THINGS = frozenset({"shot", "scene", "cut", "storyboard", "used file"})


def called(field: str) -> str:
    """How a message begins that is about a field, or about a whole thing."""
    if field in _THINGS:
        return field if field[0].isupper() else f"A {field}"
    return f"`{field}`"


def as_number(text: str) -> Fraction | None:
    """The number that a text is, exactly; None where it is none."""
    try:
        return Fraction(text)
    except (ValueError, ZeroDivisionError):
        return None


def as_time(text: str) -> Fraction | None:
    """The seconds of `5s`, `2 min`, `0:05` or `1:30:00`."""
    if found := _WITH_UNIT.fullmatch(text.strip()):
        return Fraction(found[1]) * _UNITS[found[2]]
    if found := _CLOCK.fullmatch(text.strip()):
        hours, minutes, seconds = (Fraction(part or 0) for part in found.groups())
        return hours * 3600 + minutes * 60 + seconds
    return None


def range_said(least: Fraction | int | None, most: Fraction | int | None) -> str:
    """What a number may be: `from 0 to 10`."""
    if least is not None and most is not None:
        return f"from {number_said(least)} to {number_said(most)}"
    if least is not None:
        return f"of at least {number_said(least)}"
    return f"of at most {number_said(most)}" if most is not None else ""


def number_said(value: Fraction | int) -> str:
    """A number as a person writes it: `0.5`, `10`, `3.333`."""
    value = Fraction(value)
    return str(value.numerator) if value.denominator == 1 else f"{float(value):.6g}"


def lasting(seconds: Fraction) -> str:
    """A length of time: `1 second`, `2.5 seconds`."""
    return f"{number_said(seconds)} second{'' if seconds == 1 else 's'}"


def said(node: Node) -> str:
    """A value in words: `a list`, ``the text `long` ``."""
    match node.value:
        case None:
            return "nothing"
        case bool():
            return f"`{node.text}`"
        case dict():
            return "a mapping"
        case list():
            return "a list" if node.value else "an empty list"
        case "":
            return "an empty text"
        case str():
            return f"the text `{short(node.value)}`"
    return f"the number {node.text}"


def short(text: str) -> str:
    """A text on one line, cut where it is long."""
    text = " ".join(text.split())
    return text if len(text) <= 40 else text[:37] + "…"
