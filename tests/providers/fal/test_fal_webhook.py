"""Whether a webhook is fal's."""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from storyboard.providers.fal.webhook import verify

NOW = 1_795_000_000.0
BODY = b'{"request_id":"r","status":"OK","payload":{}}'
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))


def jwks(*keys: Ed25519PrivateKey) -> dict[str, Any]:
    return {
        "keys": [
            {
                "kty": "OKP",
                "crv": "Ed25519",
                "x": urlsafe_b64encode(key.public_key().public_bytes_raw()).decode().rstrip("="),
            }
            for key in keys
        ]
    }


def signed(at: float = NOW, body: bytes = BODY, **changes: str) -> Mapping[str, str]:
    """The headers of a webhook that `KEY` has signed."""
    values = ["r", "user", str(int(at))]
    message = "\n".join([*values, hashlib.sha256(body).hexdigest()]).encode()
    names = ("request-id", "user-id", "timestamp")
    headers = {f"x-fal-webhook-{name}": v for name, v in zip(names, values, strict=True)}
    headers["x-fal-webhook-signature"] = KEY.sign(message).hex()
    return headers | {f"x-fal-webhook-{name}": value for name, value in changes.items()}


def test_fals_own_is_believed_with_any_of_its_keys() -> None:
    assert verify(signed(), BODY, jwks(KEY), NOW)
    assert verify(signed(), BODY, jwks(OTHER, KEY), NOW)
    assert verify(signed(NOW - 299), BODY, jwks(KEY), NOW)


@pytest.mark.parametrize(
    ("headers", "body", "keys"),
    [
        (signed(), BODY + b" ", jwks(KEY)),
        (signed(), BODY, jwks(OTHER)),
        (signed(), BODY, {"keys": []}),
        (signed(), BODY, {"keys": [{"x": "AA"}, {"x": 7}, {}, "odd", {"x": "é"}]}),
        (signed(), BODY, None),
        (signed(NOW - 301), BODY, jwks(KEY)),
        (signed(NOW + 301), BODY, jwks(KEY)),
        (signed(timestamp=""), BODY, jwks(KEY)),
        (signed(timestamp="soon"), BODY, jwks(KEY)),
        (signed(signature=""), BODY, jwks(KEY)),
        (signed(signature="zz"), BODY, jwks(KEY)),
        (signed(**{"user-id": "someone"}), BODY, jwks(KEY)),
        (signed(**{"request-id": "another"}), BODY, jwks(KEY)),
        ({}, BODY, jwks(KEY)),
    ],
)
def test_anything_else_is_not(headers: Mapping[str, str], body: bytes, keys: Any) -> None:
    assert not verify(headers, body, keys, NOW)
