"""Reading typed values out of nodes; what does not fit is reported, in the user's words.

Each method takes a node and what the value is called in messages, and gives
the value, or None where it does not fit (which is reported then).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from fractions import Fraction
from typing import TypeVar

from storyboard.diagnostics import Code, did_you_mean, listed, nearest
from storyboard.language.entries import start_of
from storyboard.language.problems import Problems
from storyboard.language.saying import (
    as_number,
    as_time,
    called,
    number_said,
    range_said,
    said,
    short,
)
from storyboard.model import Seconds, Size
from storyboard.source import Node, Span

T = TypeVar("T")

ID = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
_SIZE = re.compile(r"(\d{1,5})\s*[xX]\s*(\d{1,5})")
_RATIO = re.compile(r"(\d{1,6})/(\d{1,6})")
_NTSC = {
    Fraction("23.976"): Fraction(24000, 1001), Fraction("23.98"): Fraction(24000, 1001),
    Fraction("29.97"): Fraction(30000, 1001), Fraction("59.94"): Fraction(60000, 1001),
    Fraction("47.952"): Fraction(48000, 1001), Fraction("119.88"): Fraction(120000, 1001),
}  # fmt: skip
TRUTHS = {
    "yes": "true",
    "on": "true",
    "true": "true",
    "no": "false",
    "off": "false",
    "false": "false",
}
_FEW = 24
_LARGEST_SIDE = 7680
LONGEST = Fraction(24 * 3600)
"""Seconds: nothing in a storyboard is longer than a day."""


class Fields:
    """Reads values; `problems` collects what does not fit."""

    def __init__(self, problems: Problems) -> None:
        self.problems = problems

    def refuse(self, node: Node, field: str, wanted: str, help: str | None = None) -> None:
        """Report that a value is of the wrong kind."""
        self.problems.add(
            Code.WRONG_TYPE, f"{called(field)} must be {wanted}, not {said(node)}.", node, help
        )

    def mapping(
        self, node: Node, field: str, known: Collection[str], required: Collection[str] = ()
    ) -> dict[str, Node] | None:
        """The entries of a mapping that may hold only known fields, and `x-` keys."""
        if not isinstance(node.value, dict):
            self.refuse(
                node, field, "a mapping", f"Its fields are {listed(sorted(known), last='and')}."
            )
            return None
        unknown = [name for name in node.value if name not in known and not name.startswith("x-")]
        missing = [
            name for name in required if name not in node.value and not meant(name, unknown, known)
        ]
        instead = missing.pop() if len(missing) == len(unknown) == 1 else None
        for name in unknown:
            self._unknown_field(name, node.value[name], field, known, instead)
        for name in missing:
            message = f"{called(field)} needs `{name}`."
            self.problems.add(Code.MISSING_FIELD, message, start_of(node), None, node.via)
        return {name: entry for name, entry in node.value.items() if name in known}

    def _unknown_field(
        self, name: str, entry: Node, field: str, known: Collection[str], instead: str | None
    ) -> None:
        help_ = f"Did you mean `{instead}`?" if instead else did_you_mean(name, known)
        if help_ is None and len(known) <= _FEW:
            help_ = f"Fields here: {listed(sorted(known), last='and', most=_FEW)}."
        if help_ is None:
            help_ = "`storyboard schema` lists its fields; your own begin with `x-`."
        message = f"{called(field)} has no field `{name}`."
        self.problems.add(Code.UNKNOWN_FIELD, message, entry.place, help_, entry.via)

    def text(self, node: Node, field: str) -> str | None:
        """Text, taken as it is written: `off`, `01`, `9:16`. Null is no text."""
        if node.value is None:
            help_ = f'Write `"{node.text}"` if the word is meant.' if node.text else None
            self.refuse(node, field, "text", help_ or 'For no text at all, write "".')
            return None
        if node.text is None:
            self.refuse(node, field, "text")
            return None
        return node.text

    def prompt(self, node: Node, field: str) -> str | None:
        """Text for a model; what looks like a swallowed `#` is said."""
        text = self.text(node, field)
        if text is not None and not node.quoted:
            source = node.span.source.text
            after = source[node.span.end : node.span.end + 3]
            if after.startswith(" #") and after[2:].strip():
                self.problems.add(
                    Code.COMMENT_IN_TEXT,
                    "The text ends here: ` #` begins a comment.",
                    Span(node.span.source, node.span.end + 1, node.span.end + 2),
                    "If the rest belongs to the text, put the whole in quotes.",
                    node.via,
                )
        return text

    def ident(self, node: Node, field: str) -> str | None:
        """An id: letters, digits, `-`, `_` and `.`."""
        text = self.text(node, field)
        if text is None:
            return None
        if not ID.fullmatch(text) or len(text) > 100:
            self.problems.add(
                Code.BAD_ID,
                f"`{short(text)}` cannot be an id." if text else "An id cannot be empty.",
                node,
                "An id has letters, digits, `-`, `_` and `.`, begins with a letter or digit, and has at most 100 characters.",
            )
            return None
        return text

    def boolean(self, node: Node, field: str) -> bool | None:
        """`true` or `false`, and nothing else."""
        if isinstance(node.value, bool):
            return node.value
        word = TRUTHS.get((node.text or "").lower())
        self.refuse(node, field, "true or false", f"Write `{field}: {word}`." if word else None)
        return None

    def number(
        self,
        node: Node,
        field: str,
        least: Fraction | int | None = None,
        most: Fraction | int | None = None,
        unit: str = "a number",
    ) -> Fraction | None:
        """A number, exactly as it is written, within a range."""
        if isinstance(node.value, bool) or not isinstance(node.value, int | float):
            help_ = None
            if isinstance(node.value, str) and (seconds := as_time(node.value)) is not None:
                help_ = f"Write it in seconds, without a unit: `{field}: {number_said(seconds)}`."
            elif isinstance(node.value, str) and (number := as_number(node.value)) is not None:
                help_ = f"Write `{field}: {number_said(number)}`."
            self.refuse(node, field, unit, help_)
            return None
        value = as_number(repr(node.value))
        if (
            value is None
            or (least is not None and value < least)
            or (most is not None and value > most)
        ):
            self.problems.add(
                Code.OUT_OF_RANGE,
                f"`{field}` must be {f'{unit} {range_said(least, most)}'.strip()}, and is {node.text}.",
                node,
            )
            return None
        return value

    def integer(self, node: Node, field: str, least: int, most: int) -> int | None:
        """A whole number within a range."""
        value = self.number(node, field, least, most, "a whole number")
        if value is not None and value.denominator != 1:
            self.refuse(node, field, "a whole number")
            return None
        return None if value is None else int(value)

    def seconds(
        self, node: Node, field: str, *, zero: bool = True, negative: bool = False
    ) -> Seconds | None:
        """A time or a length in seconds."""
        least = -LONGEST if negative else Fraction(0)
        value = self.number(node, field, least, LONGEST, "a number of seconds")
        if value == 0 and not zero:
            self.problems.add(Code.OUT_OF_RANGE, f"`{field}` must be longer than 0 seconds.", node)
            return None
        return value

    def choice(self, node: Node, field: str, choices: Collection[str]) -> str | None:
        """One of a few words."""
        if node.text is not None and node.text in choices:
            return node.text
        if node.text is None:
            self.refuse(node, field, f"one of {listed(sorted(choices))}")
            return None
        self.problems.add(
            Code.NOT_A_CHOICE,
            f"`{field}` cannot be `{node.text}`.",
            node,
            did_you_mean(node.text, choices, otherwise=f"It is one of {listed(sorted(choices))}."),
        )
        return None

    def size(self, node: Node, field: str) -> Size | None:
        """`1280x720`: even numbers, as H.264 in its common form needs."""
        found = _SIZE.fullmatch((node.text or "").strip())
        if not found:
            self.refuse(node, field, "a size such as `1280x720`")
            return None
        size = Size(int(found[1]), int(found[2]))
        if (
            size.width % 2
            or size.height % 2
            or not all(16 <= side <= _LARGEST_SIDE for side in (size.width, size.height))
        ):
            self.problems.add(
                Code.OUT_OF_RANGE,
                f"`{field}` must have even sides from 16 to {_LARGEST_SIDE} pixels, and is {node.text}.",
                node,
            )
            return None
        return size

    def rate(self, node: Node, field: str) -> Fraction | None:
        """Frames a second: `24`, `23.976` (read as 24000/1001), `"30000/1001"`."""
        if (
            isinstance(node.value, str)
            and (found := _RATIO.fullmatch(node.value.strip()))
            and int(found[2])
        ):
            value: Fraction | None = Fraction(int(found[1]), int(found[2]))
        else:
            value = self.number(node, field, unit="a frame rate")
            if value is None:
                return None
            value = _NTSC.get(value, value)
        if value is None or not 1 <= value <= 120:
            self.problems.add(
                Code.OUT_OF_RANGE, f"`{field}` must be from 1 to 120 frames a second.", node
            )
            return None
        return value

    def path(self, node: Node, field: str) -> str | None:
        """A path from the storyboard's folder, or from the repository's root (`//x`)."""
        text = self.text(node, field)
        if text is None:
            return None
        if not text.strip():
            self.refuse(node, field, "a path")
            return None
        if "\\" in text:
            help_ = f"Write `{text.replace(chr(92), '/')}`."
            self.refuse(node, field, "a path with `/`", help_)
            return None
        return text

    def list_of(
        self, node: Node, field: str, read: Callable[[Node, str], T | None]
    ) -> tuple[T, ...]:
        """A list whose elements are read one by one; those that do not fit are left out."""
        if not isinstance(node.value, list):
            help_ = "Begin each element with `- `."
            if read == self.text and node.text and len(node.text) < 40 and "\n" not in node.text:
                help_ = f"Write `{field}: [{node.text}]`."
            self.refuse(node, field, "a list", help_)
            return ()
        return tuple(value for each in node.value if (value := read(each, field)) is not None)

    def texts(self, node: Node, field: str) -> tuple[str, ...]:
        """A list of texts."""
        return self.list_of(node, field, self.text)


def meant(name: str, unknown: Collection[str], known: Collection[str]) -> bool:
    """Whether one of some unknown names was likely meant for a known one."""
    return any(name in nearest(each, known) for each in unknown)
