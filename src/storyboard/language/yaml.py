"""YAML into nodes with places, as people expect it.

libyaml's parser gives events; the nodes are built from them directly, which is
faster than composing and cannot overflow a stack. Plain scalars are read by
YAML 1.2's core schema. What the reader refuses, and why, is a diagnostic.

Limits, so that no file hangs the tool: `MAX_DEPTH` levels, and `MAX_ALIASED`
values that aliases add, once they are followed.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

import yaml
from yaml._yaml import CParser

from storyboard.diagnostics import Code, Diagnostic
from storyboard.language.complaints import said_plainly
from storyboard.language.core_schema import TAGS, resolve
from storyboard.source import Node, Scalar, Source, Span

MAX_DEPTH: Final = 60
MAX_ALIASED: Final = 300_000

# An anchor or tag before a value, and what parts them from it.
_PROPERTIES = re.compile(r"(?:(?:!<[^>\n]*>|[&!][^\s,\[\]{}]*)(?:[ \t\r\n]+|#[^\n]*)*)*")


def read(source: Source) -> tuple[Node | None, list[Diagnostic]]:
    """The one document of a YAML text; None when it cannot be read at all.

    Duplicate keys, unknown tags and the like are reported, and reading goes on.
    """
    builder = _Builder(source)
    try:
        root = builder.build()
    except yaml.YAMLError as error:
        said = said_plainly(error, source)
        before = [
            item for item in builder.problems if item.span != said.span and not _covers(said, item)
        ]
        return None, [*before, said]
    except _StopReading as stop:
        builder.problems.append(stop.diagnostic)
        return None, builder.problems
    return root, builder.problems


def _covers(said: Diagnostic, item: Diagnostic) -> bool:
    """Whether two say the same, one with more of the text."""
    if said.span is None or item.span is None:
        return False
    return said.code is item.code and said.span.start == item.span.start


class _StopReading(Exception):
    def __init__(self, diagnostic: Diagnostic) -> None:
        self.diagnostic = diagnostic


class _Open:
    """A list or mapping whose end has not come yet."""

    __slots__ = ("anchor", "key", "keys", "merges", "node", "size")

    def __init__(self, node: Node, anchor: str | None) -> None:
        self.node = node
        self.anchor = anchor
        self.key: tuple[str | None, Span] | None = None
        self.keys: dict[str, Span] = {}
        self.merges: list[tuple[Node, Span]] = []
        self.size = 1


class _Builder:
    def __init__(self, source: Source) -> None:
        self.source = source
        self.problems: list[Diagnostic] = []
        self._open: list[_Open] = []
        self._anchors: dict[str, tuple[Node, int]] = {}
        self._documents = 0
        self._aliased = 0
        self._root: Node | None = None

    def build(self) -> Node | None:
        parser = CParser(self.source.text)
        handlers: dict[type, Callable[[Any], None]] = {
            yaml.ScalarEvent: self._scalar,
            yaml.MappingStartEvent: self._begin_mapping,
            yaml.SequenceStartEvent: self._begin_sequence,
            yaml.MappingEndEvent: self._end_mapping,
            yaml.SequenceEndEvent: self._end_sequence,
            yaml.AliasEvent: self._alias,
            yaml.DocumentStartEvent: self._document,
        }
        get_event = parser.get_event
        while (event := get_event()) is not None:
            kind = event.__class__
            if kind is yaml.StreamEndEvent:
                break
            if handler := handlers.get(kind):
                handler(event)
        return self._root

    def _span(self, event: Any) -> Span:
        start = event.start_mark.index
        if event.anchor or event.tag:  # the value stands behind them
            start = _PROPERTIES.match(self.source.text, start).end()  # type: ignore[union-attr]  # matches nothing, too
            start = min(start, event.end_mark.index)
        return Span(self.source, start, event.end_mark.index)

    def _problem(self, code: Code, message: str, span: Span, help_: str | None = None) -> None:
        self.problems.append(Diagnostic(code, message, span, help=help_))

    def _document(self, event: Any) -> None:
        self._documents += 1
        if self._documents > 1:
            span = Span(self.source, event.start_mark.index, event.end_mark.index)
            message = "A second document begins here; a storyboard file holds one."
            raise _StopReading(
                Diagnostic(
                    Code.DOCUMENTS, message, span, help="Remove the `---`, or split the file."
                )
            )

    def _scalar(self, event: Any) -> None:
        text = event.value
        plain = event.style is None or event.style == ""
        tag = event.tag
        value: Scalar = text
        if tag in {None, "!"}:
            if plain and tag is None:
                value = resolve(text)
        elif tag in TAGS:
            try:
                value = TAGS[tag](text)
            except ValueError:
                help_ = "Leave the tag out: a number is read as one without it."
                self._problem(
                    Code.BAD_TAG, f"`{text}` does not fit its tag.", self._span(event), help_
                )
        else:
            self._unknown_tag(tag, event)
        node = Node(value, self._span(event), None, text, not plain)
        if event.anchor:
            self._anchors[event.anchor] = (node, 1)
        self._add(node, 1)

    def _unknown_tag(self, tag: str, event: Any) -> None:
        start = event.start_mark.index
        written = _PROPERTIES.match(self.source.text, start)[0]  # type: ignore[index]  # matches nothing, too
        found = re.search(r"!\S*", written)
        span = Span(self.source, start + found.start(), start + found.end()) if found else None
        self._problem(
            Code.BAD_TAG,
            f"The tag `{found[0] if found else tag}` means nothing here.",
            span or self._span(event),
            "Text that begins with `!` must be in quotes.",
        )

    def _begin(self, value: list[Node] | dict[str, Node], event: Any) -> None:
        if len(self._open) >= MAX_DEPTH:
            message = f"This is nested more than {MAX_DEPTH} levels deep."
            raise _StopReading(Diagnostic(Code.TOO_BIG, message, self._span(event)))
        if event.tag and event.tag not in {"!", "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"}:
            self._unknown_tag(event.tag, event)
        self._open.append(_Open(Node(value, self._span(event)), event.anchor))

    def _begin_mapping(self, event: Any) -> None:
        self._begin({}, event)

    def _begin_sequence(self, event: Any) -> None:
        self._begin([], event)

    def _end_sequence(self, event: Any) -> None:
        self._end(event)

    def _end_mapping(self, event: Any) -> None:
        for merged, key in self._open[-1].merges:
            self._merge(self._open[-1], merged, key)
        node = self._open[-1].node
        if "{{" in node.items:  # a mark: see `_add_entry`
            self._end_braces(node, event)
        self._end(event)

    def _end_braces(self, node: Node, event: Any) -> None:
        """Take `{{ name }}` without quotes for the text that was meant."""
        start, end = node.span.start, event.end_mark.index
        text = self.source.text[start:end]
        span = Span(self.source, start, end)
        self._problem(
            Code.UNQUOTED,
            "A value that begins with `{{` is no text for YAML.",
            span,
            f'Put it in quotes: "{text}".',
        )
        node.value, node.text, node.quoted = text, text, True

    def _end(self, event: Any) -> None:
        done = self._open.pop()
        end = event.end_mark.index
        if (
            event.start_mark.index == end
        ):  # a block has no closing bracket: it ends with its last value
            end = max(
                (child.span.end for child in _children(done.node)), default=done.node.span.end
            )
        done.node.span = Span(self.source, done.node.span.start, end)
        if done.anchor:
            self._anchors[done.anchor] = (done.node, done.size)
        self._add(done.node, done.size)

    def _alias(self, event: Any) -> None:
        if event.anchor not in self._anchors:
            name, span = event.anchor, self._span(event)
            inside = any(parent.anchor == name for parent in self._open)
            message = (
                f"The alias `*{name}` stands inside its own anchor."
                if inside
                else f"There is no anchor `&{name}` before this alias."
            )
            help_ = "Text that begins with `*` must be in quotes."
            raise _StopReading(Diagnostic(Code.BAD_ALIAS, message, span, help=help_))
        node, size = self._anchors[event.anchor]
        if self._open and isinstance(self._open[-1].node.value, dict) and not self._open[-1].key:
            node = replace(node, span=self._span(event))  # used as a key: it stands here
        self._aliased += size
        if self._aliased > MAX_ALIASED:
            message = f"Followed, the aliases up to here make more than {MAX_ALIASED:,} values."
            help_ = "Write what differs, or let a template say what is the same."
            raise _StopReading(Diagnostic(Code.TOO_BIG, message, self._span(event), help=help_))
        self._add(replace(node), size)

    def _add(self, node: Node, size: int) -> None:
        if not self._open:
            self._root = node
            return
        parent = self._open[-1]
        parent.size += size
        value = parent.node.value
        if isinstance(value, list):
            value.append(node)
        elif isinstance(value, dict):
            self._add_entry(parent, value, node)

    def _add_entry(self, parent: _Open, entries: dict[str, Node], node: Node) -> None:
        if parent.key is None:
            parent.key = (self._key(parent, node), node.span)
            return
        (name, span), parent.key = parent.key, None
        if name is None:
            return
        if name == "<<":
            parent.merges.append((node, span))
        elif name in entries:
            first = parent.keys[name].begins[0]
            self._problem(
                Code.DUPLICATE_KEY,
                f"`{name}` is given twice in the same mapping.",
                span,
                f"It stands on line {first} already; keep one of them.",
            )
        else:
            node.key = span
            parent.keys[name] = span
            entries[name] = node

    def _key(self, parent: _Open, node: Node) -> str | None:
        if node.text is not None:
            return node.text
        start = node.span.start
        if self.source.text[start - 1 : start + 1] == "{{" and parent.node.span.start == start - 1:
            return "{{"
        help_ = "Write `key: value`; text that begins with `?`, `[` or `{` must be in quotes."
        self._problem(Code.BAD_KEY, "A key must be a single word or text.", node.span, help_)
        return None

    def _merge(self, target: _Open, merged: Node, key: Span) -> None:
        """Add the entries of a merge key (`<<`): those given in the mapping itself win."""
        sources = merged.value if isinstance(merged.value, list) else [merged]
        entries = target.node.items
        for source in sources:
            if not isinstance(source.value, dict):
                self._problem(
                    Code.BAD_ALIAS,
                    "`<<` merges mappings, and this is none.",
                    key,
                    "Write `<<: *anchor`, where the anchor is on a mapping.",
                )
                continue
            for name, node in source.value.items():
                entries.setdefault(name, node)


def _children(node: Node) -> list[Node]:
    return list(node.items.values()) if isinstance(node.value, dict) else node.elements
