"""The gate before a simulated provider: remembers what comes in, strikes faults, turns its knobs."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Callable
from math import ceil
from typing import Any

from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Router
from starlette.types import Message, Receive, Scope, Send

from storyboard.exchange import Kind
from storyboard.simulators.calls import Call, Purpose
from storyboard.simulators.cdn import call_of
from storyboard.simulators.connections import Connections
from storyboard.simulators.faults import ANYWHERE, BadSetting, Fault
from storyboard.simulators.world import Simulator, Trouble, World

KNOBS = "/_simulator/"
"""Below a provider's base: what those turn who simulate, and no client of the provider knows."""


class Gate:
    """A simulated provider as an ASGI application."""

    def __init__(self, world: World, simulator: Simulator, connections: Connections) -> None:
        self._world = world
        self._simulator = simulator
        self._connections = connections
        self._provider = Router(list(simulator.routes()), default=world.cdn)
        self._within_minute: deque[float] = deque()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        body = await _body(receive)
        call = call_of(scope, body)
        if call.path.startswith(KNOBS):
            await self._turn(call)(scope, receive, send)
            return
        self._world.calls.append(call)
        purpose = self._purpose(call)
        text = f"{call.path} {' '.join(call.query.values())} {body.decode('utf-8', 'replace')}"
        fault = self._world.faults.strike(ANYWHERE, purpose, text)
        early = self._crowded(call, purpose) or (fault and self._early(fault, call))
        if early:
            await early(scope, receive, send)
        elif fault and fault.kind in {"drop_before", "hang"}:
            await asyncio.sleep(fault.seconds if fault.kind == "hang" else 0)
            await self._connections.drop(scope, receive)
        else:
            held = _Held()
            await self._provider(scope, _replayed(body, receive), held if fault else send)
            if fault:
                await self._answer_late(fault, held, (scope, receive, send), call)

    def _purpose(self, call: Call) -> Purpose:
        return "download" if self._world.cdn.holds(call.path) else self._simulator.purpose(call)

    def _crowded(self, call: Call, purpose: Purpose) -> Response | None:
        """The answer to one request too many."""
        allowed: int = self._world.switches["requests_per_minute"]
        if not allowed or purpose == "download":
            return None
        now, latest = self._world.clock.now(), self._within_minute
        while latest and latest[0] <= now - 60:
            latest.popleft()
        if len(latest) < allowed:
            latest.append(now)
            return None
        wait = max(1, ceil(self._world.clock.real(latest[0] + 60 - now)))
        return self._simulator.refusal(Trouble(kind=Kind.RATE, retry_after=wait), call)

    def _early(self, fault: Fault, call: Call) -> Response | None:
        """The answer to a request that is not even looked at."""
        if fault.kind == "rate" or not fault.accepted:
            return self._instead(fault, call)
        return None

    def _instead(self, fault: Fault, call: Call) -> Response | None:
        """What is answered in the place of the provider's own answer."""
        if fault.kind == "html":
            said = "<html><body><h1>Bad gateway</h1></body></html>"
            return HTMLResponse(said, fault.status or 502)
        if fault.kind not in {"rate", "server_error"}:
            return None
        trouble = Trouble(
            kind=Kind.RATE if fault.kind == "rate" else Kind.FAULT,
            status=fault.status,
            words=fault.words,
            retry_after=fault.retry_after,
        )
        return self._simulator.refusal(trouble, call)

    async def _answer_late(
        self, fault: Fault, held: _Held, asgi: tuple[Scope, Receive, Send], call: Call
    ) -> None:
        """The request was done: now what happens to its answer."""
        scope, receive, send = asgi
        if fault.kind == "drop_after":
            await self._connections.drop(scope, receive)
        elif instead := self._instead(fault, call):
            await instead(scope, receive, send)
        else:
            await asyncio.sleep(fault.seconds)
            for message in held.messages:
                await send(message)

    def _turn(self, call: Call) -> Response:
        """Show or turn a knob."""
        world = self._world
        shown: dict[str, Callable[[], Any]] = {
            "ledger": world.jobs.ledger,
            "faults": lambda: [fault.json() for fault in world.faults.listed],
            "switches": world.switches.json,
            "clock": lambda: {"now": world.clock.now(), "speed": world.clock.speed},
            "requests": lambda: [each.told() for each in world.calls],
        }
        turned: dict[str, Callable[[Any], None]] = {
            "faults": world.faults.set,
            "switches": world.set_switches,
            "clock": world.set_clock,
        }
        name = call.path.removeprefix(KNOBS)
        if name not in shown:
            return _wrong(404, f"there is no {KNOBS}{name}; there are {', '.join(shown)}")
        if call.method == "PUT" and name in turned:
            try:
                turned[name](json.loads(call.body))
            except BadSetting as error:
                return _wrong(400, str(error))
            except ValueError as error:
                return _wrong(400, f"the body is not JSON: {error}")
        elif call.method != "GET":
            return _wrong(405, f"{call.method} is nothing that {name} knows")
        return JSONResponse(shown[name]())


class _Held:
    """An answer that is kept back."""

    def __init__(self) -> None:
        self.messages: list[Message] = []

    async def __call__(self, message: Message) -> None:
        self.messages.append(message)


def _wrong(status: int, said: str) -> Response:
    return JSONResponse({"error": said}, status)


async def _body(receive: Receive) -> bytes:
    parts = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)


def _replayed(body: bytes, receive: Receive) -> Receive:
    """What gives a body once more to who reads it."""
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> Message:
        return waiting.pop() if waiting else await receive()

    return replay
