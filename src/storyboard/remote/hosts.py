"""Which hosts may be asked for files: public ones over https, and where a provider is this machine, it."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from ipaddress import ip_address

import httpx

from storyboard.remote.access import is_loopback
from storyboard.remote.proxies import proxy_to


class NotAllowed(Exception):
    """An address that nothing is sent to. As text it says why."""


@dataclass(frozen=True, slots=True)
class Route:
    """How to ask for a URL: httpx's `url`, `headers` and `extensions`."""

    url: httpx.URL
    headers: Mapping[str, str] = field(default_factory=dict)
    extensions: Mapping[str, str] = field(default_factory=dict)


@cache
def trusted() -> ssl.SSLContext:
    """Whose certificates are believed. To read them all takes 20 ms, so it is done once."""
    return httpx.create_ssl_context()


async def vetted(url: httpx.URL, *, local: bool) -> Route:
    """The way to a URL whose host may be asked.

    It leads to the very address that was looked at, not to whatever the name
    stands for a moment later; where a proxy of the user's does the looking up,
    to the name.

    Args:
        url: named by a provider, so not to be trusted.
        local: whether the provider itself is this machine.

    Raises:
        NotAllowed: it is not https, or the host is private or not found.
    """
    if local and is_loopback(url.host):
        return Route(url)
    if url.scheme != "https":
        raise NotAllowed(f"{_place(url)} is not https")
    if proxy_to("https", url.host):
        return Route(url)
    try:
        found = await asyncio.get_running_loop().getaddrinfo(
            url.host, url.port or 443, type=socket.SOCK_STREAM
        )
    except (OSError, UnicodeError):  # the latter for what can be no name
        raise NotAllowed(f"{url.host} is not known to the network") from None
    addresses = [str(entry[4][0]) for entry in found]
    for address in addresses:
        if not _is_public(address):
            raise NotAllowed(f"{url.host} is at {address}, which is not a public address")
    return Route(
        url.copy_with(host=addresses[0]),
        headers={"Host": url.netloc.decode("ascii")},
        extensions={"sni_hostname": url.host},
    )


def _is_public(address: str) -> bool:
    ip = ip_address(address.partition("%")[0])
    mapped = getattr(ip, "ipv4_mapped", None) or getattr(ip, "sixtofour", None) or ip
    return bool(mapped.is_global and not mapped.is_multicast)


def _place(url: httpx.URL) -> str:
    """A URL without what may be secret in it."""
    return f"{url.scheme}://{url.host}"
