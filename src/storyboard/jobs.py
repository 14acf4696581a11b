"""The jobs: what was asked of remote providers for money, and what became of it.

    intended → sent → accepted → done
                 │        └────→ failed, unknown
                 ├────→ rejected
                 └────→ unknown → accepted, once it is found

`job_table.py` keeps them in the ledger.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from fractions import Fraction

from storyboard.exchange import Intent, Kind, Operation
from storyboard.lane import Lane
from storyboard.source import Plain


class State(StrEnum):
    """How a job stands, as far as the ledger knows."""

    INTENDED = "intended"  # not sent
    SENT = "sent"  # about to be sent, or sent: no answer is recorded
    ACCEPTED = "accepted"  # the provider has it
    UNKNOWN = "unknown"  # it may exist, and be charged
    REJECTED = "rejected"  # a definite no
    FAILED = "failed"  # ended without a clip
    DONE = "done"  # its clips are in the store
    FORGOTTEN = "forgotten"  # the user has given it up


PENDING = (State.SENT, State.ACCEPTED, State.UNKNOWN)
"""The states of jobs that may still bring a clip, and cost what was estimated."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a job's clips are for, as the lock will say it, whatever becomes of the shot meanwhile.

    Attributes:
        cut: the cut, where the shot is made differently for it than for others.
        frames: the frames to be taken of each clip, each a `FrameWork`'s canonical form.
        retake: whether it is one more take of a key that has one.
    """

    shot: str = ""
    segment: int | None = None
    cut: str | None = None
    frames: tuple[Mapping[str, Plain], ...] = ()
    retake: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A job, as the ledger has it.

    Attributes:
        id: the ledger's number of it.
        step: what it was for when it was intended; `key` is what it is for.
        operation: the provider's job, once one is known.
        words: what was last said of it, for people.
        outputs: digests of its clips, once they are stored, but for those that were dropped.
        dropped: the places of those among all that it brought, from 0.
        estimated: US dollars, low and high.
        charged: what the provider says that it took; None where it did not say.
        accepted_at: when its id came to be known.
        wanted: what its clips are for.
    """

    id: int
    step: str
    lane: Lane
    provider: str
    intent: Intent
    state: State
    estimated: tuple[Fraction, Fraction]
    created_at: datetime
    operation: Operation | None = None
    words: str | None = None
    outputs: tuple[str, ...] = ()
    dropped: frozenset[int] = frozenset()
    charged: Fraction | None = None
    accepted_at: datetime | None = None
    wanted: Wanted = field(default_factory=Wanted)

    @property
    def pending(self) -> bool:
        """Whether it may still bring a clip."""
        return self.state in PENDING

    @property
    def brought(self) -> int:
        """How many clips it brought, those that were dropped too."""
        return len(self.outputs) + len(self.dropped)

    @property
    def numbered(self) -> tuple[tuple[int, str], ...]:
        """Its clips, each with its place among all that it brought, from 0."""
        places = (number for number in range(self.brought) if number not in self.dropped)
        return tuple(zip(places, self.outputs, strict=True))

    @property
    def kind(self) -> Kind | None:
        """Why its provider refused it, or it failed; None where it did neither, or did not say."""
        said = (self.words or "").partition(":")[0]
        ended = self.state in {State.REJECTED, State.FAILED}
        return Kind(said) if ended and said in set(Kind) else None

    @property
    def shot(self) -> str:
        """The shot that it was for: `storm` of `generate:storm#2[de]`."""
        return re.split(r"[#\[]", self.step.partition(":")[2])[0]


@dataclass(frozen=True, slots=True)
class Spending:
    """What a film has cost, and what it may yet cost without anything more being asked, in US dollars."""

    spent: Fraction
    pending: Fraction
