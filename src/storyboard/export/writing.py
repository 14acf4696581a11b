"""Exporting a film: every cut as files that an editor opens, with the clips beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from storyboard.export.gathering import Gathering, lay_beside
from storyboard.graph import Kind
from storyboard.project import Project
from storyboard.steps import Plan
from storyboard.store import explained

Format: TypeAlias = Literal["otio", "edl", "srt", "vtt", "chapters"]
FORMATS: tuple[Format, ...] = ("otio", "edl", "srt", "vtt", "chapters")
_TIMELINES: frozenset[Format] = frozenset({"otio", "edl"})


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written.

    Attributes:
        paths: the files for an editor to open, in the order of the cuts.
        media: how many clips and sounds lie beside them.
        missing: shots whose clips are not made yet, or not here: they keep
            their place in the timeline.
        absent: those of them that are made, but not here.
    """

    paths: tuple[Path, ...]
    media: int
    missing: tuple[str, ...]
    absent: tuple[str, ...]


def export(
    project: Project,
    folder: Path,
    formats: Sequence[Format] = FORMATS,
    *,
    with_media: bool = True,
) -> Exported:
    """Write every cut of a project into a folder.

    Args:
        project: what is exported, as far as it is built.
        folder: made where it is not there; files of the same names are replaced.
        formats: of the timelines, and of the subtitles and chapters that a cut has.
        with_media: whether the clips are copied beside the timelines; lists alone name none.

    Raises:
        Invalid: a cut cannot be said in a format.
        BadMedia: a clip cannot be read.
        StoreError: the folder cannot be written.
    """
    planned = project.plan()
    gathered = Gathering(
        store=project.workshop.store,
        folder=project.workshop.folder,
        steps={step.action.id: step for step in planned},
        lock=project.workshop.lock.lock,
        files={},
        missing=[],
        absent=[],
    )
    texts = _texts(planned, gathered, formats)
    paths = []
    for name, text in texts.items():
        with explained(folder / name):
            folder.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8")
        paths.append(folder / name)
    beside = gathered.files if with_media and not _TIMELINES.isdisjoint(formats) else {}
    lay_beside(beside, folder)
    return Exported(
        paths=tuple(paths),
        media=len(beside),
        missing=tuple(dict.fromkeys(gathered.missing)),
        absent=tuple(dict.fromkeys(gathered.absent)),
    )


def _texts(plan: Plan, gathered: Gathering, formats: Sequence[Format]) -> dict[str, str]:
    """The files, by name; all of them before any is written."""
    from storyboard.export.chapters import chapter_list, chapter_track
    from storyboard.export.edl import edl
    from storyboard.export.otio import timeline, written
    from storyboard.passages import CutWork, FormatWork
    from storyboard.subtitles import as_srt, as_vtt
    from storyboard.titling import cues_of

    texts: dict[str, str] = {}
    for step in plan:
        work = step.action.work
        if step.action.kind is not Kind.CUT or not isinstance(work, CutWork | FormatWork):
            continue
        for cut in step.action.cuts:
            made = timeline(cut, work.edit, gathered.materials(step.action))
            if "otio" in formats:
                texts[f"{cut}.otio"] = written(made)
            if "edl" in formats:
                texts[f"{cut}.edl"] = edl(made)
            if cues := cues_of(work.edit):
                subtitles = {"srt": as_srt, "vtt": as_vtt}
                texts |= {
                    f"{cut}.{form}": said(cues)
                    for form, said in subtitles.items()
                    if form in formats
                }
            if work.edit.chapters and "chapters" in formats:
                texts[f"{cut}.chapters.txt"] = chapter_list(work.edit)
                texts[f"{cut}.chapters.vtt"] = chapter_track(work.edit)
    return texts
