"""Sending what costs money: one submit, written down before its first byte, and what came of it.

What became of a submit is one of three: accepted, refused, or unknown. Nothing
here sends an unknown one again: `resend` is for those that a provider's
contract makes safe, and only `storyboard.remote.recovery` asks for it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from fractions import Fraction

from storyboard.abilities import uploads_of
from storyboard.consent import Purse
from storyboard.exchange import FrameRefs, Operation, Rejected, Unclear
from storyboard.job_table import Jobs
from storyboard.jobs import Job
from storyboard.provider import Request
from storyboard.remote.inputs import read_input
from storyboard.remote.line import Line, Refusal
from storyboard.remote.mailbox import Mailbox
from storyboard.remote.orders import Order
from storyboard.remote.recovery import undecided
from storyboard.remote.refusals import JobError, settles
from storyboard.remote.waits import Waits
from storyboard.remote.wire import NotSent, Unanswered


@dataclass(frozen=True, slots=True)
class Sender:
    """Sends submits to one provider.

    Attributes:
        purse: what each is taken from before it is sent.
        mailbox: where webhooks come, if they are wanted.
    """

    line: Line
    jobs: Jobs
    purse: Purse
    waits: Waits
    mailbox: Mailbox | None

    async def submit(self, job: Job, order: Order) -> Job:
        """Send a job that was surely not sent; it comes back accepted or unknown.

        Raises:
            JobError: the provider refused it, or cannot be reached, or an input cannot be used.
            Refused: there is no consent to what it costs.
        """
        self.purse.take(order.step, order.key, order.estimated[1])
        try:
            frames = await self._frames(order)
            references = {r: media.reference for r, media in frames.items() if media.reference}
            request = self._with_webhook(order)
            intent = replace(job.intent, request=request, references=references)
            intended = replace(job, intent=intent)
            return await self.line.submit(lambda: self._send(intended, frames), self.waits)
        except Refusal as error:
            self.purse.settle(order.key, Fraction(0))
            raise self.line.refused(error.answer) from None
        except NotSent as error:
            self.purse.settle(order.key, Fraction(0))
            raise JobError(
                f"{self.line.provider.name} cannot be reached: {error}",
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

    async def _frames(self, order: Order, known: Mapping[str, str] | None = None) -> FrameRefs:
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
            elif role in uploads_of(self.line.provider) and media.reference is None:
                media = replace(media, reference=await self.line.upload(media, self.waits))
            frames[role] = media
        return frames

    async def _send(self, job: Job, frames: FrameRefs, *, again: bool = False) -> Job:
        """One submit, and what is known of it, durable at each point.

        Where it is sent `again`, the first one may have been accepted: a no to
        this one is a no to the job only where it settles that.

        Raises:
            Refusal, NotSent: this one was surely not accepted.
        """
        request = self.line.provider.submit(job.intent, frames)
        now = job.intent.made_at if again else datetime.now(UTC)
        job = self.jobs.sending(job, replace(job.intent, made_at=now))
        try:
            response = await self.line.wire.send(request, paid=True)
        except NotSent as error:
            if not again:
                self.jobs.rejected(job, f"not sent: {error}")
            raise
        except Unanswered as error:
            return self.jobs.unknown(job, f"sent, and no answer was read: {error}")
        match self.line.provider.submitted(job.intent, response):
            case Operation() as operation:
                return self.jobs.accepted(job, operation)
            case Rejected() as no:
                if not again or settles(no):
                    self.jobs.rejected(job, f"{no.kind}: {self.line.access.redact(no.words)}")
                raise Refusal(no)
            case Unclear(why):
                why = self.line.access.redact(why)
                return self.jobs.unknown(job, f"sent, and its answer says neither: {why}")

    async def resend(self, job: Job, order: Order) -> Job:
        """Send the same submit again, under the same id; it comes back accepted or unknown.

        Raises:
            JobError: the provider refused it, and that settles the job.
            OutcomeUnknown: what came of it says nothing of the first one.
        """
        frames = await self._frames(order, job.intent.references)
        try:
            return await self.line.submit(lambda: self._send(job, frames, again=True), self.waits)
        except Refusal as error:
            if settles(error.answer):
                raise self.line.refused(error.answer) from None
            why = f"sent again, and refused: {error.answer.words}"
        except NotSent as error:
            why = f"to be sent again, which failed: {error}"
        raise undecided(job, self.line, self.jobs, why)
