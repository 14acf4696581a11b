"""The arguments that commands share, and the film that they mean."""

from __future__ import annotations

import gc
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from storyboard.cli.text import say_diagnostics

if TYPE_CHECKING:
    from storyboard import pipeline

F = TypeVar("F", bound=Callable[..., Any])

PATH = click.argument("path", required=False, type=click.Path(path_type=Path), metavar="[PATH]")
FILM = click.option(
    "--film",
    "path",
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="The storyboard. [default: as elsewhere]",
)
"""PATH, for commands whose argument is something else."""
JSON = click.option("--json", "as_json", is_flag=True, help="Print a JSON document.")
SHOTS = click.option(
    "--shot", "shots", multiple=True, metavar="ID", help="Only this shot and what it needs; no cut."
)
CUTS = click.option("--cut", "cuts", multiple=True, metavar="NAME", help="Only this cut.")


SEGMENT = click.option(
    "--segment", type=click.IntRange(1), metavar="N", help="This segment of the shot."
)
CUT = click.option("--cut", metavar="NAME", help="The shot as this cut has it.")


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


def compiled(
    path: Path | None,
    profile: str | None,
    given: dict[str, str],
    shots: tuple[str, ...] = (),
    cuts: tuple[str, ...] = (),
) -> pipeline.Compiled:
    """The film that is meant; its warnings are said.

    Raises:
        Invalid: it is not there, or has errors.
    """
    from storyboard import pipeline
    from storyboard.recollection import recall
    from storyboard.store import store_root

    wanted = pipeline.Choices(profile=profile, given=given, shots=shots, cuts=cuts)
    file = pipeline.find_storyboard(path)
    film = pipeline.compile_film(file, wanted, recall(store_root(file.parent)))
    gc.freeze()  # all of it is used to the end: nothing of it need be looked at for garbage
    say_diagnostics(film.warnings)
    return film
