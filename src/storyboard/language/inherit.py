"""Inheriting: which layer's field is a shot's, and merging where both count."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from storyboard.language.contents import CONTENT
from storyboard.source import Node

# One of several forms each: the later replaces the earlier as a whole.
_WHOLE = frozenset({"first_frame", "last_frame", "transition", "motion", "chain"})
_LOOPS = frozenset({"id", "template", "with", "for_each", "matrix", "when"})


@dataclass(frozen=True, slots=True)
class Layer:
    """Some fields of a shot, as one place gives them.

    Attributes:
        fields: as they were written.
        render: renders one of them; None where that fails, which is reported.
        own: whether they are the shot's own, or its template's.
    """

    fields: Mapping[str, Node]
    render: Callable[[Node], Node | None]
    own: bool


def inherit(layers: Sequence[Layer]) -> tuple[dict[str, Node], frozenset[str], bool]:
    """A shot's fields out of its layers, the later winning.

    Mappings merge deeply, lists replace, null removes. What a layer says a
    shot shows (a prompt, a clip …) replaces whatever else an earlier layer
    said. Only what wins is rendered.

    Returns:
        The fields; the names of those that are the shot's own; whether all
        could be rendered.
    """
    stacks: dict[str, list[tuple[Node, Layer]]] = {}
    for layer in layers:
        if any(layer.fields[name].value is not None for name in CONTENT if name in layer.fields):
            for name in CONTENT:
                stacks.pop(name, None)
        for name, node in layer.fields.items():
            if name in _LOOPS or name.startswith("x-"):
                continue
            if node.value is None and not node.quoted:
                stacks.pop(name, None)
            elif isinstance(node.value, dict) and name not in _WHOLE and name in stacks:
                stacks[name].append((node, layer))
            else:
                stacks[name] = [(node, layer)]
    fields: dict[str, Node] = {}
    sound = True
    for name, stack in stacks.items():
        merged: Node | None = None
        for node, layer in stack:
            rendered = layer.render(node) if name != "notes" else node
            sound = sound and rendered is not None
            if rendered is not None:
                merged = merge(merged, rendered) if merged else rendered
        if merged is not None:
            fields[name] = merged
    own = frozenset(name for name, stack in stacks.items() if any(layer.own for _, layer in stack))
    return fields, own, sound


def merge(under: Node | None, over: Node) -> Node:
    """Two values, the second winning: mappings deeply, null removing."""
    if under is None or not isinstance(under.value, dict) or not isinstance(over.value, dict):
        return over
    entries = dict(under.value)
    for name, node in over.value.items():
        if node.value is None and not node.quoted:
            entries.pop(name, None)
        else:
            entries[name] = merge(entries.get(name), node)
    return Node(entries, over.span, over.key, via=over.via)
