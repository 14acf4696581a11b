"""`report`: the joins and chains of the films, in numbers."""

from __future__ import annotations

from pathlib import Path

import click

from storyboard.cli.options import CUTS, JSON, PATH, choices, compiled
from storyboard.cli.text import print_json
from storyboard.project import open_project


@click.command()
@PATH
@choices
@CUTS
@JSON
def report(
    path: Path | None,
    profile: str | None,
    given: dict[str, str],
    cuts: tuple[str, ...],
    as_json: bool,
) -> None:
    """Show how the shots of a built film meet: every join and chain in numbers.

    What is worth a look stands below each.
    """
    from storyboard.cli import joins

    film = compiled(path, profile, given, (), cuts)
    with open_project(film) as project:
        found = project.quality()
    if as_json:
        print_json(joins.document(found))
    else:
        click.echo(joins.text(found))
