"""`takes`: the takes that the lock holds."""

from __future__ import annotations

from pathlib import Path

import click

from storyboard.cli.options import FILM, JSON, choices, compiled
from storyboard.cli.text import print_json, say
from storyboard.project import open_project


@click.command()
@click.argument("shot", required=False, metavar="[SHOT]")
@FILM
@choices
@JSON
def takes(
    shot: str | None, path: Path | None, profile: str | None, given: dict[str, str], as_json: bool
) -> None:
    """List the takes of SHOT, or all that the lock holds. `*` marks those that the film uses."""
    from storyboard.choosing import takes_in
    from storyboard.cli import takelist

    with open_project(compiled(path, profile, given, (), ())) as project:
        found = takes_in(project, shot)
    if as_json:
        print_json(takelist.document(found))
    elif found:
        click.echo(takelist.table(found))
    else:
        say(f"{f'Shot `{shot}`' if shot else 'The film'} has no takes yet.")
