"""fal's storage: the ways to upload a file, each of which gives it an address of its own."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from starlette.responses import JSONResponse, Response

from storyboard.simulators.calls import Call
from storyboard.simulators.fal import errors
from storyboard.simulators.world import World


@dataclass(slots=True)
class _Upload:
    """A file that is on its way."""

    path: str
    type: str
    lasts_s: float | None
    parts: dict[int, bytes] = field(default_factory=dict)


class Storage:
    """The uploads of the simulated fal."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._tokens: set[str] = set()
        self._uploads: dict[str, _Upload] = {}

    # In two plain requests: where to, and then the bytes, without the key

    def initiate(self, call: Call) -> Response:
        """An address to send a file to, and the one that it will be at."""
        match call.json():
            case {"content_type": str(type_), "file_name": str(name)}:
                id_ = self._begin(name, type_, call)
                upload = self._uploads[id_]
                given = {
                    "upload_url": f"{self._world.base}/upload/{id_}?signature={uuid4().hex}",
                    "file_url": self._world.base + upload.path,
                }
                return JSONResponse(given)
            case body:
                given = body if isinstance(body, dict) else {}
                missing = [name for name in ("content_type", "file_name") if name not in given]
                return errors.of_input(
                    [
                        errors.mistake((name,), "missing", "Field required", {}, given)
                        for name in missing
                    ]
                )

    def put(self, id_: str, call: Call) -> Response:
        """The bytes of a file."""
        upload = self._uploads.pop(id_, None)
        if upload is None:
            return Response("unknown or expired upload", 403)
        self._publish(upload, call.body)
        return Response(status_code=200)

    # With a token for uploads alone, in one request

    def token(self) -> Response:
        """A token for uploads."""
        token = uuid4().hex
        self._tokens.add(token)
        expires = datetime.now(UTC) + timedelta(hours=1)
        return JSONResponse(
            {
                "token": token,
                "token_type": "Bearer",
                "base_url": self._world.base,
                "expires_at": expires.isoformat(),
            }
        )

    def upload(self, call: Call) -> Response:
        """A file, all in one."""
        if refused := self._refused(call):
            return refused
        name = call.headers.get("x-fal-file-name", "upload.bin")
        id_ = self._begin(name, call.headers.get("content-type", "application/octet-stream"), call)
        upload = self._uploads.pop(id_)
        return JSONResponse({"access_url": self._publish(upload, call.body)})

    # In parts

    def begin_parts(self, call: Call) -> Response:
        """Begin a file that comes in parts, with a token."""
        if refused := self._refused(call):
            return refused
        name = call.headers.get("x-fal-file-name", "upload.bin")
        id_ = self._begin(name, call.headers.get("content-type", "application/octet-stream"), call)
        path = self._uploads[id_].path
        return JSONResponse({"access_url": self._world.base + path, "uploadId": id_})

    def part(self, id_: str, number: int, call: Call) -> Response:
        """One part; its etag is to be named at the end."""
        upload = self._uploads.get(id_)
        if upload is None:
            return Response("unknown or expired upload", 403)
        upload.parts[number] = call.body
        etag = _etag(call.body)
        return JSONResponse({"partNumber": number, "etag": etag}, headers={"etag": etag})

    def complete(self, id_: str, call: Call) -> Response:
        """All parts have come: the file is there."""
        upload = self._uploads.get(id_)
        if upload is None:
            return Response("unknown or expired upload", 403)
        sent = call.json()
        named = sent.get("parts") if isinstance(sent, dict) else None
        right = [
            {"partNumber": number, "etag": _etag(data)}
            for number, data in sorted(upload.parts.items())
        ]
        if not isinstance(named, list) or sorted(named, key=_number) != right:
            return errors.plain(400, "The parts are not those that were sent")
        del self._uploads[id_]
        self._publish(upload, b"".join(data for _, data in sorted(upload.parts.items())))
        return JSONResponse({"access_url": self._world.base + upload.path})

    def _begin(self, name: str, type_: str, call: Call) -> str:
        id_ = uuid4().hex
        safe = name.rpartition("/")[2] or "upload.bin"
        path = f"/files/b/{id_[:8]}/{id_[8:]}_{safe}"
        self._uploads[id_] = _Upload(path, type_, _lifecycle(call.headers))
        return id_

    def _publish(self, upload: _Upload, data: bytes) -> str:
        return self._world.cdn.publish(upload.path, data, upload.type, lasts_s=upload.lasts_s)

    def _refused(self, call: Call) -> Response | None:
        scheme, _, token = call.headers.get("authorization", "").partition(" ")
        if scheme == "Bearer" and token in self._tokens:
            return None
        return errors.plain(401, "Unauthorized: invalid token")


def _etag(data: bytes) -> str:
    return f'"{hashlib.md5(data, usedforsecurity=False).hexdigest()}"'


def _number(part: object) -> int:
    number = part.get("partNumber") if isinstance(part, dict) else None
    return number if isinstance(number, int) else 0


def _lifecycle(headers: Mapping[str, str]) -> float | None:
    try:
        asked = json.loads(headers.get("x-fal-object-lifecycle", "{}"))
        return float(asked["expiration_duration_seconds"])
    except (ValueError, KeyError, TypeError):
        return None
