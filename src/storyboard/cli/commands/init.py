"""`init`: a new creative repo."""

from __future__ import annotations

from pathlib import Path

import click

from storyboard.cli.text import say


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
@click.option("--title", help="The film's title. [default: made from the folder's name]")
def init(folder: Path, title: str | None) -> None:
    """Lay down a new creative repo in DIR."""
    from storyboard.laying import lay_down

    named = title or folder.resolve().name.replace("-", " ").replace("_", " ").title()
    for path in lay_down(folder, named):
        say(f"  {path}")
    say(f"Next: cd {folder} && storyboard build")
