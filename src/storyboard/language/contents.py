"""What a shot shows: one of a few contents, and which fields do nothing beside it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

from storyboard.diagnostics import Code, listed
from storyboard.language.fields import meant
from storyboard.language.frames import Frames
from storyboard.source import Node

CONTENT: Final = ("prompt", "multi_prompt", "clip", "still")
# Own fields that do nothing beside what the shot shows.
_FOR_MODELS = (
    "negative_prompt", "first_frame", "last_frame", "model", "fallback", "options", "voices", "cfg_scale",
    "variant", "aspect_ratio", "multi_prompt_mode", "rebuild",
)  # fmt: skip
_NO_EFFECT: Final[Mapping[str, tuple[str, ...]]] = {
    "clip": (*_FOR_MODELS, "style", "move"),
    "still": (*_FOR_MODELS, "style", "audio"),
    "prompt": ("move", "multi_prompt_mode"),
    "multi_prompt": ("move",),
    "motion": ("move", "multi_prompt_mode"),
}
_SHOWS = {
    "": "motion",
    "motion": "motion control",
    "prompt": "a prompt",
    "multi_prompt": "several prompts",
    "clip": "footage",
    "still": "a still",
}


class Contents(Frames):
    """Reads what a shot shows."""

    def content(self, at: Node, fields: Mapping[str, Node], known: Collection[str]) -> str | None:
        """Which of them a shot has; None where it has none or several, which is reported.

        Args:
            at: the shot as it was written.
            fields: its fields, inherited ones included.
            known: all fields that a shot may have.
        """
        given = [name for name in CONTENT if name in fields]
        if len(given) > 1:
            second = fields[given[1]]
            self.problems.add(
                Code.CONFLICT,
                f"A shot has one of {listed(CONTENT, last='and')}; this has {listed(given, last='and')}.",
                second.place,
                "Keep one of them.",
                second.via,
            )
            return None
        if "motion" in fields and given and given[0] != "prompt":
            self.problems.add(
                Code.CONFLICT,
                f"A shot with `motion` cannot have `{given[0]}`.",
                fields[given[0]].place,
                "Take one of them out.",
            )
            return None
        if given:
            return given[0]
        if "motion" in fields:
            return "motion"
        if not self._emptied(at, known):
            self.problems.add(
                Code.MISSING_FIELD,
                f"This shot has none of {listed(CONTENT)}.",
                (at.get("id") or at).span,
                'Say what it shows: `prompt: "…"`.',
                at.via,
            )
        return None

    def _emptied(self, at: Node, known: Collection[str]) -> bool:
        """Whether the shot's content is misspelt, or there without a value, which is reported."""
        empty = [at.items[name] for name in CONTENT if name in at.items]
        for node in empty:
            name, written = node.key or node.span, node.span.source.text
            cut = written[node.span.end : node.span.end + 3].lstrip(" ").startswith("#")
            help_ = 'Say what it shows: `prompt: "…"`.'
            if cut:
                help_ = 'Text that begins with `#` must be in quotes: `"#101820"`.'
            message = f"`{written[name.start : name.end]}` has no value, so the shot shows nothing."
            self.problems.add(
                Code.UNQUOTED if cut else Code.MISSING_FIELD, message, name, help_, at.via
            )
        unknown = [name for name in at.items if name not in known]
        return bool(empty) or any(meant(name, unknown, known) for name in CONTENT)

    def without_effect(self, content: str | None, fields: Mapping[str, Node]) -> None:
        """Report a shot's own fields that do nothing beside its content."""
        for name in _NO_EFFECT.get("motion" if "motion" in fields else content or "", ()):
            if name in fields and fields[name].via is None:
                message = f"`{name}` does nothing in a shot of {_SHOWS[content or '']}."
                help_ = (
                    "Leave it out." if name != "move" else "Say it in the prompt, or leave it out."
                )
                self.problems.add(Code.NO_EFFECT, message, fields[name].place, help_)
