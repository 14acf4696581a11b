"""Intents and answers, for the tests of fal's adapter."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

from storyboard.exchange import HttpResponse, Intent, Media
from storyboard.provider import Prompt, Request

NONCE = "6f2b1c0e-5f6b-4c0a-9f43-0a3f6c1d2e11"
MADE_AT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
START, END, VIDEO = (
    f"https://v3b.fal.media/files/b/{name}" for name in ("a.png", "b.png", "c.mp4")
)
I2V = "fal-ai/kling-video/v2.6/pro/image-to-video"
ID = "764cabcf-b745-4b3e-ae38-1200304cf45b"


def request_of(text: str = "A lamp turns", **fields: Any) -> Request:
    """A request for five seconds."""
    seconds = fields.pop("duration", Fraction(5))
    return Request(
        model="fal/kling-2.6-pro", prompts=(Prompt(text, seconds),), duration=seconds, **fields
    )


def frames_of(**addresses: str) -> dict[str, Media]:
    """Uploaded inputs by role."""
    return {role: Media(type="image/png", reference=url) for role, url in addresses.items()}


def intent_of(request: Request, addresses: Mapping[str, str], **fields: Any) -> Intent:
    """An intent whose inputs are uploaded."""
    return Intent(
        key="k",
        request=request,
        nonce=NONCE,
        made_at=MADE_AT,
        inputs={role: f"digest of {url}" for role, url in addresses.items()},
        references=dict(addresses),
        **fields,
    )


def answer(
    status: int,
    body: object,
    memo: Mapping[str, str] | None = None,
    **headers: str,
) -> HttpResponse:
    """An answer with a JSON body, or with text."""
    data = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return HttpResponse(status, names, data, memo or {})
