"""Reading what a storyboard says of the film as a whole, with its used files and its profile."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Final, TypeVar

from storyboard import __version__
from storyboard.diagnostics import Code, did_you_mean, listed
from storyboard.language.entries import entries_of
from storyboard.language.fields import meant
from storyboard.language.inherit import merge
from storyboard.language.joins import Joins
from storyboard.language.saying import said
from storyboard.language.scenes import read_vars
from storyboard.language.scope import RESERVED, Renderer, Var, Vars
from storyboard.language.shots import Shots
from storyboard.language.yaml import read
from storyboard.letters import Style
from storyboard.model import Size
from storyboard.source import Document, Node, Source, Span

FIELDS: Final = (
    "version", "title", "size", "fps", "budget", "requires", "use", "vars", "defaults", "profiles", "voices",
    "templates", "title_styles", "scenes", "shots", "captions", "soundtrack", "loudness", "quality",
    "fade_in", "fade_out", "cuts",
)  # fmt: skip
USED_FIELDS: Final = (
    "version", "vars", "defaults", "profiles", "voices", "templates", "title_styles",
)  # fmt: skip
PROFILE_FIELDS: Final = ("vars", "defaults", "override")
LANGUAGE_VERSION: Final = 1
T = TypeVar("T")
_FILM_SIZE = Size(1280, 720)
_FILM_RATE = Fraction(24)


@dataclass(frozen=True, slots=True)
class Film:
    """What holds for the whole film, before scenes and cuts are expanded.

    Attributes:
        entries: the storyboard's own fields, as they were written.
        below: vars that a scene's own win over: used files', the storyboard's, the profile's.
        above: vars that win over a scene's and a cut's: `--var`.
        defaults: the fields that shots inherit: the storyboard's, then the profile's.
        override: the profile's fields that win over the shot's own.
        templates: by name.
    """

    title: str
    size: Size
    fps: Fraction
    budget: Fraction | None
    profile: str | None
    entries: Mapping[str, Node]
    below: Vars
    above: Vars
    defaults: tuple[Mapping[str, Node], ...]
    override: Mapping[str, Node]
    templates: Mapping[str, Node]
    voices: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    title_styles: Mapping[str, Style] = field(default_factory=dict)


class Films(Joins):
    """Reads the film."""

    def film(
        self, document: Document, renderer: Renderer, profile: str | None, given: Mapping[str, str]
    ) -> Film | None:
        """The film; None where the file is no storyboard at all.

        Args:
            document: as it was read.
            renderer: renders leaves.
            profile: the profile that was chosen.
            given: `--var`s: names and values as YAML.
        """
        self._inherited = Shots(self.problems).inherited
        entries = self.mapping(document.root, "storyboard", FIELDS)
        if entries is None:
            return None
        entries = {name: node for name, node in entries.items() if not _left_empty(name, node)}
        self._version(document.root, entries)
        used = [self.mapping(root, "used file", USED_FIELDS) or {} for root in document.used]
        layers = [*used, entries]
        chosen = self._profile(layers, profile)
        below = {
            name: Var(value)
            for layer in (*layers, chosen)
            for name, value in read_vars(layer.get("vars"), self).items()
        }
        above = self._given(given, below, entries)
        scope = renderer.outermost({"profile": profile or ""}).with_vars({**below, **above})

        def rendered(name: str, read_: Callable[[Node, str], T | None]) -> T | None:
            node = renderer.render(entries[name], scope) if name in entries else None
            return read_(node, name) if node is not None else None

        defaults: Node | None = None
        templates: dict[str, Node] = dict(document.library)
        voices: Node | None = None
        styles: dict[str, Style] = {}
        for layer in layers:
            if "title_styles" in layer:
                looks = renderer.render(layer["title_styles"], scope)
                styles.update(self.styles(looks, "title_styles") if looks is not None else {})
            for name in ("voices", "templates"):
                if (
                    name in layer
                    and not isinstance(layer[name].value, dict)
                    and layer[name].value is not None
                ):
                    self.refuse(layer[name], name, "a mapping of names")
            if "defaults" in layer and layer["defaults"].value is not None:
                self.mapping(layer["defaults"], "defaults", self._inherited)
                defaults = merge(defaults, layer["defaults"])
            if "templates" in layer:
                templates.update(entries_of(layer["templates"]))
            if "voices" in layer:
                voices = merge(voices, layer["voices"])
        return Film(
            title=rendered("title", self.text) or document.path.stem,
            size=rendered("size", self.size) or _FILM_SIZE,
            fps=rendered("fps", self.rate) or _FILM_RATE,
            budget=rendered(
                "budget",
                lambda node, name: self.number(node, name, 0, None, "a number of US dollars"),
            ),
            profile=profile,
            entries=entries,
            below=below,
            above=above,
            defaults=tuple(
                node.items for node in (defaults, chosen.get("defaults")) if node is not None
            ),
            override=chosen["override"].items if "override" in chosen else {},
            templates=templates,
            voices=self._voices(voices),
            title_styles=styles,
        )

    def _version(self, root: Node, entries: Mapping[str, Node]) -> None:
        if "version" not in entries:
            self.problems.add(
                Code.MISSING_FIELD,
                "A storyboard begins with its version.",
                _first_line(root),
                f"Write `version: {LANGUAGE_VERSION}` at the top.",
            )
        elif entries["version"].value != LANGUAGE_VERSION or isinstance(
            entries["version"].value, bool
        ):
            self.problems.add(
                Code.BAD_VERSION,
                f"This tool reads version {LANGUAGE_VERSION} of the language, and this is {said(entries['version'])}.",
                entries["version"],
                f"Write `version: {LANGUAGE_VERSION}`, or use a newer release of the tool.",
            )
        if "requires" in entries:
            self._requires(entries["requires"])
        if "scenes" not in entries and "shots" not in entries and not self._misspelt(root):
            self.problems.add(
                Code.MISSING_FIELD,
                "A storyboard needs `shots`, or `scenes`.",
                _first_line(root),
                'Write `shots:`, and each shot below it: `- {id: a, prompt: "…"}`.',
            )
        if "scenes" in entries and "shots" in entries:
            self.problems.add(
                Code.CONFLICT,
                "A storyboard has `shots` or `scenes`, not both.",
                entries["shots"].place,
                "`shots` is short for one scene: move these into one.",
            )

    def _misspelt(self, root: Node) -> bool:
        unknown = [name for name in root.items if name not in FIELDS]
        return any(meant(name, unknown, FIELDS) for name in ("shots", "scenes"))

    def _requires(self, node: Node) -> None:
        from packaging.specifiers import InvalidSpecifier, SpecifierSet

        text = self.text(node, "requires")
        if text is None:
            return
        try:
            wanted = SpecifierSet(text)
        except InvalidSpecifier:
            self.refuse(node, "requires", 'a range of versions such as `">=0.4"`')
            return
        if not wanted.contains(__version__, prereleases=True):
            self.problems.add(
                Code.BAD_VERSION,
                f"This storyboard is written for version {text} of the tool, and this is {__version__}.",
                node,
                "Install a version that fits.",
            )

    def _profile(self, layers: list[dict[str, Node]], name: str | None) -> dict[str, Node]:
        profiles: Node | None = None
        for layer in layers:
            if "profiles" in layer:
                if not isinstance(layer["profiles"].value, dict):
                    self.refuse(layer["profiles"], "profiles", "a mapping of names")
                    continue
                for profile, node in entries_of(layer["profiles"]).items():
                    if node.value is not None:
                        self._profile_fields(node, f"profiles.{profile}")
                profiles = merge(profiles, layer["profiles"])
        known = entries_of(profiles) if profiles else {}
        if name is None:
            return {}
        if name not in known:
            help_ = did_you_mean(
                name,
                known,
                otherwise=f"Profiles here: {listed(list(known), last='and')}."
                if known
                else "This storyboard declares none under `profiles:`.",
            )
            self.problems.add(Code.UNKNOWN_PROFILE, f"There is no profile `{name}`.", None, help_)
            return {}
        return known[name].items

    def _profile_fields(self, node: Node, name: str) -> None:
        entries = self.mapping(node, name, PROFILE_FIELDS) or {}
        for part in ("defaults", "override"):
            if part in entries and entries[part].value is not None:
                self.mapping(entries[part], f"{name}.{part}", self._inherited)

    def _given(
        self, given: Mapping[str, str], declared: Vars, entries: Mapping[str, Node]
    ) -> dict[str, Var]:
        names = set(declared)
        for holder in (*_elements(entries, "scenes"), *_elements(entries, "cuts")):
            inner = holder.get("vars")
            names |= set(inner.items) if inner else set()
        made: dict[str, Var] = {}
        for name, text in given.items():
            if name not in names or name in RESERVED:
                known = (
                    f"Declared are {listed(sorted(names), last='and')}."
                    if names
                    else "No vars are declared."
                )
                self.problems.add(
                    Code.UNKNOWN_VAR,
                    f"`--var {name}=…` names a var that is not declared.",
                    None,
                    did_you_mean(name, names, otherwise=known),
                )
                continue
            node, problems = read(Source(f"--var {name}", text))
            self.problems.extend(problems)
            if node is not None:
                made[name] = Var(node)
        return made

    def _voices(self, node: Node | None) -> dict[str, dict[str, str]]:
        voices: dict[str, dict[str, str]] = {}
        for name, by_provider in (entries_of(node) if node else {}).items():
            if not isinstance(by_provider.value, dict):
                self.refuse(
                    by_provider, f"voices.{name}", "a mapping from provider to the voice's id there"
                )
                continue
            voices[name] = {
                provider: text
                for provider, ident in entries_of(by_provider).items()
                if (text := self.text(ident, f"voices.{name}.{provider}")) is not None
            }
        return voices


def _left_empty(name: str, node: Node) -> bool:
    """Whether a field has no value, as when all below it is commented out: it counts for nothing."""
    return node.value is None and not node.quoted and name not in {"version", "shots", "scenes"}


def _elements(entries: Mapping[str, Node], name: str) -> list[Node]:
    return entries[name].elements if name in entries else []


def _first_line(root: Node) -> Span:
    source = root.span.source
    return Span(source, 0, len(source.line(1)))
