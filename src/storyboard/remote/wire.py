"""The wire: sends one provider's requests, the key with those that are for it alone."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from urllib.parse import urlsplit

import aiohttp
import httpx

from storyboard.exchange import HttpRequest, HttpResponse
from storyboard.remote.access import Access
from storyboard.remote.hosts import NotAllowed, Route, trusted, vetted
from storyboard.remote.questions import NEVER_SENT, Questions
from storyboard.remote_provider import RemoteProvider

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
    *NEVER_SENT,
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
        self._questions = Questions(access, _CONNECT_S, _LARGEST)
        homes = (access.base,) if access.base else provider.hosts
        self._homes = tuple(httpx.URL(home) for home in homes)
        self._ways: dict[tuple[str, tuple[tuple[str, str], ...]], tuple[Route, bool]] = {}
        # A connection that the server has just let go of would leave it open
        # whether a paid request arrived: each of those gets its own.
        fresh = httpx.Limits(max_connections=_CONNECTIONS, max_keepalive_connections=0)
        self._fresh = httpx.AsyncClient(
            timeout=timeout, limits=fresh, trust_env=trust, verify=trusted()
        )

    async def close(self) -> None:
        """Let go of all connections."""
        await self._questions.close()
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
        try:
            async with asyncio.timeout(_WHOLE_S):
                for _ in range(_REDIRECTS):
                    answer = await self._send_once(request, paid=paid)
                    onward = _redirected(request, answer)
                    if onward is None:
                        return answer
                    request = self._for_stranger(onward)
        except _NEVER_SENT as error:
            raise NotSent(self._said(error)) from None
        except NotAllowed as error:
            raise NotSent(str(error)) from None
        except (httpx.HTTPError, aiohttp.ClientError) as error:
            raise Unanswered(self._said(error)) from None
        except TimeoutError:
            raise Unanswered(f"no whole answer within {_WHOLE_S:.0f} s") from None
        raise Unanswered(f"redirected more than {_REDIRECTS} times")

    async def _send_once(self, request: HttpRequest, *, paid: bool) -> HttpResponse:
        route, its_own = self._way(request)
        headers = dict(request.headers)
        if request.authorized:
            if not its_own:
                raise NotAllowed(
                    f"{self._provider.name} named an address outside its own hosts"
                    f" ({route.url.scheme}://{route.url.host}): the key is not sent there"
                )
            headers["Authorization"] = f"{self._provider.auth.scheme} {self._access.key}"
        elif not its_own:
            route = await vetted(route.url, local=self._access.local)
        headers |= route.headers
        if paid:
            return await self._submit(request, route, headers)
        return await self._questions.ask(request, route, headers)

    async def _submit(
        self, request: HttpRequest, route: Route, headers: dict[str, str]
    ) -> HttpResponse:
        built = self._fresh.build_request(
            request.method,
            route.url,
            headers=headers,
            content=request.content,
            json=request.json if request.content is None else None,
            extensions=dict(route.extensions),
        )
        response = await self._fresh.send(built, stream=True)
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

    def _way(self, request: HttpRequest) -> tuple[Route, bool]:
        """Where a request goes, and whether that is one of the provider's own hosts.

        It is remembered: a job is asked after at the same address many times.
        """
        name = request.url, tuple(request.query.items())
        if name not in self._ways:
            url = httpx.URL(self._pointed(request.url)).copy_merge_params(dict(request.query))
            self._ways[name] = Route(url), self._is_providers(url)
        return self._ways[name]

    def _pointed(self, url: str) -> str:
        """The address to use for one of the provider's published ones."""
        base = self._access.base
        parts = urlsplit(url)
        if base is None or f"{parts.scheme}://{parts.netloc}" not in self._provider.hosts:
            return url
        return base + url.removeprefix(f"{parts.scheme}://{parts.netloc}")

    def _is_providers(self, url: httpx.URL) -> bool:
        """Whether an address is on one of the provider's own hosts, wherever they are pointed."""
        return any(_is_within(url, home) for home in self._homes)

    def _for_stranger(self, request: HttpRequest) -> HttpRequest:
        """A redirected request; one to another host goes without anything that was meant for the first."""
        if self._is_providers(httpx.URL(self._pointed(request.url))):
            return request
        return replace(request, authorized=False, headers={})

    def _said(self, error: Exception) -> str:
        """An error in words, which are never without any."""
        words = self._access.redact(_words_of(error)).rstrip(".")
        silent = _SILENT.get(type(error).__name__, type(error).__name__)
        return words or silent.format(self._access.timeout)


_WORDY = (aiohttp.ServerTimeoutError, aiohttp.InvalidURL)  # with the whole address

_AROUND = re.compile(r"^400, message[:=]\s*|: <\w+: 400, .*$")
"""aiohttp gives a status of its own to what it cannot read."""

_SILENT = {
    "ConnectTimeout": "no connection within 15 s",
    "ConnectionTimeoutError": "no connection within 15 s",
    "SocketTimeoutError": "no answer within {:g} s",
    "InvalidUrlClientError": "its address is none",
    "ReadTimeout": "no answer within {:g} s",
    "WriteTimeout": "the request could not be sent within {:g} s",
    "ReadError": "the connection was lost",
    "WriteError": "the connection was lost",
}


def _words_of(error: Exception) -> str:
    """The words of an error, in one line and without the address."""
    if isinstance(error, _WORDY):
        return ""
    if isinstance(error, aiohttp.ClientResponseError):
        return error.message.partition("\n")[0].rstrip(":")
    return " ".join(_AROUND.sub("", str(error)).split())


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
