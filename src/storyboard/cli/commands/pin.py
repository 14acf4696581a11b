"""`pin`: a shot keeps its take."""

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
def pin(
    shot: str,
    segment: int | None,
    cut: str | None,
    path: Path | None,
    profile: str | None,
    given: dict[str, str],
) -> None:
    """Have SHOT keep the take that it has now, whatever it asks for later."""
    from storyboard.choosing import Wanted
    from storyboard.choosing import pin as keep
    from storyboard.cli.takelist import named

    with open_project(compiled(path, profile, given, (), ())) as project:
        for take in keep(project, Wanted(shot, segment, cut)):
            say(
                f"{named(take)} keeps the take of {take.date[:16].replace('T', ' ')}, {take.clip[:8]}."
            )
    say(f"`storyboard unpin {shot}` lets it follow again.")
