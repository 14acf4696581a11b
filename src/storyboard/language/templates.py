"""Templates: looking one up, what it extends, and its params."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from storyboard.diagnostics import Code, did_you_mean, listed
from storyboard.language.entries import start_of
from storyboard.language.fields import meant
from storyboard.language.inherit import merge
from storyboard.language.params import Params
from storyboard.language.problems import Problems
from storyboard.language.scope import Renderer, Scope, check_name
from storyboard.language.shots import ONLY_OWN, Shots
from storyboard.source import Node, Plain


@dataclass(frozen=True, slots=True)
class Template:
    """A template with all that it extends."""

    name: str
    node: Node
    params: Mapping[str, Node]
    body: Mapping[str, Node]


class Templates:
    """The templates at hand."""

    def __init__(self, problems: Problems, renderer: Renderer, named: Mapping[str, Node]) -> None:
        self._problems = problems
        self._params = Params(problems)
        self._shot_fields = Shots(problems).known
        self._renderer = renderer
        self._named = named
        self._ready: dict[str, Template | None] = {}

    def get(self, name: Node) -> Template | None:
        """The template of that name; None where there is none or it is broken, which is reported."""
        wanted = name.text or ""
        if wanted not in self._named:
            known = (
                f"Templates here: {listed(sorted(self._named), last='and')}."
                if self._named
                else None
            )
            help_ = did_you_mean(
                wanted, self._named, otherwise=known or "Declare it under `templates:`."
            )
            self._problems.add(
                Code.UNKNOWN_TEMPLATE, f"There is no template `{wanted}`.", name, help_
            )
            return None
        return self._template(wanted)

    def check_all(self) -> None:
        """Report what is wrong in any template, whether it is used or not."""
        for name in self._named:
            self._template(name)

    def _template(self, name: str, below: tuple[str, ...] = ()) -> Template | None:
        if name not in self._ready:
            self._ready[name] = self._read(name, self._named[name], below)
        return self._ready[name]

    def _read(self, name: str, node: Node, below: tuple[str, ...]) -> Template | None:
        entries = self._params.mapping(
            node, f"templates.{name}", {"description", "extends", "params", "shot"}
        )
        if entries is None:
            return None
        params = self._described(entries["params"]) if "params" in entries else {}
        body: dict[str, Node] = {}
        if "shot" in entries:
            body = self._body(entries["shot"], name)
        if "extends" in entries:
            parent = self._extended(entries["extends"], (*below, name))
            if parent is None:
                return None
            params = {**parent.params, **params}
            body = {
                field: merge(parent.body.get(field), value)
                for field, value in {**parent.body, **body}.items()
            }
        elif "shot" not in entries:
            self._problems.add(
                Code.MISSING_FIELD, f"The template `{name}` needs `shot`: its fields.", node.place
            )
            return None
        return Template(name, node, params, body)

    def _body(self, node: Node, name: str) -> dict[str, Node]:
        if not isinstance(node.value, dict):
            self._params.refuse(node, f"templates.{name}.shot", "a mapping of shot fields")
            return {}
        for field in [name for name in node.value if name in ONLY_OWN]:
            self._problems.add(
                Code.UNKNOWN_FIELD,
                f"A template cannot have `{field}`.",
                node.value[field].place,
                "Give it to the shots that use the template.",
            )
        fields = {name: each for name, each in node.value.items() if name not in ONLY_OWN}
        self._params.mapping(
            replace(node, value=fields), f"templates.{name}.shot", self._shot_fields
        )
        return fields

    def _extended(self, name: Node, below: tuple[str, ...]) -> Template | None:
        wanted = name.text or ""
        if wanted in below:
            loop = " → ".join(f"`{each}`" for each in (*below[below.index(wanted) :], wanted))
            self._problems.add(
                Code.TEMPLATE_CYCLE,
                f"The templates {loop} extend each other.",
                name,
                "Take `extends` out of one of them.",
            )
            return None
        if wanted not in self._named:
            return self.get(name)
        return self._template(wanted, below)

    def _described(self, node: Node) -> dict[str, Node]:
        if not isinstance(node.value, dict):
            self._params.refuse(
                node, "params", "a mapping of names", "Write `params: {subject: {}}`."
            )
            return {}
        params: dict[str, Node] = {}
        for name, schema in node.value.items():
            if name.startswith("x-"):
                continue
            check_name(name, schema, "param", self._problems)
            # One whose description is wrong takes anything: the rest is said when that is mended.
            sound = self._params.sound(schema, f"params.{name}")
            default = schema.get("default")
            wordless = Node({"default": default} if default else {}, schema.span)
            params[name] = schema if sound else wordless
        return params

    def names(
        self, template: Template, given: Node | None, scope: Scope, shot: Node
    ) -> dict[str, Plain] | None:
        """What a template's params stand for in one shot; None where something does not fit.

        Args:
            template: the template.
            given: the shot's `with`.
            scope: the shot's own scope.
            shot: where to point when a param is missing.
        """
        if given is not None and not isinstance(given.value, dict):
            self._params.refuse(given, "with", "a mapping of the template's params")
            return None
        values: dict[str, Plain] = {}
        entries = given.items if given else {}
        sound = True
        unknown = [
            name for name in entries if name not in template.params and not name.startswith("x-")
        ]
        for name in unknown:
            node = entries[name]
            known = (
                f"Its params are {listed(list(template.params), last='and')}."
                if template.params
                else "It has none."
            )
            message = f"The template `{template.name}` has no param `{name}`."
            self._problems.add(
                Code.BAD_PARAM,
                message,
                node.place,
                did_you_mean(name, template.params, otherwise=known),
                node.via,
            )
            sound = False
        for name, schema in template.params.items():
            node_or_default = entries.get(name) or schema.get("default")
            if node_or_default is None and meant(name, unknown, template.params):
                continue  # said already
            if node_or_default is None:
                where = given.place if given else start_of(shot.get("template") or shot)
                message = f"The template `{template.name}` needs the param `{name}`."
                self._problems.add(
                    Code.BAD_PARAM, message, where, f"Write `with: {{{name}: …}}`.", shot.via
                )
                sound = False
                continue
            rendered = self._renderer.render(node_or_default, scope)
            if rendered is None or not self._params.fits(template.name, name, rendered, schema):
                sound = False
                continue
            wants_text = (schema.get("type") or schema).value == "string"
            values[name] = (
                rendered.text if wants_text and rendered.text is not None else rendered.plain()
            )
        return values if sound else None
