"""What is said between this tool and a remote provider: a paid job, from the intent to its results.

Values alone; who says them is `storyboard.remote_provider`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from fractions import Fraction
from typing import TypeAlias

from storyboard.provider import Request
from storyboard.source import Plain


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpRequest:
    """A request to be sent.

    Attributes:
        url: absolute, on one of the provider's own hosts as they are
            published; the driver points it elsewhere where the user says so.
        json: the body; None where there is none, or `content` is it.
        content: a body of plain bytes.
        authorized: whether it carries the key.
        memo: what the provider wants to be told again with the answer. It is
            not sent, and holds no secret.
    """

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    json: Plain = None
    content: bytes | None = None
    authorized: bool = True
    memo: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """An answer. Names of headers are in small letters.

    Attributes:
        memo: that of the request which it answers.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    memo: Mapping[str, str] = field(default_factory=dict)

    def json(self) -> Plain:
        """The body as JSON; None where it is none, which is no answer of a provider."""
        import json

        try:
            read: Plain = json.loads(self.body)
        except ValueError:
            return None
        return read


@dataclass(frozen=True, slots=True)
class Auth:
    """How requests carry the key: `Authorization: SCHEME KEY`.

    Attributes:
        variables: the environment variables that may hold it, the first one set counts.
        shape: a regular expression that a key matches, where that is known.
    """

    scheme: str
    variables: tuple[str, ...]
    shape: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Media:
    """A picture or video that a request is given, before it is sent.

    Attributes:
        data: its bytes; empty for one that only the provider can reach.
        type: `image/png`, `video/mp4`.
        digest: of the bytes.
        reference: a URL or a provider's id, where it need not be sent, or was
            uploaded.
    """

    type: str
    digest: str = ""
    data: bytes = b""
    reference: str | None = None


FrameRefs: TypeAlias = Mapping[str, Media]
"""The inputs of a request by role."""

EVERY_ROLE = frozenset({"first_frame", "last_frame", "motion"})
"""The roles that an input may have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """What is about to be asked, durable before it is.

    Attributes:
        key: the action's key.
        nonce: a UUID chosen for this submit: the job's id where the provider
            lets the client choose it, else the mark by which it is found again.
        count: how many takes are asked for in one request.
        inputs: the digests of the inputs, by role; and their references at the
            provider once uploaded.
        known: ids of the provider's jobs that are recorded already: when a
            lost job is looked for, it is none of them.
        asked: what the key stands for, field by field, for the record.
    """

    key: str
    request: Request
    nonce: str
    made_at: datetime
    count: int = 1
    inputs: Mapping[str, str] = field(default_factory=dict)
    references: Mapping[str, str] = field(default_factory=dict)
    known: frozenset[str] = frozenset()
    asked: Mapping[str, Plain] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """A job that a provider has accepted: enough to go on after a crash.

    Attributes:
        id: the provider's id of the job.
        urls: addresses that the provider gave for asking after it, by purpose.
    """

    provider: str
    model: str
    id: str
    count: int = 1
    urls: Mapping[str, str] = field(default_factory=dict)

    def json(self) -> dict[str, Plain]:
        """For the ledger."""
        return {
            "provider": self.provider,
            "model": self.model,
            "id": self.id,
            "count": self.count,
            "urls": dict(self.urls),
        }


class Kind(StrEnum):
    """Why a provider refuses or fails, in our terms."""

    INVALID = "invalid request"
    REFUSED = "refused by moderation"
    NO_CREDIT = "no credit"
    KEY = "key not accepted"
    RATE = "too many requests"
    BUSY = "busy"
    FAULT = "provider fault"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """A definite no: nothing was accepted, nothing is charged.

    Attributes:
        words: the provider's own.
        field: the field of the shot that it is about, where that is known.
        retry_after: seconds after which it may be asked again; None where
            asking again makes no sense.
    """

    kind: Kind
    words: str
    field: str | None = None
    retry_after: float | None = None


@dataclass(frozen=True, slots=True)
class Unclear:
    """An answer from which nothing certain follows: the job may exist, and be charged."""

    why: str


@dataclass(frozen=True, slots=True)
class Running:
    """Not done yet. `progress` goes from 0 to 1, where the provider tells."""

    progress: float | None = None
    queue_position: int | None = None


@dataclass(frozen=True, slots=True)
class Unseen(Running):
    """The provider knows of no such job, as it says: it may be late, or have forgotten it."""


@dataclass(frozen=True, slots=True)
class Unreached(Running):
    """The provider does not answer: how the job stands is not known, and it is not touched by that."""

    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """A finished clip: where it can be fetched, and what is known of it."""

    url: str
    id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """Finished. `charged_usd` is what the provider says that it took, for all results."""

    results: tuple[Result, ...]
    charged_usd: Fraction | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JobFailed:
    """Ended without a clip."""

    kind: Kind
    words: str
    field: str | None = None
    charged_usd: Fraction | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """A lost job that is this intent's, without doubt."""

    operation: Operation


@dataclass(frozen=True, slots=True)
class SafeToSend:
    """The contract makes it safe to send the same submit again: it cannot be charged twice."""


@dataclass(frozen=True, slots=True)
class Undecided:
    """Nobody can tell. `asked` says in words what was asked and seen, for the user to decide."""

    asked: str


@dataclass(frozen=True, slots=True)
class FellBack:
    """A model has definitely refused a clip, and another is asked instead.

    Attributes:
        model: which is asked now.
        why: the provider's words for the refusal.
    """

    model: str
    why: str
