"""`check`: all diagnostics of a storyboard."""

from __future__ import annotations

from pathlib import Path

import click

from storyboard import pipeline
from storyboard.cli.options import JSON, PATH, choices
from storyboard.cli.text import print_json, say, say_diagnostics
from storyboard.diagnostics import errors_in
from storyboard.lock_file import LockFile, lock_path
from storyboard.terminal import seen_from_here


@click.command()
@PATH
@choices
@JSON
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "sarif", "github"]),
    default="text",
    show_default=True,
    help="Text, the JSON document, SARIF for code scanning, or annotations for GitHub's CI.",
)
def check(
    path: Path | None, profile: str | None, given: dict[str, str], as_json: bool, form: str
) -> int:
    """Report every problem of a storyboard. Writes nothing, sends nothing."""
    from storyboard.cli import sarif

    file = pipeline.find_storyboard(path)
    problems, film, _ = pipeline.diagnose(file, pipeline.Choices(profile=profile, given=given))
    problems += LockFile(lock_path(file)).problems()
    wrong = errors_in(problems)
    if as_json or form == "json":
        print_json(
            {"version": 1, "ok": not wrong, "diagnostics": [item.json() for item in problems]}
        )
    elif form == "sarif":
        print_json(sarif.sarif(problems))
    elif form == "github":
        click.echo(sarif.github(problems), nl=False)
    else:
        say_diagnostics(problems)
        if film is not None and not wrong:
            shots = len({shot.shot for cut in film.cuts for shot in cut.order})
            said = "1 shot" if shots == 1 else f"{shots} shots"
            say(f"{seen_from_here(file)}: {film.title}, {said}, no errors")
    return 2 if wrong else 0
