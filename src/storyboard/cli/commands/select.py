"""`select`: which take of a shot the film uses."""

from __future__ import annotations

from pathlib import Path

import click

from storyboard.cli.options import CUT, FILM, SEGMENT, choices, compiled
from storyboard.cli.text import say
from storyboard.project import open_project


@click.command()
@click.argument("shot", metavar="SHOT")
@click.argument("number", type=click.IntRange(1), metavar="N")
@SEGMENT
@CUT
@FILM
@choices
def select(
    shot: str,
    number: int,
    segment: int | None,
    cut: str | None,
    path: Path | None,
    profile: str | None,
    given: dict[str, str],
) -> None:
    """Use take N of SHOT. Free; what was made for it comes back with it."""
    from storyboard.choosing import Wanted
    from storyboard.choosing import select as choose
    from storyboard.cli.money import price

    with open_project(compiled(path, profile, given, (), ())) as project:
        choose(project, Wanted(shot, segment, cut), number)
        planned = project.plan()
    low, high = planned.cost_usd
    follows = f"; what follows costs {price(low, high)}" if high else ""
    say(f"{shot} uses take {number}. `storyboard build` puts it into the film{follows}.")
