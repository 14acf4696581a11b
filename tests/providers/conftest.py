"""From a storyboard's text to what its provider is sent."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeAlias

import pytest
from PIL import Image

from storyboard import providers
from storyboard.diagnostics import Invalid
from storyboard.exchange import HttpRequest, Intent, Media
from storyboard.graph import Action, Given, InputSource, Kind, Named
from storyboard.pipeline import Choices, compile_film
from storyboard.provider import Request
from storyboard.remote_provider import RemoteProvider

Submits: TypeAlias = Callable[[str], list[HttpRequest]]
Complaints: TypeAlias = Callable[[str], list[str]]

NONCE = "6f2b1c0e-5f6b-4c0a-9f43-0a3f6c1d2e11"


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """A storyboard's file, not written yet, with pictures and a video beside it."""
    for name in ("start", "end"):
        Image.new("RGB", (320, 320), "navy" if name == "start" else "maroon").save(
            tmp_path / f"{name}.png"
        )
    return tmp_path / "storyboard.yaml"


@pytest.fixture
def submits(film: Path) -> Submits:
    """What the shots of a storyboard are asked for with: an HTTP request for each clip.

    A frame that is not made yet is the text `<frame of STEP>`.
    """

    def submits(shots: str) -> list[HttpRequest]:
        film.write_text(f"version: 1\n{shots}", encoding="utf-8")
        graph = compile_film(film, Choices()).graph
        return [_submit(action, film.parent) for action in graph if action.kind is Kind.GENERATE]

    return submits


@pytest.fixture
def complaints(film: Path) -> Complaints:
    """What is wrong with the shots of a storyboard."""

    def complaints(shots: str) -> list[str]:
        film.write_text(f"version: 1\n{shots}", encoding="utf-8")
        with pytest.raises(Invalid) as caught:
            compile_film(film, Choices())
        return [diagnostic.message for diagnostic in caught.value.diagnostics]

    return complaints


def _submit(action: Action, folder: Path) -> HttpRequest:
    request = action.work
    assert isinstance(request, Request)
    provider = providers.find(request.model.partition("/")[0])
    assert isinstance(provider, RemoteProvider)
    intent = Intent(
        key="key",
        request=request,
        nonce=NONCE,
        made_at=datetime(2026, 11, 20, 12, tzinfo=UTC),
        inputs=dict.fromkeys(action.inputs, "digest"),
    )
    frames = {role: _media(source, folder) for role, source in action.inputs.items()}
    return provider.submit(intent, frames)


def _media(source: InputSource, folder: Path) -> Media:
    match source:
        case Given(path, digest):
            return Media(type="image/png", digest=digest, data=(folder / path).read_bytes())
        case Named(text):
            return Media(type="image/png", reference=text)
        case _:
            return Media(type="image/png", reference=f"<frame of {source.action}>")
