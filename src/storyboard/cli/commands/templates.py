"""`templates`: the templates at hand."""

from __future__ import annotations

from pathlib import Path

import click

from storyboard import pipeline
from storyboard.cli.options import FILM, JSON
from storyboard.cli.text import print_json, say_diagnostics
from storyboard.diagnostics import Invalid
from storyboard.terminal import columns


@click.command()
@click.argument("name", required=False, metavar="[NAME]")
@FILM
@JSON
def templates(name: str | None, path: Path | None, as_json: bool) -> None:
    """List the templates at hand, or show one."""
    from storyboard.cli import templates as shown

    known, problems = shown.at_hand(_storyboard_or_none(path))
    say_diagnostics(problems)
    wanted = [shown.chosen(name, known)] if name else list(known.values())
    if as_json:
        print_json(shown.document(wanted))
    else:
        click.echo(shown.page(wanted[0]) if name else shown.listing(wanted, columns()))


def _storyboard_or_none(path: Path | None) -> Path | None:
    """The storyboard that is meant; None where none is named and none is here."""
    try:
        return pipeline.find_storyboard(path)
    except Invalid:
        if path is not None:
            raise
        return None
