"""Downloads of what a provider made: within limits, and only from where it is safe."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx

from storyboard.remote.hosts import NotAllowed, Route, trusted, vetted

LARGEST = 2 << 30  # bytes; half a minute of 4K comes to a tenth of that
SLOWEST_S = 900.0

_TIMEOUT = httpx.Timeout(60, connect=15)
_REDIRECTS = 5


class DownloadFailed(Exception):
    """A file was not fetched whole. As text it says why, without the address, which may be secret."""


async def download(url: str, destination: Path, *, local: bool, largest: int = LARGEST) -> None:
    """Fetch a file.

    Args:
        url: as the provider gave it. No key is sent there.
        destination: on failure there may be a part of the file.
        local: whether the provider is this machine, which may then be asked.
        largest: bytes that are accepted.

    Raises:
        DownloadFailed: it is refused, gone, too large, too slow, or cut short.
        OSError: the disk is full or cannot be written.
    """
    try:
        async with (
            asyncio.timeout(SLOWEST_S),
            httpx.AsyncClient(timeout=_TIMEOUT, trust_env=not local, verify=trusted()) as client,
        ):
            at = httpx.URL(url)
            for _ in range(_REDIRECTS):
                route = await vetted(at, local=local)
                onward = await _fetch(client, route, destination, largest)
                if onward is None:
                    return
                at = at.join(onward)
    except NotAllowed as error:
        raise DownloadFailed(str(error)) from None
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise DownloadFailed(_said(error)) from None
    except TimeoutError:
        raise DownloadFailed(f"not whole within {SLOWEST_S / 60:.0f} minutes") from None
    raise DownloadFailed(f"redirected more than {_REDIRECTS} times")


async def _fetch(
    client: httpx.AsyncClient, route: Route, destination: Path, largest: int
) -> str | None:
    """Fetch from one address; where it redirects, to where."""
    async with client.stream(
        "GET", route.url, headers=dict(route.headers), extensions=dict(route.extensions)
    ) as response:
        if response.has_redirect_location:
            return response.headers["location"]
        if response.status_code != httpx.codes.OK:
            raise DownloadFailed(f"its address answers {response.status_code}")
        told = response.headers.get("content-length", "")
        if told.isdigit() and int(told) > largest:
            raise DownloadFailed(f"it has {int(told) >> 20} MiB, more than is accepted")
        length = 0
        with destination.open("wb") as file:
            async for chunk in response.aiter_bytes():
                length += len(chunk)
                if length > largest:
                    raise DownloadFailed(f"it has more than {largest >> 20} MiB")
                file.write(chunk)
    return None


def _said(error: Exception) -> str:
    """What went wrong, in words that hold no address."""
    match error:
        case httpx.TimeoutException():
            return "its host does not answer"
        case httpx.ConnectError():
            return "its host cannot be reached"
        case httpx.RemoteProtocolError() | httpx.ReadError():
            return "the connection was lost in the middle"
    return type(error).__name__
