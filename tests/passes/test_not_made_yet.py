"""What this release reads and does not make: the film is made all the same, as the warning says."""

from __future__ import annotations

import shutil
from pathlib import Path

from storyboard.pipeline import Choices, Compiled, compile_film
from storyboard.project import film_paths

CASE = Path(__file__).parents[1] / "golden/diagnostics/not-made-yet"


def compiled(folder: Path) -> Compiled:
    shutil.copytree(CASE, folder / "film")
    return compile_film(folder / "film/storyboard.yaml", Choices())


def test_every_film_is_written_as_mp4(tmp_path: Path) -> None:
    assert film_paths(compiled(tmp_path).storyboard) == {
        "main": "build/main.mp4",
        "web": "build/web.mp4",
    }
