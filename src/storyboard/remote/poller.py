"""Polls of one provider: those that are due together are sent together, where it takes many at once."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import TypeAlias

from storyboard.abilities import Batches
from storyboard.exchange import Done, HttpRequest, HttpResponse, JobFailed, Operation, Running
from storyboard.remote.wire import Wire
from storyboard.remote_provider import RemoteProvider

Polled: TypeAlias = tuple[Running | Done | JobFailed | HttpRequest, HttpResponse]
"""What an answer says of a job, and the answer."""

_MOST = 50  # jobs in one question
_TOGETHER = 0.1  # of the first wait between polls: those within are due together


@dataclass(slots=True)
class Poller:
    """Asks after the jobs of one provider. It is used in one event loop at a time."""

    provider: RemoteProvider
    wire: Wire
    _due: dict[str, tuple[Operation, asyncio.Future[Polled]]] = field(default_factory=dict)
    _rounds: set[asyncio.Task[None]] = field(default_factory=set)

    async def poll(self, operation: Operation, first_wait: float) -> Polled:
        """How a job stands.

        Args:
            operation: the job.
            first_wait: seconds before a job's first poll: a small part of that
                may go by until others are due.

        Raises:
            NotSent, Unanswered: there is no answer.
        """
        if not isinstance(self.provider, Batches) or operation.id in self._due:
            response = await self.wire.send(self.provider.poll(operation))
            return self.provider.polled(operation, response), response
        answer: asyncio.Future[Polled] = asyncio.get_running_loop().create_future()
        self._due[operation.id] = operation, answer
        if len(self._due) == 1:
            self._begin(self._soon(self.provider, first_wait * _TOGETHER))
        return await answer

    def _begin(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.ensure_future(work)
        self._rounds.add(task)
        task.add_done_callback(self._rounds.discard)

    async def _soon(self, provider: Batches, seconds: float) -> None:
        """Ask after all jobs that are due a moment later."""
        await asyncio.sleep(seconds)
        due = [each for each in self._due.values() if not each[1].done()]  # nobody left waiting
        self._due.clear()
        for begin in range(0, len(due), _MOST):
            self._begin(self._ask(provider, due[begin : begin + _MOST]))

    async def _ask(
        self, provider: Batches, due: list[tuple[Operation, asyncio.Future[Polled]]]
    ) -> None:
        operations = [operation for operation, _ in due]
        try:
            response = await self.wire.send(provider.poll_many(operations))
            told = provider.polled_many(operations, response)
        except Exception as error:  # whoever waits for an answer is told
            for _, answer in due:
                if not answer.done():
                    answer.set_exception(error)
            return
        for operation, answer in due:
            if not answer.done():
                answer.set_result((told[operation.id], response))
