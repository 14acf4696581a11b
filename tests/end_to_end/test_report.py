"""The joins of a real film, measured by a real build."""

from __future__ import annotations

import shutil
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from film_repo import Document, FilmRepo

from storyboard.inspection import Inspection
from storyboard.media.encode import ClipWriter
from storyboard.model import Size
from storyboard.pipeline import Choices, compile_film
from storyboard.project import open_project

FILM = """\
version: 1
title: Seams
size: 160x90
fps: 12
defaults: {duration: 1}
shots:
  - {id: take, clip: take.mp4}
  - {id: on, prompt: "a wall; pan left", first_frame: {shot: take}}
  - {id: more, prompt: "a wall; pan left"}
"""


@pytest.fixture(scope="module")
def seams(tmp_path_factory: pytest.TempPathFactory) -> FilmRepo:
    """Moving footage that is used to its end, and two shots that go on from it."""
    repo = FilmRepo(tmp_path_factory.mktemp("report") / "repo", FILM)
    with ClipWriter(repo.folder / "take.mp4", Size(160, 90), Fraction(12)) as clip:
        for number in range(12):
            row = 120 + 80 * np.sin((np.arange(160) - 3 * number) / 6)
            clip.write_rgb(np.tile(row[None, :, None], (90, 1, 3)).astype(np.uint8))
    return repo


def joins(events: list[Document]) -> dict[tuple[str, str], Document]:
    return {(e["before"], e["after"]): e for e in events if e["event"] == "join"}


def test_a_frame_that_stands_twice_is_told_until_it_is_dropped(seams: FilmRepo) -> None:
    built = joins(seams.build().events)
    assert list(built) == [("take", "on"), ("on", "more")]
    echo = built["take", "on"]
    assert echo["doubled"]
    assert "echo: drop" in echo["warnings"][0]
    assert not built["on", "more"]["doubled"]
    assert built["on", "more"]["chained"]
    assert built["on", "more"]["given"] < 2

    before = seams.state()
    shown = seams.run("report")
    assert "take → on  00:00:01:00  chain" in shown.out
    assert (echo["frame"], echo["timecode"]) == (12, "00:00:01:00")
    assert "the same frame stands twice" in shown.out
    assert seams.run("report", "--json").document["cuts"][0]["joins"][0]["doubled"]
    assert seams.state() == before

    seams.edit("first_frame: {shot: take}}", "first_frame: {shot: take}, seam: {echo: drop}}")
    assert not joins(seams.build().events)["take", "on"]["doubled"]


def test_without_a_film_there_is_nothing_to_report(tmp_path: Path) -> None:
    repo = FilmRepo(tmp_path / "repo")
    assert repo.run("report").out.startswith("No join was measured")


def test_a_join_that_cannot_be_measured_is_told_by_its_shots(
    seams: FilmRepo, tmp_path: Path
) -> None:
    seams.build()
    shutil.copytree(seams.folder, tmp_path / "film")
    with open_project(compile_film(tmp_path / "film" / "storyboard.yaml", Choices())) as project:
        workshop, planned = project.workshop, project.plan()
        measures = [each for each in workshop.ledger.results() if "measure" in each.asked]
        workshop.ledger.forget([each.output for each in measures])
        outputs = {step.action.id: step.output for step in planned if step.output}
        piece = workshop.store.find(outputs["conform:more"])
        assert piece
        piece.chmod(0o644)
        piece.write_bytes(b"not a piece of any film")

        with Inspection(planned, workshop, outputs) as inspection:
            (cut,) = inspection.cuts(outputs, project.quality_allowed())
        assert [join.before for join, _ in cut.joins] == ["take"]
        ((before, after, why),) = cut.unmeasured
        assert (before, after) == ("on", "more")
        assert str(piece) in why
