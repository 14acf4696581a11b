"""`explain`: why a shot is fresh or stale."""

from __future__ import annotations

from pathlib import Path

import click

from storyboard.cli.options import FILM, JSON, choices, compiled
from storyboard.cli.text import print_json
from storyboard.terminal import columns


@click.command()
@click.argument("shot", metavar="SHOT")
@FILM
@click.option("--segment", type=click.IntRange(min=1), help="Only this segment of the shot.")
@choices
@JSON
def explain(
    shot: str,
    path: Path | None,
    segment: int | None,
    profile: str | None,
    given: dict[str, str],
    as_json: bool,
) -> None:
    """Explain why a shot is fresh or stale, and what decides where it waits."""
    from storyboard.cli import whys
    from storyboard.diagnostics import Invalid
    from storyboard.pipeline import require_shot
    from storyboard.project import open_project
    from storyboard.why import why

    film = compiled(path, profile, given)
    require_shot(film.storyboard, shot)
    with open_project(film) as project:
        found = why(project.plan(), project.workshop, shot, segment)
    if segment and not found:
        raise Invalid(
            f"The shot `{shot}` has no segment {segment}.",
            f"`storyboard explain {shot}` shows it whole.",
        )
    if as_json:
        print_json(whys.document(shot, film.storyboard.profile, found))
    else:
        click.echo(whys.text(shot, found, columns()))
