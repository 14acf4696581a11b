"""The dependency graph: as the document of `graph --json`, as DOT, Mermaid and SVG."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from html import escape
from itertools import accumulate

from storyboard.graph import Action, ActionGraph, Kind, without_pieces
from storyboard.source import Plain

_FILL = {
    Kind.GENERATE: "#f2c14e",
    Kind.FRAME: "#dfe7ea",
    Kind.CUT: "#5fa8a0",
    Kind.POSTER: "#c9d8a8",
}
_LINE = "#5fa8a0"
# In pixels.
_WIDTH = {Kind.GENERATE: 168, Kind.FRAME: 84, Kind.CUT: 100, Kind.POSTER: 100}
_HEIGHT = 30
_GAP = 32
_LANE = 8
_MARGIN = 20


def document(graph: ActionGraph) -> Plain:
    """The document of `graph --json`: a contract."""
    return {
        "version": 1,
        "actions": [
            {
                "id": action.id,
                "kind": action.kind.value,
                "shot": action.shot,
                "segment": action.segment,
                "inputs": list(action.depends_on),
                "cuts": list(action.cuts),
            }
            for action in graph
        ],
    }


def dot(graph: ActionGraph) -> str:
    """For Graphviz."""
    lines = [
        "digraph film {",
        "  rankdir=LR;",
        '  node [shape=box, style="rounded,filled", fontname="sans-serif"];',
    ]
    lines += [f'  "{action.id}" [fillcolor="{_FILL[action.kind]}"];' for action in graph]
    lines += [f'  "{before}" -> "{action.id}";' for action in graph for before in action.depends_on]
    return "\n".join([*lines, "}"])


def mermaid(graph: ActionGraph) -> str:
    """For Markdown: GitHub and many others draw it."""
    names = {action.id: f"n{number}" for number, action in enumerate(graph)}
    shapes = {
        Kind.GENERATE: '["{}"]',
        Kind.FRAME: '("{}")',
        Kind.CUT: '[["{}"]]',
        Kind.POSTER: '("{}")',
    }
    lines = ["flowchart LR"]
    lines += [
        f"  {names[action.id]}{shapes[action.kind].format(action.id.replace('#', '#35;'))}"
        for action in graph
    ]
    lines += [
        f"  {names[before]} --> {names[action.id]}"
        for action in graph
        for before in action.depends_on
    ]
    return "\n".join(lines)


def svg(graph: ActionGraph) -> str:
    """A drawing: a row for each chain, and at the right the cuts, each as high as all rows.

    What goes into a cut drops onto a line of the cut's own below its row.
    """
    return "\n".join(_Drawing(graph).lines())


DRAWN: Mapping[str, Callable[[ActionGraph], str]] = {
    "dot": lambda graph: dot(without_pieces(graph)),
    "mermaid": lambda graph: mermaid(without_pieces(graph)),
    "svg": lambda graph: svg(without_pieces(graph)),
}
"""Drawings of clips, frames and cuts; what renders the pieces of a cut is part of it."""


class _Drawing:
    def __init__(self, graph: ActionGraph) -> None:
        self._cuts = [action for action in graph if action.kind is Kind.CUT]
        aside = {Kind.CUT, Kind.POSTER}  # the whole film is beside the steps; posters are not drawn
        self._steps = [action for action in graph if action.kind not in aside]
        self._cells = _cells(self._steps)
        widths = [0] * (1 + max((column for column, _ in self._cells.values()), default=0))
        for action in self._steps:
            column, _ = self._cells[action.id]
            widths[column] = max(widths[column], _WIDTH[action.kind])
        self._lefts = list(accumulate((width + _GAP for width in widths), initial=_MARGIN))
        self._row = _HEIGHT + _LANE * (len(self._cuts) + 1)
        rows = 1 + max((row for _, row in self._cells.values()), default=0)
        self._height = rows * self._row

    def lines(self) -> Iterator[str]:
        """The SVG, line by line."""
        width = self._cut_left(len(self._cuts)) - _GAP + _MARGIN
        height = self._height + 2 * _MARGIN
        yield (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
            f'viewBox="0 0 {width} {height}" font-family="system-ui, sans-serif" font-size="12">'
        )
        yield '<rect width="100%" height="100%" fill="#ffffff"/>'
        for number, cut in enumerate(self._cuts):
            yield from self._lanes(number, cut)
        for action in self._steps:
            yield from self._arrows(action)
        for action in self._steps:
            x, y = self._place(action.id)
            yield from _box(action, x, y, _WIDTH[action.kind], _HEIGHT)
        for number, cut in enumerate(self._cuts):
            height = self._height + _LANE
            yield from _box(cut, self._cut_left(number), _MARGIN - _LANE, _WIDTH[cut.kind], height)
        yield "</svg>"

    def _place(self, name: str) -> tuple[int, int]:
        column, row = self._cells[name]
        return self._lefts[column], _MARGIN + row * self._row

    def _cut_left(self, number: int) -> int:
        return self._lefts[-1] + number * (_WIDTH[Kind.CUT] + _GAP)

    def _arrows(self, action: Action) -> Iterator[str]:
        x2, y2 = self._place(action.id)
        for before in action.depends_on:
            x1, y1 = self._place(before)
            x1 += _WIDTH[Kind.FRAME if before.startswith("frame:") else Kind.GENERATE]
            middle, bend = _HEIGHT // 2, (x1 + x2) // 2
            path = (
                f"M{x1} {y1 + middle} C{bend} {y1 + middle} {bend} {y2 + middle} {x2} {y2 + middle}"
            )
            tip = f"M{x2 - 6} {y2 + middle - 4} L{x2} {y2 + middle} L{x2 - 6} {y2 + middle + 4}"
            yield f'<path d="{path} {tip}" fill="none" stroke="#6f7d85"/>'

    def _lanes(self, number: int, cut: Action) -> Iterator[str]:
        """What goes into a cut, row by row."""
        rows: dict[int, list[int]] = {}
        for name in cut.depends_on:
            x, y = self._place(name)
            rows.setdefault(y + _HEIGHT, []).append(x + _LANE * (number + 1))
        for bottom, drops in rows.items():
            lane = bottom + _LANE * (number + 1) - 2
            path = f"M{min(drops)} {lane} H{self._cut_left(number)}"
            path += "".join(f" M{x} {bottom} V{lane}" for x in drops)
            yield f'<path d="{path}" fill="none" stroke="{_LINE}"/>'


def _cells(steps: Sequence[Action]) -> dict[str, tuple[int, int]]:
    """By step, its column, one behind its last input's; and its row, the first input's where it is free."""
    cells: dict[str, tuple[int, int]] = {}
    taken: set[tuple[int, int]] = set()
    rows = 0
    for action in steps:
        column = 1 + max((cells[before][0] for before in action.depends_on), default=-1)
        row = cells[action.depends_on[0]][1] if action.depends_on else rows
        while (column, row) in taken:
            row += 1
        cells[action.id] = (column, row)
        taken.add((column, row))
        rows = max(rows, row + 1)
    return cells


def _box(action: Action, x: int, y: int, width: int, height: int) -> Iterator[str]:
    yield f"<g><title>{escape(action.id)}</title>"
    yield (
        f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="5" '
        f'fill="{_FILL[action.kind]}" stroke="#33414a"/>'
    )
    yield (
        f'<text x="{x + width // 2}" y="{y + height // 2 + 4}" text-anchor="middle" '
        f'fill="#1d262b">{escape(_label(action, width))}</text></g>'
    )


def _label(action: Action, width: int) -> str:
    """What stands in a box: of a frame which one it is, of all else the name."""
    rest = action.id.partition(":")[2]
    name = rest.rpartition("@")[2] if action.kind is Kind.FRAME else rest
    most = width // 8
    return name if len(name) <= most else f"{name[: most - 1]}…"
