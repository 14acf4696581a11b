"""Expanding scenes and shots: loops gone round, templates applied, fields inherited, chains settled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from storyboard.diagnostics import Code
from storyboard.language.chaining import Chain, settle
from storyboard.language.entries import start_of
from storyboard.language.expressions import Names
from storyboard.language.fields import TRUTHS, Fields
from storyboard.language.inherit import inherit
from storyboard.language.layers import Layers
from storyboard.language.loops import Loops
from storyboard.language.problems import Problems
from storyboard.language.scope import Renderer, Scope, Var, Vars, check_name
from storyboard.language.shots import Shots
from storyboard.model import Shot
from storyboard.source import Node, Span, Via

SCENE_FIELDS = ("id", "title", "vars", "defaults", "chain", "for_each", "matrix", "when", "shots")


UNKNOWN = "*"
"""Among the ids of broken shots: that there are more, whose ids are not known."""


@dataclass(frozen=True, slots=True)
class Expanded:
    """The shots of one expansion of the storyboard.

    Attributes:
        shots: by id, in the order of the storyboard.
        scenes: the ids of the scenes, in order, with their titles.
        dropped: the ids that `when` dropped, and where each stood.
        broken: the ids of shots that could not be read, which is reported.
    """

    shots: Mapping[str, Shot]
    scenes: Mapping[str, str]
    dropped: Mapping[str, Span]
    broken: frozenset[str]


@dataclass(slots=True)
class _Found:
    """What has been expanded so far."""

    shots: list[tuple[Shot, Chain]] = field(default_factory=list)
    scenes: dict[str, Node] = field(default_factory=dict)
    titles: dict[str, str] = field(default_factory=dict)
    ids: dict[str, Node] = field(default_factory=dict)
    dropped: dict[str, Span] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)

    def nameless(self) -> str:
        """Stands for an id that cannot be read, so that the rest can be; no id looks like it."""
        self.broken.add(UNKNOWN)
        return UNKNOWN


@dataclass(frozen=True, slots=True)
class _Scene:
    """What its shots need of a scene."""

    id: str
    scope: Scope
    defaults: Mapping[str, Node]
    via: Via | None


class Scenes:
    """Expands the scenes of a storyboard, once for each cut that has vars of its own.

    Args:
        problems: collects what is wrong.
        renderer: renders leaves.
        layers: what shots' fields come from.
    """

    def __init__(self, problems: Problems, renderer: Renderer, layers: Layers) -> None:
        self._problems = problems
        self._renderer = renderer
        self._fields = Fields(problems)
        self._layers = layers
        self._shots = Shots(problems)
        self._loops = Loops(problems, renderer)
        self._known = self._shots.known

    def expand(self, scenes: list[Node], names: Names, below: Vars, above: Vars) -> Expanded:
        """Every shot of the film, in order.

        Args:
            scenes: as they were written, scene files in place.
            names: the names in force everywhere: `profile`, `cut`.
            below: vars that a scene's own win over.
            above: vars that win over a scene's own.
        """
        found = _Found()
        if not scenes and self._problems:
            found.broken.add(UNKNOWN)
        outer = self._renderer.outermost(names)
        shared = outer.with_vars({**below, **above})
        for node in scenes:
            if self._loops.looped(node) and self._problems:
                found.broken.add(UNKNOWN)  # perhaps a loop that cannot be gone round
            for round_, via in self._loops.rounds(node, shared, "scene"):
                own = {
                    name: Var(value, round_)
                    for name, value in read_vars(node.get("vars"), self._fields).items()
                }
                base = outer.with_vars({**below, **own, **above}) if own else shared
                self._scene(
                    node if via is node.via else node.reached(via), base.with_names(round_), found
                )
        return Expanded(
            settle(found.shots),
            {scene: found.titles.get(scene, scene) for scene in found.scenes},
            found.dropped,
            frozenset(found.broken),
        )

    def _scene(self, node: Node, scope: Scope, found: _Found) -> None:
        entries = self._fields.mapping(node, "scene", SCENE_FIELDS)
        if entries is None:
            found.broken.add(UNKNOWN)
            return
        ident = self._ident(node, entries, scope, "scene")
        if ident is None:
            ident = found.nameless()
        elif ident in found.scenes:
            self._twice("scene", ident, entries["id"], found.scenes[ident], node)
        else:
            found.scenes[ident] = entries["id"]
        inner = scope.with_names({"scene": {"id": ident}})
        if (title := self._title(entries, inner, node)) is not None:
            found.titles[ident] = title
        shots = self._listed(node, entries.get("shots"))
        if shots is None:
            found.broken.add(UNKNOWN)
            return
        if not self._loops.kept(node, inner):
            for shot in shots:
                if (named := shot.get("id")) is not None and named.text:
                    found.dropped[named.text] = named.span
            return
        defaults = dict(entries["defaults"].items) if "defaults" in entries else {}
        if "defaults" in entries:
            self._fields.mapping(entries["defaults"], "defaults", self._shots.inherited)
        if "chain" in entries:
            defaults["chain"] = entries["chain"]
        self._shots_of(_Scene(ident, inner, defaults, node.via), shots, found)

    def _title(self, entries: Mapping[str, Node], scope: Scope, node: Node) -> str | None:
        if "title" not in entries:
            return None
        rendered = self._renderer.render(entries["title"], scope, node.via)
        return None if rendered is None else self._fields.text(rendered, "title")

    def _shots_of(self, scene: _Scene, shots: list[Node], found: _Found) -> None:
        inner = scene.scope
        for written in shots:
            shot = written.reached(scene.via) if scene.via else written
            rounds = 0
            for names, via in self._loops.rounds(shot, inner, "shot"):
                around = inner.with_names(names) if names else inner
                self._shot(shot if via is shot.via else shot.reached(via), around, scene, found)
                rounds += 1
            if not rounds and self._problems:
                found.broken.add(UNKNOWN)  # a loop that cannot be gone round

    def _listed(self, scene: Node, shots: Node | None) -> list[Node] | None:
        if shots is not None and isinstance(shots.value, list):
            return shots.value
        help_ = 'Write `shots:`, and each shot below it: `- {id: a, prompt: "…"}`.'
        if shots is None or shots.value is None:
            at = shots or start_of(scene)
            self._problems.add(Code.MISSING_FIELD, "A scene needs `shots`.", at, help_, scene.via)
        else:
            self._fields.refuse(shots, "shots", "a list of shots", help_)
        return None

    def _shot(self, node: Node, scope: Scope, scene: _Scene, found: _Found) -> None:
        entries = self._fields.mapping(node, "shot", self._known)
        if entries is None:
            found.broken.add(UNKNOWN)
            return
        ident = self._ident(node, entries, scope, "shot")
        named = ident is not None
        if ident is None:
            ident = found.nameless()
        inner = scope.with_names({"shot": {"id": ident}})
        if not self._loops.kept(node, inner):
            found.dropped.setdefault(ident, node.span)
            return
        if ident in found.ids:
            self._twice("shot", ident, entries["id"], found.ids[ident], node)
            named = False
        elif named:
            found.ids[ident] = entries["id"]
        layers, whole = self._layers.of_shot(node, entries, inner, scene.defaults, ident)
        fields, own, sound = inherit(layers)
        shot: Shot | None = None
        if whole and sound:
            shot = self._shots.shot(ident, scene.id, node, fields, own)
        else:
            self._shots.look(fields)
        chain = self._chain(fields)
        if shot is None:
            found.broken.add(ident)
        elif named:
            found.shots.append((shot, chain))

    def _chain(self, fields: Mapping[str, Node]) -> Chain:
        node = fields.get("chain")
        goes_on = "first_frame" not in fields
        if node is None or node.value is True:
            return Chain(None, goes_on)
        if node.value is False:
            return Chain(None, goes_on=False)
        name = self._fields.ident(node, "chain")
        if name in TRUTHS:
            self._problems.add(
                Code.UNQUOTED,
                f"{'A quoted ' if node.quoted else ''}`{name}` is a thread's name here.",
                node,
                f"Write `chain: {TRUTHS[name]}`.",
            )
        return Chain(name, goes_on)

    def _ident(
        self, node: Node, entries: Mapping[str, Node], scope: Scope, what: str
    ) -> str | None:
        if "id" not in entries:
            self._problems.add(
                Code.MISSING_FIELD,
                f"This {what} has no `id`.",
                start_of(node),
                f"Give it a name: `id: my-{what}`.",
                node.via,
            )
            return None
        rendered = self._renderer.render(entries["id"], scope, node.via)
        return None if rendered is None else self._fields.ident(rendered, "id")

    def _twice(self, what: str, ident: str, here: Node, first: Node, node: Node) -> None:
        line = first.span.begins[0]
        if first is here or first.span == here.span:
            help_ = "Each round of the loop needs an id of its own: use `{{ item }}` or `{{ matrix.… }}` in it."
        else:
            help_ = f"The first one is in {first.span.file}, line {line}; rename one of them."
        self._problems.add(
            Code.DUPLICATE_ID, f"There are two {what}s `{ident}`.", here, help_, node.via
        )


def read_vars(node: Node | None, fields: Fields) -> dict[str, Node]:
    """The entries of a `vars` mapping; nulls and reserved names are reported."""
    if node is None:
        return {}
    if not isinstance(node.value, dict):
        fields.refuse(node, "vars", "a mapping of names")
        return {}
    for name, value in node.value.items():
        if name.startswith("x-") or not check_name(name, value, "var", fields.problems):
            continue
        if value.value is None and not value.quoted:
            help_ = 'For empty text, write "". Text that begins with `#` must be in quotes.'
            message = f"The var `{name}` has no value."
            fields.problems.add(Code.UNQUOTED, message, value.place, help_)
    return {name: value for name, value in node.value.items() if not name.startswith("x-")}
