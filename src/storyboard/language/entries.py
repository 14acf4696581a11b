"""The entries of a mapping: which are the author's, and where to point for one that is not there."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from storyboard.source import Node, Span


def start_of(node: Node) -> Span:
    """Where to point for something that a mapping lacks: at its beginning."""
    span = node.span
    line_end = span.source.text.find("\n", span.start)
    end = span.end if line_end < 0 else min(span.end, line_end)
    return Span(span.source, span.start, max(end, span.start))


def entries_of(node: Node) -> dict[str, Node]:
    """The entries of a mapping, without the author's own (`x-`)."""
    return {name: entry for name, entry in node.items.items() if not name.startswith("x-")}


def first_of(entries: Mapping[str, Node], names: Collection[str]) -> Node | None:
    """The first of some fields that is there."""
    return next((entries[name] for name in names if name in entries), None)
