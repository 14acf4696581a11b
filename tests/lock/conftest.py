from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from locked_film import LockedFilm

from storyboard.simulators.server import simulation


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    """Where the provider is."""
    with simulation("runware", speed=3000.0, switches={"scale": 0.3}) as urls:
        yield urls["runware"]


@pytest.fixture(scope="module")
def painted(tmp_path_factory: pytest.TempPathFactory, provider: str) -> LockedFilm:
    """A film of two shots, the second going on from the first, that was built once."""
    film = LockedFilm(tmp_path_factory.mktemp("painted") / "film", provider).lay()
    assert film.build("--yes")["generated"] == 2
    return film


@pytest.fixture
def film(painted: LockedFilm, tmp_path: Path) -> LockedFilm:
    """A copy of it, with its store, to do what one likes with."""
    shutil.copytree(painted.folder, tmp_path / "film")
    return LockedFilm(tmp_path / "film", painted.url)
