"""The user's proxy: all that is sent goes by it, or nothing does."""

from __future__ import annotations

import asyncio
from asyncio import StreamReader, StreamWriter

import pytest
from kiln import HOST, KEY, Kiln

from storyboard.diagnostics import Invalid
from storyboard.exchange import HttpRequest
from storyboard.remote.access import access_to
from storyboard.remote.wire import NotSent, Wire

VARIABLES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


@pytest.fixture(autouse=True)
def no_proxy_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def asked_of_a_proxy(monkeypatch: pytest.MonkeyPatch, variable: str, address: str) -> list[str]:
    """What a proxy, which lets nothing through, is asked by a paid request and by a question."""
    asked: list[str] = []

    async def refuse(reader: StreamReader, writer: StreamWriter) -> None:
        asked.append((await reader.readline()).decode().split(" HTTP")[0])
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()
        writer.close()

    async def send() -> None:
        server = await asyncio.start_server(refuse, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        monkeypatch.setenv(variable, address.format(port))
        kiln = Kiln()
        wire = Wire(kiln, access_to(kiln, {"KILN_KEY": KEY}))
        for paid in (True, False):
            with pytest.raises(NotSent):
                await wire.send(HttpRequest(method="GET", url=f"{HOST}/jobs/1"), paid=paid)
        await wire.close()
        server.close()
        await server.wait_closed()

    asyncio.run(send())
    return asked


@pytest.mark.parametrize(
    ("variable", "address"),
    [
        ("https_proxy", "http://127.0.0.1:{}"),
        ("https_proxy", "127.0.0.1:{}"),
        ("all_proxy", "127.0.0.1:{}"),
    ],
)
def test_what_is_paid_and_what_is_only_asked_go_by_the_same_proxy(
    monkeypatch: pytest.MonkeyPatch, variable: str, address: str
) -> None:
    host = HOST.removeprefix("https://")

    assert asked_of_a_proxy(monkeypatch, variable, address) == [f"CONNECT {host}:443"] * 2


@pytest.mark.parametrize(
    ("address", "what"),
    [
        ("socks5://me:my-password@127.0.0.1:1080", "all_proxy is a socks5 proxy"),
        ("http://me:my-password@127.0.0.1:99999", "all_proxy is no address"),
        ("http://", "all_proxy is no address"),
    ],
)
def test_a_proxy_that_cannot_be_used_is_told_before_anything_is_sent(
    monkeypatch: pytest.MonkeyPatch, address: str, what: str
) -> None:
    monkeypatch.setenv("all_proxy", address)

    with pytest.raises(Invalid, match=what) as told:
        access_to(Kiln(), {"KILN_KEY": KEY})

    assert "my-password" not in f"{told.value} {told.value.help}"


def test_a_provider_on_this_machine_is_asked_whatever_the_proxy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("all_proxy", "socks5://127.0.0.1:1080")
    here = "http://127.0.0.1:8000"

    access = access_to(Kiln(), {"KILN_KEY": KEY, "STORYBOARD_KILN_URL": here})

    assert access.local
