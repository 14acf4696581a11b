"""Reading cuts: each with its own size, order of shots, words and sound."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final, TypeVar, cast

from storyboard.diagnostics import Code, did_you_mean, listed
from storyboard.language.entries import first_of, start_of
from storyboard.language.film import Film
from storyboard.language.joins import Joins
from storyboard.language.loops import Loops
from storyboard.language.problems import Problems
from storyboard.language.scenes import UNKNOWN, Expanded, Scenes, read_vars
from storyboard.language.scope import Renderer, Scope, Var
from storyboard.model import (
    Captions,
    Cut,
    CutFit,
    CutFormat,
    CutShot,
    Loudness,
    Origin,
    Quality,
    Trim,
)
from storyboard.source import Document, Node, Plain, Span

CUT_FIELDS: Final = (
    "id", "for_each", "matrix", "when", "vars", "size", "fps", "fit", "format", "shots", "titles", "captions",
    "poster", "soundtrack", "loudness", "fade_in", "fade_out",
)  # fmt: skip
FITS: Final = ("pad", "crop", "blur", "regenerate")
FORMATS: Final = ("mp4", "webm", "mov", "gif", "webp")
_CUT_IN_TEXT = re.compile(r"\bcut\s*[.\[]")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Round:
    """One cut to be: as it was written, and the names of its round of a loop."""

    node: Node
    names: Mapping[str, Plain]


class Cuts(Joins):
    """Expands the cuts of a film."""

    def __init__(self, problems: Problems, renderer: Renderer, film: Film, scenes: Scenes) -> None:
        super().__init__(problems)
        self._renderer = renderer
        self._film = film
        self._scenes = scenes
        self._loops = Loops(problems, renderer)
        self._shared: Expanded | None = None

    def expand(self, document: Document, scenes: list[Node]) -> tuple[Cut, ...]:
        """Every cut, each expanded with its own vars.

        Args:
            document: tells whether any text asks for the cut's own names.
            scenes: as they were written, scene files in place.
        """
        sources = {
            id(node.span.source): node.span.source
            for node in (document.root, *document.used, *scenes, *document.scenes.values())
        }
        separate = any(_CUT_IN_TEXT.search(source.text) for source in sources.values())
        made: dict[str, Cut] = {}
        film = self._film
        base = self._renderer.outermost({"profile": film.profile or ""}).with_vars(
            {**film.below, **film.above}
        )
        for round_ in self._rounds(base, document.root):
            cut = self._cut(round_, base, scenes, separate=separate)
            if cut is None:
                continue
            if cut.id in made:
                at = round_.node.get("id") or round_.node
                help_ = "Rename one of them: films are named after their cuts."
                if round_.names:
                    help_ = "Each round of the loop needs an id of its own: use `{{ item }}` or `{{ matrix.… }}` in it."
                message = f"There are two cuts `{cut.id}`."
                self.problems.add(Code.DUPLICATE_ID, message, at, help_, round_.node.via)
                continue
            made[cut.id] = cut
        if not made:  # the shots are looked at all the same
            names = {"profile": film.profile or "", "cut": {"id": "", "size": str(film.size)}}
            self._scenes.expand(scenes, names, film.below, film.above)
        return tuple(made.values())

    def _rounds(self, scope: Scope, root: Node) -> list[_Round]:
        given = self._film.entries.get("cuts")
        if given is None:
            return [
                _Round(
                    Node({}, self._whole_film(root)),
                    {},
                )
            ]
        if not isinstance(given.value, list) or not given.value:
            self.refuse(
                given, "cuts", "a list of cuts", "Write `cuts: [{id: main}]`, or leave it out."
            )
            return []
        return [
            _Round(node if via is node.via else node.reached(via), names)
            for node in given.value
            for names, via in self._loops.rounds(node, scope, "cut")
        ]

    def _whole_film(self, root: Node) -> Span:
        entries = self._film.entries
        return (first_of(entries, ("shots", "scenes")) or next(iter(entries.values()), root)).place

    def _cut(
        self, round_: _Round, base: Scope, scenes: list[Node], *, separate: bool
    ) -> Cut | None:
        node, film = round_.node, self._film
        entries = self.mapping(node, "cut", CUT_FIELDS)
        if entries is None:
            return None
        scope = base.with_names(round_.names)
        ident = self._ident(node, entries, scope) if "cuts" in film.entries else "main"
        if ident is None or not self._loops.kept(node, scope):
            return None

        def rendered(name: str, read: Callable[[Node, str], T | None], in_: Scope) -> T | None:
            each = self._renderer.render(entries[name], in_, node.via) if name in entries else None
            return read(each, name) if each is not None else None

        size = rendered("size", self.size, scope) or film.size
        names: dict[str, Any] = {
            "profile": film.profile or "",
            "cut": {"id": ident, "size": str(size)},
        }
        own = {
            name: Var(value.reached(node.via) if node.via else value, round_.names)
            for name, value in read_vars(entries.get("vars"), self).items()
        }
        if own or separate or self._shared is None:
            expanded = self._scenes.expand(scenes, names, film.below, {**own, **film.above})
            if not (own or separate):
                self._shared = expanded
        else:
            expanded = self._shared
        inner = (
            self._renderer.outermost(names)
            .with_vars({**film.below, **own, **film.above})
            .with_names(round_.names)
        )
        soundtrack, titles = (
            entries.get("soundtrack") or film.entries.get("soundtrack"),
            entries.get("titles"),
        )
        loudness = entries.get("loudness") or film.entries.get("loudness")
        fades = {
            name: self._fade(entries.get(name) or film.entries.get(name), name, inner)
            for name in ("fade_in", "fade_out")
        }
        return Cut(
            id=ident,
            size=size,
            fps=rendered("fps", self.rate, inner) or film.fps,
            shots=expanded.shots,
            order=self._order(entries.get("shots"), expanded, inner),
            scenes=expanded.scenes,
            dropped=expanded.dropped,
            broken=expanded.broken,
            fit=cast("CutFit", rendered("fit", self._fit, inner) or "pad"),
            format=cast("CutFormat", rendered("format", self._format, inner) or "mp4"),
            soundtrack=self._each(soundtrack, inner, self.soundtracks) or (),
            loudness=self._each(loudness, inner, self.loudness) or Loudness(),
            quality=self._each(film.entries.get("quality"), inner, self.quality) or Quality(),
            titles=self._each(
                titles, inner, lambda each, name: self.list_of(each, name, self.cut_title)
            )
            or (),
            captions=self._captions(entries.get("captions") or film.entries.get("captions"), inner),
            poster=rendered(
                "poster", lambda each, name: self.anchor(each, name, shots=True), inner
            ),
            fade_in=fades["fade_in"],
            fade_out=fades["fade_out"],
            at=entries.get("id", node).span,
            origins={name: Origin(each.span, via=node.via) for name, each in entries.items()},
        )

    def _fit(self, node: Node, field: str) -> str | None:
        return self.choice(node, field, FITS)

    def _format(self, node: Node, field: str) -> str | None:
        return self.choice(node, field, FORMATS)

    def _each(
        self, node: Node | None, scope: Scope, read: Callable[[Node, str], T | None]
    ) -> T | None:
        rendered = self._renderer.render(node, scope) if node is not None else None
        name = (
            rendered.key.source.text[rendered.key.start : rendered.key.end]
            if rendered and rendered.key
            else ""
        )
        return read(rendered, name) if rendered is not None else None

    def _captions(self, node: Node | None, scope: Scope) -> Captions | None:
        if node is None:
            return Captions()
        rendered = self._renderer.render(node, scope)
        return self.captions(rendered, "captions") if rendered is not None else Captions()

    def _fade(self, node: Node | None, name: str, scope: Scope) -> Fraction:
        rendered = self._renderer.render(node, scope) if node is not None else None
        return (self.seconds(rendered, name) if rendered is not None else None) or Fraction(0)

    def _ident(self, node: Node, entries: Mapping[str, Node], scope: Scope) -> str | None:
        if "id" not in entries:
            self.problems.add(
                Code.MISSING_FIELD,
                "This cut has no `id`.",
                start_of(node),
                "Give it a name: `id: main`.",
            )
            return None
        rendered = self._renderer.render(entries["id"], scope, node.via)
        return None if rendered is None else self.ident(rendered, "id")

    def _order(self, node: Node | None, expanded: Expanded, scope: Scope) -> tuple[CutShot, ...]:
        if node is None:
            return tuple(CutShot(ident) for ident in expanded.shots)
        rendered = self._renderer.render(node, scope)
        if rendered is None:
            return ()
        if not isinstance(rendered.value, list):
            self.refuse(rendered, "shots", "a list of shots' or scenes' ids")
            return ()
        return tuple(shot for each in rendered.value for shot in self._seen(each, expanded))

    def _seen(self, node: Node, expanded: Expanded) -> list[CutShot]:
        trim: Trim | None = None
        named = node
        if isinstance(node.value, dict):
            entries = self.mapping(node, "shots", {"shot", "trim"}, required=["shot"]) or {}
            if "shot" not in entries:
                return []
            named = entries["shot"]
            trim = self.trim(entries["trim"], "trim") if "trim" in entries else None
        if isinstance(named.value, dict | list):
            self.refuse(named, "shots", "ids of shots or scenes")
            return []
        ident = self.ident(named, "shots")
        if ident is None:
            return []
        origin = Origin(named.span, via=named.via)
        if isinstance(node.value, dict) and "trim" in node.value:
            origin = Origin(node.value["trim"].span, via=node.via)
        if ident in expanded.shots:
            return [CutShot(ident, trim, origin)]
        of_scene = [CutShot(shot.id) for shot in expanded.shots.values() if shot.scene == ident]
        if of_scene and trim is None:
            return of_scene
        if ident in expanded.scenes and trim is None:
            return []
        if expanded.broken & {ident, UNKNOWN}:
            return []
        if ident in expanded.dropped:
            message = f"The shot `{ident}` is left out by its `when`."
            self.problems.add(
                Code.DROPPED_SHOT,
                message,
                named,
                "Take it out of the cut, or give the cut's shots a `when` too.",
            )
            return []
        known = [*expanded.shots, *expanded.scenes]
        self.problems.add(
            Code.UNKNOWN_SHOT,
            f"There is no shot or scene `{ident}`.",
            named,
            did_you_mean(ident, known, otherwise=f"There are {listed(known, last='and')}."),
        )
        return []
