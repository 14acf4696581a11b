"""assemble: from takes to films: puts the cuts together and each film in its place."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from storyboard.agenda import Pace
from storyboard.events import CutDone, Listener, StepFailed
from storyboard.graph import Kind, Made
from storyboard.outcome import Films, Takes
from storyboard.passages import CutWork, FormatWork
from storyboard.publishing import Publishing, reads, stands, write_beside
from storyboard.sightings import Sightings
from storyboard.source import Plain
from storyboard.steps import Plan, Status, Step
from storyboard.store import StoreError, explained
from storyboard.subtitles import as_srt, as_vtt
from storyboard.titling import cues_of
from storyboard.workshop import Workshop

POSTER: Final = ".jpg"
"""The ending of a poster's file."""


def assemble(
    plan: Plan,
    takes: Takes,
    workshop: Workshop,
    listener: Listener,
    sightings: Sightings,
    absent: Collection[str],
) -> Films:
    """Put together every cut whose clips are at hand. The build lock must be held.

    A film appears in its place whole or not at all, and one that is there
    already with the same bytes is not touched. Ctrl-C is not raised: the films
    say so.

    Args:
        plan: its cuts are meant, and it says where their films go.
        takes: what `execute` returned.
        workshop: where it is done.
        listener: told what happens, always in the thread that called.
        sightings: told which films stand where.
        absent: the steps of which something is not in its place, as `unplaced` tells.

    Raises:
        StoreError: the store cannot be read.
    """
    cuts = _cuts(plan)
    from storyboard.schedule import perform  # it brings asyncio along

    places = {step.action.id: [*_places(plan, step, workshop).values()] for step in cuts}
    paths: dict[str, Path] = {}
    misplaced: list[str] = []
    with Publishing(places, workshop.store, sightings) as publishing:
        done = perform(
            cuts,
            replace(workshop, publishing=publishing),
            listener,
            at_hand=takes.outputs,
            needed=absent,
            pace=Pace(jobs=1),  # one at a time: a cut fills the memory and every core by itself
        )
        interrupted = done.interrupted
        ready = [step for step in cuts if step.action.id in done.outputs and not interrupted]
        try:
            for step in ready:
                films, output = _places(plan, step, workshop), done.outputs[step.action.id]
                try:
                    for film in films.values():
                        publishing.publish(output, film)
                        for path, text in _captions(step, film).items():
                            write_beside(path, text, sightings)
                except StoreError as error:
                    misplaced.append(step.action.id)
                    listener(StepFailed(step.action, str(error), error.help))
                    continue
                if step.action.kind is Kind.POSTER:
                    continue
                paths |= films
                loudness = _loudness(step, {**takes.outputs, **done.outputs}, workshop)
                for cut, film in films.items():
                    listener(CutDone(cut, film, loudness))
        except KeyboardInterrupt:  # while a film was copied
            interrupted = True
    return Films(
        paths=paths,
        outputs={step.action.id: done.outputs[step.action.id] for step in ready},
        made=done.made,
        failed=(*done.failed, *misplaced),
        blocked=done.blocked,
        interrupted=interrupted,
    )


def _loudness(step: Step, outputs: Mapping[str, str], workshop: Workshop) -> dict[str, Plain]:
    """How loud the film of a cut is; nothing where that was not measured."""
    source = step.action.inputs.get("loudness")
    output = outputs.get(source.action) if isinstance(source, Made) else None
    path = workshop.store.find(output) if output else None
    if path is None:
        return {}
    with explained(path):
        measured: dict[str, Plain] = json.loads(path.read_text())
    return measured


def unplaced(plan: Plan, workshop: Workshop, sightings: Sightings) -> frozenset[str]:
    """The cuts and posters that are not in their places as the plan knows them."""
    steps = (step for step in _cuts(plan) if not _in_place(plan, step, workshop, sightings))
    return frozenset(step.action.id for step in steps)


def standing(plan: Plan, workshop: Workshop, sightings: Sightings) -> Films | None:
    """The films, when there is nothing to do and each is in its place; else None.

    Nothing is written. A build that finds this needs no lock, and no place to write.
    The films that were looked at are noted in `sightings`, which may know them.
    """
    if any(step.status is not Status.FRESH or step.output is None for step in plan):
        return None
    if unplaced(plan, workshop, sightings):
        return None
    shown = (
        cut for step in _cuts(plan) if step.action.kind is Kind.CUT for cut in step.action.cuts
    )
    return Films(paths={cut: workshop.folder / plan.films[cut] for cut in shown})


def _cuts(plan: Plan) -> list[Step]:
    return [step for step in plan if step.action.kind in {Kind.CUT, Kind.POSTER}]


def _absent(plan: Plan, step: Step, workshop: Workshop, sightings: Sightings) -> list[Path]:
    """Of the places of a cut's film, or its poster, those where it does not stand."""
    films = _places(plan, step, workshop).values()
    return [film for film in films if not stands(film, step.output, workshop.store, sightings)]


def _in_place(plan: Plan, step: Step, workshop: Workshop, sightings: Sightings) -> bool:
    """Whether each film of a cut is there, as the plan knows it, and its captions."""
    films = _places(plan, step, workshop).values()
    captions = (item for film in films for item in _captions(step, film).items())
    return not _absent(plan, step, workshop, sightings) and all(
        reads(path, text, sightings) for path, text in captions
    )


def _captions(step: Step, film: Path) -> dict[Path, str]:
    """The subtitle files that belong beside a film, and what they say."""
    work = step.action.work
    if not isinstance(work, CutWork | FormatWork) or not work.edit.captions:
        return {}
    cues = cues_of(work.edit)
    return {film.with_suffix(".srt"): as_srt(cues), film.with_suffix(".vtt"): as_vtt(cues)}


def _places(plan: Plan, step: Step, workshop: Workshop) -> dict[str, Path]:
    """Where what a step makes goes, for each of its cuts: the film, or its poster beside it."""
    films = {cut: workshop.folder / plan.films[cut] for cut in step.action.cuts}
    if step.action.kind is Kind.POSTER:
        return {cut: film.with_suffix(POSTER) for cut, film in films.items()}
    return films
