"""The jobs of providers as a table and as the document of `jobs --json`."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from fractions import Fraction

from storyboard.consent import dollars
from storyboard.jobs import Job, State
from storyboard.settling import Settling, Verb
from storyboard.source import Plain

_NEXT = {
    State.INTENDED: "the next build sends it",
    State.SENT: "the next build looks for it",
    State.ACCEPTED: "the next build collects it",
    State.UNKNOWN: "the next build asks after it once more",
    State.FAILED: "the next build asks anew, if the shot still wants it",
    State.REJECTED: "the next build asks anew, if the shot still wants it",
}


def document(jobs: Iterable[Job], settling: Settling, now: datetime) -> dict[str, Plain]:
    """The document of `jobs --json`: a contract."""
    return {"version": 1, "jobs": [_entry(job, settling, now) for job in jobs]}


def _entry(job: Job, settling: Settling, now: datetime) -> dict[str, Plain]:
    low, high = (float(amount) for amount in job.estimated)
    operation, accepted = job.operation, job.accepted_at
    return {
        "id": job.id,
        "state": job.state.value,
        "step": job.step,
        "shot": job.shot,
        "film": job.lane.film,
        "profile": job.lane.profile,
        "provider": job.provider,
        "model": job.intent.request.model,
        "job": operation.id if operation else None,
        "key": job.intent.key,
        "created_at": job.created_at.isoformat(),
        "accepted_at": accepted.isoformat() if accepted else None,
        "age_s": round((now - job.created_at).total_seconds()),
        "estimated_usd": {"low": low, "high": high},
        "charged_usd": None if job.charged is None else float(job.charged),
        "outputs": list(job.outputs),
        "words": job.words,
        "verbs": [verb.value for verb in settling.verbs(job)],
    }


def table(jobs: tuple[Job, ...], settling: Settling, now: datetime) -> str:
    """A block for each job: what it is, what is known of it, what can be done."""
    shots = max((len(job.shot) for job in jobs), default=0)
    models = max((len(job.intent.request.model) for job in jobs), default=0)
    return "\n".join(line for job in jobs for line in _block(job, settling, now, (shots, models)))


def _block(job: Job, settling: Settling, now: datetime, widths: tuple[int, int]) -> Iterable[str]:
    shot, model = f"{job.shot:<{widths[0]}}", f"{job.intent.request.model:<{widths[1]}}"
    profile = f" ({job.lane.profile})" if job.lane.profile else ""
    age = _age(now - job.created_at)
    yield f"{job.id:>4}  {job.state:<9} {shot}  {model}  {age:>10}  {_money(job)}"
    id_ = f"  {job.provider} has it as {job.operation.id}" if job.operation else ""
    yield f"      {job.lane.film}{profile}, {job.step}{id_}"
    if job.words:
        yield f"      {job.words}"
    follows = [_NEXT[job.state]] if job.state in _NEXT else []
    follows += [
        f"storyboard jobs {verb} {job.id}{' ID' if verb is Verb.ADOPT else ''}"
        for verb in settling.verbs(job)
    ]
    if follows:
        yield f"      → {'; '.join(follows)}"


def _money(job: Job) -> str:
    if job.charged is not None:
        return f"charged {dollars(job.charged)}"
    low, high = job.estimated
    most = dollars(high) if low == high else f"{dollars(low)} to {dollars(high)}"
    match job.state:
        case State.REJECTED | State.INTENDED:
            return f"nothing charged, {most} estimated"
        case State.DONE | State.FAILED:
            return f"charge not told, {most} estimated"
    return f"up to {dollars(high)}" if high else "free"


def _age(age: timedelta) -> str:
    seconds = max(age.total_seconds(), 0)
    for unit, length in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= length:
            return f"{seconds // length:.0f} {unit} ago"
    return f"{seconds:.0f} s ago"


def in_question(jobs: tuple[Job, ...]) -> tuple[Job, ...]:
    """Those of the jobs that have not ended."""
    return tuple(job for job in jobs if job.pending or job.state is State.INTENDED)


def total(jobs: Iterable[Job]) -> Fraction:
    """The most that jobs may yet cost, in US dollars."""
    return sum((job.estimated[1] for job in jobs if job.pending), Fraction(0))


def now() -> datetime:
    """The time, for ages."""
    return datetime.now(UTC)
