"""AI/ML API: jobs asked for and asked after at one address, pictures within the request.

It chooses a job's id, and a request that is sent twice is two paid jobs. Every
submit carries the intent's mark (`X-Client-Request-Id`): by it a submit whose
answer was lost may be found again in the log of one's calls.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

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
    Unclear,
    Undecided,
)
from storyboard.model_data import read_models
from storyboard.provider import Model
from storyboard.providers.aimlapi import answers, recovery
from storyboard.providers.aimlapi.inputs import HOST, JOBS, arguments

_DATA = Path(__file__).parent.with_suffix(".yaml")


class AimlApi:
    """The provider `aimlapi`."""

    name = "aimlapi"
    auth = Auth(scheme="Bearer", variables=("AIMLAPI_API_KEY", "AIML_API_KEY"))
    hosts: tuple[str, ...] = (HOST,)

    def models(self) -> Mapping[str, Model]:
        """Its models, by the name that a storyboard writes."""
        return read_models(_DATA)

    def submit(self, intent: Intent, frames: FrameRefs) -> HttpRequest:
        """Asks for a clip, under the intent's mark."""
        return HttpRequest(
            method="POST",
            url=JOBS,
            headers={"X-Client-Request-Id": intent.nonce},
            json=arguments(intent.request, frames),
        )

    def submitted(self, intent: Intent, response: HttpResponse) -> Operation | Rejected | Unclear:
        """Accepted with an id, refused in its own words, or nobody knows."""
        return answers.submitted(intent, response)

    def poll(self, operation: Operation) -> HttpRequest:
        """Asks how a job stands. Its id holds `:` and `/`, so it goes into the query."""
        return HttpRequest(method="GET", url=JOBS, query={"generation_id": operation.id})

    def polled(self, operation: Operation, response: HttpResponse) -> Running | Done | JobFailed:
        """Reads the status."""
        return answers.polled(operation, response)

    def operation(self, intent: Intent, id_: str) -> Operation:
        """The job of this id."""
        return answers.operation_of(intent, id_)

    def recover(
        self, intent: Intent, seen: Sequence[HttpResponse]
    ) -> HttpRequest | Found | Undecided:
        """Looks for the mark in the log, page by page; then at what was charged since."""
        return recovery.recover(intent, seen)

    def ping(self) -> HttpRequest:
        """Asks for the balance."""
        return HttpRequest(method="GET", url=f"{HOST}/v2/billing")


provider = AimlApi()
