"""A conversation with a provider's simulator: the adapter's own words, over the driver's own wire."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

import httpx

from storyboard.abilities import Uploads, uploads_of
from storyboard.exchange import (
    Done,
    Found,
    HttpRequest,
    HttpResponse,
    Intent,
    JobFailed,
    Media,
    Operation,
    Rejected,
    Running,
    SafeToSend,
    Unclear,
    Undecided,
)
from storyboard.provider import Request
from storyboard.remote.access import Access
from storyboard.remote.wire import NotSent, Unanswered, Wire
from storyboard.remote_provider import RemoteProvider

T = TypeVar("T")

KEY = "sk-contract:0123456789"
NO_ANSWER = Unclear("no answer")


@dataclass(frozen=True)
class Conversation:
    """Speaks with the simulator at a URL, as `provider` has it."""

    provider: RemoteProvider
    url: str
    key: str = KEY

    def intent(self, request: Request, frames: Mapping[str, Media], count: int = 1) -> Intent:
        return Intent(
            key="key",
            request=request,
            nonce=str(uuid4()),
            made_at=datetime.now(UTC),
            count=count,
            inputs={role: media.digest for role, media in frames.items()},
        )

    def uploaded(self, frames: Mapping[str, Media]) -> dict[str, Media]:
        """The inputs as a submit takes them."""

        async def bring(wire: Wire, media: Media) -> Media:
            assert isinstance(self.provider, Uploads)
            request = self.provider.upload(media)
            while True:
                match self.provider.uploaded(media, await wire.send(request)):
                    case HttpRequest() as following:
                        request = following
                    case str() as reference:
                        return replace(media, reference=reference)
                    case Rejected() as no:
                        raise AssertionError(no)

        async def bring_all(wire: Wire) -> dict[str, Media]:
            roles = uploads_of(self.provider)
            return {
                role: await bring(wire, media) if role in roles else media
                for role, media in frames.items()
            }

        return self._speak(bring_all)

    def submit(self, intent: Intent, frames: Mapping[str, Media]) -> Operation | Rejected | Unclear:
        """Sends a submit once; without an answer it is unclear."""
        answer = self.send(self.provider.submit(intent, frames), paid=True)
        return self.provider.submitted(intent, answer) if answer else NO_ANSWER

    def poll(self, operation: Operation) -> Running | Done | JobFailed:
        """Asks once how a job stands; an answer that does not come is none."""
        request = self.provider.poll(operation)
        while (answer := self.send(request)) is not None:
            match self.provider.polled(operation, answer):
                case HttpRequest() as further:
                    request = further
                case standing:
                    return standing
        return Running()

    def ended(self, operation: Operation) -> Done | JobFailed:
        """Asks until a job is over."""
        while isinstance(standing := self.poll(operation), Running):
            pass
        return standing

    def recovered(
        self, intent: Intent, known: Iterable[str] = ()
    ) -> Found | SafeToSend | Undecided:
        """Finds out what became of a submit without an answer."""
        intent, seen = replace(intent, known=frozenset(known)), list[HttpResponse]()
        while isinstance(step := self.provider.recover(intent, seen), HttpRequest):
            answer = self.send(step)
            assert answer is not None
            seen.append(answer)
        return step

    def fetched(self, url: str, path: Path) -> Path:
        """A clip, downloaded."""
        answer = httpx.get(url, timeout=30, trust_env=False, verify=False)
        answer.raise_for_status()
        path.write_bytes(answer.content)
        return path

    def knob(self, name: str, setting: Any = None) -> Any:
        """Turns one of the simulator's knobs, or looks at it."""
        url = f"{self.url}/_simulator/{name}"
        answer = (
            httpx.get(url, trust_env=False, verify=False)
            if setting is None
            else httpx.put(url, json=setting, trust_env=False, verify=False)
        )
        assert answer.status_code == 200, answer.text
        return answer.json()

    def send(self, request: HttpRequest, *, paid: bool = False) -> HttpResponse | None:
        """The answer to a request; None where there is none."""

        async def ask(wire: Wire) -> HttpResponse | None:
            try:
                return await wire.send(request, paid=paid)
            except (NotSent, Unanswered):
                return None

        return self._speak(ask)

    def _speak(self, work: Callable[[Wire], Coroutine[Any, Any, T]]) -> T:
        async def speak() -> T:
            wire = Wire(self.provider, Access(self.key, "KEY", self.url))
            try:
                return await work(wire)
            finally:
                await wire.close()

        return asyncio.run(speak())
