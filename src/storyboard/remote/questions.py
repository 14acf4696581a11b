"""Questions: what is harmless to ask twice, over connections that are kept.

A build asks after its jobs again and again, thousands of times. aiohttp takes a
quarter of the processor time that httpx takes for one (`make bench ONLY=flight`).
It may ask a GET once more by itself, where a kept connection was just closed:
so nothing that costs money goes this way.
"""

from __future__ import annotations

from collections.abc import Mapping

import aiohttp
from yarl import URL

from storyboard.exchange import HttpRequest, HttpResponse
from storyboard.remote.access import Access
from storyboard.remote.hosts import Route, trusted
from storyboard.remote.proxies import proxy_to

_CONNECTIONS = 10
_LONGEST_LINE = 1 << 16  # bytes of a header: as much as httpx takes in all, not aiohttp's 8 KiB

NEVER_SENT = (
    aiohttp.ClientConnectorError,  # refused, unknown host, no TLS
    aiohttp.ConnectionTimeoutError,
    aiohttp.ClientHttpProxyError,
    aiohttp.InvalidURL,
)
"""Errors of aiohttp's after which nothing can have arrived."""


class Questions:
    """Where a provider's questions are sent from; to be closed in the end."""

    def __init__(self, access: Access, connect_s: float, largest: int) -> None:
        """Connections are made as they are needed.

        Args:
            access: to the provider.
            connect_s: seconds that a connection may take to be there.
            largest: bytes of an answer.
        """
        self._access = access
        self._timeout = aiohttp.ClientTimeout(
            total=None, sock_connect=connect_s, sock_read=access.timeout
        )
        self._largest = largest
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        """Let go of all connections."""
        if self._session:
            await self._session.close()

    async def ask(
        self, request: HttpRequest, route: Route, headers: Mapping[str, str]
    ) -> HttpResponse:
        """Send a question; redirects are not followed.

        Raises:
            aiohttp.ClientError: there is no answer, or none that is whole.
            ValueError: the address is none that can be asked.
        """
        self._session = self._session or self._opened()
        async with self._session.request(
            request.method,
            URL(str(route.url), encoded=True),
            headers=headers,
            data=request.content,
            json=request.json if request.content is None else None,
            server_hostname=route.extensions.get("sni_hostname"),
            proxy=self._proxy(route.url.scheme, route.url.host),
            allow_redirects=False,
        ) as response:
            body = bytearray()
            async for chunk in response.content.iter_any():
                body += chunk
                if len(body) > self._largest:
                    raise aiohttp.ClientPayloadError(
                        f"the answer is larger than {self._largest >> 20} MiB"
                    )
        return HttpResponse(
            status=response.status,
            headers={name.lower(): value for name, value in response.headers.items()},
            body=bytes(body),
            memo=request.memo,
        )

    def _opened(self) -> aiohttp.ClientSession:
        """A session, which has to be made where a loop runs."""
        return aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=_CONNECTIONS, ssl=trusted()),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=self._timeout,
            max_line_size=_LONGEST_LINE,
            max_field_size=_LONGEST_LINE,
        )

    def _proxy(self, scheme: str, host: str) -> str | None:
        """The user's proxy on the way to a host. It has no business on this machine.

        aiohttp would look for it by itself, and for passwords in a .netrc, too.
        """
        return None if self._access.local else proxy_to(scheme, host)
