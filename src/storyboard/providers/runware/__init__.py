"""Runware: every request is an array of tasks for one address.

The client chooses a job's id, and an id that is known is refused: so a submit
whose answer was lost is looked for by its id, and where there is no trace of
it, sent again under the same one.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

from storyboard.exchange import (
    Auth,
    Done,
    Found,
    FrameRefs,
    HttpRequest,
    HttpResponse,
    Intent,
    JobFailed,
    Media,
    Operation,
    Rejected,
    Running,
    SafeToSend,
    Unclear,
    Undecided,
    Unseen,
)
from storyboard.model_data import read_models
from storyboard.provider import Model
from storyboard.providers.runware import answers
from storyboard.providers.runware.inputs import arguments
from storyboard.source import Plain

_DATA = Path(__file__).parent.with_suffix(".yaml")
_HOST = "https://api.runware.ai"
_INCONCLUSIVE = 3  # answers that settle nothing, after which no further one is asked for


class Runware:
    """The provider `runware`."""

    name = "runware"
    auth = Auth(scheme="Bearer", variables=("RUNWARE_API_KEY",))
    hosts: tuple[str, ...] = (_HOST,)
    # Pictures go in the submit, as they are; a video for motion control must be stored there first.
    uploads = frozenset({"motion"})
    push_keys = None

    def models(self) -> Mapping[str, Model]:
        """Its models, by the name that a storyboard writes."""
        return read_models(_DATA)

    def upload(self, media: Media) -> HttpRequest:
        """Stores a video, in one request."""
        encoded = f"data:{media.type};base64,{b64encode(media.data).decode()}"
        return _asking("mediaStorage", str(uuid4()), operation="upload", media=encoded)

    def uploaded(self, media: Media, response: HttpResponse) -> str | Rejected:  # noqa: ARG002 - the answer says all
        """The UUID that stands for it from now on."""
        return answers.stored(response)

    def submit(self, intent: Intent, frames: FrameRefs) -> HttpRequest:
        """One task, whose id is the intent's."""
        model = self.models()[intent.request.model]
        body = {
            "taskType": "videoInference",
            "taskUUID": intent.nonce,
            **arguments(intent.request, frames, model),
            "numberResults": intent.count,
        }
        return HttpRequest(method="POST", url=f"{_HOST}/v1", json=[body])

    def submitted(self, intent: Intent, response: HttpResponse) -> Operation | Rejected | Unclear:
        """Accepted, which an id that is known already says too; refused; or nobody knows."""
        return answers.submitted(intent, response)

    def poll(self, operation: Operation) -> HttpRequest:
        """Asks how a job stands."""
        return _asking("getResponse", operation.id)

    def polled(
        self, operation: Operation, response: HttpResponse
    ) -> Running | Done | JobFailed | HttpRequest:
        """Reads it; of a job that is not known there any more, the archive is asked."""
        found = answers.polled(operation, response)
        if found is not None:
            return found
        if response.memo.get("asked") == "getTaskDetails":
            return Unseen()
        return _asking("getTaskDetails", operation.id)

    def operation(self, intent: Intent, id_: str) -> Operation:
        """The task of this id."""
        return replace(answers.operation_of(intent), id=id_)

    def poll_many(self, operations: Sequence[Operation]) -> HttpRequest:
        """Asks how several jobs stand, at once."""
        tasks: list[Plain] = [
            {"taskType": "getResponse", "taskUUID": operation.id} for operation in operations
        ]
        return HttpRequest(method="POST", url=f"{_HOST}/v1", json=tasks)

    def polled_many(
        self, operations: Sequence[Operation], response: HttpResponse
    ) -> Mapping[str, Running | Done | JobFailed | HttpRequest]:
        """What the answer says of each job, by its id."""
        return {operation.id: self.polled(operation, response) for operation in operations}

    def recover(
        self, intent: Intent, seen: Sequence[HttpResponse]
    ) -> HttpRequest | Found | SafeToSend | Undecided:
        """Asks for the job by its id; then the archive; where neither knows it, it never was."""
        unsettled = 0
        question = "getResponse"
        for response in seen:
            match answers.traced(intent, response):
                case True:
                    return Found(answers.operation_of(intent))
                case None:
                    unsettled += 1
                case False if question == "getTaskDetails":
                    return SafeToSend()
                case False:
                    question = "getTaskDetails"
        if unsettled >= _INCONCLUSIVE:
            return Undecided(
                f"Runware was asked for task {intent.nonce} {unsettled} times, and gave no answer"
                f" that says whether it is there (the last: status {seen[-1].status})."
            )
        return _asking(question, intent.nonce)

    def pushed(
        self,
        headers: Mapping[str, str],  # noqa: ARG002 - nothing is signed
        body: bytes,
        keys: Plain,  # noqa: ARG002
        now: float,  # noqa: ARG002
    ) -> str | None:
        """The task that a webhook names: anyone could have sent it."""
        return answers.told_of(body)

    def ping(self) -> HttpRequest:
        """Asks for the account's balance."""
        return _asking("accountManagement", str(uuid4()), operation="getDetails")


def _asking(kind: str, id_: str, **more: Plain) -> HttpRequest:
    """A request of one task."""
    task: dict[str, Plain] = {"taskType": kind, "taskUUID": id_, **more}
    return HttpRequest(method="POST", url=f"{_HOST}/v1", json=[task], memo={"asked": kind})


provider = Runware()
