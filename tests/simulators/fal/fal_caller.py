"""A client of the simulated fal: plain HTTP, and the adapter's own requests."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import httpx
from PIL import Image
from plain_caller import PlainCaller

from storyboard.exchange import HttpRequest, HttpResponse
from storyboard.providers.fal import provider

PRO = "fal-ai/kling-video/v2.6/pro"
I2V, T2V, MOTION = f"{PRO}/image-to-video", f"{PRO}/text-to-video", f"{PRO}/motion-control"
JOBS = "/fal-ai/kling-video/requests"
PICTURE = BytesIO()
Image.linear_gradient("L").resize((320, 180)).convert("RGB").save(PICTURE, "PNG")


class Caller(PlainCaller):
    """Calls the simulator at a URL."""

    def call(
        self, method: str, path: str, key: str | None = "id:secret", **more: Any
    ) -> httpx.Response:
        headers = {**({"Authorization": f"Key {key}"} if key else {}), **more.pop("headers", {})}
        url = path if path.startswith("http") else self.url + path
        return self._client.request(method, url, headers=headers, **more)

    def submit(self, endpoint: str, body: object, **more: Any) -> httpx.Response:
        return self.call("POST", f"/{endpoint}", json=body, **more)

    def accepted(self, endpoint: str = T2V, body: object = None, **more: Any) -> str:
        """The id of a job that was accepted."""
        answer = self.submit(endpoint, body or {"prompt": "Waves"}, **more)
        assert answer.status_code == 200, answer.text
        id_: str = answer.json()["request_id"]
        return id_

    def status(self, id_: str, **query: str) -> httpx.Response:
        return self.call("GET", f"{JOBS}/{id_}/status", params=query)

    def result(self, id_: str) -> httpx.Response:
        return self.call("GET", f"{JOBS}/{id_}")

    def uploaded(self, data: bytes = PICTURE.getvalue()) -> str:
        """The address of a picture that was uploaded."""
        asked = {"content_type": "image/png", "file_name": "x.png"}
        given = self.call("POST", "/storage/upload/initiate", json=asked).json()
        put = self.call("PUT", given["upload_url"], None, content=data)
        assert put.status_code == 200
        url: str = given["file_url"]
        return url

    def pass_time(self, seconds: float) -> None:
        self.turn("clock", {"advance_s": seconds})

    def requests(self) -> list[dict[str, Any]]:
        told: list[dict[str, Any]] = self.call("GET", "/_simulator/requests", None).json()
        return told

    def send(self, request: HttpRequest) -> HttpResponse:
        """Send a request of the adapter's, as the driver does."""
        url = request.url
        for host in provider.hosts:
            url = url.replace(host, self.url, 1) if url.startswith(host) else url
        answer = self._client.request(
            request.method,
            httpx.URL(url).copy_merge_params(dict(request.query)),
            headers={
                **({"Authorization": "Key id:secret"} if request.authorized else {}),
                **request.headers,
            },
            content=request.content,
            json=request.json if request.content is None else None,
        )
        return HttpResponse(
            answer.status_code, dict(answer.headers), answer.content, dict(request.memo)
        )
