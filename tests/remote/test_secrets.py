"""A key goes to its provider, and nowhere else."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping

import pytest
from kiln import HOST, KEY, Kiln, KilnServer, serving
from kiln_film import KilnFilm, chain

from storyboard.diagnostics import Invalid
from storyboard.exchange import HttpRequest, HttpResponse
from storyboard.remote.access import access_to
from storyboard.remote.wire import NotSent, Wire

SECRETS = (KEY, "very-secret-5678", "kiln-id-1234")


def test_the_key_is_in_nothing_that_is_written_or_said(
    film: KilnFilm, server: KilnServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    server.failing.add("a door")
    server.faults["submit"] = [429, "lose", 422, 401]
    server.faults["poll"] = [500, 401]
    server.faults["files"] = ["half", 500]
    shots = chain("a stair", "a door")

    said = [film.build(shots).events for _ in range(6)]

    spoken = caplog.text + repr(said)
    assert "***" in repr(said)  # the provider did say it
    for secret in SECRETS:
        assert secret not in spoken
        for path in film.files():
            assert secret.encode() not in path.read_bytes(), path


def sent(request: HttpRequest, url: str, key: str = KEY) -> HttpResponse:
    async def send() -> HttpResponse:
        kiln = Kiln()
        environment = {"KILN_KEY": key, "STORYBOARD_KILN_URL": url}
        wire = Wire(kiln, access_to(kiln, environment))
        try:
            return await wire.send(request)
        finally:
            await wire.close()

    return asyncio.run(send())


def test_a_redirect_to_another_host_goes_without_the_key(server: KilnServer) -> None:
    with serving() as other:
        server.faults["poll"] = [f"redirect {other.url}/jobs/1", f"redirect {server.url}/jobs/2"]

        sent(HttpRequest(method="GET", url=f"{HOST}/jobs/0"), server.url)
        sent(HttpRequest(method="GET", url=f"{HOST}/jobs/0"), server.url)

        assert [key for _, _, key in other.seen] == [None]
        assert {key for _, _, key in server.seen} == {f"Bearer {KEY}"}


@pytest.mark.parametrize(
    "url",
    [
        "https://api.kiln.example.evil.example/jobs",
        "https://api.kiln.example@evil.example/jobs",
        "http://127.0.0.1:9/jobs",
    ],
)
def test_the_key_is_not_sent_where_an_answer_says(server: KilnServer, url: str) -> None:
    with pytest.raises(NotSent, match="the key is not sent there"):
        sent(HttpRequest(method="GET", url=url), server.url)


def test_a_redirected_submit_is_not_sent_on(server: KilnServer) -> None:
    server.faults["submit"] = [f"redirect {server.url}/jobs"]

    answer = sent(HttpRequest(method="POST", url=f"{HOST}/jobs", json={}), server.url)

    assert answer.status == 302
    assert len(server.seen) == 1


@pytest.mark.parametrize(
    ("environment", "told"),
    [
        ({}, "There is no key for kiln: KILN_KEY is not set"),
        ({"KILN_KEY": "  "}, "There is no key"),
        ({"KILN_KEY": "secret\nX-Evil: 1"}, "KILN_KEY holds blanks or characters that no key has"),
        ({"KILN_KEY": "sécret"}, "KILN_KEY holds"),
        ({"KILN_KEY": "k", "STORYBOARD_KILN_URL": "http://10.0.0.1"}, "in the clear"),
        ({"KILN_KEY": "k", "STORYBOARD_KILN_URL": "kiln"}, "STORYBOARD_KILN_URL is not an address"),
        ({"KILN_KEY": "k", "STORYBOARD_KILN_URL": "http://["}, "is not an address"),
    ],
)
def test_what_is_wrong_with_a_key_or_an_address_is_told_without_it(
    environment: Mapping[str, str], told: str
) -> None:
    with pytest.raises(Invalid) as caught:
        access_to(Kiln(), environment)

    assert told in caught.value.message
    assert "secret" not in caught.value.message


def test_the_first_variable_that_is_set_counts() -> None:
    access = access_to(Kiln(), {"KILN_API_KEY": " second-key\n"})

    assert (access.key, access.variable) == ("second-key", "KILN_API_KEY")
    assert "second-key" not in repr(access)
