"""A line to one provider: its requests sent, and what is safe to ask again asked again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from dataclasses import replace
from typing import Any, TypeVar

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, stop_after_attempt

from storyboard.abilities import Uploads
from storyboard.exchange import HttpRequest, HttpResponse, Kind, Media, Rejected
from storyboard.remote.access import Access
from storyboard.remote.poller import Poller
from storyboard.remote.refusals import PASSING, JobError, refusal
from storyboard.remote.waits import Waits
from storyboard.remote.wire import NotSent, Unanswered, Wire
from storyboard.remote_provider import RemoteProvider

T = TypeVar("T")

_TRIES = 5
_LONGEST_RETRY_S = 60.0
_MOST_STEPS = 8  # requests that one upload, or one answer, may lead on to


class Refusal(Exception):
    """A provider's definite no to what was sent."""

    def __init__(self, answer: Rejected) -> None:
        super().__init__(answer.words)
        self.answer = answer

    @property
    def passes(self) -> bool:
        """Whether the same may be asked again after a while."""
        return self.answer.kind in PASSING or self.answer.retry_after is not None


class Line:
    """A provider with its wire."""

    def __init__(self, provider: RemoteProvider, access: Access) -> None:
        self.provider = provider
        self.access = access
        self.wire = Wire(provider, access)
        self.poller = Poller(provider, self.wire)

    async def ask(self, request: HttpRequest, waits: Waits) -> HttpResponse:
        """Ask what is harmless to ask twice: again where there was no answer.

        Raises:
            NotSent, Unanswered: there is none.
        """
        return await _again(lambda: self.wire.send(request), waits, _transient)

    async def submit(self, submit: Callable[[], Coroutine[Any, Any, T]], waits: Waits) -> T:
        """Do a submit, and again where it was surely not accepted and that may pass.

        Raises:
            Refusal, NotSent: it was not accepted.
        """

        def stop(state: RetryCallState) -> bool:
            error = state.outcome.exception() if state.outcome else None
            if isinstance(error, NotSent):
                return state.attempt_number >= _TRIES
            return (state.seconds_since_start or 0) >= waits.give_up

        return await _again(lambda: finished(submit()), waits, _not_accepted, stop)

    async def upload(self, media: Media, waits: Waits) -> str:
        """Bring an input to the provider; the reference to it.

        Raises:
            JobError: the provider will not have it, or does not answer.
        """
        provider = self.provider
        if not isinstance(provider, Uploads):
            raise TypeError(f"{provider.name} has no uploads")

        async def once() -> str:
            request = provider.upload(media)
            for _ in range(_MOST_STEPS):
                response = await self.wire.send(request)
                match provider.uploaded(media, response):
                    case HttpRequest() as following:
                        request = following
                    case Rejected() as no:
                        raise Refusal(no)
                    case str() as reference:
                        return reference
            raise Unanswered("the upload leads from one request to the next without an end")

        try:
            return await _again(once, waits, _transient)
        except Refusal as error:
            raise self.refused(error.answer) from None
        except (NotSent, Unanswered) as error:
            raise JobError(
                f"{self.provider.name}: an input could not be uploaded: {error}",
                "build again: nothing was asked for yet, and nothing is charged",
            ) from None

    def refused(self, answer: Rejected) -> JobError:
        """A no as an error for the user."""
        return refusal(self.provider.name, self.clean(answer), self.access.variable)

    def clean(self, answer: Rejected) -> Rejected:
        """An answer without secrets in its words."""
        return replace(answer, words=self.access.redact(answer.words))


async def finished(work: Coroutine[Any, Any, T]) -> T:
    """Let work come to its end even where its task is cancelled meanwhile; the task then ends.

    A second cancellation is obeyed at once.
    """
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        if not task.done():
            with suppress(Exception):  # it is recorded; nobody waits for it any longer
                await task
        raise


def _transient(error: BaseException) -> bool:
    """Whether what is harmless to ask twice may well be answered the next time."""
    if isinstance(error, Refusal):
        return error.passes or error.answer.kind is Kind.FAULT
    return isinstance(error, NotSent | Unanswered)


def _not_accepted(error: BaseException) -> bool:
    return isinstance(error, NotSent) or (isinstance(error, Refusal) and error.passes)


async def _again(
    work: Callable[[], Awaitable[T]],
    waits: Waits,
    when: Callable[[BaseException], bool],
    stop: Callable[[RetryCallState], bool] | None = None,
) -> T:
    async def once() -> T:  # tenacity awaits what is declared async
        return await work()

    def wait(state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        told = error.answer.retry_after if isinstance(error, Refusal) else None
        if told is not None:
            return float(told)
        return float(min(waits.retry * 2 ** (state.attempt_number - 1), _LONGEST_RETRY_S))

    retrying = AsyncRetrying(
        retry=retry_if_exception(when),
        wait=wait,
        stop=stop or stop_after_attempt(_TRIES),
        reraise=True,
    )
    return await retrying(once)
