"""A client of the simulator: plain HTTP, and the adapter's requests."""

from __future__ import annotations

import time
from io import BytesIO
from typing import Any

import httpx
from PIL import Image
from plain_caller import PlainCaller

from storyboard.exchange import HttpRequest, HttpResponse
from storyboard.providers.aimlapi import provider

I2V = "klingai/video-v2-6-pro-image-to-video"
T2V = "klingai/video-v2-6-pro-text-to-video"
MOTION = "klingai/video-v2-6-motion-control"
JOBS = "/v2/video/generations"


class Caller(PlainCaller):
    """Calls the simulator at a URL."""

    def call(self, method: str, path: str, key: str = "k", **more: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {key}", **more.pop("headers", {})}
        return self._client.request(method, path, headers=headers, **more)

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

    def send(self, request: HttpRequest) -> HttpResponse:
        """Send what the adapter asks for, to the simulator in the place of its host."""
        assert request.url.startswith(provider.hosts[0])
        answer = self.call(
            request.method,
            self.url + request.url.removeprefix(provider.hosts[0]),
            headers=dict(request.headers),
            params=request.query,
            json=request.json,
        )
        headers = {name.lower(): value for name, value in answer.headers.items()}
        return HttpResponse(answer.status_code, headers, answer.content, request.memo)


def picture(kind: str = "PNG", size: tuple[int, int] = (320, 320), color: str = "teal") -> bytes:
    """A picture's bytes."""
    file = BytesIO()
    Image.new("RGB", size, color).save(file, kind)
    return file.getvalue()
