"""Reading a shot: its fields, once everything is inherited and rendered."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from typing import Any, Final

from storyboard.diagnostics import Code
from storyboard.language.contents import Contents
from storyboard.language.entries import entries_of
from storyboard.language.frames import FRESH
from storyboard.model import (
    Origin,
    Segment,
    Shot,
    Title,
)
from storyboard.source import Node, Plain

MOVES: Final = ("none", "push-in", "pull-back", "pan-left", "pan-right", "tilt-up", "tilt-down")
# Fields that are settled before a shot's values are read.
EXPANDED: Final = (
    "id",
    "template",
    "with",
    "for_each",
    "matrix",
    "when",
    "notes",
    "style",
    "chain",
)
ONLY_OWN: Final = frozenset({"id", "template", "with", "for_each", "matrix", "when"})
"""Fields that a shot has itself: nothing inherits them."""
# Parts of fields that checks point at.
_PARTS = (
    "first_frame",
    "last_frame",
    "motion",
    "trim",
    "transition",
    "fallback",
    "voices",
    "options",
)


class Shots(Contents):
    """Reads shots."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.readers: Mapping[str, Callable[[Node, str], Any]] = {
            "prompt": self.prompt,
            "multi_prompt": self._segments,
            "multi_prompt_mode": lambda node, field: self.choice(
                node, field, ("auto", "native", "chain")
            ),
            "negative_prompt": self.prompt,
            "first_frame": self.first_frame,
            "last_frame": self.last_frame,
            "clip": self.path,
            "still": self._still,
            "move": lambda node, field: self.choice(node, field, MOVES),
            "motion": self.motion,
            "duration": lambda node, field: self.seconds(node, field, zero=False),
            "trim": self.trim,
            "aspect_ratio": self._aspect_ratio,
            "audio": self.boolean,
            "voices": self.texts,
            "cfg_scale": lambda node, field: self.number(node, field, 0, 100),
            "model": self.text,
            "options": self._options,
            "fallback": self.texts,
            "variant": lambda node, field: self.integer(node, field, 0, 1_000_000),
            "rebuild": lambda node, field: self.choice(node, field, ("follow", "hold")),
            "transition": self.transition,
            "seam": self.seam,
            "fit": lambda node, field: self.choice(node, field, ("pad", "crop", "blur")),
            "focus": self._focus,
            "titles": self._titles,
            "dialogue": lambda node, field: self.list_of(node, field, self.line),
            "sound": lambda node, field: self.list_of(node, field, self.sound),
        }

    @property
    def known(self) -> frozenset[str]:
        """The fields of a shot."""
        return frozenset(self.readers) | frozenset(EXPANDED)

    @property
    def inherited(self) -> frozenset[str]:
        """The fields that shots inherit."""
        return self.known - ONLY_OWN

    def shot(
        self, ident: str, scene: str, at: Node, fields: Mapping[str, Node], own: frozenset[str]
    ) -> Shot | None:
        """A shot from its merged and rendered fields; None where it cannot be made.

        Args:
            ident: its id.
            scene: its scene's id.
            at: the shot as it was written.
            fields: its fields, inherited ones included.
            own: the names of those that the shot or its template says itself.
        """
        content = self.content(at, fields, self.known)
        values: dict[str, Any] = {}
        for name, node in fields.items():
            if name in self.readers:
                value = self.readers[name](node, name)
                if value is not None:
                    values[name] = value
        self.without_effect(content, {name: fields[name] for name in values if name in own})
        if content is None or (content in fields and content not in values):
            return None
        origins = {
            name: Origin(node.span, name in own, node.via)
            for name, node in fields.items()
            if name in self.readers
        }
        for name in _PARTS:
            if name in fields:
                origins.update(_parts(name, fields[name], own=name in own))
        place = at.get("id") or at
        fresh = values.get("first_frame") == FRESH
        if fresh:
            del values["first_frame"]
        prompt, segments = values.pop("prompt", None), values.pop("multi_prompt", ())
        stated = values.pop("duration", None)
        if segments:
            values["duration"] = self._sum_of(segments, stated, fields, own)
        elif content == "clip":
            values["duration"] = stated if "duration" in own else None
        else:
            values["duration"] = stated or Fraction(5)
        style = self.text(fields["style"], "style") if "style" in fields else None
        if prompt is not None or content == "motion":
            segments = (
                Segment(prompt or "", values["duration"], origins.get("prompt") or Origin(at.span)),
            )
        values["segments"] = tuple(
            Segment(_styled(each.prompt, style), each.duration, each.origin) for each in segments
        )
        return Shot(id=ident, scene=scene, at=place.span, origins=origins, **values)

    def look(self, fields: Mapping[str, Node]) -> None:
        """Report what is wrong in the fields of a shot that cannot be made anyhow."""
        for name, node in fields.items():
            if name in self.readers:
                self.readers[name](node, name)

    def _sum_of(
        self,
        segments: tuple[Segment, ...],
        stated: Fraction | None,
        fields: Mapping[str, Node],
        own: frozenset[str],
    ) -> Fraction:
        total = sum((segment.duration for segment in segments), Fraction(0))
        # The rate is the model's, not known here: half a frame at 24 a second.
        if stated is not None and "duration" in own and abs(stated - total) >= Fraction(1, 48):
            self.problems.add(
                Code.DURATION,
                f"The prompts last {float(total):g} seconds together, and `duration` says {float(stated):g}.",
                fields["duration"],
                "Leave `duration` out: it is the sum.",
            )
        return total

    def _segments(self, node: Node, field: str) -> tuple[Segment, ...] | None:
        segments = self.list_of(node, field, self._segment)
        if isinstance(node.value, list) and not node.value:
            self.refuse(node, field, "a list of at least one `{prompt, duration}`")
        return segments if segments and len(segments) == len(node.elements) else None

    def _segment(self, node: Node, field: str) -> Segment | None:
        entries = self.mapping(node, field, {"prompt", "duration"}, required=["prompt", "duration"])
        if entries is None or len(entries) < 2:
            return None
        prompt = self.prompt(entries["prompt"], "prompt")
        duration = self.seconds(entries["duration"], "duration", zero=False)
        if prompt is None or duration is None:
            return None
        return Segment(prompt, duration, Origin(entries["prompt"].span, via=entries["prompt"].via))

    def _still(self, node: Node, field: str) -> str | None:
        if node.value is None or (node.text or "").startswith("#"):
            return self.color(node, field)
        return self.path(node, field)

    def _aspect_ratio(self, node: Node, field: str) -> str | None:
        width, colon, height = (node.text or "").partition(":")
        if not (
            colon
            and width.isdecimal()
            and height.isdecimal()
            and 0 < int(width) < 1000
            and 0 < int(height) < 1000
        ):
            self.refuse(node, field, "a ratio such as `16:9`")
            return None
        return node.text

    def _options(self, node: Node, field: str) -> dict[str, dict[str, Plain]] | None:
        if not isinstance(node.value, dict):
            self.refuse(node, field, "a mapping of providers", "Write `options: {fal: {…}}`.")
            return None
        options: dict[str, dict[str, Plain]] = {}
        for provider, given in entries_of(node).items():
            if isinstance(given.value, dict):
                options[provider] = {name: each.plain() for name, each in entries_of(given).items()}
            else:
                self.refuse(given, f"options.{provider}", "a mapping of that provider's parameters")
        return options

    def _focus(self, node: Node, field: str) -> tuple[Fraction, Fraction] | None:
        if len(node.elements) != 2:
            self.refuse(node, field, "two numbers from 0 to 1: `[x, y]`")
            return None
        x, y = (self.number(each, field, 0, 1) for each in node.elements)
        return None if x is None or y is None else (x, y)

    def _titles(self, node: Node, field: str) -> tuple[Title, ...]:
        return self.list_of(node, field, self.title)


def _parts(name: str, node: Node, *, own: bool) -> Iterator[tuple[str, Origin]]:
    """Where the parts of a field are written, two levels deep: `motion.video.shot`."""
    entries = node.items or {str(number): each for number, each in enumerate(node.elements)}
    for part, each in entries.items():
        yield f"{name}.{part}", Origin(each.span, own, each.via)
        for inner, value in each.items.items():
            yield f"{name}.{part}.{inner}", Origin(value.span, own, value.via)


def _styled(prompt: str, style: str | None) -> str:
    return f"{prompt} {style}".strip() if style else prompt
