"""The user's proxy, as the environment or the system names it: one answer for all that is sent.

httpx and aiohttp read the same variables in ways of their own. A proxy that only
one of them can use would let a paid job be sent, and never be asked after.
"""

from __future__ import annotations

from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from storyboard.diagnostics import Invalid


def proxy_to(scheme: str, host: str) -> str | None:
    """The address of the proxy on the way to a host; None where there is none."""
    if proxy_bypass(host):
        return None
    proxies = getproxies()
    said = proxies.get(scheme) or proxies.get("all")
    return _address(said) if said else None


def check_proxies() -> None:
    """See to it that a proxy can be used, before anything is sent.

    Raises:
        Invalid: it is of another kind, or no address. Its password is not told.
    """
    proxies = getproxies()
    for name in ("https", "http", "all"):
        said = proxies.get(name)
        if said and not _is_usable(_address(said)):
            kind = urlsplit(said).scheme if "://" in said else ""
            what = f"a {kind} proxy" if kind not in {"", "http", "https"} else "no address"
            raise Invalid(
                f"{name}_proxy is {what}: nothing can be sent by it.",
                "Name one like http://127.0.0.1:3128, or unset the variable.",
            )


def _address(said: str) -> str:
    return said if "://" in said else f"http://{said}"


def _is_usable(address: str) -> bool:
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and port != 0
