"""Reading the words on screen: titles, their styles, dialogue, captions."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Final

from storyboard.diagnostics import Code
from storyboard.language.fields import Fields
from storyboard.letters import SHIPPED, Setting, Style
from storyboard.model import Anchor, Captions, Line, Origin, Seconds, Title
from storyboard.source import Node

POSITIONS: Final = (
    "top",
    "center",
    "bottom",
    "lower-third",
    "upper-third",
    "top-left",
    "top-right",
    "bottom-left",
    "bottom-right",
)
ALIGNMENTS: Final = ("auto", "left", "center", "right")
NO_CAPTIONS: Final = "none"
_LONGEST_FADE = 60
_COLORS = frozenset({
    "black", "white", "grey", "gray", "red", "green", "blue", "yellow", "cyan", "magenta", "navy",
    "teal", "maroon", "olive", "purple", "orange", "brown", "pink", "beige", "ivory", "silver", "gold",
})  # fmt: skip


class Words(Fields):
    """Reads titles, dialogue, captions and styles."""

    def color(self, node: Node, field: str) -> str | None:
        """A colour's name or `#rrggbb`; written back as it was, in small letters."""
        text = (node.text or "").lower()
        if text in _COLORS or re.fullmatch(r"#[0-9a-f]{6}|#[0-9a-f]{3}", text):
            return text
        help_ = None
        if node.value is None:
            help_ = 'A `#` begins a comment unless it is quoted: write `color: "#101820"`.'
        self.refuse(node, field, 'a colour such as `black` or `"#101820"`', help_)
        return None

    def anchor(self, node: Node, field: str, *, shots: bool) -> Anchor:
        """A time: seconds, or (in a cut) `{shot: ID, at: SECONDS}`."""
        if shots and isinstance(node.value, dict):
            entries = self.mapping(node, field, {"shot", "at"}, required=["shot"]) or {}
            at = self.seconds(entries["at"], "at", negative=True) if "at" in entries else None
            if "shot" not in entries:
                return Anchor(at or Fraction(0))
            named = entries["shot"]
            return Anchor(
                at or Fraction(0),
                self.ident(named, f"{field}.shot"),
                Origin(named.span, via=named.via),
            )
        return Anchor(self.seconds(node, field, negative=not shots) or Fraction(0))

    def title(self, node: Node, field: str) -> Title | None:
        """Words on a shot: a time counts from the shot's start."""
        return self._title(node, field, shots=False)

    def cut_title(self, node: Node, field: str) -> Title | None:
        """Words on a cut: a time may count from any shot's start."""
        return self._title(node, field, shots=True)

    def _title(self, node: Node, field: str, *, shots: bool) -> Title | None:
        if node.text is not None and node.value is not None:
            return Title(node.text, origin=Origin(node.span, via=node.via))
        known = {"text", "at", "for", "position", "style"}
        entries = self.mapping(node, field, known, required=["text"])
        if entries is None or "text" not in entries:
            return None
        text = self.prompt(entries["text"], "text")
        style, said = self._style_in(entries)
        return Title(
            text=text or "",
            at=self.anchor(entries["at"], "at", shots=shots) if "at" in entries else Anchor(),
            lasts=self.seconds(entries["for"], "for", zero=False) if "for" in entries else None,
            position=(
                self.choice(entries["position"], "position", POSITIONS)
                if "position" in entries
                else None
            )
            or "lower-third",
            style=style,
            origin=Origin(entries["text"].span, via=entries["text"].via),
            style_origin=said,
        )

    def line(self, node: Node, field: str) -> Line | None:
        """A line of dialogue."""
        if node.text is not None and node.value is not None:
            return Line(None, node.text, origin=Origin(node.span, via=node.via))
        entries = self.mapping(node, field, {"by", "line", "at", "for"}, required=["line"])
        if entries is None or "line" not in entries:
            return None
        words = entries["line"]
        return Line(
            by=self.text(entries["by"], "by") if "by" in entries else None,
            line=self.prompt(words, "line") or "",
            at=self.seconds_in(entries, "at"),
            lasts=self.seconds(entries["for"], "for", zero=False) if "for" in entries else None,
            origin=Origin(words.span, via=words.via),
        )

    def captions(self, node: Node, field: str) -> Captions | None:
        """A subtitle file, `{file, burn, style}`, or `none`; None stands for that."""
        if node.text == NO_CAPTIONS and not node.quoted:
            return None
        if not isinstance(node.value, dict):
            origin = Origin(node.span, via=node.via)
            return Captions(self.path(node, field), origin=origin)
        entries = self.mapping(node, field, {"file", "burn", "style"}) or {}
        named = entries.get("file", node)
        style, said = self._style_in(entries)
        return Captions(
            file=self.path(named, "file") if "file" in entries else None,
            burn=bool(self.boolean(entries["burn"], "burn")) if "burn" in entries else False,
            style=style,
            origin=Origin(named.span, via=named.via),
            style_origin=said,
        )

    def styles(self, node: Node, field: str) -> dict[str, Style]:
        """Looks of words, by name."""
        if not isinstance(node.value, dict):
            self.refuse(node, field, "a mapping of names")
            return {}
        return {
            name: self.style(each, f"{field}.{name}")
            for name, each in node.items.items()
            if not name.startswith("x-")
        }

    def style(self, node: Node, field: str) -> Style:
        """A look: the name of one, or what it is in its own words."""
        if not isinstance(node.value, dict):
            return Style(self.text(node, field))
        readers = self._settings()
        entries = self.mapping(node, field, {"extends", *readers}) or {}
        given: dict[str, Setting] = {}
        for name, read in readers.items():
            if name in entries and (value := read(entries[name], name)) is not None:
                given[name] = value
        base = self.text(entries["extends"], "extends") if "extends" in entries else None
        return Style(base, given)

    def seconds_in(self, entries: Mapping[str, Node], name: str) -> Seconds | None:
        """A time that may be given."""
        return self.seconds(entries[name], name) if name in entries else None

    def _style_in(self, entries: Mapping[str, Node]) -> tuple[Style, Origin | None]:
        if "style" not in entries:
            return Style(), None
        node = entries["style"]
        named = node.value.get("extends", node) if isinstance(node.value, dict) else node
        return self.style(node, "style"), Origin(named.span, via=named.via)

    def _settings(self) -> dict[str, Callable[[Node, str], Setting | None]]:
        def number(
            least: Fraction | int, most: Fraction | int
        ) -> Callable[[Node, str], Fraction | None]:
            return lambda node, field: self.number(node, field, least, most)

        part, fade = number(0, 1), number(0, _LONGEST_FADE)
        return {
            "font": self._font,
            "size": number(1, 100),
            "weight": lambda node, field: self.integer(node, field, 100, 900),
            "color": self.color,
            "opacity": part,
            "spacing": number(-20, 200),
            "leading": number(80, 300),
            "uppercase": self.boolean,
            "align": lambda node, field: self.choice(node, field, ALIGNMENTS),
            "width": number(10, 100),
            "margin": number(0, 30),
            "outline": number(0, 50),
            "outline_color": self.color,
            "shadow": part,
            "box": self._box,
            "box_opacity": part,
            "fade_in": fade,
            "fade_out": fade,
        }

    def _font(self, node: Node, field: str) -> str | None:
        text = self.path(node, field)
        if text is None or text == SHIPPED or text.lower().endswith((".ttf", ".otf", ".ttc")):
            return text
        self.problems.add(
            Code.WRONG_TYPE,
            f"`{field}` must be `{SHIPPED}` or the path of a .ttf, .otf or .ttc file, not the text `{text}`.",
            node,
            "Fonts come from the repository, so that the film looks the same everywhere.",
        )
        return None

    def _box(self, node: Node, field: str) -> str | None:
        return "none" if node.text == "none" else self.color(node, field)
