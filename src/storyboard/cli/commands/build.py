"""`build`: makes what is missing, and the films."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import click

from storyboard.cli.money import amount, asking
from storyboard.cli.options import CUTS, JSON, PATH, choices, compiled
from storyboard.project import open_project


@click.command()
@PATH
@choices
@JSON
@click.option(
    "--shot", "shots", multiple=True, metavar="ID", help="Only this shot and what it needs; no cut."
)
@CUTS
@click.option(
    "--jobs", type=click.IntRange(1, 256), help="How many steps at once. [default: one a processor]"
)
@click.option(
    "--keep-going/--fail-fast",
    default=True,
    help="After a failure, go on with what does not depend on it.",
)
@click.option(
    "--max-cost",
    callback=amount,
    metavar="USD",
    help="Build only if it costs no more than that at most.",
)
@click.option("--yes", is_flag=True, help="Agree to the price without being asked.")
def build(
    path: Path | None,
    profile: str | None,
    given: dict[str, str],
    as_json: bool,
    shots: tuple[str, ...],
    cuts: tuple[str, ...],
    jobs: int | None,
    keep_going: bool,
    max_cost: Fraction | None,
    yes: bool,
) -> int:
    """Build the film: make what is missing, put the cuts together."""
    from storyboard.cli import progress

    film = compiled(path, profile, given, shots, cuts)
    with (
        progress.listening(as_json=as_json) as listener,
        open_project(film) as project,
    ):
        outcome = project.build(
            listener,
            jobs=jobs,
            keep_going=keep_going,
            max_cost=max_cost,
            agree=asking(yes=yes),
        )
    return outcome.exit_code
