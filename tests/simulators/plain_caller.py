"""Clients over plain HTTP, from which those of the simulated providers are made."""

from __future__ import annotations

from io import BytesIO
from types import TracebackType
from typing import Any, Self

import httpx
from PIL import Image

from storyboard.exchange import HttpRequest, HttpResponse
from storyboard.remote_provider import RemoteProvider


class PlainCaller:
    """Calls a simulator at a URL. A block closes it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._client = httpx.Client(base_url=url, timeout=120, trust_env=False, verify=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._client.close()

    def turn(self, knob: str, value: object) -> None:
        """Set a knob of the simulator."""
        answer = self._client.put(f"/_simulator/{knob}", json=value)
        assert answer.is_success, answer.text

    def ledger(self) -> dict[str, Any]:
        """The simulator's jobs and charges."""
        told: dict[str, Any] = self._client.get("/_simulator/ledger").json()
        return told


class BearerCaller(PlainCaller):
    """Calls a simulator with a key, and sends it what an adapter asks for.

    Attributes:
        provider: the adapter.
    """

    provider: RemoteProvider

    def call(self, method: str, path: str, key: str = "k", **more: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {key}", **more.pop("headers", {})}
        return self._client.request(method, path, headers=headers, **more)

    def send(self, request: HttpRequest) -> HttpResponse:
        """Send what the adapter asks for, to the simulator in the place of its host."""
        assert request.url.startswith(self.provider.hosts[0])
        answer = self.call(
            request.method,
            self.url + request.url.removeprefix(self.provider.hosts[0]),
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
