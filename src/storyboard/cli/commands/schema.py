"""`schema`: the JSON Schema of the language."""

from __future__ import annotations

import click


@click.command()
def schema() -> None:
    """Print the JSON Schema of the language."""
    from storyboard.share import share

    click.echo((share("schemas") / "storyboard.schema.json").read_text(encoding="utf-8"), nl=False)
