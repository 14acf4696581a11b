"""The templates that ship with the tool: `templates/std/NAME.yaml` is `std/NAME`."""

from __future__ import annotations

from typing import Final

from storyboard.diagnostics import Diagnostic
from storyboard.language.decoding import decode
from storyboard.language.yaml import read
from storyboard.share import share
from storyboard.source import Node

LIBRARY: Final = "std/"
"""What their names begin with."""


def read_library() -> tuple[dict[str, Node], list[Diagnostic]]:
    """Every template of the library by its name, and what is wrong with any."""
    templates: dict[str, Node] = {}
    problems: list[Diagnostic] = []
    for path in sorted((share("templates") / LIBRARY).glob("*.yaml")):
        name = f"{LIBRARY}{path.stem}"
        source, unreadable = decode(path.read_bytes(), f"<{name}>")
        root, wrong = read(source)
        problems += [*unreadable, *wrong]
        if root is not None:
            templates[name] = root
    return templates, problems
