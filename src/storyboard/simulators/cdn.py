"""Where clips are fetched from, and where uploaded pictures are: with ranges, expiry and faults."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable
from dataclasses import dataclass
from pathlib import Path

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from storyboard.simulators.calls import Call
from storyboard.simulators.clock import Clock
from storyboard.simulators.connections import Connections
from storyboard.simulators.faults import Fault, Faults, Kind

_AT_FETCH: frozenset[Kind] = frozenset(
    {"expired", "truncated", "half", "wrong_length", "slow", "corrupt"}
)


@dataclass(frozen=True, slots=True)
class _File:
    content: bytes | Awaitable[Path]
    type: str
    expires_at: float | None


class Cdn:
    """The files of a provider, by path. An ASGI application."""

    def __init__(self, base: str, clock: Clock, faults: Faults, connections: Connections) -> None:
        self._base = base
        self._clock = clock
        self._faults = faults
        self._connections = connections
        self._files: dict[str, _File] = {}

    def publish(
        self,
        path: str,
        content: bytes | Awaitable[Path],
        type_: str = "video/mp4",
        *,
        lasts_s: float | None = None,
    ) -> str:
        """Put a file at a path (`/files/…`), for so many simulated seconds: its URL."""
        expires_at = None if lasts_s is None else self._clock.now() + lasts_s
        self._files[path] = _File(content, type_, expires_at)
        return self._base + path

    def holds(self, path: str) -> bool:
        """Whether there is, or was, a file at a path."""
        return path in self._files

    def read(self, url: str) -> bytes | None:
        """What was uploaded to a URL of this provider; None where nothing was."""
        file = self._files.get(url.removeprefix(self._base))
        return file.content if file and isinstance(file.content, bytes) else None

    async def content(self, url: str) -> tuple[str, bytes]:
        """The type and the bytes of what was published, as soon as it is there."""
        file = self._files[url.removeprefix(self._base)]
        data = file.content
        return file.type, data if isinstance(data, bytes) else (await data).read_bytes()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request for a file."""
        request = Request(scope, receive)
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        file = self._files.get(path)
        response: Response
        if file is None or request.method not in {"GET", "HEAD"}:
            response = PlainTextResponse("not found", 404)
        elif file.expires_at is not None and self._clock.now() >= file.expires_at:
            response = PlainTextResponse("expired", 403)
        else:
            _, data = await self.content(path)
            fault = self._faults.strike(_AT_FETCH, "download", path)
            if fault and fault.kind in {"truncated", "wrong_length"}:
                await self._send_falsely(scope, receive, data, file.type, fault)
                return
            response = (
                _faulty(data, file.type, fault) if fault else _ranged(request, data, file.type)
            )
        await response(scope, receive, send)

    async def _send_falsely(
        self, scope: Scope, receive: Receive, data: bytes, type_: str, fault: Fault
    ) -> None:
        """Send what no HTTP library would: another length than is announced."""
        half = len(data) // 2
        told, sent = (len(data), data[:half]) if fault.kind == "truncated" else (half, data)
        # `close`, or a client may take what came too much for the answer to its next request.
        head = (
            f"HTTP/1.1 200 OK\r\nconnection: close\r\n"
            f"content-type: {type_}\r\ncontent-length: {told}\r\n\r\n"
        )
        if connection := self._connections.of(scope):
            connection.write(head.encode() + sent)
        await self._connections.drop(scope, receive)


def call_of(scope: Scope, body: bytes) -> Call:
    """A request as it came in."""
    request = Request(scope)
    return Call(
        method=request.method,
        path=scope["path"].removeprefix(scope.get("root_path", "")),
        query=dict(request.query_params),
        headers=dict(request.headers),
        body=body,
    )


def _ranged(request: Request, data: bytes, type_: str) -> Response:
    """The file, or the part of it that is asked for."""
    headers = {"accept-ranges": "bytes"}
    asked = re.fullmatch(r"bytes=(\d*)-(\d*)", request.headers.get("range", ""))
    if not asked or not (asked[1] or asked[2]):
        return _answer(request, data, 200, type_, headers)
    size = len(data)
    start = int(asked[1]) if asked[1] else max(0, size - int(asked[2]))
    end = min(int(asked[2]) + 1, size) if asked[1] and asked[2] else size
    if start >= end:
        return Response(status_code=416, headers={"content-range": f"bytes */{size}"})
    headers["content-range"] = f"bytes {start}-{end - 1}/{size}"
    return _answer(request, data[start:end], 206, type_, headers)


def _answer(
    request: Request, data: bytes, status: int, type_: str, headers: dict[str, str]
) -> Response:
    if request.method == "HEAD":
        return Response(
            status_code=status,
            media_type=type_,
            headers=headers | {"content-length": str(len(data))},
        )
    return Response(data, status, media_type=type_, headers=headers)


def _faulty(data: bytes, type_: str, fault: Fault) -> Response:
    match fault.kind:
        case "expired":
            return PlainTextResponse("expired", fault.status or 403)
        case "half":
            return Response(data[: len(data) // 2], media_type=type_)
        case "corrupt":
            middle = len(data) // 2
            noise = bytes(byte ^ 0xA5 for byte in data[middle : middle + len(data) // 4])
            spoilt = data[:middle] + noise + data[middle + len(noise) :]
            return Response(spoilt, media_type=type_)
        case _:
            return StreamingResponse(_dripping(data, fault.seconds), media_type=type_)


async def _dripping(data: bytes, seconds: float, drips: int = 20) -> AsyncIterator[bytes]:
    step = len(data) // drips + 1
    for at in range(0, len(data), step):
        yield data[at : at + step]
        await asyncio.sleep(seconds / drips)
