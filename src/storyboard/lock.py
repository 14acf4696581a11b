"""The lock: what was made that cannot be made again, and which of it each key uses.

It is a set of facts (`facts.py`), one a line, grouped under a header for each
shot. The order of the lines means nothing and identical lines are one, so that
keeping both sides' lines is always the right way to merge. `lock_file.py` reads
and writes the file.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import PurePath
from typing import Any, TypeAlias

from storyboard.collector import paused
from storyboard.diagnostics import Code, Diagnostic
from storyboard.facts import (
    LOCK_VERSION,
    Fact,
    Fields,
    Frame,
    Identity,
    Place,
    Take,
    frame_in,
    identity_in,
    line_of,
    order_of,
    place_in,
    take_in,
    written,
    wrong_in,
)
from storyboard.source import Plain, Source, Span, Via

_HEADER = written({"lock": "storyboard", "version": LOCK_VERSION})
_MARKER = re.compile(r"(<{7}|\|{7}|={7}|>{7})( |$)")


@dataclass(frozen=True, slots=True)
class Line:
    """A fact as it was read: its text is kept as it is."""

    kind: str
    fields: Fields
    text: str


@dataclass(frozen=True, slots=True)
class Lock:
    """The facts of a lock. Looked up by key, so that profiles, cuts and branches share it."""

    lines: tuple[Line, ...] = ()
    _by_key: Mapping[str, list[Fields]] = field(default_factory=dict)  # takes
    _by_shot: Mapping[str, list[Fields]] = field(default_factory=dict)  # the same
    _selected: Mapping[str, Identity] = field(default_factory=dict)
    _pins: Mapping[Place, Identity] = field(default_factory=dict)
    _frames: Mapping[str, list[Fields]] = field(default_factory=dict)  # by clip
    _clips: Mapping[str, str] = field(default_factory=dict)  # the shot, by clip

    def takes(self, key: str) -> tuple[Take, ...]:
        """The takes of a key, the oldest first: that is number 1."""
        found: dict[Identity, Take] = {}
        for fields in self._by_key.get(key, ()):
            take = replace(take_in(fields), frames=self._frames_of(fields["clip"]))
            before = found.setdefault(take.identity, take)
            found[take.identity] = min(before, take, key=lambda each: each.date)
        return tuple(
            sorted(found.values(), key=lambda take: (take.date, take.job or "", take.clip))
        )

    def selected(self, key: str) -> Take | None:
        """The take that a key uses: the one that was selected, else the newest."""
        takes = self.takes(key)
        chosen = self._selected.get(key)
        for take in takes:
            if take.identity == chosen:
                return take
        return takes[-1] if takes else None

    def kept(self, place: Place) -> Take | None:
        """The take that a place used last, as far as the lock tells: for `rebuild: hold`."""
        whole = replace(place, cut=None)
        there = [(place_in(fields), fields) for fields in self._by_shot.get(place.shot, ())]
        same = [fields for its, fields in there if its == place] or [
            fields for its, fields in there if replace(its, cut=None) == whole
        ]
        newest = max(same, key=lambda fields: str(fields["date"]), default=None)
        return self.selected(newest["key"]) if newest else None

    def pinned(self, place: Place) -> Take | None:
        """The take that a place keeps because it was pinned."""
        identity = self._pins.get(place) or self._pins.get(replace(place, cut=None))
        return self.take(identity) if identity else None

    def take(self, identity: Identity) -> Take | None:
        """The take that a selection or a pin names."""
        for take in self.takes(identity[0]):
            if take.identity == identity:
                return take
        return None

    def holds(self, take: Identity) -> bool:
        """Whether there is a line for a take."""
        return any(identity_in(fields) == take for fields in self._by_key.get(take[0], ()))

    def shot_of(self, clip: str) -> str | None:
        """The shot that a take's clip was made for; None where no take has that clip."""
        return self._clips.get(clip)

    def frame(self, clip: str, work: Mapping[str, Plain]) -> str | None:
        """The digest of a frame that was taken of a clip; `work` as `Frame` has it."""
        for frame in self._frames_of(clip):
            if frame.work == work:
                return frame.digest
        return None

    def every_take(self) -> Iterator[Take]:
        """All takes, shot by shot, key by key, the oldest first."""
        for key in self._by_key:
            yield from self.takes(key)

    @property
    def pins(self) -> Mapping[Place, Identity]:
        """The pinned takes."""
        return self._pins

    def selection(self, key: str) -> Identity | None:
        """The take that was selected for a key; None where it is its newest."""
        return self._selected.get(key)

    def changed(
        self,
        add: Iterable[Fact] = (),
        *,
        deselect: Iterable[str] = (),
        unpin: Iterable[Place] = (),
        drop: Iterable[Identity] = (),
    ) -> Lock:
        """The lock with more facts. Selections of keys, pins of places, and takes that are named go.

        With a take go its selection, and the frames of a clip that no other take has.
        """
        keys, places = set(deselect), set(unpin)
        kept = [
            line
            for line in self._without(set(drop))
            if not (line.kind == "select" and line.fields["key"] in keys)
            and not (line.kind == "pin" and place_in(line.fields) in places)
        ]
        known = {line.text for line in kept}
        for fact in add:
            text = line_of(fact)
            if text not in known:
                known.add(text)
                kept.append(_read(text, json.loads(text)))
        return _indexed(kept)

    def _without(self, takes: set[Identity]) -> Iterable[Line]:
        if not takes:
            return self.lines
        kept = [
            line
            for line in self.lines
            if line.kind not in {"take", "select"} or identity_in(line.fields) not in takes
        ]
        left = {line.fields["clip"] for line in kept if line.kind == "take"}
        gone = {clip for _, clip, _ in takes} - left
        return [line for line in kept if line.kind != "frame" or line.fields["clip"] not in gone]

    def text(self) -> str:
        """The file: sorted, each shot's lines under its header."""
        shots: defaultdict[str, list[Line]] = defaultdict(list)
        for line in self.lines:
            shots[line.fields["shot"]].append(line)
        out = [_HEADER]
        for shot in sorted(shots):
            out.append(written({"shot": shot}))
            lines = sorted(shots[shot], key=lambda line: order_of(line.kind, line.fields))
            out.extend(line.text for line in lines)
        return "\n".join(out) + "\n"

    def __len__(self) -> int:
        return len(self.lines)

    def _frames_of(self, clip: str) -> tuple[Frame, ...]:
        frames: dict[str, Frame] = {}
        for fields in self._frames.get(clip, ()):
            frame = frame_in(fields)
            frames.setdefault(written(dict(frame.work)), frame)  # the first that was said stays
        return tuple(frames.values())


Read: TypeAlias = tuple[Lock, tuple[Diagnostic, ...]]


def read_lock(text: str, name: str) -> Read:
    """A lock's text as its facts, with every problem in it. Pure.

    Args:
        text: of the file, or of one of its revisions.
        name: what messages call it.
    """
    with paused():
        return _read_lock(Source(name, text.removeprefix("\ufeff")))


def _read_lock(source: Source) -> Read:
    lines: dict[str, Line] = {}
    places: dict[str, Span] = {}
    problems: list[Diagnostic] = []
    begun = False
    for span, text in _spans(source):
        if _MARKER.match(text):
            if text.startswith("<"):
                problems.append(_conflict(span))
            continue
        try:
            data = json.loads(text)
        except ValueError:
            data = None
        if isinstance(data, dict) and data.get("lock") == "storyboard":
            begun = True
            if data.get("version") != LOCK_VERSION:
                return Lock(), (_later(span, data.get("version")),)
            continue
        if not (begun or problems):
            problems.append(_damaged(span, "a lock begins with a line that says its version"))
            begun = True
        if isinstance(data, dict) and data.keys() == {"shot"}:
            continue
        wrong = _wrong(data)
        if wrong:
            problems.append(_damaged(span, wrong))
        elif text not in lines:
            lines[text] = _read(text, data)
            places[text] = span
    lock = _indexed(lines.values())
    problems += _at_odds(lock, places)
    return lock, tuple(problems)


def _spans(source: Source) -> Iterator[tuple[Span, str]]:
    """The lines that are not empty, each with its place."""
    start = 0
    for line in source.text.split("\n"):
        text = line.rstrip("\r ")
        if text:
            yield Span(source, start, start + len(text)), text
        start += len(line) + 1


def _wrong(data: object) -> str | None:
    if not isinstance(data, dict) or len(data) != 1:
        return "it is no fact of a lock"
    ((kind, fields),) = data.items()
    return wrong_in(kind, fields)


def _read(text: str, data: dict[str, Any]) -> Line:
    ((kind, fields),) = data.items()
    return Line(kind, fields, text)


def _indexed(lines: Iterable[Line]) -> Lock:
    every = tuple(lines)
    by_key: defaultdict[str, list[Fields]] = defaultdict(list)
    by_shot: defaultdict[str, list[Fields]] = defaultdict(list)
    frames: defaultdict[str, list[Fields]] = defaultdict(list)
    selected: dict[str, Identity] = {}
    pins: dict[Place, Identity] = {}
    clips: dict[str, str] = {}
    for line in every:
        fields = line.fields
        match line.kind:
            case "take":
                by_key[fields["key"]].append(fields)
                by_shot[fields["shot"]].append(fields)
                clips[fields["clip"]] = fields["shot"]
                frames[fields["clip"]].extend(fields.get("frames", ()))
            case "select":
                selected.setdefault(fields["key"], identity_in(fields))
            case "pin":
                pins.setdefault(place_in(fields), identity_in(fields))
            case "frame":
                frames[fields["clip"]].append(fields)
    return Lock(every, dict(by_key), dict(by_shot), selected, pins, dict(frames), clips)


# Problems


def _at_odds(lock: Lock, places: Mapping[str, Span]) -> Iterator[Diagnostic]:
    """Selections and pins that contradict each other, or name what is not there."""
    first: dict[object, Line] = {}
    for line in lock.lines:
        if line.kind not in {"select", "pin"}:
            continue
        select = line.kind == "select"
        about: object = line.fields["key"] if select else place_in(line.fields)
        before = first.setdefault(about, line)
        if identity_in(before.fields) != identity_in(line.fields):
            yield _two(before, line, places)
        elif lock.take(identity_in(line.fields)) is None:
            yield Diagnostic(
                Code.LOCK_LOST_TAKE,
                f"This {'selection' if select else 'pin'} of shot `{line.fields['shot']}` names a"
                f" take ({line.fields['clip'][:8]}) that is not in the lock.",
                places[line.text],
                "Take back the line of the take from git's history, or remove this line.",
            )


def _two(before: Line, line: Line, places: Mapping[str, Span]) -> Diagnostic:
    shot, here, there = line.fields["shot"], places[line.text], places[before.text]
    what = "selections for one key" if line.kind == "select" else "pins of one place"
    clips = f"{before.fields['clip'][:8]} on line {there.begins[0]}, {line.fields['clip'][:8]} on line {here.begins[0]}"
    return Diagnostic(
        Code.LOCK_TWO_CHOICES,
        f"There are two {what}, of shot `{shot}`: {clips}.",
        here,
        f"Remove the line of the one that is not meant; `storyboard takes {shot}` shows both afterwards.",
        Via("the other", there),
    )


def _conflict(span: Span) -> Diagnostic:
    return Diagnostic(
        Code.LOCK_CONFLICT,
        "A merge of the lock left a conflict here.",
        span,
        "Remove the lines of the markers, `<<<<<<<`, `=======` and `>>>>>>>`, and keep the lines"
        f" of both sides. `{PurePath(span.file).name} merge=union` in .gitattributes has git do that.",
    )


def _damaged(span: Span, why: str) -> Diagnostic:
    return Diagnostic(
        Code.LOCK_DAMAGED,
        f"This line of the lock is damaged: {why}.",
        span,
        "Take the line back from git's history: `git log -p` of the file has it. Nothing is built"
        " with a damaged lock, so that nothing is paid for twice.",
    )


def _later(span: Span, version: Plain) -> Diagnostic:
    return Diagnostic(
        Code.LOCK_LATER,
        f"The lock is of version {written(version)}; this release reads version {LOCK_VERSION}.",
        span,
        "Install a later release of storyboard: the lock was written by one.",
    )
