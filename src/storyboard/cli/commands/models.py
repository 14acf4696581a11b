"""`models`: what models can do and cost."""

from __future__ import annotations

import click

from storyboard.cli.options import JSON
from storyboard.cli.text import print_json


@click.command()
@click.argument("name", required=False, metavar="[NAME]")
@JSON
def models(name: str | None, as_json: bool) -> None:
    """List the models, or show what one can do and what it costs."""
    from storyboard.cli import models as shown

    chosen = shown.chosen(name)
    if as_json:
        print_json(shown.document(chosen))
    elif name and len(chosen) == 1:
        click.echo(shown.page(chosen[0]))
    else:
        click.echo(shown.listing(chosen))
