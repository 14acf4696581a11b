"""A client of the simulator: plain HTTP."""

from __future__ import annotations

from base64 import b64encode
from io import BytesIO
from typing import Any
from uuid import uuid4

import httpx
from PIL import Image
from plain_caller import PlainCaller

PRO = "klingai:kling-video@2.6-pro"
STANDARD = "klingai:kling-video@2.6-standard"


def task(**more: Any) -> dict[str, Any]:
    """A task for a clip from text; what is None is left out."""
    usual = {
        "taskType": "videoInference",
        "taskUUID": str(uuid4()),
        "model": PRO,
        "positivePrompt": "a lamp",
        "width": 1920,
        "height": 1080,
        "duration": 5,
        "deliveryMethod": "async",
        "includeCost": True,
    }
    return {name: value for name, value in {**usual, **more}.items() if value is not None}


def from_picture(*pictures: Any, **more: Any) -> dict[str, Any]:
    """A task for a clip from pictures."""
    return task(width=None, height=None, inputs={"frameImages": list(pictures)}, **more)


def png(color: str = "teal", width: int = 320, height: int = 200) -> bytes:
    data = BytesIO()
    Image.new("RGB", (width, height), color).save(data, "PNG")
    return data.getvalue()


def uri(data: bytes, kind: str = "image/png") -> str:
    return f"data:{kind};base64,{b64encode(data).decode()}"


class Caller(PlainCaller):
    """Calls the simulator at a URL."""

    def call(self, *tasks: dict[str, Any], key: str | None = "k") -> httpx.Response:
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        return self._client.post("/v1", json=list(tasks), headers=headers)

    def accepted(self, asked: dict[str, Any]) -> str:
        """The id of a task that is taken."""
        answer = self.call(asked)
        assert answer.status_code == 200, answer.text
        id_: str = asked["taskUUID"]
        assert answer.json() == {"data": [{"taskType": "videoInference", "taskUUID": id_}]}
        return id_

    def refused(self, asked: dict[str, Any], status: int = 400) -> tuple[str, Any]:
        """The code and the parameter of the error for a task."""
        answer = self.call(asked)
        assert answer.status_code == status, answer.text
        assert answer.json()["data"] == []
        (error,) = answer.json()["errors"]
        assert error["taskUUID"] == asked["taskUUID"]
        assert error["message"]
        return error["code"], error.get("parameter")

    def poll(self, id_: str) -> dict[str, Any]:
        answer: dict[str, Any] = self.call({"taskType": "getResponse", "taskUUID": id_}).json()
        return answer

    def finish(self, seconds: float = 10_000) -> None:
        """Let the simulated time go on."""
        self.knob("clock", {"advance_s": seconds})

    def done(self, asked: dict[str, Any]) -> list[Any]:
        """The results of a task."""
        id_ = self.accepted(asked)
        self.finish()
        results: list[Any] = self.poll(id_)["data"]
        return results

    def billed(self, id_: str) -> Any:
        jobs = reversed(self.knob("ledger")["jobs"])
        return next(job for job in jobs if job["id"] == id_)

    def get(self, url: str, **headers: str) -> httpx.Response:
        return self._client.get(url, headers=headers)

    def knob(self, name: str, setting: Any = None) -> Any:
        method = "GET" if setting is None else "PUT"
        answer = self._client.request(method, f"/_simulator/{name}", json=setting)
        return answer.raise_for_status().json()
