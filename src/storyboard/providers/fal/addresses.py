"""Where things are at fal: its hosts, the endpoints of its models, the addresses of a job."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote, urlencode

from storyboard.exchange import Intent, Operation
from storyboard.provider import Mode
from storyboard.requests import mode_given
from storyboard.source import Plain

QUEUE = "https://queue.fal.run"
"""Jobs are asked for, and asked after."""
REST = "https://rest.fal.ai"
"""Uploads begin, and the keys of webhooks are published."""
PLATFORM = "https://api.fal.ai"
"""One's own requests are listed."""

_APP = "fal-ai/kling-video"
"""What stays of an endpoint in the addresses of its jobs."""

_ENDPOINTS: Mapping[Mode, str] = {
    "text": f"{_APP}/v2.6/pro/text-to-video",
    "first_frame": f"{_APP}/v2.6/pro/image-to-video",
    "first_last": f"{_APP}/v2.6/pro/image-to-video",
    "motion": f"{_APP}/v2.6/pro/motion-control",
}


def endpoint(mode: Mode) -> str:
    """The id of the endpoint for a mode: `fal-ai/kling-video/v2.6/pro/image-to-video`."""
    return _ENDPOINTS[mode]


def endpoint_asked(intent: Intent) -> str:
    """The id of the endpoint that an intent is for."""
    return endpoint(mode_given(intent.inputs))


def operation_of(
    intent: Intent, request_id: str, given: Mapping[str, Plain] | None = None
) -> Operation:
    """A job by its id, with the addresses that fal gave for it, or would have given."""
    base = f"{QUEUE}/{_APP}/requests/{quote(request_id, safe='')}"
    urls = {"status": f"{base}/status", "response": base, "cancel": f"{base}/cancel"}
    told = {name: (given or {}).get(f"{name}_url") for name in urls}
    query = {
        "endpoint_id": endpoint_asked(intent),
        "request_id": request_id,
        "expand": "payloads",
    }
    return Operation(
        provider="fal",
        model=intent.request.model,
        id=request_id,
        urls={
            **urls,
            **{name: url for name, url in told.items() if isinstance(url, str)},
            "record": f"{RECORDS}?{urlencode(query)}",
        },
    )


RECORDS = f"{PLATFORM}/v1/models/requests/by-endpoint"
"""The list of one's own requests."""
