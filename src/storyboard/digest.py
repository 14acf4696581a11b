"""Structural, type-tagged hashing.

Every value is written with a tag for its type and, where it has parts, their
count or length, so that no two different values share an encoding: `"1"` and
`1`, `["ab"]` and `["a", "b"]`, `{}` and `[]` all differ.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, TypeAlias

Digestible: TypeAlias = (
    "bool | int | float | Fraction | str | bytes"
    " | Sequence[Digestible] | Mapping[str, Digestible] | None"
)


def digest(value: Digestible) -> str:
    """Digest of a value's structure: 64 hexadecimal digits (SHA-256).

    The order of a mapping's entries makes no difference; that of a sequence does.

    Raises:
        TypeError: the value, or a part of it, is of no type listed above.
    """
    return hashlib.sha256(encode(value)).hexdigest()


def digest_bytes(data: bytes) -> str:
    """Digest of plain bytes, as `sha256sum` prints it: the name of a blob."""
    return hashlib.sha256(data).hexdigest()


def digest_file(path: Path) -> str:
    """Digest of a file's bytes, as `sha256sum` prints it.

    Raises:
        OSError: the file cannot be read.
    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def encode(value: Digestible) -> bytes:
    """The bytes that `digest` hashes."""
    return (_ENCODERS.get(type(value)) or _encoder_of(value))(value)


def _encoder_of(value: Digestible) -> Callable[[Any], bytes]:
    """What encodes a value of a type that is one of those listed, by inheritance or by what it can do."""
    for kind in (bool, int, float, Fraction, str, bytes):
        if isinstance(value, kind):
            return _ENCODERS[kind]
    if isinstance(value, Mapping):
        return _mapping
    if isinstance(value, Sequence):
        return _sequence
    raise TypeError(f"cannot digest a {type(value).__name__}")


@lru_cache(maxsize=8192)  # a film says the same few thousand texts a hundred thousand times
def _text(value: str) -> bytes:
    return _tagged(b"S", value.encode())


def _mapping(value: Mapping[str, Digestible]) -> bytes:
    pairs = sorted([(encode(key), encode(item)) for key, item in value.items()])
    return b"M%d:" % len(pairs) + b"".join([key + item for key, item in pairs])


def _sequence(value: Sequence[Digestible]) -> bytes:
    return b"L%d:" % len(value) + b"".join([encode(item) for item in value])


def _tagged(tag: bytes, body: bytes) -> bytes:
    return b"%b%d:%b" % (tag, len(body), body)


_ENCODERS: Final[Mapping[type, Callable[[Any], bytes]]] = {
    type(None): lambda _: b"N",
    bool: lambda value: b"T" if value else b"F",
    int: lambda value: _tagged(b"I", b"%d" % value),
    float: lambda value: _tagged(b"D", value.hex().encode()),
    Fraction: lambda value: _tagged(b"Q", b"%d/%d" % (value.numerator, value.denominator)),
    str: _text,
    bytes: lambda value: _tagged(b"B", value),
    dict: _mapping,
    list: _sequence,
    tuple: _sequence,
}
"""By type. They are looked up rather than matched one by one: a plan encodes a great many values."""
