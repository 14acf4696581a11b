from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import odd_clips
import pytest


@pytest.fixture(scope="session")
def odd_clip(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """An odd clip by its name, made when it is first asked for."""
    folder = tmp_path_factory.mktemp("odd")

    def made(name: str) -> Path:
        path = folder / name
        return path if path.exists() else odd_clips.ODD[name].make(path)

    return made
