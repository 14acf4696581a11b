"""The templates at hand: their list, and one in full, as text and as a JSON document."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from storyboard.diagnostics import Diagnostic, Invalid, did_you_mean
from storyboard.language.library import LIBRARY, read_library
from storyboard.language.problems import Problems
from storyboard.language.scope import Renderer
from storyboard.language.templates import Templates
from storyboard.passes.load import load
from storyboard.share import share
from storyboard.source import Node, Plain

_WIDTH = 88
_EXPRESSION = re.compile(r"\{\{.*?\}\}")


@dataclass(frozen=True, slots=True)
class Param:
    """A param of a template.

    Attributes:
        kind: its type or its choices, in words.
        default: its default as YAML; None where it must be given.
        meaning: what it is for; empty where its author did not say.
        example: a value for it; None where its author gave none.
        schema: its description, in JSON Schema's words.
    """

    name: str
    kind: str
    default: str | None
    meaning: str
    example: Plain
    schema: dict[str, Plain]


@dataclass(frozen=True, slots=True)
class Listed:
    """A template at hand, with all that it extends.

    Attributes:
        extends: the template that it builds on; empty for none.
        shot: the fields that it gives a shot.
        file: where it is written, as the user would type it; of the library, the whole path.
        line: the line that it begins on, from 1.
    """

    name: str
    description: str
    extends: str
    params: tuple[Param, ...]
    shot: dict[str, Plain]
    file: str
    line: int

    def example(self, *, whole: bool = False) -> dict[str, Plain]:
        """Values for the params that must be given, or for the whole of them."""
        chosen = (param for param in self.params if whole or param.default is None)
        return {
            param.name: "…" if param.example is None else param.example
            for param in chosen
            if param.example is not None or param.default is None
        }


def at_hand(storyboard: Path | None) -> tuple[Mapping[str, Listed], tuple[Diagnostic, ...]]:
    """The storyboard's own templates and its used files', then the library's, by name.

    Args:
        storyboard: the storyboard file, None where there is none.

    Returns:
        The templates; and what kept a file from being read, so that some may be missing.

    Raises:
        Invalid: the storyboard cannot be read.
    """
    library, problems = read_library()
    named: dict[str, Node] = {}
    if storyboard is not None:
        film, found = load(storyboard)
        if film is None:
            raise Invalid("The storyboard cannot be read.", diagnostics=found)
        problems += found
        for root in (*film.used, film.root):
            templates = root.get("templates")
            named.update(templates.items if templates else {})
    named = {**{name: node for name, node in named.items() if not name.startswith("x-")}, **library}
    ignored = Problems()  # `check` reports them
    resolved = Templates(ignored, Renderer(ignored), named)
    return {name: _listed(name, node, resolved) for name, node in named.items()}, tuple(problems)


def _listed(name: str, node: Node, resolved: Templates) -> Listed:
    whole = resolved.get(Node(name, node.span, text=name))
    params = whole.params if whole else _items(node, "params")
    body = whole.body if whole else _items(node, "shot")
    file = node.span.file
    if name.startswith(LIBRARY):
        file = str(share("templates") / f"{name}.yaml")
    return Listed(
        name=name,
        description=" ".join(_text(node.get("description")).split()),
        extends=_text(node.get("extends")),
        params=tuple(_param(param, schema) for param, schema in params.items()),
        shot={field: value.plain() for field, value in body.items()},
        file=file,
        line=node.place.begins[0],
    )


def _param(name: str, node: Node) -> Param:
    plain = node.plain()
    schema = plain if isinstance(plain, dict) else {}
    choices, kinds, examples = schema.get("enum"), schema.get("type"), schema.get("examples")
    named = [_WORDS.get(str(kind), str(kind)) for kind in _as_list(kinds)]
    return Param(
        name=name,
        kind=" | ".join(map(_yaml, _as_list(choices))) or " or ".join(named) or "anything",
        default=_yaml(schema["default"]) if "default" in schema else None,
        meaning=" ".join(str(schema.get("description") or "").split()),
        example=next(iter([*_as_list(examples), *_as_list(choices)]), None),
        schema=schema,
    )


_WORDS = {
    "string": "text", "integer": "whole number", "boolean": "true or false",
    "array": "list", "object": "mapping",
}  # fmt: skip


def chosen(name: str, templates: Mapping[str, Listed]) -> Listed:
    """The template of that name.

    Raises:
        Invalid: there is none.
    """
    if name not in templates:
        raise Invalid(
            f"There is no template `{name}`.",
            did_you_mean(name, templates, otherwise="`storyboard templates` lists them."),
        )
    return templates[name]


def document(templates: Sequence[Listed]) -> dict[str, Plain]:
    """The document of `templates --json`: a contract."""
    return {"version": 1, "templates": [_entry(template) for template in templates]}


def _entry(template: Listed) -> Plain:
    return {
        "name": template.name,
        "description": template.description,
        "extends": template.extends or None,
        "params": {param.name: param.schema for param in template.params},
        "shot": template.shot,
        "file": template.file,
        "line": template.line,
    }


def listing(templates: Sequence[Listed], columns: int) -> str:
    """Each template's name, and what it is for, in so many columns."""
    width = max((len(template.name) for template in templates), default=0) + 2
    return "\n".join(
        textwrap.fill(
            template.description or "-",
            max(columns, width + 20),
            initial_indent=f"{template.name:<{width}}",
            subsequent_indent=" " * width,
        )
        for template in templates
    )


def page(template: Listed) -> str:
    """One template in full: what it is for, its params, its shot, and how it is used."""
    return "\n".join(_page(template))


def _page(template: Listed) -> Iterator[str]:
    yield f"{click.style(template.name, bold=True)}  {template.file}:{template.line}"
    if template.description:
        yield textwrap.indent(textwrap.fill(template.description, _WIDTH - 2), "  ")
    if template.extends:
        yield f"  It extends {template.extends}."
    if template.params:
        yield f"\n{click.style('Params', bold=True)}"
        width = max(len(param.name) for param in template.params) + 2
        for param in template.params:
            default = "required" if param.default is None else f"default {param.default}"
            yield f"  {param.name:<{width}}{param.kind}, {default}"
            if param.meaning:
                margin = " " * (width + 2)
                yield textwrap.indent(textwrap.fill(param.meaning, _WIDTH - len(margin)), margin)
    yield f"\n{click.style('Shot', bold=True)}"
    yield textwrap.indent(block(template.shot), "  ")
    yield f"\n{click.style('Use', bold=True)}"
    yield textwrap.indent(block(use(template)), "  ")


def use(template: Listed, *, whole: bool = False) -> Plain:
    """A shot made with a template: with the params that must be given, or with all."""
    shot: dict[str, Plain] = {"id": template.name.rpartition("/")[2], "template": template.name}
    if given := template.example(whole=whole):
        shot["with"] = given
    return [shot]


def block(value: Plain) -> str:
    """A value as YAML, as one would write it in a file: long texts folded over several lines."""
    import yaml

    class Dumper(yaml.SafeDumper):
        def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002
            super().increase_indent(flow, False)

    def text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
        long = len(value) > _WIDTH - 20 and "\n" not in value
        return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=">" if long else None)

    Dumper.add_representer(str, text)
    dumped = yaml.dump(value, Dumper=Dumper, sort_keys=False, allow_unicode=True, width=10_000)
    return "\n".join(map(_wrapped, str(dumped).splitlines()))


def _wrapped(line: str) -> str:
    """A line of a folded text over several lines, no expression broken."""
    indent = " " * (len(line) - len(line.lstrip()))
    whole = _EXPRESSION.sub(lambda found: found[0].replace(" ", "\0"), line.strip())
    return textwrap.fill(
        whole,
        max(_WIDTH, len(indent) + 20),
        initial_indent=indent,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    ).replace("\0", " ")


def _yaml(value: Plain) -> str:
    """A value in one line of YAML."""
    if value == "":
        return '""'
    import yaml

    dumped = yaml.safe_dump(value, allow_unicode=True, default_flow_style=True, width=10_000)
    return str(dumped).removesuffix("...\n").rstrip("\n")


def _as_list(value: Plain) -> list[Plain]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _items(node: Node, field: str) -> Mapping[str, Node]:
    entry = node.get(field)
    return entry.items if entry else {}


def _text(node: Node | None) -> str:
    return (node.text or "") if node else ""
