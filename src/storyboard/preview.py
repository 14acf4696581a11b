"""What a build would send for a clip: the submit itself, without its key."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from storyboard.abilities import uploads_of
from storyboard.exchange import HttpRequest, Intent, Media
from storyboard.graph import Action, Given, InputSource, Made, Named
from storyboard.provider import Request
from storyboard.remote.inputs import read_input
from storyboard.remote_provider import RemoteProvider
from storyboard.source import Plain
from storyboard.store import Store

NONCE = "<new UUID>"
"""Stands for the id, or the mark, that is chosen when a submit is sent."""


def submit_of(
    action: Action, provider: RemoteProvider, outputs: Mapping[str, str], store: Store, folder: Path
) -> HttpRequest:
    """The one request of a clip that costs money.

    A frame that is not made yet is the text `<frame of STEP>`, a file that
    would be uploaded first `<upload of PATH>`.

    Args:
        action: generates with a model of the provider.
        provider: builds it.
        outputs: the digests of what is made already, by action id.
        store: holds that.
        folder: the storyboard's.

    Raises:
        TypeError: the action asks no model.
        OSError: a file cannot be read.
    """
    if not isinstance(action.work, Request):
        raise TypeError(f"{action.id} generates without a request")
    frames = {
        role: _media(source, outputs, store, folder, uploaded=role in uploads_of(provider))
        for role, source in action.inputs.items()
    }
    intent = Intent(
        key="",
        request=action.work,
        nonce=NONCE,
        made_at=datetime.now(UTC),
        inputs={role: media.digest for role, media in frames.items()},
        references={role: media.reference for role, media in frames.items() if media.reference},
    )
    return provider.submit(intent, frames)


def shown(request: HttpRequest, provider: RemoteProvider) -> dict[str, Plain]:
    """A request as a document: method, URL, headers, body. Its key is the name of the variable."""
    headers: dict[str, Plain] = dict(request.headers)
    if request.authorized:
        headers["Authorization"] = f"{provider.auth.scheme} <{provider.auth.variables[0]}>"
    if request.json is not None:
        headers["Content-Type"] = "application/json"
    parts = urlsplit(request.url)
    query = urlencode([*parse_qsl(parts.query), *request.query.items()], safe=":/<>")
    return {
        "method": request.method,
        "url": urlunsplit(parts._replace(query=query)),
        "headers": headers,
        "body": request.json,
    }


def _media(
    source: InputSource, outputs: Mapping[str, str], store: Store, folder: Path, *, uploaded: bool
) -> Media:
    match source:
        case Named(text):
            return Media(type="", reference=text)
        case Given(path, digest):
            if uploaded:
                return Media(type="", digest=digest, reference=f"<upload of {path}>")
            return read_input(folder / path)
        case Made(maker):
            blob = store.find(outputs[maker]) if maker in outputs else None
            if uploaded or blob is None:
                return Media(type="image/png", reference=f"<frame of {maker}>")
            return read_input(blob)
