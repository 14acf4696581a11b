"""A client of the simulator: plain HTTP, and the adapter's requests."""

from __future__ import annotations

import time
from fractions import Fraction
from typing import Any

import httpx
from plain_caller import BearerCaller

from storyboard.exchange import Done, JobFailed, Operation
from storyboard.media.probe import ClipInfo, probe
from storyboard.providers.modelstream import provider

JOBS = "/v1/video/generations"


class Caller(BearerCaller):
    """Calls the simulator at a URL."""

    provider = provider

    def submit(self, body: object, **more: Any) -> httpx.Response:
        return self.call("POST", JOBS, json=body, **more)

    def poll(self, id_: str, path: str = JOBS) -> dict[str, Any]:
        answer: dict[str, Any] = self.call("GET", f"{path}/{id_}").json()
        return answer

    def ended(self, operation: Operation) -> Done | JobFailed:
        """How a job ended, as the adapter reads it."""
        for _ in range(500):
            answer = provider.polled(operation, self.send(provider.poll(operation)))
            if isinstance(answer, Done | JobFailed):
                return answer
            time.sleep(0.01)
        raise AssertionError(f"{operation.id} does not end: {answer}")

    def clip(self, url: str, path: Any) -> ClipInfo:
        """A clip, fetched to a path."""
        path.write_bytes(self._client.get(url).content)
        return probe(path)


def one_frame_more(seconds: int) -> Fraction:
    """How long a clip of so many seconds is."""
    return Fraction(seconds * 24 + 1, 24)
