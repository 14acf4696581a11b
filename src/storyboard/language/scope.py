"""Names and what they stand for: the nearest wins, and vars are rendered when asked for.

Vars may use vars. A var is rendered in the scope in which it is asked for, so
that `--var city=Oslo` also changes a claim that is made from the city.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from storyboard.diagnostics import Code, did_you_mean, listed
from storyboard.language.expressions import ExpressionError, Names, Poisoned, templated
from storyboard.language.problems import Problems
from storyboard.language.scalars import part
from storyboard.language.texts import Texts
from storyboard.source import Node, Plain, Span, Via

RESERVED = frozenset({"shot", "scene", "cut", "profile", "item", "matrix"})
_ONLY_IN = {
    "item": "`item` is there where `for_each` goes round.",
    "matrix": "`matrix` is there where a `matrix` goes round.",
    "shot": "`shot` is there in a shot's own fields.",
    "scene": "`scene` is there in a scene and its shots.",
    "cut": "`cut` is there in shots and in a cut's own fields.",
}
_CODES = {
    "syntax": Code.BAD_EXPRESSION,
    "undefined": Code.UNDEFINED,
    "limit": Code.TOO_MUCH,
    "failed": Code.EVALUATION,
}


@dataclass(frozen=True, slots=True)
class Var:
    """A var as it was written, and names that only it can see (a cut's `matrix`)."""

    node: Node
    names: Mapping[str, Plain] = field(default_factory=dict)


Vars: TypeAlias = Mapping[str, Var]


class Scope(Mapping[str, Any]):
    """Names in force at one place.

    Args:
        own: names with their values, which win over those of `outer`.
        outer: the scope around, or None.
        vars: vars, which win over `outer` and yield to `own`.
    """

    __slots__ = ("_asked", "_made", "_own", "_renderer", "_vars", "outer")

    def __init__(
        self,
        renderer: Renderer,
        own: Names,
        outer: Scope | None = None,
        vars: Mapping[str, Var] | None = None,
    ) -> None:
        self._renderer = renderer
        self._own = own
        self._vars = vars or {}
        self._made: dict[str, Plain] = {}
        self._asked: list[str] = []
        self.outer = outer

    def with_names(self, own: Names) -> Scope:
        """A scope inside this one."""
        return Scope(self._renderer, own, self)

    def with_vars(self, vars: Vars) -> Scope:
        """A scope of vars inside this one."""
        return Scope(self._renderer, {}, self, vars)

    def __contains__(self, name: object) -> bool:
        return (
            name in self._own
            or name in self._vars
            or (self.outer is not None and name in self.outer)
        )

    def __getitem__(self, name: str) -> Any:
        if name in self._own:
            return self._own[name]
        if name in self._vars:
            return self._var(name)
        if self.outer is None:
            raise KeyError(name)
        return self.outer[name]

    def __iter__(self) -> Iterator[str]:
        yield from self._own
        yield from self._vars
        if self.outer is not None:
            yield from self.outer

    def __len__(self) -> int:
        return len(set(self))

    def where(self, name: str) -> Span | None:
        """Where a var was written."""
        if name in self._own:
            return None
        if name in self._vars:
            return self._vars[name].node.span
        return self.outer.where(name) if self.outer is not None else None

    def _var(self, name: str) -> Plain:
        if name in self._made:
            return self._made[name]
        var = self._vars[name]
        if name in self._asked:
            loop = [*self._asked[self._asked.index(name) :], name]
            message = f"The vars {' → '.join(f'`{part}`' for part in loop)} need each other."
            self._renderer.problems.add(
                Code.VAR_CYCLE, message, var.node, "Give one of them a value of its own."
            )
            raise Poisoned
        self._asked.append(name)
        try:
            scope = self.with_names(var.names) if var.names else self
            rendered = self._renderer.render(var.node, scope, var.node.via)
        finally:
            self._asked.pop()
        if rendered is None:
            self._vars = {**self._vars, name: Var(_POISON)}  # say it once
            raise Poisoned
        value = self._made[name] = rendered.plain()
        return value


class Renderer:
    """Renders nodes: every string leaf that holds a template, in a scope."""

    def __init__(self, problems: Problems) -> None:
        self.problems = problems
        self.texts = Texts()

    def outermost(self, own: Names) -> Scope:
        """A scope around which there is none, with what every text may call."""
        return Scope(self, own, Scope(self, self.texts.globals))

    def render(self, node: Node, scope: Scope, via: Via | None = None) -> Node | None:
        """The node with its leaves rendered; None where one cannot be, which is reported.

        Args:
            node: a value as it was written.
            scope: the names in force.
            via: the way by which the value is used.
        """
        if node is _POISON:
            return None
        value = node.value
        if isinstance(value, str):
            if not templated(value):
                return _reached(node, via)
            return self._leaf(node, value, scope, via)
        if isinstance(value, dict):
            made = {
                key: child if key.startswith("x-") else self.render(child, scope, via)
                for key, child in value.items()
            }
            if None in made.values():
                return None
            if all(made[key] is child for key, child in value.items()):
                return _reached(node, via)
            return Node(made, node.span, node.key, via=via or node.via)  # type: ignore[arg-type]
        if isinstance(value, list):
            elements = [self.render(child, scope, via) for child in value]
            if None in elements:
                return None
            if all(new is old for new, old in zip(elements, value, strict=True)):
                return _reached(node, via)
            return Node(elements, node.span, node.key, via=via or node.via)  # type: ignore[arg-type]
        return _reached(node, via)

    def condition(self, node: Node, scope: Scope, via: Via | None = None) -> bool | None:
        """Whether a `when:` holds; None where it cannot be evaluated, which is reported."""
        if isinstance(node.value, bool):
            return node.value
        text = node.text
        if text is None or not text.strip():
            help_ = "Write `when: name`, or leave it out."
            message = "`when` takes an expression such as `night` or `count > 2`."
            self.problems.add(Code.WRONG_TYPE, message, node, help_)
            return None
        if templated(text):
            help_ = f"Write `when: {text.replace('{{', '').replace('}}', '').strip()}`."
            self.problems.add(
                Code.BAD_EXPRESSION, "`when` takes an expression without braces.", node, help_
            )
            return None
        try:
            return bool(self.texts.evaluate(text, scope))
        except Poisoned:
            return None
        except ExpressionError as error:
            self._report(node, error, scope, via or node.via)
            return None

    def check_written(self, node: Node) -> None:
        """Report what cannot be read in texts that nothing renders."""
        if isinstance(node.value, str) and templated(node.value):
            for error in self.texts.unreadable(node.value):
                if not self.problems.known(_CODES[error.kind], part(node, error.start, error.end)):
                    self._say(node, error, error.help, node.via)
        for child in (*node.items.values(), *node.elements):
            self.check_written(child)

    def _leaf(self, node: Node, text: str, scope: Scope, via: Via | None) -> Node | None:
        try:
            made = self.texts.render(text, scope)
        except Poisoned:
            return None
        except ExpressionError as error:
            for each in (error, *self.texts.others(text, scope, error)):
                self._report(node, each, scope, via or node.via)
            return None
        return as_node(made, node.span, node.key, via or node.via)

    def _report(self, node: Node, error: ExpressionError, scope: Scope, via: Via | None) -> None:
        help_ = error.help
        if error.kind == "undefined" and error.name:
            names = [name for name in scope if name not in self.texts.globals]
            known = sorted({name for name in names if name not in RESERVED})
            here = (
                f"Known here: {listed(known, last='and')}."
                if known
                else "Declare it under `vars:`."
            )
            help_ = _ONLY_IN.get(error.name) or did_you_mean(error.name, names, otherwise=here)
        self._say(node, error, help_, via)

    def _say(self, node: Node, error: ExpressionError, help: str | None, via: Via | None) -> None:
        span = part(node, error.start, error.end)
        self.problems.add(_CODES[error.kind], f"{error.message}.", span, help, via)


def check_name(name: str, node: Node, what: str, problems: Problems) -> bool:
    """Whether a var or a param may be called so; what may not is reported."""
    if name in RESERVED:
        help_ = "Choose another: texts use it for what the compiler knows."
        problems.add(Code.RESERVED, f"`{name}` is a reserved name.", node.place, help_)
    elif not name.isidentifier():
        message = f"`{name}` cannot be a {what}'s name."
        problems.add(Code.RESERVED, message, node.place, "Use letters, digits and `_`.")
    else:
        return True
    return False


def _reached(node: Node, via: Via | None) -> Node:
    return node if via is None or node.via is via else node.reached(via)


def as_node(value: Plain, span: Span, key: Span | None = None, via: Via | None = None) -> Node:
    """A computed value as a node; all of it stands where the expression stands."""
    match value:
        case dict():
            entries = {name: as_node(item, span, span, via) for name, item in value.items()}
            return Node(entries, span, key, via=via)
        case list():
            return Node([as_node(item, span, None, via) for item in value], span, key, via=via)
        case str():
            return Node(value, span, key, value, quoted=True, via=via)
    text = "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
    return Node(value, span, key, text, via=via)


_POISON = Node(None, None, None)  # type: ignore[arg-type]  # stands for a var that was reported
