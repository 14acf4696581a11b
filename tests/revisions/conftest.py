from __future__ import annotations

from pathlib import Path

import pytest
from revised_film import Film


@pytest.fixture
def film(tmp_path: Path) -> Film:
    return Film(tmp_path / "film")
