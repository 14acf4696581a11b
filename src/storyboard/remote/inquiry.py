"""What is asked of a provider for a user who settles a job by hand."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from storyboard.abilities import Cancels
from storyboard.exchange import Done, HttpRequest, JobFailed, Kind, Operation, Running
from storyboard.jobs import Job
from storyboard.provider import Rhythm
from storyboard.remote.access import Access
from storyboard.remote.line import Line
from storyboard.remote.refusals import JobError, refusal
from storyboard.remote.waits import waits_for
from storyboard.remote.wire import NotSent, Unanswered
from storyboard.remote_provider import RemoteProvider

T = TypeVar("T")

_MOST_STEPS = 8  # questions that one may lead on to
_UNAUTHORIZED = 401


def standing(
    provider: RemoteProvider, access: Access, operation: Operation
) -> Running | Done | JobFailed:
    """How a job stands, asked until there is an answer.

    Raises:
        JobError: there is none, or the key is not accepted.
    """
    waits = waits_for(Rhythm(), local=access.local)

    async def ask(line: Line) -> Running | Done | JobFailed:
        request = provider.poll(operation)
        for _ in range(_MOST_STEPS):
            response = await line.ask(request, waits)
            if response.status == _UNAUTHORIZED:
                failed = JobFailed(kind=Kind.KEY, words="it does not accept the key")
                raise refusal(provider.name, failed, access.variable)
            match provider.polled(operation, response):
                case HttpRequest() as following:
                    request = following
                case answer:
                    return answer
        return Running()

    return _over_a_line(provider, access, ask)


def cancel(provider: RemoteProvider, access: Access, job: Job) -> bool | None:
    """Ask for a job to be ended: whether it will be; None where the provider does not say.

    Raises:
        JobError: there is no answer.
        TypeError: the job has no id, or the provider cannot cancel.
    """
    operation = job.operation
    if operation is None or not isinstance(provider, Cancels):
        raise TypeError(f"job {job.id} cannot be cancelled")
    waits = waits_for(Rhythm(), local=access.local)

    async def ask(line: Line) -> bool | None:
        response = await line.ask(provider.cancel(operation), waits)
        return provider.cancelled(operation, response)

    return _over_a_line(provider, access, ask)


def _over_a_line(
    provider: RemoteProvider, access: Access, ask: Callable[[Line], Awaitable[T]]
) -> T:
    async def speak() -> T:
        line = Line(provider, access)
        try:
            return await ask(line)
        except (NotSent, Unanswered) as error:
            raise JobError(
                f"{provider.name} cannot be asked: {error}",
                "nothing was changed; try again when it answers",
            ) from None
        finally:
            await line.wire.close()

    return asyncio.run(speak())
