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
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from fractions import Fraction
from typing import TypeAlias
from uuid import uuid4

from storyboard.abilities import uploads_of
from storyboard.consent import Purse
from storyboard.diagnostics import Invalid
from storyboard.exchange import (
    FellBack,
    Found,
    FrameRefs,
    Intent,
    Operation,
    Rejected,
    RemoteProvider,
    Running,
    Unclear,
)
from storyboard.job_table import Jobs
from storyboard.jobs import Job, State
from storyboard.lane import Lane
from storyboard.provider import Model, Request, Rhythm
from storyboard.remote.access import access_to
from storyboard.remote.collect import Collector
from storyboard.remote.inputs import read_input
from storyboard.remote.line import Line, Refusal
from storyboard.remote.mailbox import Mailbox
from storyboard.remote.orders import Order, offers_of
from storyboard.remote.recovery import recover, undecided
from storyboard.remote.refusals import DEFINITE, JobError, settles
from storyboard.remote.waits import Waits, waits_for
from storyboard.remote.wire import NotSent, Unanswered
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
        if job and job.state is State.DONE:
            if output := await collector.once_more(job):
                return output
            job = None
        if job is None or not (job.pending or job.state is State.INTENDED):
            job = self._intend(order)
        if job.state is State.INTENDED:
            job = await self._submit(job, order, line, waits)
            if job.operation:
                hear(job.operation)
        if job.operation is None:
            job = await recover(
                job, line, self.jobs, waits, again=lambda job: self._resend(job, order, line, waits)
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

    # Sending

    async def _submit(self, job: Job, order: Order, line: Line, waits: Waits) -> Job:
        """Send a job that was surely not sent; it comes back accepted or unknown."""
        self.purse.take(order.step, order.key, order.estimated[1])
        try:
            frames = await self._frames(order, line, waits)
            references = {r: media.reference for r, media in frames.items() if media.reference}
            request = self._with_webhook(order)
            intent = replace(job.intent, request=request, references=references)
            intended = replace(job, intent=intent)
            return await line.submit(lambda: self._send(intended, frames, line), waits)
        except Refusal as error:
            self.purse.settle(order.key, Fraction(0))
            raise line.refused(error.answer) from None
        except NotSent as error:
            self.purse.settle(order.key, Fraction(0))
            raise JobError(
                f"{line.provider.name} cannot be reached: {error}",
                "see that the network is there, and build again: nothing was sent",
            ) from None
        except JobError:  # an upload failed
            self.purse.settle(order.key, Fraction(0))
            raise

    def _with_webhook(self, order: Order) -> Request:
        """The request, to be told of here when it has ended, unless the shot has a webhook of its own."""
        address = self.mailbox.address(order.model) if self.mailbox else None
        if address is None:
            return order.request
        return replace(order.request, delivery={"webhook": address, **order.request.delivery})

    async def _frames(
        self, order: Order, line: Line, waits: Waits, known: Mapping[str, str] | None = None
    ) -> FrameRefs:
        """The inputs as the submit needs them: read, and uploaded where the provider has it so."""
        frames = {}
        for role, source in order.inputs.items():
            media = await asyncio.to_thread(read_input, source)
            if media.reference is None and media.digest != order.digests[role]:
                raise JobError(
                    f"{source} was changed while the film was being built",
                    "build again when it is complete: nothing was asked for with it",
                )
            if known and known.get(role):
                media = replace(media, reference=known[role])
            elif role in uploads_of(line.provider) and media.reference is None:
                media = replace(media, reference=await line.upload(media, waits))
            frames[role] = media
        return frames

    async def _send(self, job: Job, frames: FrameRefs, line: Line, *, again: bool = False) -> Job:
        """One submit, and what is known of it, durable at each point.

        Where it is sent `again`, the first one may have been accepted: a no to
        this one is a no to the job only where it settles that.

        Raises:
            Refusal, NotSent: this one was surely not accepted.
        """
        request = line.provider.submit(job.intent, frames)
        now = job.intent.made_at if again else datetime.now(UTC)
        job = self.jobs.sending(job, replace(job.intent, made_at=now))
        try:
            response = await line.wire.send(request, paid=True)
        except NotSent as error:
            if not again:
                self.jobs.rejected(job, f"not sent: {error}")
            raise
        except Unanswered as error:
            return self.jobs.unknown(job, f"sent, and no answer was read: {error}")
        match line.provider.submitted(job.intent, response):
            case Operation() as operation:
                return self.jobs.accepted(job, operation)
            case Rejected() as no:
                if not again or settles(no):
                    self.jobs.rejected(job, f"{no.kind}: {line.access.redact(no.words)}")
                raise Refusal(no)
            case Unclear(why):
                why = line.access.redact(why)
                return self.jobs.unknown(job, f"sent, and its answer says neither: {why}")

    async def _resend(self, job: Job, order: Order, line: Line, waits: Waits) -> Job:
        """Send the same submit again, under the same id; it comes back accepted or unknown."""
        frames = await self._frames(order, line, waits, job.intent.references)
        try:
            return await line.submit(lambda: self._send(job, frames, line, again=True), waits)
        except Refusal as error:
            if settles(error.answer):
                raise line.refused(error.answer) from None
            why = f"sent again, and refused: {error.answer.words}"
        except NotSent as error:
            why = f"to be sent again, which failed: {error}"
        raise undecided(job, line, self.jobs, why)
