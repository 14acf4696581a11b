"""Which coded pictures of a clip must be decoded to see some of its frames.

Pictures refer to others; which, their slices say. What no wanted one refers to,
directly or through others, need not be decoded: of B-frames that others may
refer to, often none does.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from storyboard.media.avc import HEAD, Configuration
from storyboard.media.bits import Unknown
from storyboard.media.segment import Coded
from storyboard.media.slices import Sets, Slice, Type

_SLICES = {1, 5}
_ASIDE = {6, 9, 10, 11, 12}
"""Units that say nothing of references: messages, delimiters, ends, filling."""


@dataclass(frozen=True, slots=True)
class _Reference:
    """A picture that can be referred to: its place among the others, its number, its place on the screen."""

    place: int
    number: int
    shown: int


def needed(
    file: BinaryIO,
    configuration: Configuration,
    pictures: Sequence[Coded],
    wanted: Collection[int],
) -> list[Coded | bytes] | None:
    """What a decoder must be given to show some pictures, in order; None where unsure.

    That is pictures, and of those that need not be decoded but may be referred
    to how they begin: it must know that they were there.

    Args:
        file: that the pictures are in.
        configuration: that they need.
        pictures: as they are decoded; the first one can be decoded alone.
        wanted: which are to be seen, by their `shown`.

    Raises:
        OSError: the file cannot be read.
    """
    try:
        sets = Sets.of(configuration)
        found = list(_followed(sets, configuration, file, pictures))
    except Unknown:
        return None
    whole = {place for place, picture in enumerate(pictures) if picture.shown in wanted}
    for place in range(len(pictures) - 1, -1, -1):
        if place in whole:
            whole |= found[place][1]
    return [
        pictures[place] if place in whole else first.head
        for place, (first, _) in enumerate(found)
        if place in whole or first.referred
    ]


def _followed(
    sets: Sets, configuration: Configuration, file: BinaryIO, pictures: Sequence[Coded]
) -> Iterator[tuple[Slice, set[int]]]:
    """Each picture's first slice, and the places of the pictures that it refers to."""
    known: list[_Reference] = []
    before = 0
    for place, picture in enumerate(pictures):
        slices = list(_slices(sets, configuration, file, picture))
        first = slices[0]
        if first.afresh:
            known = []
        elif not place or first.number != (before + 1) % first.most:
            raise Unknown("numbers with gaps")
        refers = {
            each.place
            for part in slices
            for listed in _lists(part, picture.shown, known)
            for each in listed
        }
        if first.referred:
            known = [*_kept(first, known), _Reference(place, first.number, picture.shown)]
            before = first.number
        yield first, refers


def _slices(
    sets: Sets, configuration: Configuration, file: BinaryIO, picture: Coded
) -> Iterator[Slice]:
    """A picture's slices, of which there is one at least."""
    at, end, seen = picture.offset, picture.offset + picture.size, False
    while at < end:
        file.seek(at)
        begin = file.read(4 + HEAD)
        length, unit = int.from_bytes(begin[:4], "big"), begin[4:]
        unit = unit[:length]
        if not unit:
            raise Unknown("an empty unit")
        kind = unit[0] & 31
        if kind in _SLICES:
            yield sets.slice(unit)
            seen = True
        elif kind not in _ASIDE and unit not in {*configuration.sps, *configuration.pps}:
            raise Unknown("other units")
        at += 4 + length
    if not seen:
        raise Unknown("no picture")


def _lists(part: Slice, shown: int, known: Sequence[_Reference]) -> Iterator[list[_Reference]]:
    """The lists of pictures that a slice refers to (8.2.4)."""
    if part.type is Type.P:
        first = sorted(known, key=lambda each: -_count(each, part))
        yield _changed(first, 0, part, known)
    elif part.type is Type.B:
        # On the screen pictures stand in the order of their counts (8.2.1).
        earlier = sorted((each for each in known if each.shown < shown), key=lambda e: -e.shown)
        later = sorted((each for each in known if each.shown > shown), key=lambda e: e.shown)
        first, second = earlier + later, later + earlier
        if len(second) > 1 and first == second:
            second[:2] = second[1::-1]
        yield _changed(first, 0, part, known)
        yield _changed(second, 1, part, known)


def _count(each: _Reference, part: Slice) -> int:
    """A picture's number, as it counts for a slice (8.2.4.1)."""
    return each.number - part.most if each.number > part.number else each.number


def _changed(
    listed: list[_Reference], which: int, part: Slice, known: Sequence[_Reference]
) -> list[_Reference]:
    """A list as a slice puts it in order (8.2.4.3)."""
    active, number = part.active[which], part.number
    listed = listed[:active]
    for place, change in enumerate(part.changes[which]):
        number = (number + change) % part.most
        each = _numbered(number if number <= part.number else number - part.most, part, known)
        listed[place:] = [each, *(other for other in listed[place:] if other != each)]
        del listed[active:]
    return listed


def _numbered(count: int, part: Slice, known: Sequence[_Reference]) -> _Reference:
    for each in known:
        if _count(each, part) == count:
            return each
    raise Unknown("a picture that is not there")


def _kept(part: Slice, known: Sequence[_Reference]) -> list[_Reference]:
    """The pictures that can still be referred to behind one that can be itself (8.2.5)."""
    if part.dropped is not None:
        gone = [_numbered(part.number - far, part, known) for far in part.dropped]
        return [each for each in known if each not in gone]
    if len(known) < max(1, part.references):
        return list(known)
    oldest = min(known, key=lambda each: _count(each, part))
    return [each for each in known if each != oldest]
