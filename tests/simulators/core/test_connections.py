"""Connections that are closed without an answer."""

from __future__ import annotations

import asyncio

from starlette.types import Message

from storyboard.simulators.connections import Connections


def test_who_asked_may_be_gone_when_the_connection_is_to_be_dropped() -> None:
    async def gone() -> Message:
        return {"type": "http.disconnect"}

    asyncio.run(Connections().drop({"type": "http", "client": ["127.0.0.1", 4711]}, gone))
