"""The wire: sends one provider's requests, the key with those that are for it alone."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from urllib.parse import urlsplit

import httpx

from storyboard.exchange import HttpRequest, HttpResponse, RemoteProvider
from storyboard.remote.access import Access
from storyboard.remote.hosts import NotAllowed, Route, trusted, vetted

_CONNECTIONS = 10  # httpx's pool is looked through for every request: unbounded it grows costly
_CONNECT_S = 15.0
_WHOLE_S = 180.0  # for a request in all, however slowly it drips
_LARGEST = 64 << 20  # bytes of an answer
_REDIRECTS = 5

_NEVER_SENT = (
    httpx.ConnectError,  # refused, unknown host, no TLS
    httpx.ConnectTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
    httpx.LocalProtocolError,
    httpx.InvalidURL,
)


class NotSent(Exception):
    """A request did not leave: whatever it asks for was not asked."""


class Unanswered(Exception):
    """A request left, or may have, and no answer to it was read."""


class Wire:
    """A provider's wire, to be closed in the end."""

    def __init__(self, provider: RemoteProvider, access: Access) -> None:
        self._provider = provider
        self._access = access
        trust = not access.local  # a proxy of the user's has no business on this machine
        timeout = httpx.Timeout(access.timeout, connect=_CONNECT_S, pool=None)
        limits = httpx.Limits(max_connections=_CONNECTIONS, max_keepalive_connections=_CONNECTIONS)
        self._client = httpx.AsyncClient(
            timeout=timeout, limits=limits, trust_env=trust, verify=trusted()
        )
        # A connection that the server has just let go of would leave it open
        # whether a paid request arrived: each of those gets its own.
        fresh = httpx.Limits(max_connections=_CONNECTIONS, max_keepalive_connections=0)
        self._fresh = httpx.AsyncClient(
            timeout=timeout, limits=fresh, trust_env=trust, verify=trusted()
        )

    async def close(self) -> None:
        """Let go of all connections."""
        await self._client.aclose()
        await self._fresh.aclose()

    async def send(self, request: HttpRequest, *, paid: bool = False) -> HttpResponse:
        """Send a request, once.

        Args:
            request: redirects are followed where it is a GET; to a host that is
                not the provider's without the key.
            paid: on a connection of its own, so that what went wrong is told
                apart as well as can be.

        Raises:
            NotSent: it cannot have arrived.
            Unanswered: it may have.
        """
        client = self._fresh if paid else self._client
        try:
            async with asyncio.timeout(_WHOLE_S):
                for _ in range(_REDIRECTS):
                    answer = await self._send_once(client, request)
                    onward = _redirected(request, answer)
                    if onward is None:
                        return answer
                    request = self._for_stranger(onward)
        except _NEVER_SENT as error:
            raise NotSent(self._said(error)) from None
        except NotAllowed as error:
            raise NotSent(str(error)) from None
        except httpx.HTTPError as error:
            raise Unanswered(self._said(error)) from None
        except TimeoutError:
            raise Unanswered(f"no whole answer within {_WHOLE_S:.0f} s") from None
        raise Unanswered(f"redirected more than {_REDIRECTS} times")

    async def _send_once(self, client: httpx.AsyncClient, request: HttpRequest) -> HttpResponse:
        url = httpx.URL(self._pointed(request.url)).copy_merge_params(dict(request.query))
        route = Route(url)
        headers = dict(request.headers)
        if request.authorized:
            self._refuse_strangers(url)
            headers["Authorization"] = f"{self._provider.auth.scheme} {self._access.key}"
        elif not self._is_providers(url):
            route = await vetted(url, local=self._access.local)
        built = client.build_request(
            request.method,
            route.url,
            headers={**headers, **route.headers},
            content=request.content,
            json=request.json if request.content is None else None,
            extensions=dict(route.extensions),
        )
        response = await client.send(built, stream=True)
        try:
            body = bytearray()
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) > _LARGEST:
                    raise httpx.DecodingError(f"the answer is larger than {_LARGEST >> 20} MiB")
        finally:
            await response.aclose()
        return HttpResponse(
            status=response.status_code,
            headers={name.lower(): value for name, value in response.headers.items()},
            body=bytes(body),
            memo=request.memo,
        )

    def _pointed(self, url: str) -> str:
        """The address to use for one of the provider's published ones."""
        base = self._access.base
        parts = urlsplit(url)
        if base is None or f"{parts.scheme}://{parts.netloc}" not in self._provider.hosts:
            return url
        return base + url.removeprefix(f"{parts.scheme}://{parts.netloc}")

    def _is_providers(self, url: httpx.URL) -> bool:
        """Whether an address is on one of the provider's own hosts, wherever they are pointed."""
        homes = (self._access.base,) if self._access.base else self._provider.hosts
        return any(_is_within(url, httpx.URL(home)) for home in homes)

    def _refuse_strangers(self, url: httpx.URL) -> None:
        if not self._is_providers(url):
            raise NotAllowed(
                f"{self._provider.name} named an address outside its own hosts"
                f" ({url.scheme}://{url.host}): the key is not sent there"
            )

    def _for_stranger(self, request: HttpRequest) -> HttpRequest:
        """A redirected request; one to another host goes without anything that was meant for the first."""
        if self._is_providers(httpx.URL(self._pointed(request.url))):
            return request
        return replace(request, authorized=False, headers={})

    def _said(self, error: Exception) -> str:
        """An error in words, which are never without any."""
        words = self._access.redact(str(error)).rstrip(".")
        silent = _SILENT.get(type(error).__name__, type(error).__name__)
        return words or silent.format(self._access.timeout)


_SILENT = {
    "ConnectTimeout": "no connection within 15 s",
    "ReadTimeout": "no answer within {:g} s",
    "WriteTimeout": "the request could not be sent within {:g} s",
    "ReadError": "the connection was lost",
    "WriteError": "the connection was lost",
}


def _is_within(url: httpx.URL, home: httpx.URL) -> bool:
    origin = (url.scheme, url.host, url.port) == (home.scheme, home.host, home.port)
    path = home.path.rstrip("/")
    return origin and (url.path == path or url.path.startswith(f"{path}/"))


def _redirected(request: HttpRequest, answer: HttpResponse) -> HttpRequest | None:
    if request.method != "GET" or answer.status not in {301, 302, 303, 307, 308}:
        return None
    location = answer.headers.get("location")
    if not location:
        return None
    return replace(request, url=str(httpx.URL(request.url).join(location)), query={})
