"""`plan`: what a build would do."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from storyboard.cli.options import CUTS, JSON, PATH, choices, compiled
from storyboard.cli.text import columns, print_json
from storyboard.project import open_project


@click.command()
@PATH
@choices
@JSON
@click.option(
    "--shot", "shots", multiple=True, metavar="ID", help="Only this shot and what it needs."
)
@CUTS
def plan(
    path: Path | None,
    profile: str | None,
    given: dict[str, str],
    as_json: bool,
    shots: tuple[str, ...],
    cuts: tuple[str, ...],
) -> None:
    """Show what a build would do, why, and what it would cost."""
    from storyboard.cli import plans

    film = compiled(path, profile, given, shots, cuts)
    with open_project(film) as project:
        planned = project.plan()
    if as_json:
        print_json(plans.document(planned))
    else:
        title = film.storyboard.title
        click.echo(plans.table(planned, title, columns(), fold=sys.stdout.isatty()))
