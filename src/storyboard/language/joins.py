"""Reading what an editor says: trims, joins, sound."""

from __future__ import annotations

from collections.abc import Collection
from fractions import Fraction
from typing import Literal, cast

from storyboard.diagnostics import Code
from storyboard.language.fields import meant
from storyboard.language.words import Words
from storyboard.model import (
    Anchor,
    JoinKind,
    Loudness,
    Origin,
    Quality,
    Seam,
    Sound,
    Transition,
    Trim,
)
from storyboard.source import Node

DIRECTIONS = ("left", "right", "up", "down")
_TRANSITION_EXTRAS = {
    "fade": {"color"},
    "wipe": {"direction"},
    "slide": {"direction"},
    "luma": {"file"},
}
_GAIN = 60
_THRESHOLDS = {
    "lightness": 100, "color": 100, "jump": 100, "given": 100, "click": 2, "drift": 200, "sharpness": 1,
}  # fmt: skip
"""Of `quality`, with the most that each can be."""
_TARGETS = (-40, -5)
_PEAKS = (-20, 0)


class Joins(Words):
    """Reads trims, transitions, seams and sounds, beside the words on screen."""

    def trim(self, node: Node, field: str) -> Trim | None:
        """`{start, end}`: positions within the shot."""
        entries = self.mapping(node, field, {"start", "end"})
        if entries is None:
            return None
        start = self.seconds_in(entries, "start") or Fraction(0)
        end = self.seconds_in(entries, "end")
        if end is not None and end <= start:
            self.problems.add(
                Code.BAD_TRIM,
                "This trim ends before it starts, so that nothing is left.",
                node,
                "Both times count from the start of the shot.",
            )
            return None
        return Trim(start, end)

    def transition(self, node: Node, field: str) -> Transition | None:
        """`cut`, or a mapping with one kind and its length."""
        kinds = [kind.value for kind in JoinKind]
        if not isinstance(node.value, dict):
            kind = self.choice(node, field, kinds)
            if kind is None:
                return None
            if kind != JoinKind.CUT:
                self.refuse(
                    node,
                    field,
                    f"`{{{kind}: SECONDS}}`",
                    f"Say how long: `{field}: {{{kind}: 0.5}}`.",
                )
                return None
            return Transition()
        named = [kind for kind in kinds if kind in node.value]
        unknown = [name for name in node.value if name not in kinds]
        if not named and any(meant(kind, unknown, kinds) for kind in kinds):
            self.mapping(node, field, kinds)
            return None
        if len(named) != 1 or named[0] == JoinKind.CUT:
            self.problems.add(
                Code.CONFLICT if len(named) > 1 else Code.MISSING_FIELD,
                f"`{field}` needs exactly one of `crossfade`, `fade`, `wipe`, `slide` and `luma`.",
                node.value[named[1]].place if len(named) > 1 else node,
                "Keep one of them." if len(named) > 1 else "Or write `transition: cut`.",
            )
            return None
        kind = named[0]
        entries = self.mapping(node, field, {kind, "audio"} | _TRANSITION_EXTRAS.get(kind, set()))
        if entries is None:
            return None
        length = self.seconds(entries[kind], kind, zero=False)
        return Transition(
            kind=JoinKind(kind),
            duration=length or Fraction(0),
            color=(self.color(entries["color"], "color") if "color" in entries else None)
            or "black",
            direction=(
                self.choice(entries["direction"], "direction", DIRECTIONS)
                if "direction" in entries
                else None
            )
            or "left",
            file=self._luma(node, entries, kind),
            audio=self._audio(entries),
        )

    def _audio(self, entries: dict[str, Node]) -> Literal["crossfade", "cut"]:
        chosen = (
            self.choice(entries["audio"], "audio", ("crossfade", "cut"))
            if "audio" in entries
            else None
        )
        return cast("Literal['crossfade', 'cut']", chosen or "crossfade")

    def _luma(self, node: Node, entries: dict[str, Node], kind: str) -> str | None:
        if "file" in entries:
            return self.path(entries["file"], "file")
        if kind == JoinKind.LUMA:
            self.problems.add(
                Code.MISSING_FIELD, "`luma` needs `file`: the picture whose brightness leads.", node
            )
        return None

    def seam(self, node: Node, field: str) -> Seam | None:
        """`{color, echo}`."""
        entries = self.mapping(node, field, {"color", "echo"})
        if entries is None:
            return None
        color = (
            self.choice(entries["color"], "color", ("none", "previous", "scene"))
            if "color" in entries
            else None
        )
        echo = self.choice(entries["echo"], "echo", ("hold", "drop")) if "echo" in entries else None
        return Seam(
            cast("Literal['none', 'previous', 'scene']", color or "none"),
            cast("Literal['hold', 'drop']", echo or "hold"),
        )

    def sound(self, node: Node, field: str) -> Sound | None:
        """Sound under a shot: from a file, or another shot's own."""
        return self._sound(node, field, {"shot"})

    def soundtrack(self, node: Node, field: str) -> Sound | None:
        """Sound under a whole cut; a path alone is short for `{file: PATH}`."""
        if isinstance(node.value, str):
            path = self.path(node, field)
            return Sound(path, origin=Origin(node.span, via=node.via)) if path else None
        return self._sound(node, field, {"loop", "duck_db"})

    def soundtracks(self, node: Node, field: str) -> tuple[Sound, ...]:
        """A list of soundtrack entries, or a single one."""
        if isinstance(node.value, list):
            return self.list_of(node, field, self.soundtrack)
        entry = self.soundtrack(node, field)
        return (entry,) if entry else ()

    def _sound(self, node: Node, field: str, more: Collection[str]) -> Sound | None:
        known = {"file", "at", "trim", "gain_db", "fade_in", "fade_out", *more}
        entries = self.mapping(node, field, known)
        if entries is None:
            return None
        given = [name for name in ("file", "shot") if name in entries]
        if len(given) != 1:
            wanted = "exactly one of `file` and `shot`" if "shot" in more else "`file`"
            if given or len(entries) == len(node.items):  # else an unknown field was likely meant
                self.problems.add(Code.MISSING_FIELD, f"`{field}` needs {wanted}.", node)
            return None
        named = entries[given[0]]
        in_shot = "shot" in more
        return Sound(
            file=self.path(entries["file"], "file") if "file" in entries else None,
            shot=self.ident(entries["shot"], f"{field}.shot") if "shot" in entries else None,
            at=self.anchor(entries["at"], "at", shots=not in_shot) if "at" in entries else Anchor(),
            trim=(self.trim(entries["trim"], "trim") if "trim" in entries else None) or Trim(),
            gain_db=(
                self.number(entries["gain_db"], "gain_db", -_GAIN, _GAIN)
                if "gain_db" in entries
                else None
            )
            or Fraction(0),
            fade_in=self.seconds_in(entries, "fade_in") or Fraction(0),
            fade_out=self.seconds_in(entries, "fade_out") or Fraction(0),
            loop=bool(self.boolean(entries["loop"], "loop")) if "loop" in entries else False,
            duck_db=(
                self.number(entries["duck_db"], "duck_db", -_GAIN, 0)
                if "duck_db" in entries
                else None
            )
            or Fraction(0),
            origin=Origin(named.span, via=named.via),
        )

    def loudness(self, node: Node, field: str) -> Loudness | None:
        """`{target, true_peak}`; a number alone is the target."""
        if isinstance(node.value, int | float) and not isinstance(node.value, bool):
            return Loudness(self._target(node, field))
        entries = self.mapping(node, field, {"target", "true_peak"})
        if entries is None:
            return None
        target, peak = entries.get("target"), entries.get("true_peak")
        highest = self.number(peak, "true_peak", *_PEAKS, "dBTP") if peak else None
        return Loudness(
            target=self._target(target, "target") if target else None,
            true_peak=Loudness().true_peak if highest is None else highest,
        )

    def quality(self, node: Node, field: str) -> Quality | None:
        """Thresholds, each with a default: `{lightness, color, jump, …}`."""
        entries = self.mapping(node, field, set(_THRESHOLDS))
        if entries is None:
            return None
        given = {
            name: self.number(each, name, 0, _THRESHOLDS[name]) for name, each in entries.items()
        }
        return Quality(**{name: value for name, value in given.items() if value is not None})

    def _target(self, node: Node, field: str) -> Fraction | None:
        return self.number(node, field, *_TARGETS, "LUFS")
