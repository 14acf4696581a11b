"""`export`: the cut for an editor."""

from __future__ import annotations

from pathlib import Path

import click

from storyboard.cli.options import CUTS, JSON, PATH, choices, compiled
from storyboard.cli.text import print_json, say
from storyboard.project import open_project
from storyboard.terminal import seen_from_here


@click.command()
@PATH
@choices
@CUTS
@click.option(
    "--to",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Where it is put. [default: build/export beside the storyboard]",
)
@click.option(
    "--format",
    "forms",
    type=click.Choice(["otio", "edl", "srt", "vtt", "chapters"]),
    multiple=True,
    help="OpenTimelineIO, EDL (CMX 3600), subtitles, or a list of chapters. [default: all]",
)
@click.option("--media/--no-media", "with_media", default=True, help="Copy the clips beside it.")
@JSON
def export(
    path: Path | None,
    profile: str | None,
    given: dict[str, str],
    cuts: tuple[str, ...],
    folder: Path | None,
    forms: tuple[str, ...],
    with_media: bool,
    as_json: bool,
) -> None:
    """Hand cuts over to an editor: timelines, with takes and handles, and the clips beside them."""
    from storyboard.export.writing import FORMATS
    from storyboard.export.writing import export as write

    film = compiled(path, profile, given, (), cuts)
    with open_project(film) as project:
        place = folder or film.path.parent / "build" / "export"
        wanted = [form for form in FORMATS if not forms or form in forms]
        exported = write(project, place, wanted, with_media=with_media)
    if not exported.paths:
        say(
            "Nothing to write: captions that are not burnt in make .srt and .vtt, scenes make chapters."
        )
    if unmade := [name for name in exported.missing if name not in exported.absent]:
        say(f"Not made yet: {', '.join(unmade)}. They keep their places; build, and export again.")
    if exported.absent:
        say(
            f"Made, but not here: {', '.join(exported.absent)}. They keep their places; "
            "copy the blobs from where they were made, and export again."
        )
    if as_json:
        print_json(
            {
                "version": 1,
                "files": [str(file) for file in exported.paths],
                "media": exported.media,
                "missing": list(exported.missing),
            }
        )
    else:
        for file in exported.paths:
            click.echo(f"exported {seen_from_here(file)}")
        if exported.media:
            clips = (
                "1 clip or sound" if exported.media == 1 else f"{exported.media} clips and sounds"
            )
            click.echo(f"         {clips} in {seen_from_here(place / 'media')}")
