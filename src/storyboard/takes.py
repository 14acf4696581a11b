"""From jobs to takes: what providers have brought is written down in the lock, for good.

A job that is done is in the ledger first, then its takes are in the lock, then
the ledger knows that they are. A process that is killed in between loses none
of it: `record_takes` is called for all that the lock does not know yet when the
film is built again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from storyboard.asked import plain
from storyboard.facts import Frame, LaterFrame, Place, Take, place_of, work_of, written
from storyboard.graph import Action, FrameWork, Made
from storyboard.job_table import Jobs
from storyboard.jobs import Job
from storyboard.ledger import Ledger
from storyboard.lock import Lock
from storyboard.lock_file import LockFile
from storyboard.source import Plain
from storyboard.store import Store

_TICK = timedelta(milliseconds=1)


def record_takes(
    jobs: Iterable[Job],
    ledger: Jobs,
    lock: LockFile,
    store: Store,
    frames: Mapping[tuple[str, str], str],
) -> tuple[Take, ...]:
    """Write the takes of finished jobs down in the lock; those that it did not have.

    Durable when it returns. Jobs that are not done, or whose clips are not in
    the store, are left for another time. The build lock must be held.

    Args:
        jobs: of the film whose lock it is.
        ledger: where they are.
        lock: where their takes go.
        store: has their clips.
        frames: by clip and by `frame_name`, the digests of what was taken of
            them. One that is not there is written down when it is taken.

    Raises:
        Invalid: the lock is damaged.
        StoreError: it, or the ledger, cannot be written.
    """
    here = [job for job in jobs if is_here(job, store)]
    known = lock.lock
    news: list[Take] = []
    for job in here:
        taken = takes_of(job)
        if job.wanted.retake:
            taken = _newest(taken, known)
        for take in taken:
            if not known.holds(take.identity):
                there = (
                    Frame(work, frames[take.clip, frame_name(work)])
                    for work in job.wanted.frames
                    if (take.clip, frame_name(work)) in frames
                )
                news.append(replace(take, frames=tuple(there)))
    retaken = {job.intent.key for job in here if job.wanted.retake}
    lock.change(news, deselect=retaken & {take.key for take in news})
    ledger.locked(here)
    return tuple(news)


def is_here(job: Job, store: Store) -> bool:
    """Whether a job has brought clips, and the store has them all."""
    return bool(job.outputs) and all(store.find(clip) for clip in job.outputs)


def takes_of(job: Job) -> Iterator[Take]:
    """A finished job's takes, in the order of its results, without their frames."""
    intent, wanted = job.intent, job.wanted
    charged = None if job.charged is None else job.charged / max(1, job.brought)
    for number, clip in job.numbered:
        yield Take(
            key=intent.key,
            clip=clip,
            place=Place(wanted.shot, wanted.segment, job.lane.profile, wanted.cut),
            model=intent.request.model,
            job=job.operation.id if job.operation else None,
            charged=charged,
            date=_written(intent.made_at + number * _TICK),
            request=intent.asked or _said(job),
        )


def made_for(
    action: Action, key: str, outputs: Mapping[str, str], lock: Lock, ledger: Ledger, store: Store
) -> str | None:
    """The digest of what was made for a key, wherever that is known; its bytes may be gone.

    Of a take, the lock says it; else a job that was paid for here, and that no
    lock names: of another branch, or of a lock that was lost.
    """
    if not action.repeatable:
        if take := lock.selected(key):
            return take.clip
        paid = paid_before(key, Place(""), ledger, store)
        return max(paid, key=lambda take: take.date).clip if paid else None
    return ledger.output(key) or _frame_in(lock, action, outputs)


@dataclass(frozen=True, slots=True)
class Before:
    """What a step was made for last: the key, what came of it, and what the key stands for."""

    key: str
    output: str | None
    request: Mapping[str, Plain]


def made_before(
    action: Action, last: str | None, profile: str | None, lock: Lock, ledger: Ledger
) -> Before | None:
    """What a step was made for last; None where nothing is known of that.

    Args:
        action: the step's.
        last: the key that it was last built for here; None where it was not.
        profile: it is made under.
        lock: tells it of a take, in a fresh clone too.
        ledger: tells it of all else.
    """
    if not action.repeatable:
        take = lock.selected(last) if last else None
        take = take or lock.kept(place_of(action, profile))
        return Before(take.key, take.clip, take.request) if take else None
    request = ledger.asked(last) if last else None
    return Before(last, ledger.output(last), request) if last and request else None


def paid_before(key: str, place: Place, ledger: Ledger, store: Store) -> list[Take]:
    """The takes of a key that were paid for here, for whomever, as those of a place."""
    jobs = (job for job in ledger.jobs.done_for(key) if is_here(job, store))
    return [replace(take, place=place) for job in jobs for take in takes_of(job)]


def made_here(key: str, clip: str, place: Place, model: str, request: Mapping[str, Plain]) -> Take:
    """The take of a local model that does not give the same clip again."""
    now = _written(datetime.now(UTC))
    return Take(key=key, clip=clip, place=place, model=model, date=now, request=request)


def later_frame(lock: Lock, action: Action, outputs: Mapping[str, str]) -> LaterFrame | None:
    """The fact that a frame step is done, where its clip is a take and the lock does not say so.

    Args:
        lock: as it is.
        action: any step.
        outputs: by action id, its clip's digest and its own.
    """
    clip = action.inputs.get("clip")
    if not isinstance(action.work, FrameWork) or not isinstance(clip, Made):
        return None
    made, taken = outputs.get(clip.action), outputs.get(action.id)
    if made is None or taken is None or lock.shot_of(made) is None:
        return None
    work = work_of(action.work)
    if lock.frame(made, work) is not None:
        return None
    return LaterFrame(lock.shot_of(made) or "", made, Frame(work, taken))


def frame_name(work: Mapping[str, Plain]) -> str:
    """What tells one frame of a clip from another: `work` as `Frame` has it."""
    return written(dict(work))


def _frame_in(lock: Lock, action: Action, outputs: Mapping[str, str]) -> str | None:
    clip = action.inputs.get("clip")
    if not isinstance(action.work, FrameWork) or not isinstance(clip, Made):
        return None
    return lock.frame(outputs[clip.action], work_of(action.work))


def _newest(takes: Iterable[Take], lock: Lock) -> Iterator[Take]:
    """Takes that were asked for last, dated so, whatever a clock that jumped back says."""
    for number, take in enumerate(takes, 1):
        before = max((each.date for each in lock.takes(take.key)), default="")
        if take.date <= before:
            later = datetime.fromisoformat(before) + number * _TICK
            yield replace(take, date=_written(later))
        else:
            yield take


def _said(job: Job) -> dict[str, Plain]:
    """What the key of a job stands for, of a release that did not write it down."""
    work = {name: plain(value) for name, value in job.intent.request.canonical().items()}
    inputs: dict[str, Plain] = {
        role: {"from": role, "digest": each} for role, each in job.intent.inputs.items()
    }
    return {"format": 1, "work": work, "inputs": inputs}


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
