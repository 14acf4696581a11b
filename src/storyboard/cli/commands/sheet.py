"""`sheet`: a picture of every shot of a film on one page."""

from __future__ import annotations

from pathlib import Path

import click

from storyboard.cli.options import CUTS, JSON, PATH, choices, compiled
from storyboard.cli.text import print_json
from storyboard.project import open_project
from storyboard.terminal import seen_from_here


@click.command()
@PATH
@choices
@CUTS
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Where it goes, of a single cut. [default: beside the film: build/main.sheet.png]",
)
@JSON
def sheet(
    path: Path | None,
    profile: str | None,
    given: dict[str, str],
    cuts: tuple[str, ...],
    out: Path | None,
    as_json: bool,
) -> None:
    """Draw contact sheets: a picture of every shot, with its id, its time and its length."""
    from storyboard.diagnostics import Invalid
    from storyboard.sheets import draw_sheets

    film = compiled(path, profile, given, (), cuts)
    if out and len(film.storyboard.cuts) > 1:
        raise Invalid("`--out` is the place of one sheet.", "Choose a cut: `--cut NAME`.")
    with open_project(film) as project:
        drawn = draw_sheets(project, out)
    if as_json:
        print_json({"version": 1, "sheets": {cut: str(file) for cut, file in drawn.items()}})
    else:
        for file in drawn.values():
            click.echo(f"drawn    {seen_from_here(file)}")
