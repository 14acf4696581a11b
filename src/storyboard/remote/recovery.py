"""Finding out what became of a submit without an answer, with the means that its provider has."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TypeAlias

from storyboard.exchange import Found, HttpRequest, HttpResponse, SafeToSend, Undecided
from storyboard.job_table import Jobs
from storyboard.jobs import Job, State
from storyboard.remote.line import Line
from storyboard.remote.refusals import OutcomeUnknown
from storyboard.remote.waits import Waits
from storyboard.remote.wire import NotSent, Unanswered

Again: TypeAlias = Callable[[Job], Awaitable[Job]]
"""Sends a job's submit once more, under the same id."""

_MOST_QUESTIONS = 20  # about one lost job
_MOST_RESENDS = 2


async def recover(
    job: Job, line: Line, jobs: Jobs, waits: Waits, *, again: Again | None = None
) -> Job:
    """Find a job that may have been accepted; it comes back accepted.

    Args:
        job: one that was sent, or may have been.
        line: to its provider.
        jobs: where what is found out is written.
        waits: how long it is left alone before it is sent again.
        again: sends it once more where the contract makes that safe; None
            where nothing asks for its clip any longer.

    Raises:
        OutcomeUnknown: nobody can tell.
        JobError: it was sent again, and definitely refused.
    """
    intent = replace(job.intent, known=jobs.known(job.provider))
    seen: list[HttpResponse] = []
    resends = 0
    for _ in range(_MOST_QUESTIONS):
        match line.provider.recover(intent, seen):
            case HttpRequest() as question:
                try:
                    seen.append(await line.ask(question, waits))
                except (NotSent, Unanswered) as error:
                    why = f"asked, without an answer: {error}"
                    raise undecided(job, line, jobs, why) from None
            case Found(operation) if operation.id not in intent.known:
                return jobs.accepted(job, operation)
            case Found(operation):
                why = f"only job {operation.id} is like it, which is another's"
                raise undecided(job, line, jobs, why)
            case SafeToSend() if again is None:
                raise undecided(job, line, jobs, "asked for by its id: there is no trace of it")
            case SafeToSend() if again and resends < _MOST_RESENDS:
                resends += 1
                seen.clear()
                await asyncio.sleep(waits.settle)
                job = await again(job)
                if job.operation:
                    return job
            case SafeToSend():
                raise undecided(job, line, jobs, "sent again, each time without a clear answer")
            case Undecided(asked):
                raise undecided(job, line, jobs, asked)
    raise undecided(job, line, jobs, f"asked {_MOST_QUESTIONS} times, without an end")


def undecided(job: Job, line: Line, jobs: Jobs, asked: str) -> OutcomeUnknown:
    """Write down that nobody can tell what became of a job; the error that says so.

    Args:
        job: it.
        line: to its provider.
        jobs: where it is written.
        asked: what was asked and seen, in words.
    """
    asked = line.access.redact(asked)
    before = (
        job.words if job.state is State.UNKNOWN and job.words else "sent, and no answer is recorded"
    )
    first = before.partition("; ")[0]
    jobs.unknown(job, f"{first}; {asked}")
    most = float(job.estimated[1])
    return OutcomeUnknown(
        f"{line.provider.name}: it is not known what became of job {job.id} ({first}; {asked});"
        f" up to ${most:.2f} may have been charged",
        way_out(job),
    )


def way_out(job: Job) -> str:
    """What to do about a job of which nobody can tell what became."""
    anew = f" `storyboard jobs resubmit {job.id}` to ask for the clip anew, at the risk of paying twice,"
    return (
        "build again to have it asked after once more; nothing is sent a second time meanwhile."
        f" Or settle it: `storyboard jobs adopt {job.id} ID` if the provider shows it to you,"
        f"{'' if job.wanted.retake else anew}"
        f" `storyboard jobs forget {job.id}` to give it up"
        f"{', and then `storyboard retake` again' if job.wanted.retake else ''}"
    )
