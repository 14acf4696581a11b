from __future__ import annotations

from pathlib import Path

import pytest
from film_repo import FilmRepo


@pytest.fixture
def repo(tmp_path: Path) -> FilmRepo:
    """A repository with a film of five short shots, of which four are a chain; nothing is built."""
    return FilmRepo(tmp_path / "repo")
