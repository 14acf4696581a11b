"""`doctor`: whether this machine can build."""

from __future__ import annotations

from pathlib import Path

import click

from storyboard.cli.options import JSON
from storyboard.cli.text import print_json


@click.command()
@click.option("--online", is_flag=True, help="Ask each provider whether it accepts its key.")
@JSON
def doctor(online: bool, as_json: bool) -> int:
    """Look whether what a build needs is there: keys, video libraries, room on the disk."""
    from storyboard.cli import doctor as ward

    findings = list(ward.examine(Path.cwd(), online=online))
    if as_json:
        print_json(ward.document(findings))
    else:
        for finding in findings:
            click.echo(ward.text(finding))
    return 1 if any(finding.health == "bad" for finding in findings) else 0
