"""`retake`: more takes of a shot."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import click

from storyboard.cli.money import amount, asking
from storyboard.cli.options import CUT, FILM, JSON, SEGMENT, choices, compiled
from storyboard.cli.text import print_json, say
from storyboard.project import open_project


@click.command()
@click.argument("shot", metavar="SHOT")
@click.option(
    "--count", type=click.IntRange(1, 20), default=1, show_default=True, help="How many takes."
)
@SEGMENT
@CUT
@FILM
@choices
@JSON
@click.option(
    "--max-cost",
    callback=amount,
    metavar="USD",
    help="Only if it costs no more than that at most.",
)
@click.option("--yes", is_flag=True, help="Agree to the price without being asked.")
def retake(
    shot: str,
    count: int,
    segment: int | None,
    cut: str | None,
    path: Path | None,
    profile: str | None,
    given: dict[str, str],
    as_json: bool,
    max_cost: Fraction | None,
    yes: bool,
) -> None:
    """Have more takes of SHOT made. The newest is used; what follows is made for it by `build`."""
    from storyboard.choosing import Wanted, takes_in
    from storyboard.cli import takelist
    from storyboard.cli.progress import listening
    from storyboard.retaking import retake as ask

    with (
        listening(as_json=False) as listener,
        open_project(compiled(path, profile, given, (), ())) as project,
    ):
        try:
            made = ask(
                project,
                Wanted(shot, segment, cut),
                count,
                listener,
                max_cost=max_cost,
                agree=asking(yes=yes),
            )
        except KeyboardInterrupt:
            click.echo("stopped  what was asked for is kept: the next build takes it in", err=True)
            raise
        new = {take.identity for take in made}
        found = [each for each in takes_in(project, shot) if each.take.identity in new]
    if as_json:
        print_json(takelist.document(found))
        return
    say(takelist.table(found))
    say("`storyboard build` puts the newest into the film; `storyboard select` goes back.")
