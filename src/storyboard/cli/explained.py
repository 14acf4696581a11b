"""What each code of the catalogue means: the text of `explain-code` and of docs/diagnostics.md."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from storyboard.diagnostics import Code, Invalid, did_you_mean

_CATALOGUE = Path(__file__).parents[1] / "catalogue.md"


def explanation(number: str) -> str:
    """The explanation of a code, as Markdown.

    Args:
        number: the code, as messages give it: `SB101`.

    Raises:
        Invalid: there is no such code.
    """
    wanted = number.strip().strip("[]").upper()
    found = sections().get(wanted)
    if found is None:
        known = [code.number for code in Code]
        otherwise = f"They go from {known[0]} to {known[-1]}; docs/diagnostics.md has them all."
        raise Invalid(
            f"There is no code `{number}`.", did_you_mean(wanted, known, otherwise=otherwise)
        )
    return found


@cache
def sections() -> Mapping[str, str]:
    """Every code's explanation, its heading included, by its number."""
    text = _CATALOGUE.read_text(encoding="utf-8")
    parts = ("## " + part for part in ("\n" + text).split("\n## ")[1:])
    return {part.split(None, 2)[1]: part.rstrip() + "\n" for part in parts}


def page() -> str:
    """The page docs/diagnostics.md: every explanation, in groups."""
    written = ["<!-- Written by docs/make_diagnostics.py from src/storyboard/catalogue.md. -->\n"]
    written.append(_INTRODUCTION)
    for digit, group in _GROUPS.items():
        numbers = [number for number in sections() if number[2] == digit]
        links = " · ".join(f"[{number}](#{_anchor(sections()[number])})" for number in numbers)
        written.append(f"- **{group}**: {links}")
    return "\n".join(written) + "\n\n" + "\n".join(sections().values())


_INTRODUCTION = """# Diagnostics

Every problem that `storyboard check` reports has a code, which keeps its meaning for ever. `storyboard explain-code SB101` shows what stands here. Warnings are marked as such; all else is an error, with which nothing is planned or built.

The examples are storyboards, or parts of them: `version: 1`, and a shot where none is given, are to be thought before them. A second example shows it mended.
"""
_GROUPS: Mapping[str, str] = {
    "1": "Reading files",
    "2": "Fields and their values",
    "3": "Names and templates",
    "4": "What shots refer to",
    "5": "What models can do",
    "6": "Time and joins",
    "7": "The lock",
}


def _anchor(section: str) -> str:
    """What GitHub calls a heading in links."""
    heading = section.split("\n", 1)[0].removeprefix("## ").lower()
    return "".join(
        "-" if char == " " else char for char in heading if char.isalnum() or char in " -_"
    )
