"""A request as it came in, and what it is about."""

from __future__ import annotations

import json
from base64 import b64decode
from binascii import Error
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

Purpose: TypeAlias = Literal["submit", "poll", "upload", "list", "cancel", "download", "other"]
"""What a request is for: a fault says by it which requests it strikes."""

_LONGEST = 2000  # characters of a text in what is told of a request: the rest is a picture


@dataclass(frozen=True, slots=True)
class Call:
    """A request that came in. Names of headers are in small letters."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The body as JSON; None where it is none."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    def key(self, scheme: str) -> str | None:
        """The key that it carries as `Authorization: SCHEME KEY`.

        Every key is good but none at all and the word `invalid`: then None.
        """
        given, _, key = self.headers.get("authorization", "").partition(" ")
        return key if given.casefold() == scheme.casefold() and key not in {"", "invalid"} else None

    def told(self) -> dict[str, Any]:
        """The request for those who look on: without its key, long texts and bytes shortened."""
        headers = dict(self.headers)
        if "authorization" in headers:
            headers["authorization"] = headers["authorization"].partition(" ")[0] + " ***"
        body = self.json()
        return {
            "method": self.method,
            "path": self.path,
            "query": dict(self.query),
            "headers": headers,
            "json": _shortened(body),
            "bytes": len(self.body),
        }


def inline_media(text: str) -> bytes | None:
    """The bytes of a picture or video that stands in a request: a data URI, or bare Base64.

    None for an address, or what is neither.
    """
    if text.startswith(("http://", "https://")):
        return None
    encoded = text.partition(",")[2] if text.startswith("data:") else text
    try:
        return b64decode(encoded, validate=True) or None
    except (Error, ValueError):
        return None


def _shortened(value: Any) -> Any:
    match value:
        case str() if len(value) > _LONGEST:
            return f"{value[:64]}… ({len(value)} characters)"
        case list():
            return [_shortened(item) for item in value]
        case dict():
            return {name: _shortened(item) for name, item in value.items()}
    return value
