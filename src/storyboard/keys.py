"""The keys that this process has read, and texts without them."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote

REDACTED = "***"

_SHORT = 6  # characters: what has fewer might as well be a word
_read: set[str] = set()


def remember(key: str) -> None:
    """Keep a key out of whatever is said from here on of a fault.

    No provider's key is so short that it might be a word; taking such a one
    out would only make the text unreadable.
    """
    if len(key) >= _SHORT:
        _read.add(key)


def without(text: str, keys: Iterable[str]) -> str:
    """A text without keys, their parts (`id:secret`), and those as a URL has them."""
    parts = {part for key in keys for part in [key, *_long_parts(key)]}
    for secret in sorted({*parts, *(quote(each, safe="") for each in parts)}, key=len)[::-1]:
        text = text.replace(secret, REDACTED)
    return text


def without_any(text: str) -> str:
    """A text without any key that was read so far."""
    return without(text, _read)


def _long_parts(key: str) -> list[str]:
    return [part for part in key.split(":") if len(part) >= _SHORT]
