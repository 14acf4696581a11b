"""`cost`: what a film has cost."""

from __future__ import annotations

from pathlib import Path

import click

from storyboard.cli.options import JSON, PATH, choices
from storyboard.cli.text import print_json


@click.command()
@PATH
@click.option(
    "--by",
    type=click.Choice(["shot", "provider", "model", "profile", "day", "job"]),
    default="shot",
    show_default=True,
    help="Sum up by that.",
)
@choices
@JSON
def cost(
    path: Path | None, by: str, profile: str | None, given: dict[str, str], as_json: bool
) -> None:
    """Show what the film has cost, and how that differs from the estimates.

    It is the whole film, whatever the profile: that matters to the budget alone.
    """
    from storyboard.cli import bills
    from storyboard.costs import expenses_of
    from storyboard.ledger import Ledger
    from storyboard.lock_file import LockFile, lock_path
    from storyboard.pipeline import Choices, diagnose, find_storyboard
    from storyboard.store import store_root

    file = find_storyboard(path).resolve()
    _, storyboard, _ = diagnose(file, Choices(profile=profile, given=given))
    root = store_root(file.parent)
    film = file.relative_to(root.parent).as_posix()
    with Ledger(root / "ledger.sqlite3") as ledger:
        expenses = expenses_of(film, ledger.jobs.all(), LockFile(lock_path(file)).lock)
    budget = storyboard.budget if storyboard else None
    if as_json:
        print_json(bills.document(film, by, expenses, budget))
    else:
        click.echo(bills.text(storyboard.title if storyboard else film, by, expenses, budget))
