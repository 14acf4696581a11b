"""`heal`: a shot is made again between neighbours that stay."""

from __future__ import annotations

from pathlib import Path

import click

from storyboard.cli.options import FILM, choices, compiled
from storyboard.cli.text import say
from storyboard.project import open_project


@click.command()
@click.argument("shot", metavar="SHOT")
@click.option("--write", is_flag=True, help="Write the picture and the edit.")
@FILM
@choices
def heal(
    shot: str, write: bool, path: Path | None, profile: str | None, given: dict[str, str]
) -> None:
    """Have SHOT made again and those behind it stay: it is to end on the frame that they start with."""
    from storyboard.healing import apply
    from storyboard.healing import heal as find

    with open_project(compiled(path, profile, given, (), ())) as project:
        healing = find(project, shot)
        if write:
            apply(project, healing)
    for change in healing.changes:
        click.echo(f"{change.file}: {change.shot}: {change.line}")
    if write:
        say(f"Written, with {healing.picture}. Change {shot} now: what follows it stays.")
    else:
        say(f"The frame goes to {healing.picture}. `storyboard heal {shot} --write` does this.")
