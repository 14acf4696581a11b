"""What a film has cost: every paid job once, and sums of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction

from storyboard.facts import Take
from storyboard.jobs import Job, Spending, State
from storyboard.lock import Lock
from storyboard.providers import find_model

_FREE = {State.INTENDED, State.REJECTED}  # nothing was accepted


@dataclass(frozen=True, slots=True, kw_only=True)
class Expense:
    """One paid job.

    Attributes:
        job: the provider's id of it; None where none is known.
        state: how it stands.
        at: when it was asked for.
        clips: how many it brought.
        estimated: US dollars, low and high; None where nobody wrote it down.
        charged: what the provider says that it took; None where it did not say.
        pending: whether it may still bring a clip.
    """

    shot: str
    profile: str | None
    provider: str
    model: str
    job: str | None
    state: str
    at: datetime
    clips: int
    estimated: tuple[Fraction, Fraction] | None
    charged: Fraction | None
    pending: bool

    @property
    def spent(self) -> Fraction:
        """What it cost: as charged, or as estimated at most where the provider did not say."""
        if self.charged is not None:
            return self.charged
        return self.estimated[1] if self.assumed and self.estimated else Fraction(0)

    @property
    def assumed(self) -> bool:
        """Whether it is done, and what it cost is only estimated."""
        return self.charged is None and self.state == State.DONE

    @property
    def under_way(self) -> Fraction:
        """What it may yet cost."""
        return self.estimated[1] if self.pending and self.estimated else Fraction(0)


@dataclass(frozen=True, slots=True)
class Sum:
    """Expenses under one name."""

    name: str
    expenses: tuple[Expense, ...]

    @property
    def clips(self) -> int:
        """How many clips were brought."""
        return sum(each.clips for each in self.expenses)

    @property
    def spent(self) -> Fraction:
        """US dollars that are gone."""
        return sum((each.spent for each in self.expenses), Fraction(0))

    @property
    def under_way(self) -> Fraction:
        """US dollars that may yet be charged for what was asked already."""
        return sum((each.under_way for each in self.expenses), Fraction(0))

    @property
    def assumed(self) -> Fraction:
        """How much of what is spent is only estimated."""
        return sum((each.spent for each in self.expenses if each.assumed), Fraction(0))

    @property
    def estimated(self) -> tuple[Fraction, Fraction]:
        """What had been estimated for what is spent, low and high."""
        known = [each.estimated for each in self._comparable if each.estimated]
        return sum((low for low, _ in known), Fraction(0)), sum(
            (high for _, high in known), Fraction(0)
        )

    @property
    def difference(self) -> Fraction:
        """By how much the charges lie above what was estimated, or below where that is negative."""
        low, high = self.estimated
        charged = sum((each.spent for each in self._comparable), Fraction(0))
        return max(charged - high, Fraction(0)) + min(charged - low, Fraction(0))

    @property
    def _comparable(self) -> list[Expense]:
        return [
            each
            for each in self.expenses
            if each.charged is not None and each.estimated is not None
        ]


def expenses_of(film: str, jobs: Iterable[Job], lock: Lock) -> tuple[Expense, ...]:
    """A film's jobs that cost money, or may, in the order in which they were asked for.

    Args:
        film: whose they are, as lanes call it.
        jobs: all that this machine's ledger knows, of whichever film.
        lock: the film's: it tells of the jobs that other machines had done.
    """
    here = tuple(jobs)
    known = {(job.provider, job.operation.id) for job in here if job.operation}
    found = [*_of_jobs(job for job in here if job.lane.film == film), *_of_takes(lock, known)]
    return tuple(sorted(found, key=lambda each: each.at))


def _of_takes(lock: Lock, known: set[tuple[str, str]]) -> Iterator[Expense]:
    """The jobs that the lock names and the ledger does not know, each with all its takes."""
    jobs: dict[tuple[str, str], dict[str, Take]] = {}
    for take in lock.every_take():
        id_ = (take.model.partition("/")[0], take.job or "")
        if take.job and id_ not in known:
            jobs.setdefault(id_, {})[take.clip] = take
    for (provider, name), takes in jobs.items():
        first = next(iter(takes.values()))
        told = [take.charged for take in takes.values() if take.charged is not None]
        yield Expense(
            shot=first.place.shot,
            profile=first.place.profile,
            provider=provider,
            model=first.model,
            job=name,
            state=State.DONE,
            at=datetime.fromisoformat(first.date),
            clips=len(takes),
            estimated=None if told else _dearest(first, len(takes)),
            charged=sum(told, Fraction(0)) if told else None,
            pending=False,
        )


def _dearest(take: Take, count: int) -> tuple[Fraction, Fraction] | None:
    """The most that a job may have cost of which nobody wrote down a price: by today's data."""
    model = find_model(take.model)
    work = take.request.get("work")
    seconds = work.get("duration") if isinstance(work, dict) else None
    if model is None or not model.prices or not isinstance(seconds, int | float | str):
        return None
    most = max(price.high_usd for price in model.prices) * Fraction(str(seconds)) * count
    return Fraction(0), most


def _of_jobs(jobs: Iterable[Job]) -> Iterator[Expense]:
    yield from (
        Expense(
            shot=job.shot,
            profile=job.lane.profile,
            provider=job.provider,
            model=job.intent.request.model,
            job=job.operation.id if job.operation else None,
            state=job.state,
            at=job.created_at,
            clips=job.brought,
            estimated=job.estimated,
            charged=job.charged,
            pending=job.pending,
        )
        for job in jobs
        if job.state not in _FREE and (job.pending or job.charged or job.state is State.DONE)
    )


BY: Mapping[str, Callable[[Expense], str]] = {
    "shot": lambda each: each.shot,
    "provider": lambda each: each.provider,
    "model": lambda each: each.model,
    "profile": lambda each: each.profile or "",
    "day": lambda each: f"{each.at.astimezone(UTC):%Y-%m-%d}",
    "job": lambda each: each.job or f"{each.shot}, {each.at:%Y-%m-%d %H:%M:%S}",
}
"""What expenses can be summed up by. Days are those of UTC, as providers bill."""


def sums(expenses: Iterable[Expense], by: str) -> tuple[Sum, ...]:
    """The expenses by shot, provider, model, profile, day or job, in order of their first."""
    found: dict[str, list[Expense]] = {}
    for each in expenses:
        found.setdefault(BY[by](each), []).append(each)
    names = sorted(found) if by == "day" else found
    return tuple(Sum(name, tuple(found[name])) for name in names)


def spending_of(expenses: Iterable[Expense]) -> Spending:
    """What they come to: what is gone, and what may yet go without anything more being asked."""
    whole = Sum("", tuple(expenses))
    return Spending(whole.spent, whole.under_way)
