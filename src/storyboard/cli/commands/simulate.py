"""`simulate`: serves what behaves as the providers do."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.option(
    "--provider", "names", multiple=True, metavar="NAME", help="Only this one. [default: all]"
)
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="[default: a free one]")
@click.option(
    "--script", type=click.Path(path_type=Path), metavar="FILE", help="Faults and switches to set."
)
@click.option(
    "--speed",
    type=click.FloatRange(min=0, min_open=True),
    metavar="X",
    help="How much faster than the providers. [default: about a second a job]",
)
@click.option("--json", "as_json", is_flag=True, help="Print the addresses as a line of JSON.")
def simulate(
    names: tuple[str, ...], port: int, script: Path | None, speed: float | None, as_json: bool
) -> None:
    """Serve what behaves as the providers do, to rehearse a build and its bill."""
    from storyboard.cli import simulate as simulated

    simulated.serve(names, port, script, speed, as_json=as_json)
