"""Collecting what a provider has accepted: polls, downloads, checks, and puts it into the store."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from storyboard.consent import Purse
from storyboard.exchange import (
    Done,
    HttpRequest,
    HttpResponse,
    JobFailed,
    Kind,
    Operation,
    Result,
    Running,
    Unreached,
)
from storyboard.job_table import Jobs
from storyboard.jobs import Job, State
from storyboard.provider import Request
from storyboard.remote.download import DownloadFailed, download
from storyboard.remote.inputs import ENDINGS, type_of
from storyboard.remote.line import Line, finished
from storyboard.remote.mailbox import Mailbox
from storyboard.remote.recovery import way_out
from storyboard.remote.refusals import PASSING, JobError, OutcomeUnknown, refusal
from storyboard.remote.waits import Waits, together
from storyboard.remote.wire import NotSent, Unanswered
from storyboard.store import Store, explained

if TYPE_CHECKING:
    from storyboard.media.verify import Expected

_TOLD_AFTER = 3  # polls in a row without an answer
_MOST_STEPS = 8  # questions that one poll may lead on to
_MOST_FETCHES = 4  # of a clip whose address does not give it
_MOST_BAD = 2  # of a clip that is not what was asked for
_UNAUTHORIZED = 401


class _NotFetched(Exception):
    """A clip is finished, and was not brought here whole."""


class _NotBelieved(Exception):
    """A clip was brought here, and is not what was asked for."""


@dataclass(frozen=True, slots=True)
class Collector:
    """Collects one job."""

    line: Line
    store: Store
    jobs: Jobs
    purse: Purse
    waits: Waits
    mailbox: Mailbox | None = None

    async def collect(self, job: Job, hear: Callable[[Running], None]) -> str:
        """Wait for a job to end, and bring its clips into the store; the digest of the first.

        Args:
            job: one whose operation is known.
            hear: told how it gets on.

        Raises:
            JobError: it failed; or its clip, which stays recorded, is not to be had.
            OutcomeUnknown: it has not ended in time.
            StoreError: the disk is full or cannot be written.
        """
        waits = self.waits.polls()
        ends = asyncio.get_running_loop().time() + self._left(job)
        failures: list[Exception] = []
        wait = waits.next() if job.state is State.ACCEPTED else 0.0
        unreached = 0
        while True:
            await self._rest(job, wait)
            answer, asked_for = await self._poll(_operation(job))
            unreached = unreached + 1 if isinstance(answer, Unreached) else 0
            match answer:
                case Done():
                    try:
                        return await self._brought(job, answer)
                    except (_NotFetched, _NotBelieved) as error:
                        failures.append(error)
                        self._give_up_after(failures, job)
                case JobFailed(kind=Kind.KEY):  # about this question, not about the job
                    raise refusal(self._name, self._clean(answer), self.line.access.variable)
                case JobFailed() if answer.kind not in PASSING:
                    raise self._ended(job, self._clean(answer))
                case Running():
                    if not unreached or unreached == _TOLD_AFTER:
                        hear(answer)
                    if asyncio.get_running_loop().time() >= ends:
                        raise self._too_late(job)
            wait = waits.next(asked_for)

    async def look(self, job: Job) -> str | Running:
        """Ask once after a job; if it is done, bring its clips: the digest of the first.

        A clip that cannot be brought now is asked for again later: so it is Running.

        Raises:
            JobError: it failed, or the key is not accepted.
            StoreError: the disk is full or cannot be written.
        """
        answer, _ = await self._poll(_operation(job))
        match answer:
            case Done():
                try:
                    return await self._brought(job, answer)
                except (_NotFetched, _NotBelieved):
                    return Running()
            case JobFailed(kind=Kind.KEY):
                raise refusal(self._name, self._clean(answer), self.line.access.variable)
            case JobFailed() if answer.kind not in PASSING:
                raise self._ended(job, self._clean(answer))
            case Running():
                return answer
        return Running()

    async def once_more(self, job: Job) -> str | None:
        """The clip of a job that was done: from the store, else from the provider if it still has it."""
        if job.outputs and self.store.find(job.outputs[0]):
            return job.outputs[0]
        answer, _ = await self._poll(_operation(job))
        if not isinstance(answer, Done):
            return None
        try:
            return await self._brought(job, answer)
        except (_NotFetched, _NotBelieved):
            return None

    # Asking

    async def _poll(self, operation: Operation) -> tuple[Running | Done | JobFailed, float | None]:
        """How a job stands, and after how many seconds the provider wants to be asked again."""
        try:
            answer, response = await self.line.poller.poll(operation, self.waits.first)
            for _ in range(_MOST_STEPS):
                if response.status == _UNAUTHORIZED:
                    return JobFailed(kind=Kind.KEY, words="it does not accept the key"), None
                if not isinstance(answer, HttpRequest):
                    return answer, _retry_after(response)
                response = await self.line.wire.send(answer)
                answer = self.line.provider.polled(operation, response)
        except (NotSent, Unanswered) as error:  # the job is not touched by that
            return Unreached(why=str(error)), None
        return Running(), None

    async def _rest(self, job: Job, wait: float) -> None:
        """Wait before a poll: longer where a webhook is to come, and until it does."""
        if wait and self.mailbox and self.mailbox.expects(job.intent.request.delivery):
            await self.mailbox.rest(self.line, _operation(job).id, wait)
        else:
            await asyncio.sleep(together(asyncio.get_running_loop().time(), wait))

    def _left(self, job: Job) -> float:
        """Seconds until the deadline, whatever a clock that jumps says."""
        gone = (datetime.now(UTC) - (job.accepted_at or job.created_at)).total_seconds()
        return self.waits.deadline - min(max(gone, 0.0), self.waits.deadline)

    # Bringing

    async def _brought(self, job: Job, done: Done) -> str:
        outputs = []
        with self.store.scratch() as scratch:
            for number, result in enumerate(done.results, 1):
                path = scratch / f"{number}.mp4"
                await self._download(result, path)
                outputs.append(await finished(self._believed(job, number, path)))
        if not outputs:
            raise _NotFetched("it says that it is done, and names no clip")
        charged = done.charged_usd
        self.jobs.done(job, tuple(outputs), charged)
        self.purse.settle(job.intent.key, job.estimated[1] if charged is None else charged)
        return outputs[0]

    async def _download(self, result: Result, path: Path) -> None:
        try:
            with explained(path):
                await download(result.url, path, local=self.line.access.local)
        except DownloadFailed as error:
            raise _NotFetched(str(error)) from None

    async def _believed(self, job: Job, number: int, path: Path) -> str:
        """A clip checked and stored; what is not right is kept aside."""
        from storyboard.media.verify import BadMedia, verify

        try:
            await asyncio.to_thread(verify, path, expected_of(job.intent.request))
        except BadMedia as error:
            aside = self.store.keep_aside(path, f"job-{job.id}-{number}")
            raise _NotBelieved(f"{error} (kept as {aside})") from None
        with path.open("rb") as file:
            ending = ENDINGS.get(type_of(file.read(32)), ".mp4")
        return await asyncio.to_thread(self.store.put, path.replace(path.with_suffix(ending)))

    # Ends

    def _give_up_after(self, failures: list[Exception], job: Job) -> None:
        bad = [error for error in failures if isinstance(error, _NotBelieved)]
        if len(bad) < _MOST_BAD and len(failures) < _MOST_FETCHES:
            return
        last = self.line.access.redact(str(failures[-1]))
        kept = "its job stays recorded: build again to fetch it once more, at no cost"
        if bad:
            message = f"{self._name}: the clip of job {job.id} was downloaded {len(bad)} times, and {last}"
        else:
            message = f"{self._name}: the clip of job {job.id} is finished and cannot be downloaded: {last}"
        raise JobError(message, kept)

    def _ended(self, job: Job, failed: JobFailed) -> JobError:
        self.jobs.failed(job, f"{failed.kind}: {failed.words}", failed.charged_usd)
        self.purse.settle(job.intent.key, failed.charged_usd or Fraction(0))
        return refusal(self._name, failed, self.line.access.variable)

    def _too_late(self, job: Job) -> OutcomeUnknown:
        minutes = self.waits.deadline / 60
        words = f"accepted as {_operation(job).id}, and not ended within {minutes:.0f} minutes"
        self.jobs.unknown(job, words)
        return OutcomeUnknown(
            f"{self._name}: it is not known what becomes of job {job.id}: {words};"
            f" up to ${float(job.estimated[1]):.2f} may be charged",
            way_out(job),
        )

    def _clean(self, failed: JobFailed) -> JobFailed:
        return replace(failed, words=self.line.access.redact(failed.words))

    @property
    def _name(self) -> str:
        return self.line.provider.name


def expected_of(request: Request) -> Expected:
    """What a clip that was asked for so must be.

    With a first frame its shape is the frame's, or what the provider makes of
    it; with a motion video its length is the video's.
    """
    from storyboard.media.verify import Expected

    across, _, down = (request.aspect_ratio or "").partition(":")
    return Expected(
        duration=None if request.orientation else request.duration,
        aspect=Fraction(int(across), int(down)) if down else None,
    )


def _operation(job: Job) -> Operation:
    if job.operation is None:
        raise TypeError(f"job {job.id} has no operation to ask after")
    return job.operation


def _retry_after(response: HttpResponse) -> float | None:
    told = response.headers.get("retry-after", "")
    return float(told) if told.replace(".", "", 1).isdigit() else None
