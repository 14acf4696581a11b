"""Jinja's sandbox, bounded: no text of a storyboard reaches out, runs on, or grows without end.

Loops, ranges and texts are counted. Files, network, environment, clock and
randomness are out of reach.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, NoReturn

from jinja2 import StrictUndefined, nodes
from jinja2.environment import Template
from jinja2.exceptions import TemplateSyntaxError
from jinja2.parser import Parser
from jinja2.sandbox import ImmutableSandboxedEnvironment

from storyboard.language.expressions import CALLABLE, MAX_TEXT
from storyboard.language.jinja_errors import (
    LEFT_OUT,
    LimitReached,
    NotAllowed,
)

MAX_STEPS: Final = 100_000
"""Passes through loops that the texts of one evaluation may make."""
MAX_ALL_STEPS: Final = 3_000_000
"""The same for all texts of a storyboard."""
MAX_NUMBER: Final = 10**18


# What may be called on a text; `format` and the like can be asked for any width.
_TEXT_METHODS = frozenset(
    [
        "upper",
        "lower",
        "title",
        "capitalize",
        "swapcase",
        "casefold",
        "strip",
        "lstrip",
        "rstrip",
        "removeprefix",
        "removesuffix",
        "startswith",
        "endswith",
        "find",
        "index",
        "count",
        "split",
        "rsplit",
        "splitlines",
        "partition",
        "replace",
        "join",
        "isdigit",
        "isalpha",
        "isalnum",
        "isupper",
        "islower",
        "isspace",
    ]
)
_FORMATTERS = ("format", "format_map")  # Jinja wraps these: they no longer know their text
# Filters that can make far more than they are given.
_WIDENING = ("center", "indent", "wordwrap", "replace", "join", "batch", "slice")


CULPRIT = "undefined"


class Named(StrictUndefined):
    """An undefined value that says its name wherever it is used."""

    __slots__ = ()

    @property
    def _undefined_message(self) -> str:
        return f"`{self._undefined_name}` is not defined"

    def _fail_with_undefined_error(self, *_: Any, **__: Any) -> NoReturn:
        error = self._undefined_exception(self._undefined_message)
        setattr(error, CULPRIT, self)
        raise error

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = _fail_with_undefined_error
    __div__ = __rdiv__ = __truediv__ = __rtruediv__ = _fail_with_undefined_error
    __floordiv__ = __rfloordiv__ = __mod__ = __rmod__ = _fail_with_undefined_error
    __pos__ = __neg__ = __call__ = __getitem__ = __pow__ = __rpow__ = _fail_with_undefined_error
    __lt__ = __le__ = __gt__ = __ge__ = __int__ = __float__ = __complex__ = (
        _fail_with_undefined_error
    )
    __iter__ = __str__ = __len__ = __eq__ = __ne__ = __bool__ = __hash__ = (
        _fail_with_undefined_error
    )
    __contains__ = _fail_with_undefined_error

    def __getattr__(self, name: str) -> Any:
        if name[:2] == "__":
            raise AttributeError(name)
        return self._fail_with_undefined_error()

    @property
    def missing(self) -> tuple[str | None, Any]:
        """The name that was looked for, and the value that it was looked for in."""
        if isinstance(self._undefined_name, Named):  # `list[n]`, where `n` is what is missing
            return self._undefined_name.missing
        nowhere = self._undefined_obj is _NOTHING
        return self._undefined_name, None if nowhere else self._undefined_obj


_NOTHING = StrictUndefined()._undefined_obj  # noqa: SLF001 - Jinja's mark for "looked for nowhere"


class Sandbox(ImmutableSandboxedEnvironment):
    """An environment that counts steps and bounds what is made."""

    intercepted_binops = frozenset(["*", "**", "+", "%", "<<"])

    def __init__(self) -> None:
        super().__init__(undefined=Named, keep_trailing_newline=True, cache_size=0)
        self.steps = 0
        self.all_steps = 0
        self.globals = {name: self.globals[name] for name in CALLABLE}
        for name in LEFT_OUT:
            self.filters.pop(name, None)
        for name in _WIDENING:
            self.filters[name] = self._bounded_filter(self.filters[name])
        self.filters["_counted"] = self._counted
        self.filters["_bounded"] = self._bounded

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        return self._limited(super()._parse(source, name, filename))

    def expression(self, source: str) -> Template:
        """A template that puts the value of an expression into `result`."""
        parser = Parser(self, source, state="variable")
        expression = parser.parse_expression()
        if not parser.stream.eos:
            raise TemplateSyntaxError("there is more here than one expression", 1)
        result = nodes.Assign(nodes.Name("result", "store", lineno=1), expression, lineno=1)
        tree = nodes.Template([result], lineno=1)
        tree.set_environment(self)
        return self.from_string(self._limited(tree))

    def _limited(self, tree: nodes.Template) -> nodes.Template:
        """The same, with every loop counted and every joined text bounded."""

        def through(name: str, part: nodes.Node) -> nodes.Filter:
            filter_ = nodes.Filter(part, name, [], [], None, None, lineno=part.lineno)
            filter_.set_environment(self)
            return filter_

        for loop in list(tree.find_all(nodes.For)):
            loop.iter = through("_counted", loop.iter)
        for joined in list(tree.find_all(nodes.Concat)):
            joined.nodes = [through("_bounded", part) for part in joined.nodes]
        for call in tree.find_all((nodes.Include, nodes.Import, nodes.FromImport, nodes.Extends)):
            raise TemplateSyntaxError("a prompt cannot read files", call.lineno)
        return tree

    def _counted(self, values: Any) -> Iterator[Any]:
        for value in values:
            self.tick()
            yield value

    def tick(self, steps: int = 1) -> None:
        """Count steps; past the limits, end the evaluation."""
        self.steps += steps
        self.all_steps += steps
        if self.steps > MAX_STEPS:
            raise LimitReached(f"this goes through more than {MAX_STEPS:,} steps")
        if self.all_steps > MAX_ALL_STEPS:
            raise LimitReached(f"the texts up to here go through more than {MAX_ALL_STEPS:,} steps")

    def _bounded(self, value: Any) -> Any:
        if isinstance(value, str) and len(value) > MAX_TEXT:
            raise LimitReached(f"this makes a text of more than {MAX_TEXT:,} characters")
        return value

    def _bounded_filter(self, filter_: Any) -> Any:
        def bounded(*args: Any, **kwargs: Any) -> Any:
            self._refuse_wide((*args, *kwargs.values()))
            return self._bounded(filter_(*args, **kwargs))

        for mark in ("jinja_pass_arg",):  # Jinja's own mark of what a filter wants to be given
            if hasattr(filter_, mark):
                setattr(bounded, mark, getattr(filter_, mark))
        return bounded

    def _refuse_wide(self, args: Any) -> None:
        """Refuse before it is made what would be far too much."""
        product = 1
        for value in args:
            if isinstance(value, str | list | tuple | range):
                product *= max(len(value), 1)
            elif isinstance(value, int):
                product *= max(abs(value), 1)
        if product > MAX_TEXT * 100:
            raise LimitReached(f"this may make a text of more than {MAX_TEXT:,} characters")

    def call(self, context: Any, obj: Any, /, *args: Any, **kwargs: Any) -> Any:
        """Call what may be called, and bound what comes out."""
        self.tick()
        text, name = getattr(obj, "__self__", None), getattr(obj, "__name__", "")
        if name in _FORMATTERS or (isinstance(text, str) and name not in _TEXT_METHODS):
            raise NotAllowed(f"`.{name}()` cannot be called here; use a filter, or `~`")
        if isinstance(text, str):
            self._refuse_wide((text, *args))
        return self._bounded(super().call(context, obj, *args, **kwargs))

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        """Do an operation whose result cannot be far too much."""
        self.tick()
        if operator in {"*", "<<", "**"}:
            _check_product(operator, left, right)
        if operator == "%" and isinstance(left, str):
            raise NotAllowed("text cannot be formatted with `%` here; use `~`")
        try:
            result = super().call_binop(context, operator, left, right)
        except TypeError:
            if operator == "+" and isinstance(left, str) != isinstance(right, str):
                raise NotAllowed("`+` cannot join text and other values; use `~`") from None
            raise
        if isinstance(result, int) and not isinstance(result, bool) and abs(result) > MAX_NUMBER:
            raise LimitReached("this number is too large")
        if isinstance(result, list | tuple) and len(result) > MAX_STEPS:
            raise LimitReached(f"this makes a list of more than {MAX_STEPS:,} elements")
        return self._bounded(result)


def _check_product(operator: str, left: Any, right: Any) -> None:
    if operator == "*":
        for sized, count in ((left, right), (right, left)):
            if (
                isinstance(sized, str | list | tuple)
                and isinstance(count, int)
                and len(sized) * count > MAX_STEPS
            ):
                raise LimitReached(f"this makes something longer than {MAX_STEPS:,}")
    elif isinstance(right, int | float) and abs(right) > 64:
        raise LimitReached(f"a power of {right} is too large")
