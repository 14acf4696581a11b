"""Keeps what `plan` and `build` say, so that for an unchanged film it is said again at once.

See unchanged.py, which says it again. A cache: where it cannot be written, the
command is slower the next time and nothing else.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from storyboard.cli.text import diagnostics_text
from storyboard.diagnostics import StoryboardError
from storyboard.project import Project
from storyboard.recollection import keep
from storyboard.sightings import settle
from storyboard.state_file import Scene
from storyboard.steps import Plan
from storyboard.unchanged import Wanted

if TYPE_CHECKING:
    from storyboard.outcome import Outcome


def scene_of(project: Project) -> Scene:
    """How things stand that a plan follows from. To be taken before the plan is made."""
    compiled, store = project.compiled, project.workshop.store
    compiled.sightings.look_for(compiled.path.with_suffix(".lock"))
    scene = Scene()
    scene.ledger(str(store.root / "ledger.sqlite3"))
    for folder in _blob_folders(store.root):
        scene.folder(str(folder))
    return scene


def keep_plan(wanted: Wanted, project: Project, scene: Scene, planned: Plan, out: str) -> None:
    """Keep what `plan` said."""
    if any(step.asked_for or step.retakes_begun for step in planned):
        return  # how a job stands may change by itself
    with suppress(OSError, StoryboardError):
        project.workshop.store.prepare()
        _keep(wanted, project, scene, {"out": out})


def keep_build(wanted: Wanted, project: Project, outcome: Outcome) -> None:
    """Keep what the next `build` will say, if there is nothing left for it to do."""
    from storyboard.outcome import Outcome, Takes
    from storyboard.passes.assemble import standing

    workshop, sightings = project.workshop, project.compiled.sightings
    jobs = workshop.ledger.jobs
    if not outcome.complete or jobs.pending_keys() or jobs.leftover(()):
        return  # it would ask the providers
    written = (*outcome.films.paths.values(), *_blob_folders(workshop.store.root))
    settle(written)
    with suppress(OSError, StoryboardError):
        scene = scene_of(project)
        planned = project.plan()
        films = standing(planned, workshop, sightings)
        if films is None:
            return
        summary = Outcome(planned, Takes(), films).summary()
        paths = [str(path) for path in films.paths.values()]
        answer = {
            "summary": json.dumps(summary.json(), ensure_ascii=False) + "\n",
            "films": "\0".join(paths),
        }
        _keep(wanted, project, scene, answer)


def _keep(wanted: Wanted, project: Project, scene: Scene, answer: Mapping[str, str]) -> None:
    compiled, sightings = project.compiled, project.compiled.sightings
    state = wanted.state()
    if state is None or sightings.torn:
        return
    for path, seen in sightings.files.items():
        scene.file(path, seen)
    for path in sightings.missing:
        scene.missing(path)
    warnings = diagnostics_text(compiled.warnings)
    warnings = f"{warnings}\n" if warnings else ""
    answer = {"warnings": warnings, "place": wanted.place() if warnings else "", **answer}
    scene.write(*state, {name: text.encode() for name, text in answer.items()})
    keep(sightings, project.workshop.store.root)


def _blob_folders(root: Path) -> list[Path]:
    blobs = root / "blobs"
    with suppress(OSError):
        return [blobs, *sorted(folder for folder in blobs.iterdir() if folder.is_dir())]
    return [blobs]
