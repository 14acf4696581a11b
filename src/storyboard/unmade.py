"""What a storyboard may say and this release does not make yet: told, so that nobody waits for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from storyboard.diagnostics import Code, Diagnostic
from storyboard.model import Cut, Origin, Storyboard
from storyboard.source import Via

FILM_FORMAT: Final = "mp4"
"""The format that every film is written in."""

# What is not made, and what is done instead.
_UNMADE: Final[Mapping[str, tuple[str, str]]] = {
    "poster": ("A `poster` is", "The film is made without it."),
    "format": ("Another `format` than mp4 is", "The film is written as mp4."),
}


def unmade(storyboard: Storyboard) -> Iterator[Diagnostic]:
    """One warning for each kind of thing, at its first place, with its other uses."""
    first: dict[str, Origin] = {}
    ways: dict[str, dict[tuple[str, str, int], Via]] = {}
    for cut in storyboard.cuts:
        for kind, origin, nearest in _in_cut(cut):
            first.setdefault(kind, origin)
            via = origin.via or nearest
            ways.setdefault(kind, {}).setdefault((via.what, via.span.file, via.span.start), via)
    for kind, (what, instead) in _UNMADE.items():
        if kind in first:
            message = f"{what} read and checked, but not made by this release."
            here, *others = ways[kind].values()
            yield Diagnostic(Code.NOT_YET, message, first[kind].span, instead, here, tuple(others))


def _in_cut(cut: Cut) -> Iterator[tuple[str, Origin, Via]]:
    if cut.at is None:
        return
    here, whole = Via(f"in cut `{cut.id}`", cut.at), Origin(cut.at)
    if cut.poster:
        yield "poster", cut.origins.get("poster", whole), here
    if cut.format != FILM_FORMAT:
        yield "format", cut.origins.get("format", whole), here
