"""`graph`: what is made of what."""

from __future__ import annotations

from pathlib import Path

import click

from storyboard.cli.options import JSON, PATH, choices, compiled
from storyboard.cli.text import print_json


@click.command()
@PATH
@choices
@JSON
@click.option(
    "--format",
    "form",
    type=click.Choice(["json", "dot", "mermaid", "svg"]),
    default="mermaid",
    show_default=True,
)
def graph(
    path: Path | None, profile: str | None, given: dict[str, str], as_json: bool, form: str
) -> None:
    """Show what is made of what."""
    from storyboard.cli import graphs

    film = compiled(path, profile, given, (), ())
    if as_json or form == "json":
        print_json(graphs.document(film.graph))
    else:
        click.echo(graphs.DRAWN[form](film.graph))
