"""`explain-code`: what a diagnostic means."""

from __future__ import annotations

import click


@click.command("explain-code")
@click.argument("code", metavar="CODE")
def explain_code(code: str) -> None:
    """Explain a diagnostic, such as SB101, with an example."""
    from storyboard.cli.explained import explanation

    click.echo(explanation(code))
