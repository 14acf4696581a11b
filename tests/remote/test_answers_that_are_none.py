"""What a provider answers is not always an answer: it is told in one line, without addresses."""

from __future__ import annotations

import asyncio
from asyncio import StreamReader, StreamWriter

import pytest
from kiln import HOST, KEY, Kiln

from storyboard.exchange import HttpRequest, HttpResponse
from storyboard.remote.access import access_to
from storyboard.remote.wire import Unanswered, Wire


def asked(answer: bytes) -> HttpResponse:
    """What a question to a server comes to that answers with these very bytes."""

    async def say(reader: StreamReader, writer: StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await writer.drain()
        writer.close()

    async def ask() -> HttpResponse:
        server = await asyncio.start_server(say, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        kiln = Kiln()
        here = {"KILN_KEY": KEY, "STORYBOARD_KILN_URL": f"http://127.0.0.1:{port}"}
        wire = Wire(kiln, access_to(kiln, here))
        try:
            return await wire.send(HttpRequest(method="GET", url=f"{HOST}/jobs/1?sig=s3cret"))
        finally:
            await wire.close()
            server.close()
            await server.wait_closed()

    return asyncio.run(ask())


@pytest.mark.parametrize(
    "answer",
    [
        b"no HTTP\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nno header\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000 + b"\r\n\r\n",
    ],
)
def test_what_cannot_be_read_is_told_in_a_line(answer: bytes) -> None:
    with pytest.raises(Unanswered) as told:
        asked(answer)

    said = str(told.value)
    assert said.strip()
    assert "\n" not in said
    assert "400" not in said  # the provider said no such thing
    assert "127.0.0.1" not in said
    assert "s3cret" not in said


def test_a_long_header_does_not_make_an_answer_unreadable() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Security-Policy: " + b"x" * 20_000

    answer = asked(head + b"\r\nContent-Length: 2\r\n\r\nok")

    assert answer.body == b"ok"
