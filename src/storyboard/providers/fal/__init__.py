"""fal.ai: jobs in a queue, asked for and asked after with plain JSON.

fal chooses a job's id, and a request that is sent twice is two paid jobs. So
every picture is uploaded first: its address is its own, and by it a request
whose answer was lost is found again (`recovery`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from storyboard.exchange import (
    EVERY_ROLE,
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
    Unclear,
    Undecided,
)
from storyboard.model_data import read_models
from storyboard.provider import Model
from storyboard.providers.fal import answers, recovery, webhook
from storyboard.providers.fal.addresses import PLATFORM, QUEUE, REST, endpoint, operation_of
from storyboard.providers.fal.inputs import arguments, headers_of, query_of
from storyboard.requests import mode_given
from storyboard.source import Plain

_DATA = Path(__file__).parent.with_suffix(".yaml")


class Fal:
    """The provider `fal`."""

    name = "fal"
    auth = Auth(scheme="Key", variables=("FAL_KEY",), shape=r"[^\s:]+:[^\s:]+")
    hosts: tuple[str, ...] = (QUEUE, REST, PLATFORM)
    uploads = EVERY_ROLE

    def models(self) -> Mapping[str, Model]:
        """Its models, by the name that a storyboard writes."""
        return read_models(_DATA)

    def upload(self, media: Media) -> HttpRequest:
        """Asks for an address to send a picture or video to."""
        return HttpRequest(
            method="POST",
            url=f"{REST}/storage/upload/initiate",
            query={"storage_type": "fal-cdn-v3"},
            json={"content_type": media.type, "file_name": _file_name(media)},
            memo={"asked": "address"},
        )

    def uploaded(self, media: Media, response: HttpResponse) -> HttpRequest | str | Rejected:
        """The bytes go to the address that was given, without the key; then they are at another."""
        if response.status >= 400:
            return answers.rejected(response)
        if response.memo.get("asked") == "store":
            return response.memo["file_url"]
        match response.json():
            case {"upload_url": str(upload_url), "file_url": str(file_url)}:
                return HttpRequest(
                    method="PUT",
                    url=upload_url,
                    headers={"Content-Type": media.type},
                    content=media.data,
                    authorized=False,
                    memo={"asked": "store", "file_url": file_url},
                )
        return answers.rejected(response)

    def submit(self, intent: Intent, frames: FrameRefs) -> HttpRequest:
        """The input of the model, as it is, is the body; how to deliver goes beside it."""
        return HttpRequest(
            method="POST",
            url=f"{QUEUE}/{endpoint(mode_given(frames))}",
            headers=headers_of(intent.request.delivery),
            query=query_of(intent.request.delivery, intent.nonce),
            json=arguments(intent.request, frames),
        )

    def submitted(self, intent: Intent, response: HttpResponse) -> Operation | Rejected | Unclear:
        """Accepted with an id, refused in fal's own words, or nobody knows."""
        return answers.submitted(intent, response)

    def poll(self, operation: Operation) -> HttpRequest:
        """Asks for the status; the clip is asked for once that is `COMPLETED`."""
        return HttpRequest(
            method="GET",
            url=operation.urls["status"],
            query={"logs": "false"},
            memo={"asked": "status"},
        )

    def polled(
        self, operation: Operation, response: HttpResponse
    ) -> Running | Done | JobFailed | HttpRequest:
        """Reads the status; the result; or, where the queue has forgotten the job, its record."""
        return answers.polled(operation, response)

    def operation(self, intent: Intent, id_: str) -> Operation:
        """The request of this id, with the addresses that fal would have given for it."""
        return operation_of(intent, id_)

    def recover(
        self, intent: Intent, seen: Sequence[HttpResponse]
    ) -> HttpRequest | Found | Undecided:
        """Looks through the list of one's requests, page by page."""
        return recovery.recover(intent, seen)

    def cancel(self, operation: Operation) -> HttpRequest:
        """Asks for a job to be ended; one that runs already may still be charged."""
        return HttpRequest(method="PUT", url=operation.urls["cancel"])

    def cancelled(self, operation: Operation, response: HttpResponse) -> bool | None:  # noqa: ARG002 - the answer says all
        """Whether it will be; not if it had ended, or is not known there."""
        return answers.cancelled(response)

    @property
    def push_keys(self) -> HttpRequest:
        """Asks for the keys that webhooks are signed with: they are public."""
        return HttpRequest(method="GET", url=webhook.JWKS_URL, authorized=False)

    def pushed(
        self, headers: Mapping[str, str], body: bytes, keys: Plain, now: float
    ) -> str | None:
        """The request that a webhook with a good signature is about."""
        if not webhook.verify(headers, body, keys, now):
            return None
        return headers["x-fal-webhook-request-id"]

    def ping(self) -> HttpRequest:
        """Asks for leave to upload, and makes no use of it."""
        return HttpRequest(
            method="POST",
            url=f"{REST}/storage/auth/token",
            query={"storage_type": "fal-cdn-v3"},
            json={},
        )


def _file_name(media: Media) -> str:
    kind = media.type.partition("/")[2].partition("+")[0] or "bin"
    return f"{media.digest[:16] or 'frame'}.{'jpg' if kind == 'jpeg' else kind}"


provider = Fal()
