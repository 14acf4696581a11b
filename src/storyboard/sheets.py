"""Contact sheets of the films of a project, drawn from the films that are built."""

from __future__ import annotations

from pathlib import Path

from storyboard.diagnostics import Failed
from storyboard.graph import Kind
from storyboard.project import Project
from storyboard.publishing import stands
from storyboard.store import explained
from storyboard.timeline import Edit


def draw_sheets(project: Project, out: Path | None = None) -> dict[str, Path]:
    """Draw the contact sheet of every cut that was chosen; their files, by cut.

    Args:
        project: its films must be built and up to date.
        out: where the sheet of a single cut goes; beside its film by default.

    Raises:
        Failed: a film is not built yet, or not as the storyboard has it now.
        StoreError: a sheet cannot be written.
    """
    from storyboard.media.sheet import contact_sheet

    storyboard, workshop = project.compiled.storyboard, project.workshop
    planned = project.plan()
    cuts = {cut.id: cut for cut in storyboard.cuts}
    drawn: dict[str, Path] = {}
    for step in planned:
        if step.action.kind is not Kind.CUT:
            continue
        edit: Edit = step.action.work.edit  # type: ignore[attr-defined]  # a cut's work has one
        for name in step.action.cuts:
            film = workshop.folder / planned.films[name]
            if not stands(film, step.output, workshop.store, project.compiled.sightings):
                raise Failed(
                    f"The film of the cut `{name}` is not built yet, or not as the storyboard has it now.",
                    "Run `storyboard build`, then this again.",
                )
            place = out or workshop.folder / Path(planned.films[name]).with_suffix(".sheet.png")
            title = storyboard.title if len(cuts) == 1 else f"{storyboard.title} · {name}"
            sheet = contact_sheet(film, edit, title, cuts[name].scenes)
            with explained(place):
                place.parent.mkdir(parents=True, exist_ok=True)
                part = place.with_name(f".{place.name}.part")
                part.write_bytes(sheet)
                part.replace(place)
            drawn[name] = place
    return drawn
