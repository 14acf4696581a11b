"""A client of the simulator: plain HTTP, and the adapter's requests."""

from __future__ import annotations

import time
from typing import Any

import httpx
from plain_caller import BearerCaller

from storyboard.providers.aimlapi import provider

I2V = "klingai/video-v2-6-pro-image-to-video"
T2V = "klingai/video-v2-6-pro-text-to-video"
MOTION = "klingai/video-v2-6-motion-control"
JOBS = "/v2/video/generations"


class Caller(BearerCaller):
    """Calls the simulator at a URL."""

    provider = provider

    def submit(self, body: object, **more: Any) -> httpx.Response:
        return self.call("POST", JOBS, json=body, **more)

    def poll(self, id_: str, path: str = JOBS) -> dict[str, Any]:
        answer: dict[str, Any] = self.call("GET", path, params={"generation_id": id_}).json()
        return answer

    def ended(self, id_: str) -> dict[str, Any]:
        """A job's last answer."""
        for _ in range(500):
            answer = self.poll(id_)
            if answer["status"] in {"completed", "error"}:
                return answer
            time.sleep(0.01)
        raise AssertionError(f"{id_} does not end: {answer}")
