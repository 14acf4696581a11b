"""What a shot's fields come from, layer upon layer: defaults, its template, its own, the profile's override."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from storyboard.diagnostics import Code
from storyboard.language.fields import Fields
from storyboard.language.inherit import Layer
from storyboard.language.problems import Problems
from storyboard.language.scope import Renderer, Scope
from storyboard.language.templates import Template, Templates
from storyboard.source import Node, Via


class Layers:
    """The layers of shots.

    Args:
        problems: collects what is wrong.
        renderer: renders leaves.
        templates: the templates at hand.
        defaults: the storyboard's and the profile's `defaults`, in that order.
        override: the profile's `override`.
    """

    def __init__(
        self,
        problems: Problems,
        renderer: Renderer,
        templates: Templates,
        defaults: tuple[Mapping[str, Node], ...],
        override: Mapping[str, Node],
    ) -> None:
        self._problems = problems
        self._renderer = renderer
        self._templates = templates
        self._defaults = defaults
        self._override = override
        self._fields = Fields(problems)

    def of_shot(
        self,
        node: Node,
        entries: Mapping[str, Node],
        scope: Scope,
        of_scene: Mapping[str, Node],
        ident: str,
    ) -> tuple[list[Layer], bool]:
        """The layers of a shot's fields, and whether they are all there.

        Args:
            node: the shot as it was written.
            entries: its own fields.
            scope: the names in force in it.
            of_scene: its scene's `defaults`.
            ident: its id.
        """

        def plainly(each: Node) -> Node | None:
            return self._renderer.render(each, scope)

        whole = True
        layers = [
            Layer(fields, plainly, own=False) for fields in (*self._defaults, of_scene) if fields
        ]
        if "template" in entries:
            layer = self._template_layer(node, entries, scope, ident)
            whole = layer is not None
            layers += [layer] if layer else []
        elif "with" in entries:
            self._problems.add(
                Code.CONFLICT,
                "`with` gives params to a template, and this shot has none.",
                entries["with"].place,
                "Name the template: `template: NAME`.",
            )
        layers.append(
            Layer(
                entries,
                plainly if node.via is None else _reaching(self._renderer, scope, node.via),
                own=True,
            )
        )
        if self._override:
            layers.append(Layer(self._override, plainly, own=False))
        return layers, whole

    def _template_layer(
        self, node: Node, entries: Mapping[str, Node], scope: Scope, ident: str
    ) -> Layer | None:
        name = self._renderer.render(entries["template"], scope, node.via)
        if name is not None and name.text is None:
            self._fields.refuse(name, "template", "a template's name")
            return None
        template: Template | None = self._templates.get(name) if name is not None else None
        if template is None:
            return None
        names = self._templates.names(template, entries.get("with"), scope, node)
        if names is None:
            return None
        via = Via(
            f"in template `{template.name}`, used by shot `{ident}`",
            entries["template"].span,
            node.via,
        )
        return Layer(
            template.body, _reaching(self._renderer, scope.with_names(names), via), own=True
        )


def _reaching(renderer: Renderer, scope: Scope, via: Via) -> Callable[[Node], Node | None]:
    """Renders a field, which keeps the way by which it came."""

    def render(node: Node) -> Node | None:
        return renderer.render(node, scope, via)

    return render
