"""`doctor`: whether this machine can build."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import click

from storyboard.cli.options import JSON, PATH, choices, compiled
from storyboard.cli.text import print_json
from storyboard.diagnostics import StoryboardError


@click.command()
@PATH
@choices
@click.option("--online", is_flag=True, help="Ask each provider whether it accepts its key.")
@JSON
def doctor(
    path: Path | None, profile: str | None, given: dict[str, str], online: bool, as_json: bool
) -> int:
    """Look whether what a build needs is there: keys, video libraries, room on the disk.

    Of a film, here or at PATH, it says which providers a build of it asks: a
    key that is missing for one of them is what is wrong.
    """
    from storyboard.cli import doctor as ward
    from storyboard.pipeline import find_storyboard
    from storyboard.whereabouts import DEFAULT_NAME

    asked: Counter[str] = Counter()
    findings: list[ward.Finding] = []
    folder = Path.cwd()
    try:
        file = find_storyboard(path)
        folder = file.parent
        asked = ward.asked_by(compiled(file, profile, given))
        findings.append(ward.of_film(file.name, asked))
    except StoryboardError as error:
        if path or profile or given:
            raise
        if (folder / DEFAULT_NAME).is_file():  # the machine is looked at all the same
            findings.append(ward.Finding("film", "note", f"{DEFAULT_NAME}: {error.message}"))
    findings += ward.examine(folder, asked, online=online)
    if as_json:
        print_json(ward.document(findings))
    else:
        for finding in findings:
            click.echo(ward.text(finding))
    return 1 if any(finding.health == "bad" for finding in findings) else 0
