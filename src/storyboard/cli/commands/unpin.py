"""`unpin`: a shot follows what it asks for again."""

from __future__ import annotations

from pathlib import Path

import click

from storyboard.cli.options import CUT, FILM, SEGMENT, choices, compiled
from storyboard.cli.text import say
from storyboard.project import open_project


@click.command()
@click.argument("shot", metavar="SHOT")
@SEGMENT
@CUT
@FILM
@choices
def unpin(
    shot: str,
    segment: int | None,
    cut: str | None,
    path: Path | None,
    profile: str | None,
    given: dict[str, str],
) -> None:
    """Let SHOT follow what it asks for again."""
    from storyboard.choosing import Wanted
    from storyboard.choosing import unpin as let_go

    with open_project(compiled(path, profile, given, (), ())) as project:
        let_go(project, Wanted(shot, segment, cut))
    say(f"{shot} follows what it asks for again: `storyboard plan` shows what that means.")
