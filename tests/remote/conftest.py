from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from kiln import KilnServer, serving
from kiln_film import KilnFilm


@pytest.fixture
def server() -> Iterator[KilnServer]:
    with serving() as kiln:
        yield kiln


@pytest.fixture
def film(tmp_path: Path, server: KilnServer) -> KilnFilm:
    return KilnFilm(tmp_path, server.url)
