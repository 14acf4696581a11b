"""`plan`: what a build would do."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from storyboard.cli.options import CUTS, JSON, PATH, SHOTS, choices, compiled
from storyboard.cli.text import json_text, say
from storyboard.project import open_project
from storyboard.terminal import columns
from storyboard.unchanged import Wanted


@click.command()
@PATH
@choices
@JSON
@SHOTS
@CUTS
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Keep the plan, for `build --plan FILE` to do exactly that.",
)
def plan(
    path: Path | None,
    profile: str | None,
    given: dict[str, str],
    as_json: bool,
    shots: tuple[str, ...],
    cuts: tuple[str, ...],
    out: Path | None,
) -> None:
    """Show what a build would do, why, and what it would cost."""
    from storyboard.cli import plans
    from storyboard.cli.keeping import keep_plan, scene_of

    film = compiled(path, profile, given, shots, cuts)
    with open_project(film) as project:
        scene = scene_of(project)
        planned = project.plan()
        if out:
            from storyboard.saved_plan import plan_document, write_plan

            lane = project.workshop.lane
            write_plan(plan_document(planned, lane.film, given=given, shots=shots, cuts=cuts), out)
        if as_json:
            text = json_text(plans.document(planned))
        else:
            title = film.storyboard.title
            text = plans.table(planned, title, columns(), fold=sys.stdout.isatty())
        click.echo(text)
        wanted = Wanted(
            "plan",
            str(path) if path else None,
            profile=profile,
            given=given,
            shots=shots,
            cuts=cuts,
            as_json=as_json,
        )
        keep_plan(wanted, project, scene, planned, f"{text}\n")
    if out:
        say(f"Kept in {out}: `storyboard build --plan {out}` does this and no more.")
