"""What some remote providers can do and others cannot: each a protocol beside `RemoteProvider`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol, runtime_checkable

from storyboard.exchange import (
    Done,
    HttpRequest,
    HttpResponse,
    JobFailed,
    Media,
    Operation,
    Rejected,
    Running,
)
from storyboard.remote_provider import RemoteProvider
from storyboard.source import Plain


@runtime_checkable
class Uploads(RemoteProvider, Protocol):
    """A provider to which some inputs are brought before the submit; the others are sent in it.

    Attributes:
        uploads: the roles of those inputs.
    """

    uploads: frozenset[str]

    def upload(self, media: Media) -> HttpRequest:
        """The first request that uploads an input, of a role in `uploads`."""

    def uploaded(self, media: Media, response: HttpResponse) -> HttpRequest | str | Rejected:
        """What follows from its answer: a further request, or the reference to use."""


@runtime_checkable
class Cancels(RemoteProvider, Protocol):
    """A provider that can be asked to end a job."""

    def cancel(self, operation: Operation) -> HttpRequest:
        """Asks for a job to be ended."""

    def cancelled(self, operation: Operation, response: HttpResponse) -> bool | None:
        """Whether it will be; False where it is too late; None where the answer does not say."""


@runtime_checkable
class Batches(RemoteProvider, Protocol):
    """A provider that can be asked after several jobs at once."""

    def poll_many(self, operations: Sequence[Operation]) -> HttpRequest:
        """Asks how several jobs stand."""

    def polled_many(
        self, operations: Sequence[Operation], response: HttpResponse
    ) -> Mapping[str, Running | Done | JobFailed | HttpRequest]:
        """What the answer says of each job, by its id, as `polled` has it."""


@runtime_checkable
class Pushes(RemoteProvider, Protocol):
    """A provider that tells by webhook when a job has ended: where the delivery option `webhook` says.

    Attributes:
        push_keys: asks for the keys that webhooks are signed with; None where they are not signed.
    """

    push_keys: HttpRequest | None

    def pushed(
        self, headers: Mapping[str, str], body: bytes, keys: Plain, now: float
    ) -> str | None:
        """The id of the job that a webhook is about; None where the provider did not send it.

        Args:
            headers: of the webhook, names in small letters.
            body: of it, byte for byte.
            keys: what was answered to `push_keys`.
            now: seconds since 1970.
        """


def uploads_of(provider: RemoteProvider) -> frozenset[str]:
    """The roles of the inputs that are brought to a provider before the submit."""
    return provider.uploads if isinstance(provider, Uploads) else frozenset()
