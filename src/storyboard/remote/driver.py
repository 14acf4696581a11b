"""The driver: the one place that asks for what costs money, whoever the provider is.

It is the protocol of a paid job. An intent is durable before anything is sent,
a submit is sent once, and what became of it is one of three: accepted, refused,
or unknown. An unknown one is looked for, never sent again unless the provider's
contract makes that safe. A process that is killed at any instant goes on from
the ledger when the film is built again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeAlias
from uuid import uuid4

from storyboard.consent import Purse
from storyboard.diagnostics import Invalid
from storyboard.exchange import FellBack, Found, Intent, Operation, Running
from storyboard.job_table import Jobs
from storyboard.jobs import Job, State
from storyboard.lane import Lane
from storyboard.provider import Model, Rhythm
from storyboard.remote.access import access_to
from storyboard.remote.collect import Collector
from storyboard.remote.line import Line
from storyboard.remote.mailbox import Mailbox
from storyboard.remote.orders import Order, offers_of
from storyboard.remote.recovery import recover
from storyboard.remote.refusals import DEFINITE, JobError
from storyboard.remote.sending import Sender
from storyboard.remote.waits import Waits, waits_for
from storyboard.remote_provider import RemoteProvider
from storyboard.store import Store

Hear: TypeAlias = Callable[[Operation | Found | Running | FellBack], None]
"""Told that a job is accepted, or found again, how it gets on, and that another model is asked instead."""


@dataclass(slots=True, kw_only=True)
class Driver:
    """Has clips made by remote providers. It is used in one event loop at a time.

    Attributes:
        providers: by name.
        lane: whose clips these are.
        purse: what may be paid for.
        environment: where keys and addresses are.
        mailbox: where webhooks come, if they are wanted.
        tended: who asks after a job that no step asked for, by the ledger's number.
    """

    providers: Mapping[str, RemoteProvider]
    store: Store
    jobs: Jobs
    lane: Lane
    purse: Purse
    environment: Mapping[str, str]
    mailbox: Mailbox | None = None
    tended: dict[int, asyncio.Task[None]] = field(default_factory=dict)
    _lines: dict[str, Line] = field(default_factory=dict)

    def model(self, name: str | None) -> Model | None:
        """The remote model of that name."""
        provider = self.providers.get((name or "").partition("/")[0])
        return provider.models().get(name or "") if provider else None

    async def close(self) -> None:
        """Let go of all connections; they are made again when needed."""
        while self._lines:
            _, line = self._lines.popitem()
            await line.wire.close()

    async def make(self, order: Order, hear: Hear) -> str:
        """Have a clip made, or go on with what was begun for its key; its digest, in the store.

        Cancelled, it leaves the job to the provider and the ledger; a submit
        that is on its way is heard out first.

        Raises:
            JobError: the provider refused or failed.
            OutcomeUnknown: nobody can tell what became of the job.
            Refused: there is no consent to what it costs.
            Invalid: there is no key.
            StoreError: the disk is full or cannot be written.
        """
        job = await self._taken_over(order.key)
        offers = offers_of(order, job, self.model)
        while True:
            try:
                return await self._made(offers[0], job, hear)
            except JobError as error:
                if error.kind not in DEFINITE or not offers[1:]:
                    raise
                offers, job = offers[1:], None
                self._require(offers[0].model, error)
                hear(FellBack(offers[0].model.name, error.message))

    async def retake(self, order: Order, begun: Job | None, hear: Hear) -> None:
        """Have more clips made for a key that has some, or go on with such a job that was begun.

        Raises:
            As `make`.
        """
        await self._made(order, begun, hear)

    async def _made(self, order: Order, job: Job | None, hear: Hear) -> str:
        """Have a clip made by one model, or go on with its job."""
        line = self.line(order.model.provider)
        waits = waits_for(order.model.rhythm, local=line.access.local)
        collector = self.collector(line, waits)
        sender = Sender(line, self.jobs, self.purse, waits, self.mailbox)
        if job and job.state is State.DONE:
            if output := await collector.once_more(job):
                return output
            job = None
        if job is None or not (job.pending or job.state is State.INTENDED):
            job = self._intend(order)
        if job.state is State.INTENDED:
            job = await sender.submit(job, order)
            if job.operation:
                hear(job.operation)
        if job.operation is None:
            job = await recover(
                job, line, self.jobs, waits, again=lambda job: sender.resend(job, order)
            )
            if job.operation:
                hear(Found(job.operation))
        return await collector.collect(job, hear)

    def _require(self, model: Model, refused: JobError) -> None:
        """See that a stand-in can be asked at all.

        Raises:
            JobError: there is no key for its provider.
        """
        try:
            self.line(model.provider)
        except Invalid as error:
            message = f"{refused.message}; and {model.name} cannot be asked: {error.message}"
            raise JobError(message, error.help) from None

    async def fetch(self, job: Job) -> None:
        """Fetch the clip of a job that was done once more, if its provider still has it.

        Raises:
            Invalid: there is no key.
            StoreError: the disk is full or cannot be written.
        """
        line = self.line(job.provider)
        model = self.model(job.intent.request.model)
        waits = waits_for(model.rhythm if model else Rhythm(), local=line.access.local)
        await self.collector(line, waits).once_more(job)

    def line(self, name: str) -> Line:
        """The line to a provider.

        Raises:
            Invalid: there is no key.
        """
        if name not in self._lines:
            provider = self.providers[name]
            self._lines[name] = Line(provider, access_to(provider, self.environment))
        return self._lines[name]

    def collector(self, line: Line, waits: Waits) -> Collector:
        """What collects jobs from a provider."""
        return Collector(line, self.store, self.jobs, self.purse, waits, self.mailbox)

    async def recover(self, job: Job, waits: Waits) -> Job:
        """Find a job for which no step asks; it is not sent again.

        Raises:
            OutcomeUnknown: nobody can tell what became of it.
        """
        return await recover(job, self.line(job.provider), self.jobs, waits)

    async def _taken_over(self, key: str) -> Job | None:
        """The newest job of a key, which nobody else asks after from here on."""
        job = self.jobs.latest(key)
        if job and (task := self.tended.get(job.id)):
            task.cancel()
            await asyncio.wait([task])
        return self.jobs.latest(key)

    def _intend(self, order: Order) -> Job:
        intent = Intent(
            key=order.key,
            request=order.request,
            nonce=str(uuid4()),
            made_at=datetime.now(UTC),
            count=order.count,
            inputs=order.digests,
            asked=order.asked,
        )
        return self.jobs.intend(
            intent,
            step=order.step,
            lane=self.lane,
            estimated=order.estimated,
            wanted=order.wanted,
        )
