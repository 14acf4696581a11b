"""The terminal: its width, whether it wants colour, and the few lines of a build with nothing to do."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False  # `typing` takes longer to import than a film takes to answer
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TextIO


def coloured(stream: TextIO) -> bool:
    """Whether a stream is a terminal that wants colour."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def columns() -> int:
    """How wide what is printed may be."""
    if not sys.stdout.isatty():
        return 120
    asked = os.environ.get("COLUMNS", "")
    if asked.isdecimal() and int(asked):
        return int(asked)
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns or 100
    except OSError:
        return 100


def uncoloured(text: str) -> str:
    """A text without the escape sequences that colour it."""
    plain, *coloured_ = text.split("\x1b[")
    return plain + "".join(after.partition("m")[2] for after in coloured_)


_GREEN = 32


def line(word: str, text: str, color: int | None = None) -> str:
    """A line of a build: in bold, and one of ANSI's colours, what happened; and to what."""
    if color is None:
        return f"\x1b[1m{word:<8}\x1b[0m {text}".rstrip()
    return f"\x1b[{color}m\x1b[1m{word:<8}\x1b[0m {text}"


def nothing_to_do(films: Iterable[str]) -> list[str]:
    """What a build says that has nothing to do, line by line; the films stand in their places."""
    return [
        line("fresh", "nothing to do", _GREEN),
        *(line("film", seen_from_here(film), _GREEN) for film in films),
    ]


def seen_from_here(path: str | os.PathLike[str]) -> str:
    """An absolute path as a person in the working directory would type it, if it is below."""
    path = os.fspath(path)
    here = os.getcwd().rstrip("/") + "/"
    return path[len(here) :] if path.startswith(here) and path != here else path
