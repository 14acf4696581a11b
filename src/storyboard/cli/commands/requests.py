"""`requests`: what a build would send."""

from __future__ import annotations

from pathlib import Path

import click

from storyboard.cli.options import FILM, JSON, choices, compiled
from storyboard.cli.text import print_json
from storyboard.project import open_project


@click.command()
@click.argument("shot", required=False, metavar="[SHOT]")
@FILM
@choices
@JSON
def requests(
    shot: str | None, path: Path | None, profile: str | None, given: dict[str, str], as_json: bool
) -> None:
    """Show what a build would ask of each model."""
    from storyboard.cli import asked

    film = compiled(path, profile, given, (shot,) if shot else (), ())
    with open_project(film) as project:
        document = asked.document(project, project.plan(), shot)
    if as_json:
        print_json(document)
    else:
        click.echo(asked.text(document))
