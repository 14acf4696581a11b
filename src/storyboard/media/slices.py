"""What coded pictures of H.264 say before their pixels: their kind, their number, what they refer to.

Only pictures of whole frames are read, with references for a short term; of
anything else it is said that it is not known. Sections are those of ITU-T H.264.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Self

from storyboard.media.avc import Configuration
from storyboard.media.bits import Bits, Unknown

_FORMATTED = {100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135}
"""Profiles whose sequence sets say how colour is coded (7.3.2.1.1)."""


class Type(Enum):
    """What a slice is predicted from: pictures before it, on two sides, nothing."""

    P = 0
    B = 1
    I = 2  # noqa: E741 - it is called so


@dataclass(frozen=True, slots=True)
class SequenceSet:
    """What a sequence set says (7.3.2.1.1).

    Attributes:
        frame_bits: of a picture's number.
        order_bits: of its place on the screen; None where that is not said so.
        references: how many pictures can be referred to at once.
        chroma: whether there is any colour.
    """

    frame_bits: int
    order_bits: int | None
    references: int
    chroma: bool

    @classmethod
    def read(cls, unit: bytes) -> tuple[int, Self]:
        """Its number, and what it says."""
        bits = Bits(unit)
        profile = bits.read(24) >> 16
        number = bits.code()
        chroma = 1
        if profile in _FORMATTED:
            chroma = bits.code()
            if chroma == 3 and bits.read(1):
                raise Unknown("planes apart")
            bits.code(), bits.code(), bits.read(1)
            if bits.read(1):
                for index in range(12 if chroma == 3 else 8):
                    _pass_scaling(bits, 16 if index < 6 else 64)
        frame_bits, kind = bits.code() + 4, bits.code()
        if kind not in {0, 2}:
            raise Unknown("places on the screen by a cycle")
        order_bits = bits.code() + 4 if kind == 0 else None
        references, gaps = bits.code(), bits.read(1)
        bits.code(), bits.code()
        if gaps or not bits.read(1):
            raise Unknown("numbers with gaps, or fields")
        return number, cls(frame_bits, order_bits, references, chroma != 0)


def _pass_scaling(bits: Bits, size: int) -> None:
    """Pass over a scaling list (7.3.2.1.1.1)."""
    last = following = 8
    for _ in range(size if bits.read(1) else 0):
        if following:
            following = (last + bits.signed()) % 256
        last = following or last


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureSet:
    """What a picture set says (7.3.2.2).

    Attributes:
        sequence: the number of its sequence set.
        arithmetic: whether pixels are coded by CABAC.
        bottom: whether slices say where their lower field is on the screen.
        active: how many references the lists of a slice have that does not say it.
        weighted: whether P slices weigh their references; `both`, whether B slices do.
        filtered: whether slices say how their blocks are smoothed.
        redundant: whether slices say whether they are there once more.
    """

    sequence: int
    arithmetic: int
    bottom: int
    active: tuple[int, int]
    weighted: bool
    both: bool
    filtered: int
    redundant: int

    @classmethod
    def read(cls, unit: bytes) -> tuple[int, Self]:
        """Its number, and what it says."""
        bits = Bits(unit)
        number, sequence = bits.code(), bits.code()
        arithmetic, bottom = bits.read(1), bits.read(1)
        if bits.code():
            raise Unknown("slices in groups")
        active = bits.code() + 1, bits.code() + 1
        weighted, both = bits.read(1), bits.read(2)
        bits.signed(), bits.signed(), bits.signed()
        filtered, _, redundant = bits.read(1), bits.read(1), bits.read(1)
        return number, cls(
            sequence=sequence,
            arithmetic=arithmetic,
            bottom=bottom,
            active=active,
            weighted=weighted == 1,
            both=both == 1,
            filtered=filtered,
            redundant=redundant,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """What a slice says before its pixels (7.3.3).

    Attributes:
        referred: whether other pictures may refer to this one.
        afresh: whether nothing before it is referred to from here on.
        number: of its picture; pictures that are referred to count it up.
        most: the number at which that count begins again.
        references: how many pictures can be referred to at once.
        active: how many references each of its lists has.
        changes: by list, the differences of numbers by which it is put in another order.
        dropped: the differences of numbers of pictures that are not referred to
            any longer; None where the oldest one goes.
        head: its unit up to its pixels.
    """

    type: Type
    referred: bool
    afresh: bool
    number: int
    most: int
    references: int
    active: tuple[int, int]
    changes: tuple[tuple[int, ...], tuple[int, ...]]
    dropped: tuple[int, ...] | None
    head: bytes


@dataclass(frozen=True, slots=True)
class Sets:
    """A file's parameter sets, by number."""

    sequences: Mapping[int, SequenceSet]
    pictures: Mapping[int, PictureSet]

    @classmethod
    def of(cls, configuration: Configuration) -> Self:
        """Those of a configuration.

        Raises:
            Unknown: they say what is not read here.
        """
        return cls(
            dict(map(SequenceSet.read, configuration.sps)),
            dict(map(PictureSet.read, configuration.pps)),
        )

    def slice(self, unit: bytes) -> Slice:
        """A slice by how it begins.

        Raises:
            Unknown: it is of a kind that is not read here, or goes on beyond what is given.
        """
        bits, afresh, referred = Bits(unit), unit[0] & 31 == 5, bool(unit[0] & 0x60)
        bits.code()
        kind = bits.code() % 5
        if kind > 2:
            raise Unknown("slices to switch at")
        picture = self.pictures.get(bits.code())
        sequence = self.sequences.get(picture.sequence) if picture else None
        if picture is None or sequence is None:
            raise Unknown("sets that are not there")
        type_, number = Type(kind), bits.read(sequence.frame_bits)
        if afresh:
            bits.code()
        if sequence.order_bits is not None:
            bits.read(sequence.order_bits)
            if picture.bottom:
                bits.signed()
        if picture.redundant and bits.code():
            raise Unknown("slices that are there twice")
        active = _active(bits, type_, picture)
        changes = tuple(_changes(bits) if count else () for count in active)
        if (type_ is Type.P and picture.weighted) or (type_ is Type.B and picture.both):
            _pass_weights(bits, active, chroma=sequence.chroma)
        dropped = _dropped(bits, afresh=afresh) if referred else None
        if picture.arithmetic and type_ is not Type.I:
            bits.code()
        bits.signed()
        if picture.filtered and bits.code() != 1:
            bits.signed(), bits.signed()
        return Slice(
            type=type_,
            referred=referred,
            afresh=afresh,
            number=number,
            most=1 << sequence.frame_bits,
            references=sequence.references,
            active=active,
            changes=(changes[0], changes[1]),
            dropped=dropped,
            head=unit[:1] + bits.passed(),
        )


def _active(bits: Bits, type_: Type, picture: PictureSet) -> tuple[int, int]:
    if type_ is Type.I:
        return 0, 0
    if type_ is Type.B:
        bits.read(1)
    first, second = picture.active
    if bits.read(1):
        first = bits.code() + 1
        second = bits.code() + 1 if type_ is Type.B else 0
    return first, second if type_ is Type.B else 0


def _changes(bits: Bits) -> tuple[int, ...]:
    """By how much the number goes on from each reference that is put in front to the next (7.3.3.1)."""
    changes = []
    if bits.read(1):
        while (kind := bits.code()) != 3:
            if kind > 1:
                raise Unknown("references for a long term")
            far = bits.code() + 1
            changes.append(far if kind else -far)
    return tuple(changes)


def _pass_weights(bits: Bits, active: tuple[int, int], *, chroma: bool) -> None:
    """Pass over the weights of references (7.3.3.2)."""
    bits.code()
    if chroma:
        bits.code()
    for _ in range(sum(active)):
        for numbers in (2, 4) if chroma else (2,):
            if bits.read(1):
                for _ in range(numbers):
                    bits.signed()


def _dropped(bits: Bits, *, afresh: bool) -> tuple[int, ...] | None:
    """How far back the pictures are that are not referred to from here on (7.3.3.3)."""
    if afresh:
        if bits.read(2) & 1:
            raise Unknown("references for a long term")
        return ()
    if not bits.read(1):
        return None
    dropped = []
    while kind := bits.code():
        if kind != 1:
            raise Unknown("references for a long term")
        dropped.append(bits.code() + 1)
    return tuple(dropped)
