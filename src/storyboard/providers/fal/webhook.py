"""Whether a webhook is fal's: its signature, checked against the keys that fal publishes."""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64decode
from collections.abc import Mapping

from storyboard.source import Plain

JWKS_URL = "https://rest.fal.ai/.well-known/jwks.json"
"""Where fal publishes its keys; they may be kept for a day."""

_HEADERS = tuple(f"x-fal-webhook-{name}" for name in ("request-id", "user-id", "timestamp"))
_TOLERANCE = 300
"""Seconds by which the time in a webhook may differ from now."""


def verify(headers: Mapping[str, str], body: bytes, jwks: Plain, now: float) -> bool:
    """Whether fal sent this, and sent it just now.

    `cryptography` checks the signature: the simulator signs with it too, and it
    comes as a ready-made wheel for every system.

    Args:
        headers: of the webhook's request, names in small letters.
        body: of the request, byte for byte.
        jwks: the document at `JWKS_URL`.
        now: seconds since 1970.
    """
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    values = [headers.get(name, "") for name in _HEADERS]
    try:
        sent = int(values[2])
        signature = bytes.fromhex(headers.get("x-fal-webhook-signature", ""))
    except ValueError:
        return False
    if abs(now - sent) > _TOLERANCE or not all(values):
        return False
    signed = "\n".join([*values, hashlib.sha256(body).hexdigest()]).encode()
    for key in _keys(jwks):
        try:
            Ed25519PublicKey.from_public_bytes(key).verify(signature, signed)
        except (InvalidSignature, ValueError):
            continue
        return True
    return False


def _keys(jwks: Plain) -> list[bytes]:
    """The public keys of a JWKS document, 32 bytes each."""
    listed = jwks.get("keys") if isinstance(jwks, dict) else None
    found: list[bytes] = []
    for key in listed if isinstance(listed, list) else []:
        text = key.get("x") if isinstance(key, dict) else None
        if isinstance(text, str):
            try:
                found.append(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
            except ValueError:
                continue
    return found
