"""The facts of a lock, each a line of JSON: which clip was made for what, and what was chosen.

    {"shot":"storm"}                                       the header of a shot's lines
    {"pin":{"shot":"storm","key":…,"clip":…,"job":…}}      the shot keeps this take
    {"select":{"shot":"storm","key":…,"clip":…,"job":…}}   the key's take, where that is not its newest
    {"take":{"key":…,"clip":…,"shot":"storm",…}}           a clip that was made
    {"frame":{"clip":…,"shot":"storm","at":…,…}}           a frame that was taken of it later

A take or a frame never changes. `schemas/lock.schema.json` describes every field.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, TypeAlias

from storyboard.asked import plain
from storyboard.graph import Action, FrameWork
from storyboard.model import Moment
from storyboard.source import Plain

LOCK_VERSION = 1
"""Version of the lines that this code reads and writes."""

DIGITS = 64
"""Hexadecimal digits of a digest."""


@dataclass(frozen=True, slots=True)
class Place:
    """Whose clip it is: of a shot, or a segment of it, under a profile.

    Attributes:
        cut: the cut, where the shot is made differently for it than for others.
    """

    shot: str
    segment: int | None = None
    profile: str | None = None
    cut: str | None = None


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame that was taken of a clip.

    Attributes:
        work: which: the canonical form of its `FrameWork`, as JSON.
        digest: of the picture.
    """

    work: Mapping[str, Plain]
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Take:
    """A clip that was made for an action key.

    Attributes:
        key: the action key.
        clip: the digest of the clip.
        place: whose it was when it was made: for people, and for `rebuild: hold`.
        model: that made it.
        job: the provider's id of the job.
        charged: US dollars that the provider took for it; None where it did not say.
        date: when it was asked for: ISO 8601, UTC, to the millisecond.
        frames: taken of it.
        request: what the key stands for, as `asked` gives it.
    """

    key: str
    clip: str
    place: Place
    model: str
    date: str
    job: str | None = None
    charged: Fraction | None = None
    frames: tuple[Frame, ...] = ()
    request: Mapping[str, Plain] = field(default_factory=dict)

    @property
    def identity(self) -> Identity:
        """What tells it from every other take."""
        return (self.key, self.clip, self.job)


Identity: TypeAlias = tuple[str, str, str | None]
"""Of a take: its key, its clip, its job."""


@dataclass(frozen=True, slots=True)
class Selection:
    """The take that its key uses, where that is not the newest."""

    shot: str
    take: Identity


@dataclass(frozen=True, slots=True)
class Pin:
    """The take that a shot keeps, whatever it asks for now."""

    place: Place
    take: Identity


@dataclass(frozen=True, slots=True)
class LaterFrame:
    """A frame that was taken of a clip when its take was written down already."""

    shot: str
    clip: str
    frame: Frame


Fact: TypeAlias = Take | Selection | Pin | LaterFrame

# The order of a shot's lines. What changes stands first, takes are added at the
# end: so that git sees an unchanged line between the two.
_KINDS = ("pin", "select", "take", "frame")

Fields: TypeAlias = dict[str, Any]
"""What a line of the lock says, as JSON has it."""


def line_of(fact: Fact) -> str:
    """A fact's line, without its end."""
    match fact:
        case Take():
            kind, fields = "take", _take_fields(fact)
        case Selection(shot, take):
            kind, fields = "select", {"shot": shot, **_identity_fields(take)}
        case Pin(place, take):
            kind, fields = "pin", {**_place_fields(place), **_identity_fields(take)}
        case LaterFrame(shot, clip, frame):
            kind, fields = "frame", {"clip": clip, "shot": shot, **_frame_fields(frame)}
    return written({kind: {name: value for name, value in fields.items() if value is not None}})


def written(value: Plain) -> str:
    """JSON on one line, the same for the same value."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def wrong_in(kind: str, fields: object) -> str | None:
    """What a line lacks to be a fact of its kind, in words; None where it is one."""
    if kind not in _KINDS:
        return f"it is a `{kind}`, which this version does not know"
    if not isinstance(fields, dict):
        return "it holds no fields"
    digests = ("clip", "digest") if kind == "frame" else ("key", "clip")
    for name in digests:
        value = fields.get(name)
        if not (isinstance(value, str) and len(value) == DIGITS):
            return f"its `{name}` is no digest"
    texts = ("shot", "model", "date") if kind == "take" else ("shot",)
    for name in texts:
        if not isinstance(fields.get(name), str):
            return f"its `{name}` is missing, or no text"
    if kind == "take" and not _is_take(fields):
        return "its charge, its frames or its request cannot be read"
    return None


def order_of(kind: str, fields: Fields) -> tuple[int, str, str, str]:
    """Where a line stands among those of its shot."""
    when = fields["date"] if kind == "take" else ""
    return (_KINDS.index(kind), when, fields.get("key", ""), written(fields))


def place_in(fields: Fields) -> Place:
    """The place that a line names."""
    return Place(fields["shot"], fields.get("segment"), fields.get("profile"), fields.get("cut"))


def identity_in(fields: Fields) -> Identity:
    """The take that a line names."""
    return (fields["key"], fields["clip"], fields.get("job"))


def take_in(fields: Fields) -> Take:
    """The take of a line that `wrong_in` found nothing wrong in."""
    charged = fields.get("charged_usd")
    return Take(
        key=fields["key"],
        clip=fields["clip"],
        place=place_in(fields),
        model=fields["model"],
        date=fields["date"],
        job=fields.get("job"),
        charged=None if charged is None else Fraction(str(charged)),
        frames=tuple(frame_in(each) for each in fields.get("frames", ())),
        request=fields.get("request", {}),
    )


def frame_in(fields: Fields) -> Frame:
    """The frame that a line, or a part of one, names."""
    work = {name: fields.get(name) for name in ("at", "duration", "version")}
    return Frame(work, fields["digest"])


def place_of(action: Action, profile: str | None) -> Place:
    """The place of a step."""
    return Place(action.shot or "", action.segment, profile, action.variant)


def work_of(work: FrameWork) -> dict[str, Plain]:
    """Which frame is taken, as a `Frame` has it."""
    return {name: plain(value) for name, value in work.canonical().items()}


def frame_work(work: Mapping[str, Any]) -> FrameWork:
    """The work that a frame's canonical form stands for.

    Raises:
        KeyError, ValueError: it stands for none.
    """
    at, duration = work["at"], work.get("duration")
    moments = {moment.value: moment for moment in Moment}
    return FrameWork(
        at=moments[at] if at in moments else Fraction(str(at)),
        duration=None if duration is None else Fraction(str(duration)),
        version=work["version"],
    )


def _is_take(fields: Fields) -> bool:
    charged, frames = fields.get("charged_usd"), fields.get("frames", [])
    if isinstance(charged, str):
        try:
            Fraction(charged)
        except (ValueError, ZeroDivisionError):
            return False
    if not isinstance(charged, int | float | str | None) or not isinstance(frames, list):
        return False
    request = fields.get("request", {})
    return isinstance(request, dict) and all(
        isinstance(each, dict) and isinstance(each.get("digest"), str) for each in frames
    )


def _take_fields(take: Take) -> dict[str, Plain]:
    return {
        "key": take.key,
        "clip": take.clip,
        **_place_fields(take.place),
        "model": take.model,
        "job": take.job,
        "charged_usd": plain(take.charged),
        "date": take.date,
        "frames": [_frame_fields(frame) for frame in take.frames] or None,
        "request": dict(take.request) or None,
    }


def _place_fields(place: Place) -> dict[str, Plain]:
    return {
        "shot": place.shot,
        "segment": place.segment,
        "profile": place.profile,
        "cut": place.cut,
    }


def _identity_fields(take: Identity) -> dict[str, Plain]:
    key, clip, job = take
    return {"key": key, "clip": clip, "job": job}


def _frame_fields(frame: Frame) -> dict[str, Plain]:
    said = {name: value for name, value in frame.work.items() if value is not None}
    return {**said, "digest": frame.digest}
