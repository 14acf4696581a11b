"""`gc`: removes what nothing names; takes, when they are asked for by name."""

from __future__ import annotations

from pathlib import Path

import click

from storyboard.cli.options import JSON
from storyboard.cli.text import print_json


@click.command()
@click.argument("path", required=False, type=click.Path(path_type=Path), metavar="[PATH]")
@click.option("--dry-run", is_flag=True, help="Only say what would go.")
@click.option(
    "--older-than",
    "days",
    type=click.FloatRange(min=0),
    default=0,
    metavar="DAYS",
    help="Only what was made that long ago.",
)
@click.option(
    "--takes",
    "shots",
    multiple=True,
    metavar="SHOT",
    help="Instead, drop takes of this shot that nothing asks for, paid ones too. Repeatable.",
)
@click.option("--yes", is_flag=True, help="With --takes: agree without being asked.")
@JSON
def gc(
    path: Path | None,
    dry_run: bool,
    days: float,
    shots: tuple[str, ...],
    yes: bool,
    as_json: bool,
) -> None:
    """Remove from the store what nothing names.

    What was paid for stays, and whatever a lock of any branch or tag names. The
    rest goes where no film of this store asks for it, and none was last built
    of it: it is free to be made again.

    With --takes, the takes of a shot go that no film asks for, none was last
    built of, and none has pinned or held: their lines in the lock, and their
    clips. They can only be paid for again, so it is asked.
    """
    if shots:
        _takes(path, shots, days, dry_run=dry_run, yes=yes, as_json=as_json)
        return
    from contextlib import nullcontext
    from datetime import timedelta

    from storyboard.build_lock import build_lock
    from storyboard.cli import waste as shown
    from storyboard.garbage import clear, find_waste, scratch
    from storyboard.ledger import Ledger
    from storyboard.named import Named, named_in
    from storyboard.pipeline import find_storyboard
    from storyboard.store import Store, store_root

    store = Store(store_root(find_storyboard(path).resolve().parent))
    named, found = Named(), scratch(store)
    if store.root.is_dir():
        with (
            nullcontext() if dry_run else build_lock(store),
            Ledger(store.root / "ledger.sqlite3") as ledger,
        ):
            named = named_in(store, ledger)
            found += find_waste(store, ledger, named, older=timedelta(days=days))
            if not dry_run:
                clear(found, store, ledger)
    if as_json:
        print_json(shown.document(found, named, removed=not dry_run))
    else:
        click.echo(shown.text(found, named, removed=not dry_run))


def _takes(
    path: Path | None,
    shots: tuple[str, ...],
    days: float,
    *,
    dry_run: bool,
    yes: bool,
    as_json: bool,
) -> None:
    from datetime import timedelta

    from storyboard.cli import discardlist as shown
    from storyboard.cli.options import compiled
    from storyboard.discarding import discard, find_discards
    from storyboard.project import open_project

    older, asking = timedelta(days=days), shown.Asking(yes)
    with open_project(compiled(path, None, {})) as project:
        if dry_run:
            found = find_discards(project, shots, older=older)
        else:
            found = discard(project, shots, asking, older=older)
    if as_json:
        print_json(shown.document(found, removed=not dry_run))
    else:
        click.echo(shown.text(found, removed=not dry_run, shown=asking.shown))
