"""`for_each`, `matrix` and `when`: how often something stands in the film."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product
from typing import TypeAlias

from storyboard.diagnostics import Code
from storyboard.language.entries import entries_of
from storyboard.language.expressions import Names
from storyboard.language.problems import Problems
from storyboard.language.saying import said
from storyboard.language.scope import Renderer, Scope
from storyboard.source import Node, Via

MOST = 10_000
"""How many a loop may give."""
MOST_IN_ALL = 20_000
"""How often the loops of a storyboard may go round, over all its cuts."""
_Rounds: TypeAlias = Callable[[Node, Scope, Via | None], Iterator[tuple[Names, Via | None]]]


class Loops:
    """Goes round loops."""

    def __init__(self, problems: Problems, renderer: Renderer) -> None:
        self._problems = problems
        self._renderer = renderer
        self._gone = 0

    def rounds(self, node: Node, scope: Scope, what: str) -> Iterator[tuple[Names, Via | None]]:
        """The names that each round adds; a single round that adds none, without a loop.

        Args:
            node: a shot, scene or cut as it was written.
            scope: the names in force around it.
            what: `shot`, `scene` or `cut`, for messages.
        """
        each, axes = node.get("for_each"), node.get("matrix")
        if each and axes:
            message = f"A {what} has `for_each` or `matrix`, not both."
            self._problems.add(
                Code.CONFLICT,
                message,
                axes.place,
                "Keep one: a list can be one more axis of the matrix.",
                axes.via,
            )
        elif each:
            yield from self._counted(each, self._items, scope, node.via)
        elif axes:
            yield from self._counted(axes, self._matrix, scope, node.via)
        else:
            yield {}, node.via

    def _counted(
        self, node: Node, rounds: _Rounds, scope: Scope, outer: Via | None
    ) -> Iterator[tuple[Names, Via | None]]:
        """The rounds of a loop, as long as all loops together stay within bounds."""
        if self._gone > MOST_IN_ALL:
            return
        for round_ in rounds(node, scope, outer):
            if self._gone > MOST_IN_ALL:
                return  # a loop inside this one has said it
            self._gone += 1
            if self._gone > MOST_IN_ALL:
                message = f"The loops of this storyboard go round more than {MOST_IN_ALL:,} times, over all its cuts."
                help_ = "A loop inside a loop multiplies: make one of them shorter."
                self._problems.add(Code.TOO_MUCH, message, node, help_)
                return
            yield round_

    def looped(self, node: Node) -> bool:
        """Whether it stands in a loop of its own."""
        return node.get("for_each") is not None or node.get("matrix") is not None

    def kept(self, node: Node, scope: Scope) -> bool:
        """Whether `when` keeps it. One that cannot be evaluated keeps it."""
        when = node.get("when")
        return when is None or self._renderer.condition(when, scope, node.via) is not False

    def _items(
        self, node: Node, scope: Scope, outer: Via | None
    ) -> Iterator[tuple[Names, Via | None]]:
        items = self._list(node, scope, "for_each")
        for number, item in enumerate(items, 1):
            via = Via(f"in item {number} of {len(items)}", item.span, outer)
            yield {"item": item.plain()}, via

    def _matrix(
        self, node: Node, scope: Scope, outer: Via | None
    ) -> Iterator[tuple[Names, Via | None]]:
        named = entries_of(node)
        if not named:
            self._problems.add(
                Code.WRONG_TYPE,
                "`matrix` must be a mapping of named axes.",
                node,
                "Write `matrix: {light: [dawn, noon]}`.",
            )
            return
        axes = {name: self._list(axis, scope, f"matrix.{name}") for name, axis in named.items()}
        count = 1
        for values in axes.values():
            count *= len(values)
        if count > MOST:
            self._problems.add(
                Code.TOO_MUCH, f"This matrix gives {count:,}; the limit is {MOST:,}.", node
            )
            return
        for combination in product(*axes.values()):
            chosen = dict(zip(axes, combination, strict=True))
            said_ = ", ".join(f"{name} {_short(value)}" for name, value in chosen.items())
            via = Via(f"in the round {said_}", combination[-1].span, outer)
            yield {"matrix": {name: value.plain() for name, value in chosen.items()}}, via

    def _list(self, node: Node, scope: Scope, field: str) -> list[Node]:
        rendered = self._renderer.render(node, scope)
        if rendered is None:
            return []
        if not isinstance(rendered.value, list):
            message = f"`{field}` must be a list, not {said(rendered)}."
            self._problems.add(Code.WRONG_TYPE, message, node, "Write `[a, b, c]`.")
            return []
        if len(rendered.value) > MOST:
            self._problems.add(
                Code.TOO_MUCH,
                f"`{field}` has {len(rendered.value):,} elements; the limit is {MOST:,}.",
                node,
            )
            return []
        return rendered.value


def _short(node: Node) -> str:
    return node.text[:40] if node.text is not None else "…"
