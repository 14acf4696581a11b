"""`diff`: what changed between two states of a film."""

from __future__ import annotations

from pathlib import Path

import click

from storyboard.cli.options import FILM, JSON, choices
from storyboard.cli.text import print_json, say_diagnostics
from storyboard.terminal import columns


@click.command()
@click.argument("revisions", nargs=-1, metavar="[REV [REV]]")
@FILM
@choices
@JSON
def diff(
    revisions: tuple[str, ...],
    path: Path | None,
    profile: str | None,
    given: dict[str, str],
    as_json: bool,
) -> None:
    """Show what changed, shot by shot, and what that costs.

    Between two git revisions; or one and the working tree; or, with none, HEAD
    and the working tree. Nothing is checked out.
    """
    from storyboard.cli import diffs
    from storyboard.comparing import compare
    from storyboard.paths import Repository
    from storyboard.pipeline import Choices, compile_film, find_storyboard
    from storyboard.project import open_project
    from storyboard.revisions import compile_at, find_revision

    if len(revisions) > 2:
        raise click.UsageError("diff takes two revisions at most.")
    wanted = Choices(profile=profile, given=given)
    film = find_storyboard(path).resolve()
    root = Repository.around(film.parent).root
    found = [find_revision(root, name) for name in revisions or ("HEAD",)]
    films = [compile_at(each, film, wanted) for each in found]
    sides = [diffs.Side(each.name, each.commit) for each in found]
    if len(films) == 1:
        now = compile_film(film, wanted)
        say_diagnostics(now.warnings)
        films.append(now)
        sides.append(diffs.Side())
    old, new = films
    before, after = sides
    with open_project(new) as project:
        comparison = compare(old, new, project.plan())
    if as_json:
        print_json(diffs.document(before, after, new.storyboard.profile, comparison))
    else:
        title = new.storyboard.title
        click.echo(diffs.text(before, after, title, comparison, columns()))
