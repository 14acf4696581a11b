"""The lock: what was made that cannot be made again, and which of it each key uses.

It is a set of facts (`facts.py`), one a line, grouped under a header for each
shot. The order of the lines means nothing and identical lines are one, so that
keeping both sides' lines is always the right way to merge. `lock_file.py` reads
and writes the file.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from storyboard.facts import (
    DIGITS,
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
)
from storyboard.source import Plain

HEADER = written({"lock": "storyboard", "version": LOCK_VERSION})
TAKE, _THEN_CLIP, _THEN_SHOT = '{"take":{"key":"', '","clip":"', '","shot":"'
"""How `line_of` begins a take, before each of its first three fields."""
_KEY_AT = slice(len(TAKE), len(TAKE) + DIGITS)
_CLIP = slice(_KEY_AT.stop, _KEY_AT.stop + len(_THEN_CLIP))
_CLIP_AT = slice(_CLIP.stop, _CLIP.stop + DIGITS)
_SHOT = slice(_CLIP_AT.stop, _CLIP_AT.stop + len(_THEN_SHOT))
_LONGEST = 200  # characters of a shot's name that are looked at for its end


class Line:
    """A fact as it was read: its text is kept as it is, and what it says is read when asked for.

    Args:
        text: without the line's end.
        fact: what it says: its kind, with its fields.
    """

    __slots__ = ("_fact", "text")

    def __init__(self, text: str, fact: Mapping[str, Fields] | None = None) -> None:
        self.text = text
        self._fact = fact

    @property
    def fact(self) -> Mapping[str, Fields]:
        """Its kind, with its fields."""
        if self._fact is None:
            self._fact = json.loads(self.text)
        return self._fact

    @property
    def kind(self) -> str:
        """What kind of fact it is."""
        if self.text.startswith(TAKE):
            return "take"
        (kind,) = self.fact
        return kind

    @property
    def fields(self) -> Fields:
        """What it says."""
        (fields,) = self.fact.values()
        return fields

    def of_take(self) -> tuple[str, str, str]:
        """The key, the clip and the shot of a take: where it stands as it is written here, by its places."""
        text = self.text
        if text.startswith(TAKE) and text[_CLIP] == _THEN_CLIP and text[_SHOT] == _THEN_SHOT:
            shot, _, _ = text[_SHOT.stop : _SHOT.stop + _LONGEST].partition('"')
            if len(shot) < _LONGEST and "\\" not in shot:
                return text[_KEY_AT], text[_CLIP_AT], shot
        fields = self.fields
        return fields["key"], fields["clip"], fields["shot"]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Line) and self.text == other.text

    def __hash__(self) -> int:
        return hash(self.text)


@dataclass(frozen=True, slots=True)
class Lock:
    """The facts of a lock. Looked up by key, so that profiles, cuts and branches share it."""

    lines: tuple[Line, ...] = ()
    _by_key: Mapping[str, list[Line]] = field(default_factory=dict)  # takes
    _by_shot: Mapping[str, list[Line]] = field(default_factory=dict)  # the same
    _selected: Mapping[str, Identity] = field(default_factory=dict)
    _pins: Mapping[Place, Identity] = field(default_factory=dict)
    _frames: Mapping[str, list[Line]] = field(default_factory=dict)  # by clip: takes, later frames
    _clips: Mapping[str, str] = field(default_factory=dict)  # the shot, by clip

    def takes(self, key: str) -> tuple[Take, ...]:
        """The takes of a key, the oldest first: that is number 1."""
        found: dict[Identity, Take] = {}
        for line in self._by_key.get(key, ()):
            take = take_in(line.fields)
            take = replace(take, frames=self._frames_of(take.clip))
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
        lines = self._by_shot.get(place.shot, ())
        there = [(place_in(line.fields), line.fields) for line in lines]
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
        return any(identity_in(line.fields) == take for line in self._by_key.get(take[0], ()))

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
                kept.append(Line(text))
        return indexed(kept)

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
        out = [HEADER]
        for shot in sorted(shots):
            out.append(written({"shot": shot}))
            lines = sorted(shots[shot], key=lambda line: order_of(line.kind, line.fields))
            out.extend(line.text for line in lines)
        return "\n".join(out) + "\n"

    def __len__(self) -> int:
        return len(self.lines)

    def _frames_of(self, clip: str) -> tuple[Frame, ...]:
        frames: dict[str, Frame] = {}
        for line in self._frames.get(clip, ()):
            fields = line.fields
            for said in fields.get("frames", ()) if line.kind == "take" else (fields,):
                frame = frame_in(said)
                frames.setdefault(written(dict(frame.work)), frame)  # the first that was said stays
        return tuple(frames.values())


def indexed(lines: Iterable[Line]) -> Lock:
    """A lock of these lines."""
    every = tuple(lines)
    by_key: defaultdict[str, list[Line]] = defaultdict(list)
    by_shot: defaultdict[str, list[Line]] = defaultdict(list)
    frames: defaultdict[str, list[Line]] = defaultdict(list)
    selected: dict[str, Identity] = {}
    pins: dict[Place, Identity] = {}
    clips: dict[str, str] = {}
    for line in every:
        match line.kind:
            case "take":
                key, clip, shot = line.of_take()
                by_key[key].append(line)
                by_shot[shot].append(line)
                clips[clip] = shot
                frames[clip].append(line)
            case "select":
                selected.setdefault(line.fields["key"], identity_in(line.fields))
            case "pin":
                pins.setdefault(place_in(line.fields), identity_in(line.fields))
            case "frame":
                frames[line.fields["clip"]].append(line)
    return Lock(every, dict(by_key), dict(by_shot), selected, pins, dict(frames), clips)
