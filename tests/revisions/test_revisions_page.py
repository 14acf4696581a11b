"""Every command of docs/revisions.md succeeds, in a film of which everything is made."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from revised_film import PAID, Film

PAGE = Path(__file__).parents[2] / "docs" / "revisions.md"
DRAWN = PAID.replace(", model: runware/kling-2.6-pro", "").replace("duration: 5", "duration: 0.25")


def test_every_command_of_the_page_succeeds(tmp_path: Path) -> None:
    film = Film(tmp_path / "film", DRAWN)
    film.commit()
    blocks = re.findall(
        r"^```console\n(.*?)^```$", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL
    )
    commands = [
        line.removeprefix("$ storyboard ") for block in blocks for line in block.splitlines()
    ]

    assert len(commands) > 10
    for command in commands:
        ran = film.run(*shlex.split(command))
        assert ran.code == 0, f"{command}\n{ran.err}"
