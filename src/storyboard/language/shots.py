"""Reading a shot: its fields, once everything is inherited and rendered."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from typing import Any, Final, Literal, cast

from storyboard.diagnostics import Code, listed
from storyboard.language.fields import entries_of, meant
from storyboard.language.joins import Joins
from storyboard.model import (
    FrameSource,
    Moment,
    Motion,
    Origin,
    Picture,
    Segment,
    Shot,
    ShotFrame,
    Title,
    Uploaded,
    Url,
)
from storyboard.source import Node, Plain

CONTENT: Final = ("prompt", "multi_prompt", "clip", "still")
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
FRESH: Final = "none"
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


class Shots(Joins):
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
            "first_frame": self._first_frame,
            "last_frame": self._last_frame,
            "clip": self.path,
            "still": self._still,
            "move": lambda node, field: self.choice(node, field, MOVES),
            "motion": self._motion,
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
        content = self._content(at, fields)
        values: dict[str, Any] = {}
        for name, node in fields.items():
            if name in self.readers:
                value = self.readers[name](node, name)
                if value is not None:
                    values[name] = value
        self._without_effect(content, {name: fields[name] for name in values if name in own})
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

    def _content(self, at: Node, fields: Mapping[str, Node]) -> str | None:
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
        if not self._emptied(at):
            self.problems.add(
                Code.MISSING_FIELD,
                f"This shot has none of {listed(CONTENT)}.",
                (at.get("id") or at).span,
                'Say what it shows: `prompt: "…"`.',
                at.via,
            )
        return None

    def _emptied(self, at: Node) -> bool:
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
        unknown = [name for name in at.items if name not in self.known]
        return bool(empty) or any(meant(name, unknown, self.known) for name in CONTENT)

    def _without_effect(self, content: str | None, fields: Mapping[str, Node]) -> None:
        for name in _NO_EFFECT.get("motion" if "motion" in fields else content or "", ()):
            if name in fields and fields[name].via is None:
                message = f"`{name}` does nothing in a shot of {_SHOWS[content or '']}."
                help_ = (
                    "Leave it out." if name != "move" else "Say it in the prompt, or leave it out."
                )
                self.problems.add(Code.NO_EFFECT, message, fields[name].place, help_)

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

    def _first_frame(self, node: Node, field: str) -> FrameSource | str | None:
        if node.text == FRESH and not node.quoted:
            return FRESH
        return self.frame(node, field)

    def _last_frame(self, node: Node, field: str) -> FrameSource | None:
        if node.text == FRESH and not node.quoted:
            self.problems.add(
                Code.NOT_A_CHOICE, f"`{field}` cannot be `none`.", node, "Leave it out."
            )
            return None
        return self.frame(node, field)

    def frame(self, node: Node, field: str) -> FrameSource | None:
        """A picture's path or https URL, `{shot, at}`, or `{media}`."""
        if isinstance(node.value, list):
            self.refuse(node, field, "a picture's path, a URL or `{shot: ID}`")
            return None
        if not isinstance(node.value, dict):
            text = self.path(node, field)
            return None if text is None else self._url_or_path(node, text)
        if "media" in node.value and "shot" in node.value:
            message = f"`{field}` has `media` or `shot`, not both."
            self.problems.add(
                Code.CONFLICT, message, node.value["shot"].place, "Keep one of them.", node.via
            )
            return None
        if "media" in node.value:
            entries = self.mapping(node, field, {"media"}) or {}
            media = self.text(entries["media"], "media")
            return Uploaded(media) if media else None
        entries = self.mapping(node, field, {"shot", "at"}, required=["shot"]) or {}
        shot = self.ident(entries["shot"], f"{field}.shot") if "shot" in entries else None
        if shot is None:
            return None
        return ShotFrame(shot, self._moment(entries["at"]) if "at" in entries else Moment.HAND_OVER)

    def _moment(self, node: Node) -> Moment | Fraction:
        if node.text in {Moment.FIRST, Moment.LAST}:
            return Moment(node.text)
        if not isinstance(node.value, int | float):
            self.refuse(node, "at", "`first`, `last` or a number of seconds")
            return Moment.HAND_OVER
        return self.seconds(node, "at", negative=True) or Fraction(0)

    def _url_or_path(self, node: Node, text: str) -> Picture | Url | None:
        scheme, found, _ = text.partition("://")
        if not found:
            return Picture(text)
        if scheme != "https":
            self.problems.add(
                Code.BAD_FRAME,
                f"A frame cannot come from `{scheme}://`.",
                node,
                "Use an `https://` address, or a file beside the storyboard.",
            )
            return None
        return Url(text)

    def _still(self, node: Node, field: str) -> str | None:
        if node.value is None or (node.text or "").startswith("#"):
            return self.color(node, field)
        return self.path(node, field)

    def _motion(self, node: Node, field: str) -> Motion | None:
        entries = self.mapping(
            node, field, {"video", "orientation", "keep_sound"}, required=["video"]
        )
        if entries is None or "video" not in entries:
            return None
        video = self._video(entries["video"])
        if video is None:
            return None
        orientation = (
            self.choice(entries["orientation"], "orientation", ("image", "video"))
            if "orientation" in entries
            else None
        )
        keep = (
            self.boolean(entries["keep_sound"], "keep_sound") if "keep_sound" in entries else None
        )
        return Motion(video, cast("Literal['image', 'video']", orientation or "video"), bool(keep))

    def _video(self, node: Node) -> Picture | Url | ShotFrame | None:
        """A video's path or https URL, or another shot's whole clip."""
        if not isinstance(node.value, dict):
            found = self.frame(node, "video")
            return None if isinstance(found, Uploaded) else found
        entries = self.mapping(node, "video", {"shot"}, required=["shot"]) or {}
        shot = self.ident(entries["shot"], "video.shot") if "shot" in entries else None
        return None if shot is None else ShotFrame(shot)

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


_SHOWS = {
    "": "motion",
    "motion": "motion control",
    "prompt": "a prompt",
    "multi_prompt": "several prompts",
    "clip": "footage",
    "still": "a still",
}


def _styled(prompt: str, style: str | None) -> str:
    return f"{prompt} {style}".strip() if style else prompt
