"""ModelStream: a gateway to Kling, whose contract is known the least.

It chooses a job's id, sending twice is paying twice, and it has no list of
jobs: nobody but the user can tell what became of a submit whose answer was
lost. What it answers is read in every shape that gateways of its kind give.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from storyboard.exchange import (
    Auth,
    Done,
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
from storyboard.providers.modelstream import answers
from storyboard.providers.modelstream.inputs import HOST, JOBS, arguments

_DATA = Path(__file__).parent.with_suffix(".yaml")


class ModelStream:
    """The provider `modelstream`."""

    name = "modelstream"
    auth = Auth(scheme="Bearer", variables=("MODELSTREAM_API_KEY",), shape=r"sk-\S+")
    hosts: tuple[str, ...] = (HOST,)

    def models(self) -> Mapping[str, Model]:
        """Its models, by the name that a storyboard writes."""
        return read_models(_DATA)

    def submit(self, intent: Intent, frames: FrameRefs) -> HttpRequest:
        """Asks for a clip; the intent's mark goes along for ModelStream's own records."""
        body = arguments(intent.request, frames)
        body["metadata"] = {"external_task_id": intent.nonce}
        return HttpRequest(method="POST", url=JOBS, json=body)

    def submitted(self, intent: Intent, response: HttpResponse) -> Operation | Rejected | Unclear:
        """Accepted with an id, refused in its own words, or nobody knows."""
        return answers.submitted(intent, response)

    def poll(self, operation: Operation) -> HttpRequest:
        """Asks how a job stands."""
        return HttpRequest(method="GET", url=operation.urls["status"])

    def polled(self, operation: Operation, response: HttpResponse) -> Running | Done | JobFailed:
        """Reads the status, in any of its shapes."""
        return answers.polled(operation, response)

    def operation(self, intent: Intent, id_: str) -> Operation:
        """The job of this id."""
        return answers.operation_of(intent, id_)

    def recover(self, intent: Intent, seen: Sequence[HttpResponse]) -> Undecided:  # noqa: ARG002 - nothing is asked
        """Nothing can be asked: there is no list of jobs, and no search."""
        return Undecided(
            "ModelStream has no list of jobs to look in. Its console may show one of "
            f"{intent.made_at:%Y-%m-%d %H:%M} UTC, marked {intent.nonce}; "
            "so may the balance, which goes down when a job is accepted."
        )

    def ping(self) -> HttpRequest:
        """Asks after a job that does not exist: with a good key, the answer is just that."""
        return HttpRequest(method="GET", url=f"{JOBS}/task_none")


provider = ModelStream()
