"""The commands and their arguments."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any, TypeVar

import click

from storyboard import __version__, pipeline
from storyboard.cli.money import amount, asking
from storyboard.cli.text import say, say_diagnostics
from storyboard.diagnostics import Invalid, errors_in
from storyboard.project import open_project
from storyboard.source import Plain

F = TypeVar("F", bound=Callable[..., Any])

PATH = click.argument("path", required=False, type=click.Path(path_type=Path), metavar="[PATH]")
JSON = click.option("--json", "as_json", is_flag=True, help="Print a JSON document.")


def _variable(
    _context: click.Context, _option: click.Parameter, given: tuple[str, ...]
) -> dict[str, str]:
    values = {}
    for each in given:
        name, equals, value = each.partition("=")
        if not equals or not name:
            raise click.BadParameter(f"{each!r} is not of the form NAME=VALUE.")
        values[name] = value
    return values


def choices(command: F) -> F:
    """The options that say which film is meant."""
    command = click.option(
        "--var",
        "given",
        multiple=True,
        metavar="NAME=VALUE",
        callback=_variable,
        help="Set a var; VALUE is read as YAML.",
    )(command)
    return click.option("--profile", metavar="NAME", help="Use a profile of the storyboard.")(
        command
    )


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, "-V", "--version", message="storyboard %(version)s")
def storyboard() -> None:
    """Compile storyboards into films: only what changed is made again."""


@storyboard.command()
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
@click.option("--title", help="The film's title. [default: made from the folder's name]")
def init(folder: Path, title: str | None) -> None:
    """Lay down a new creative repo in DIR."""
    from storyboard.laying import lay_down

    named = title or folder.resolve().name.replace("-", " ").replace("_", " ").title()
    for path in lay_down(folder, named):
        say(f"  {path}")
    say(f"Next: cd {folder} && storyboard build")


@storyboard.command()
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
    wrong = errors_in(problems)
    if as_json or form == "json":
        _print_json(
            {"version": 1, "ok": not wrong, "diagnostics": [item.json() for item in problems]}
        )
    elif form == "sarif":
        _print_json(sarif.sarif(problems))
    elif form == "github":
        click.echo(sarif.github(problems), nl=False)
    else:
        say_diagnostics(problems)
        if film is not None and not wrong:
            shots = len({shot.shot for cut in film.cuts for shot in cut.order})
            said = "1 shot" if shots == 1 else f"{shots} shots"
            say(f"{file}: {film.title}, {said}, no errors")
    return 2 if wrong else 0


@storyboard.command("explain-code")
@click.argument("code", metavar="CODE")
def explain_code(code: str) -> None:
    """Explain a diagnostic, such as SB101, with an example."""
    from storyboard.cli.explained import explanation

    click.echo(explanation(code))


@storyboard.command()
@PATH
@choices
@JSON
@click.option(
    "--format",
    "form",
    type=click.Choice(["json", "dot", "mermaid", "svg"]),
    default="mermaid",
    show_default=True,
)
def graph(
    path: Path | None, profile: str | None, given: dict[str, str], as_json: bool, form: str
) -> None:
    """Show what is made of what."""
    from storyboard.cli import graphs

    compiled = _compiled(path, profile, given, (), ())
    if as_json or form == "json":
        _print_json(graphs.document(compiled.graph))
    else:
        click.echo(graphs.DRAWN[form](compiled.graph))


@storyboard.command()
@PATH
@choices
@JSON
@click.option(
    "--shot", "shots", multiple=True, metavar="ID", help="Only this shot and what it needs."
)
@click.option("--cut", "cuts", multiple=True, metavar="NAME", help="Only this cut.")
def plan(
    path: Path | None,
    profile: str | None,
    given: dict[str, str],
    as_json: bool,
    shots: tuple[str, ...],
    cuts: tuple[str, ...],
) -> None:
    """Show what a build would do, why, and what it would cost."""
    from storyboard.cli import plans

    compiled = _compiled(path, profile, given, shots, cuts)
    with open_project(compiled) as project:
        planned = project.plan()
    if as_json:
        _print_json(plans.document(planned))
    else:
        title = compiled.storyboard.title
        click.echo(plans.table(planned, title, _columns(), fold=sys.stdout.isatty()))


@storyboard.command()
@PATH
@choices
@JSON
@click.option(
    "--shot", "shots", multiple=True, metavar="ID", help="Only this shot and what it needs; no cut."
)
@click.option("--cut", "cuts", multiple=True, metavar="NAME", help="Only this cut.")
@click.option(
    "--jobs", type=click.IntRange(1, 256), help="How many steps at once. [default: one a processor]"
)
@click.option(
    "--keep-going/--fail-fast",
    default=True,
    help="After a failure, go on with what does not depend on it.",
)
@click.option(
    "--max-cost",
    callback=amount,
    metavar="USD",
    help="Build only if it costs no more than that at most.",
)
@click.option("--yes", is_flag=True, help="Agree to the price without being asked.")
def build(
    path: Path | None,
    profile: str | None,
    given: dict[str, str],
    as_json: bool,
    shots: tuple[str, ...],
    cuts: tuple[str, ...],
    jobs: int | None,
    keep_going: bool,
    max_cost: Fraction | None,
    yes: bool,
) -> int:
    """Build the film: make what is missing, put the cuts together."""
    from storyboard.cli import progress

    compiled = _compiled(path, profile, given, shots, cuts)
    with (
        progress.listening(as_json=as_json) as listener,
        open_project(compiled) as project,
    ):
        outcome = project.build(
            listener,
            jobs=jobs,
            keep_going=keep_going,
            max_cost=max_cost,
            agree=asking(yes=yes),
        )
    return outcome.exit_code


@storyboard.command()
@click.argument("shot", required=False, metavar="[SHOT]")
@click.option(
    "--film",
    "path",
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="The storyboard. [default: as elsewhere]",
)
@choices
@JSON
def requests(
    shot: str | None, path: Path | None, profile: str | None, given: dict[str, str], as_json: bool
) -> None:
    """Show what a build would ask of each model."""
    from storyboard.cli import asked

    compiled = _compiled(path, profile, given, (shot,) if shot else (), ())
    with open_project(compiled) as project:
        document = asked.document(project, project.plan(), shot)
    if as_json:
        _print_json(document)
    else:
        click.echo(asked.text(document))


@storyboard.command()
@click.argument("name", required=False, metavar="[NAME]")
@click.option(
    "--film",
    "path",
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="The storyboard. [default: as elsewhere]",
)
@JSON
def templates(name: str | None, path: Path | None, as_json: bool) -> None:
    """List the templates at hand, or show one."""
    from storyboard.cli import templates as shown

    known, problems = shown.at_hand(_storyboard_or_none(path))
    say_diagnostics(problems)
    wanted = [shown.chosen(name, known)] if name else list(known.values())
    if as_json:
        _print_json(shown.document(wanted))
    else:
        click.echo(shown.page(wanted[0]) if name else shown.listing(wanted, _columns()))


def _storyboard_or_none(path: Path | None) -> Path | None:
    """The storyboard that is meant; None where none is named and none is here."""
    try:
        return pipeline.find_storyboard(path)
    except Invalid:
        if path is not None:
            raise
        return None


@storyboard.command()
@click.argument("name", required=False, metavar="[NAME]")
@JSON
def models(name: str | None, as_json: bool) -> None:
    """List the models, or show what one can do and what it costs."""
    from storyboard.cli import models as shown

    chosen = shown.chosen(name)
    if as_json:
        _print_json(shown.document(chosen))
    elif name and len(chosen) == 1:
        click.echo(shown.page(chosen[0]))
    else:
        click.echo(shown.listing(chosen))


@storyboard.command()
@click.option("--online", is_flag=True, help="Ask each provider whether it accepts its key.")
@JSON
def doctor(online: bool, as_json: bool) -> int:
    """Look whether what a build needs is there: keys, video libraries, room on the disk."""
    from storyboard.cli import doctor as ward

    findings = list(ward.examine(Path.cwd(), online=online))
    if as_json:
        _print_json(ward.document(findings))
    else:
        for finding in findings:
            click.echo(ward.text(finding))
    return 1 if any(finding.health == "bad" for finding in findings) else 0


@storyboard.command()
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


@storyboard.command()
def schema() -> None:
    """Print the JSON Schema of the language."""
    from storyboard.share import share

    click.echo((share("schemas") / "storyboard.schema.json").read_text(encoding="utf-8"), nl=False)


def _compiled(
    path: Path | None,
    profile: str | None,
    given: dict[str, str],
    shots: tuple[str, ...],
    cuts: tuple[str, ...],
) -> pipeline.Compiled:
    wanted = pipeline.Choices(profile=profile, given=given, shots=shots, cuts=cuts)
    compiled = pipeline.compile_film(pipeline.find_storyboard(path), wanted)
    say_diagnostics(compiled.warnings)
    return compiled


def _print_json(document: Plain) -> None:
    click.echo(json.dumps(document, ensure_ascii=False, indent=2))


def _columns() -> int:
    import shutil

    return shutil.get_terminal_size((100, 24)).columns if sys.stdout.isatty() else 120
