"""A client over plain HTTP, from which those of the simulated providers are made."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Self

import httpx


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
