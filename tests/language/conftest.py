from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from storyboard.diagnostics import Diagnostic
from storyboard.model import Shot, Storyboard
from storyboard.passes.expand import expand
from storyboard.passes.load import load


@pytest.fixture
def expanded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., tuple[Storyboard, tuple[Diagnostic, ...]]]:
    """Loads and expands a storyboard with the files that it names."""
    monkeypatch.chdir(tmp_path)

    def make(
        text: str,
        files: Mapping[str, str] | None = None,
        profile: str | None = None,
        **given: str,
    ) -> tuple[Storyboard, tuple[Diagnostic, ...]]:
        for name, content in {"storyboard.yaml": text, **(files or {})}.items():
            Path(name).parent.mkdir(parents=True, exist_ok=True)
            Path(name).write_text(content, encoding="utf-8")
        document, problems = load(Path("storyboard.yaml"))
        assert document is not None, problems
        storyboard, more = expand(document, profile, given)
        assert storyboard is not None
        return storyboard, problems + more

    return make


@pytest.fixture
def film(expanded: Callable[..., Any]) -> Callable[..., Storyboard]:
    """A storyboard that nothing is wrong with."""

    def make(text: str, *args: Any, **kwargs: Any) -> Storyboard:
        storyboard, problems = expanded("version: 1\n" + text, *args, **kwargs)
        assert [item.message for item in problems] == []
        return storyboard

    return make


@pytest.fixture
def shots(film: Callable[..., Storyboard]) -> Callable[..., dict[str, Shot]]:
    """The shots of a storyboard's only cut."""

    def make(text: str, *args: Any, **kwargs: Any) -> dict[str, Shot]:
        (cut,) = film(text, *args, **kwargs).cuts
        return dict(cut.shots)

    return make


@pytest.fixture
def prompts(shots: Callable[..., dict[str, Shot]]) -> Callable[..., list[str]]:
    """What each shot asks for, in order."""

    def make(text: str, *args: Any, **kwargs: Any) -> list[str]:
        found = shots(text, *args, **kwargs)
        return [segment.prompt for shot in found.values() for segment in shot.segments]

    return make
