"""What a remote provider is: pure, it builds requests and reads answers.

One driver sends them (`storyboard.remote`), so that the protocol which guards
money is written once. A provider never sees a key: it says which requests
carry it, and how.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from storyboard.exchange import (
    Auth,
    Done,
    Found,
    FrameRefs,
    HttpRequest,
    HttpResponse,
    Intent,
    JobFailed,
    Operation,
    Rejected,
    Running,
    SafeToSend,
    Unclear,
    Undecided,
)
from storyboard.provider import Provider


@runtime_checkable
class RemoteProvider(Provider, Protocol):
    """A provider that makes clips elsewhere, for money. Every method is pure.

    What only some can do is in `storyboard.abilities`.

    Attributes:
        auth: how requests carry the key.
        hosts: the origins (`https://queue.fal.run`) that may be sent the key.
    """

    auth: Auth
    hosts: tuple[str, ...]

    def submit(self, intent: Intent, frames: FrameRefs) -> HttpRequest:
        """The one request that costs money."""

    def submitted(self, intent: Intent, response: HttpResponse) -> Operation | Rejected | Unclear:
        """What its answer says."""

    def poll(self, operation: Operation) -> HttpRequest:
        """Asks how a job stands."""

    def polled(
        self, operation: Operation, response: HttpResponse
    ) -> Running | Done | JobFailed | HttpRequest:
        """What the answer says; or a further question (its answer comes here too).

        What cannot be read as an answer is Running: a transient fault of
        polling never loses a job.
        """

    def operation(self, intent: Intent, id_: str) -> Operation:
        """The job of this id, as if the intent had been accepted under it."""

    def recover(
        self, intent: Intent, seen: Sequence[HttpResponse]
    ) -> HttpRequest | Found | Undecided | SafeToSend:
        """How to find out what became of a submit without an answer, one question at a time.

        Args:
            intent: what was asked.
            seen: the answers to the questions so far, in order.
        """

    def ping(self) -> HttpRequest:
        """The cheapest harmless request that a bad key fails."""
