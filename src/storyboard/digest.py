"""Structural, type-tagged hashing.

Every value is written with a tag for its type and, where it has parts, their
count or length, so that no two different values share an encoding: `"1"` and
`1`, `["ab"]` and `["a", "b"]`, `{}` and `[]` all differ.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import TypeAlias

Digestible: TypeAlias = (
    "bool | int | float | Fraction | str | bytes"
    " | Sequence[Digestible] | Mapping[str, Digestible] | None"
)

_CHUNK = 1 << 20


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
    hasher = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            hasher.update(chunk)
    return hasher.hexdigest()


def encode(value: Digestible) -> bytes:
    """The bytes that `digest` hashes."""
    match value:
        case None:
            return b"N"
        case bool():
            return b"T" if value else b"F"
        case int():
            return _tagged(b"I", str(value).encode())
        case float():
            return _tagged(b"D", value.hex().encode())
        case Fraction():
            return _tagged(b"Q", f"{value.numerator}/{value.denominator}".encode())
        case str():
            return _tagged(b"S", value.encode())
        case bytes():
            return _tagged(b"B", value)
        case Mapping():
            pairs = sorted((encode(key), encode(item)) for key, item in value.items())
            return b"M%d:" % len(pairs) + b"".join(key + item for key, item in pairs)
        case Sequence():
            return b"L%d:" % len(value) + b"".join(map(encode, value))
    raise TypeError(f"cannot digest a {type(value).__name__}")


def _tagged(tag: bytes, body: bytes) -> bytes:
    return tag + b"%d:" % len(body) + body
