"""Where a provider is and with which key: read from the environment when it is needed.

A key is put into requests, and into nothing else: whatever is said or written
of a provider goes through `Access.redact` first; what is said of a fault of our
own, through `storyboard.fault`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from storyboard.diagnostics import Invalid
from storyboard.keys import remember, without
from storyboard.remote.proxies import check_proxies
from storyboard.remote_provider import RemoteProvider

TIMEOUT_S = 60.0
_TIMEOUT = "STORYBOARD_TIMEOUT"


@dataclass(frozen=True, slots=True)
class Access:
    """A provider's key and address.

    Attributes:
        key: it is in no repr.
        timeout: seconds without a word after which an answer is not waited for.
        variable: where it is from.
        base: what stands for every one of the provider's hosts, where the user
            says so.
    """

    key: str = field(repr=False)
    variable: str
    base: str | None = None
    timeout: float = TIMEOUT_S

    @property
    def local(self) -> bool:
        """Whether the provider is pointed at this machine."""
        return self.base is not None and is_loopback(urlsplit(self.base).hostname)

    def redact(self, text: str) -> str:
        """A text without the key and its parts."""
        return without(text, (self.key,))


def access_to(provider: RemoteProvider, environment: Mapping[str, str]) -> Access:
    """The key of a provider, and where it is.

    Raises:
        Invalid: there is no key, it cannot be one, or the address, the timeout or a proxy is not usable.
    """
    variables = provider.auth.variables
    for variable in variables:
        key = environment.get(variable, "").strip()
        if not key:
            continue
        if not re.fullmatch(r"[!-~]+", key):  # what a header can hold; it is not shown
            raise Invalid(
                f"{variable} holds blanks or characters that no key has.",
                "Copy the key once more, without quotes or line ends.",
            )
        remember(key)
        access = Access(key, variable, base_of(provider, environment), _timeout(environment))
        if not access.local:
            check_proxies()
        return access
    first, *others = variables
    also = f" (or {', '.join(others)})" if others else ""
    raise Invalid(
        f"There is no key for {provider.name}: {first} is not set.",
        f"Set the environment variable {first}{also} to your key; it is sent to {provider.name}"
        " alone and written nowhere.",
    )


def base_of(provider: RemoteProvider, environment: Mapping[str, str]) -> str | None:
    """The address that stands for a provider's hosts, if the environment names one.

    Raises:
        Invalid: it is no address, or a key would travel in the clear.
    """
    variable = url_variable(provider.name)
    base = environment.get(variable, "").strip().rstrip("/")
    if not base:
        return None
    try:
        parts: SplitResult | None = urlsplit(base)
        host = parts.hostname if parts else None
    except ValueError:
        parts = host = None
    if parts is None or parts.scheme not in {"http", "https"} or not host:
        raise Invalid(
            f"{variable} is not an address: {base!r}.", "Write it like http://127.0.0.1:8000."
        )
    if parts.scheme == "http" and not is_loopback(host):
        raise Invalid(
            f"{variable} is {base}: a key would be sent there in the clear.",
            "Use https; plain http is for this machine only.",
        )
    return base


def _timeout(environment: Mapping[str, str]) -> float:
    said = environment.get(_TIMEOUT, "").strip() or f"{TIMEOUT_S:g}"
    seconds = float(said) if re.fullmatch(r"\d{1,4}(\.\d+)?", said) else 0.0
    if seconds <= 0:
        raise Invalid(
            f"{_TIMEOUT} is not a number of seconds: {said!r}.",
            f"Write how long to wait for an answer, like 90; it is {TIMEOUT_S:g} without it.",
        )
    return seconds


def url_variable(name: str) -> str:
    """The variable that points a provider elsewhere."""
    return f"STORYBOARD_{name.upper()}_URL"


def is_loopback(host: str | None) -> bool:
    """Whether a host, as a URL names it, is this machine."""
    if host == "localhost":
        return True
    try:
        return ip_address(host or "").is_loopback
    except ValueError:
        return False
