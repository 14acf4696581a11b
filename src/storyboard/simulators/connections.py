"""The connections of a server, so that one can be closed without an answer."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from uvicorn.protocols.http.h11_impl import H11Protocol

if TYPE_CHECKING:
    from starlette.types import Receive, Scope


class Connections:
    """The open connections, by the address at their other end."""

    def __init__(self) -> None:
        self._open: dict[tuple[str, int], asyncio.Transport] = {}

    def protocol(self) -> type[asyncio.Protocol]:
        """What uvicorn is to speak HTTP with, so that connections are known here."""
        known = self._open

        class Protocol(H11Protocol):
            def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
                super().connection_made(transport)
                known[transport.get_extra_info("peername")[:2]] = transport

            def connection_lost(self, exc: Exception | None) -> None:
                known.pop(self.transport.get_extra_info("peername")[:2], None)
                super().connection_lost(exc)

        return Protocol

    def of(self, scope: Scope) -> asyncio.Transport | None:
        """The connection that a request came on; None when who asked has gone meanwhile."""
        return self._open.get(tuple(scope["client"]))

    async def drop(self, scope: Scope, receive: Receive) -> None:
        """Close the connection of a request without an answer."""
        if connection := self.of(scope):
            connection.close()
        while (await receive())["type"] != "http.disconnect":
            pass
