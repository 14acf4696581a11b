"""A client of a simulated provider, whichever it is: here it is Runware, whose wire is plain."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import httpx
from plain_caller import PlainCaller

TASK = {
    "taskType": "videoInference",
    "model": "klingai:kling-video@2.6-pro",
    "width": 1920,
    "height": 1080,
    "duration": 5,
}


class Caller(PlainCaller):
    """Calls the simulator at a URL."""

    def submit(self, prompt: str = "a lamp", id_: str | None = None) -> httpx.Response:
        task = {**TASK, "taskUUID": id_ or str(uuid4()), "positivePrompt": prompt}
        return self._post(task)

    def poll(self, id_: str) -> httpx.Response:
        return self._post({"taskType": "getResponse", "taskUUID": id_})

    def clip(self) -> str:
        """The URL of a finished clip."""
        id_ = str(uuid4())
        self.submit(id_=id_)
        self.knob("clock", {"advance_s": 10_000})
        url: str = self.poll(id_).json()["data"][0]["videoURL"]
        return url

    def get(self, url: str, method: str = "GET", **headers: str) -> httpx.Response:
        return self._client.request(method, url, headers=headers)

    def knob(self, name: str, setting: Any = None, method: str = "PUT") -> httpx.Response:
        if setting is None:
            return self._client.get(f"/_simulator/{name}")
        return self._client.request(method, f"/_simulator/{name}", json=setting)

    def jobs(self) -> list[Any]:
        listed: list[Any] = self.knob("ledger").json()["jobs"]
        return listed

    def _post(self, task: dict[str, Any]) -> httpx.Response:
        return self._client.post("/v1", json=[task], headers={"Authorization": "Bearer secret-key"})
