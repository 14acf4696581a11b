"""How long the driver waits, and which way it takes to a host."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from storyboard.provider import Rhythm
from storyboard.remote.hosts import NotAllowed, Route, vetted
from storyboard.remote.waits import waits_for


def test_polls_grow_apart_up_to_the_models_longest() -> None:
    polls = waits_for(Rhythm(first=4, longest=10), local=False).polls()

    assert [polls.next() for _ in range(5)] == [4, 6, 9, 10, 10]


def test_a_provider_may_ask_for_a_longer_wait_within_reason() -> None:
    polls = waits_for(Rhythm(first=4, longest=10), local=False).polls()

    assert polls.next(20) == 20
    assert polls.next(1) == 6
    assert polls.next(1e9) == 100


def test_on_this_machine_waits_are_short() -> None:
    waits = waits_for(Rhythm(first=4, longest=10, deadline=99), local=True)

    assert (waits.polls().next(), waits.longest, waits.deadline) == (0.1, 2, 99)


def way(url: str) -> Route:
    return asyncio.run(vetted(httpx.URL(url), local=False))


def test_the_connection_goes_to_the_very_address_that_was_looked_at(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)

    route = way("https://93.184.216.34:8443/clip.mp4?sig=1")

    assert str(route.url) == "https://93.184.216.34:8443/clip.mp4?sig=1"
    assert route.headers == {"Host": "93.184.216.34:8443"}
    assert route.extensions == {"sni_hostname": "93.184.216.34"}


def test_behind_a_proxy_the_proxy_looks_names_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "http://proxy.example:3128")

    assert way("https://clips.example/clip.mp4") == Route(
        httpx.URL("https://clips.example/clip.mp4")
    )


@pytest.mark.parametrize("host", ["no-such-host.invalid", "a" * 70 + ".example"])
def test_a_host_that_nobody_knows_is_refused(host: str) -> None:
    with pytest.raises(NotAllowed, match="is not known to the network"):
        way(f"https://{host}/clip.mp4")
