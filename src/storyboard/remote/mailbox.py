"""Webhooks: providers tell here that a job has ended, so that it need not be asked after as often.

What a webhook says is believed only so far that its job is asked after at once,
in the usual way. So a forged one costs a question, and no address that stands
in one is ever used.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TypeAlias
from urllib.parse import urlsplit

from storyboard.abilities import Pushes
from storyboard.diagnostics import Failed
from storyboard.exchange import HttpRequest
from storyboard.provider import Model
from storyboard.remote.line import Line
from storyboard.remote.wire import NotSent, Unanswered
from storyboard.source import Plain

Warn: TypeAlias = Callable[[str, str], None]
"""Told of a webhook that is not believed: whose it claims to be, and why not."""

_LARGEST = 4 << 20  # bytes of a webhook
_SLOWER = 4.0  # how many times longer is waited between polls where a webhook is to come
_MOST_EARLY = 1000  # webhooks that are remembered before anyone waits for them
_KEYS_KEPT_S = 86400.0
_KEYS_AGAIN_S = 60.0  # after a wrong signature: they may have changed


@dataclass(frozen=True, slots=True)
class Webhooks:
    """Where webhooks are taken.

    Attributes:
        host: to listen on.
        port: 0 for a free one.
        url: where providers reach that; None where it is the very place.
    """

    host: str = "127.0.0.1"
    port: int = 0
    url: str | None = None


class Mailbox:
    """Takes webhooks for one build, at an address of its own that nobody can guess.

    Attributes:
        port: that it listens on.
    """

    def __init__(self, webhooks: Webhooks, warn: Warn) -> None:
        """Begin to listen.

        Args:
            webhooks: where.
            warn: told of what is not believed, in the event loop.

        Raises:
            Failed: nobody can listen there.
        """
        self._warn = warn
        self._secret = secrets.token_urlsafe(24)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._lines: dict[str, Line] = {}
        self._waiting: dict[str, asyncio.Event] = {}
        self._early: dict[str, None] = {}
        self._keys: dict[str, tuple[float, Plain]] = {}
        self._checks: set[asyncio.Task[None]] = set()
        try:
            self._server = _Server((webhooks.host, webhooks.port), self._take)
        except OSError as error:
            raise Failed(
                f"Nothing can listen on {webhooks.host}:{webhooks.port}: {error.strerror or error}.",
                "Name another place: --listen 127.0.0.1:8765.",
            ) from None
        self.port = self._server.server_port
        here = f"http://{webhooks.host}:{self.port}"
        self._url = (webhooks.url or here).rstrip("/")
        self._thread = Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Listen no longer."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def address(self, model: Model) -> str | None:
        """Where a model's provider is to send a webhook; None where it sends none."""
        if "webhook" not in model.delivery:
            return None
        return f"{self._url}/{model.provider}/{self._secret}"

    def expects(self, delivery: Mapping[str, Plain]) -> bool:
        """Whether a job that was asked for so is told of here."""
        return str(delivery.get("webhook")).endswith(f"/{self._secret}")

    async def rest(self, line: Line, job: str, seconds: float) -> None:
        """Wait until a job is told of, or for so long that it is time to ask after it all the same.

        Args:
            line: to its provider.
            job: the provider's id of it.
            seconds: between polls, where no webhook is to come.
        """
        self._loop = asyncio.get_running_loop()
        self._lines[line.provider.name] = line
        told = self._waiting.setdefault(job, asyncio.Event())
        if job in self._early:
            del self._early[job]
            told.set()
        with suppress(TimeoutError):
            await asyncio.wait_for(told.wait(), seconds * _SLOWER)
        told.clear()

    def _take(self, path: str, headers: Mapping[str, str], body: bytes) -> bool:
        """A webhook has come, in the server's thread: whether its address is right."""
        provider, _, secret = urlsplit(path).path.rpartition("/")
        if not secrets.compare_digest(secret.encode(), self._secret.encode()):
            return False
        if self._loop:
            name = provider.rpartition("/")[2]
            with suppress(RuntimeError):  # the build has ended
                self._loop.call_soon_threadsafe(self._received, name, headers, body)
        return True

    def _received(self, provider: str, headers: Mapping[str, str], body: bytes) -> None:
        task = asyncio.ensure_future(self._check(provider, headers, body))
        self._checks.add(task)
        task.add_done_callback(self._checks.discard)

    async def _check(self, provider: str, headers: Mapping[str, str], body: bytes) -> None:
        line = self._lines.get(provider)
        if line is None or not isinstance(line.provider, Pushes):
            self._warn(provider, "a webhook came that nobody is to send")
            return
        for oldest in (_KEYS_KEPT_S, _KEYS_AGAIN_S):
            try:
                keys = await self._keys_of(line, line.provider.push_keys, oldest)
            except (NotSent, Unanswered) as error:
                self._warn(provider, f"a webhook came, and cannot be checked: {error}")
                return
            if job := line.provider.pushed(headers, body, keys, time.time()):
                self._tell(job)
                return
        self._warn(provider, "a webhook came without a signature, or with a wrong one")

    async def _keys_of(self, line: Line, ask: HttpRequest | None, oldest: float) -> Plain:
        """The keys that a provider signs with, no older than so many seconds."""
        if ask is None:
            return None
        name, now = line.provider.name, time.monotonic()
        if name not in self._keys or now - self._keys[name][0] > oldest:
            self._keys[name] = now, (await line.wire.send(ask)).json()
        return self._keys[name][1]

    def _tell(self, job: str) -> None:
        if job in self._waiting:
            self._waiting[job].set()
        elif len(self._early) < _MOST_EARLY:
            self._early[job] = None


_Take: TypeAlias = Callable[[str, Mapping[str, str], bytes], bool]


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, place: tuple[str, int], take: _Take) -> None:
        self.take = take
        super().__init__(place, _Handler)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = 15  # seconds: one that says nothing is hung up on

    def do_POST(self) -> None:
        length = self.headers.get("content-length", "")
        if not length.isdigit() or int(length) > _LARGEST:
            self.send_error(413)
            return
        body = self.rfile.read(int(length))
        headers = {name.lower(): value for name, value in self.headers.items()}
        known = self.server.take(self.path, headers, body)
        answer = json.dumps({"ok": known}).encode()
        self.send_response(200 if known else 404)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: object) -> None:
        """Nothing: stderr is the build's."""
