"""A film for an editing program: what the real command writes, read as an editor reads it."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import opentimelineio as otio
import pytest
from film_repo import FilmRepo

from storyboard.subtitles import read_subtitles

DOCS = Path(__file__).parents[2] / "docs" / "export.md"

FILM = """\
version: 1
title: Harbour
size: 160x90
fps: 24
defaults: {duration: 0.5}
scenes:
  - id: day
    shots:
      - {id: pier, prompt: "a pier; hold"}
      - {id: ferry, prompt: "a ferry; pan left", duration: 1, trim: {start: 0.25}}
  - id: night
    shots:
      - {id: town, prompt: "a town; hold", transition: {crossfade: 0.25}, chain: false}
"""


@pytest.fixture(scope="module")
def harbour(tmp_path_factory: pytest.TempPathFactory) -> FilmRepo:
    """A film that is built."""
    repo = FilmRepo(tmp_path_factory.mktemp("export") / "repo", FILM)
    repo.build()
    return repo


def test_the_page_tells_what_is_printed(harbour: FilmRepo) -> None:
    for command, told in _console(DOCS.read_text("utf-8")):
        ran = harbour.run(*shlex.split(command)[1:])
        assert ran.code == 0, ran.err
        if told:
            assert ran.out == told


def test_the_timeline_is_the_film(harbour: FilmRepo, tmp_path: Path) -> None:
    assert harbour.run("export", "--to", str(tmp_path)).code == 0
    read = otio.adapters.read_from_file(str(tmp_path / "main.otio"))
    assert read.duration().value == 12 + 18 + 12 - 6
    clips = list(read.tracks[0].find_clips())
    assert [clip.name for clip in clips] == ["pier", "ferry", "town"]
    assert [clip.available_range().duration.value for clip in clips] == [13, 25, 13]
    assert [mark.name for mark in read.tracks.markers] == ["day", "night"]
    assert clips[1].source_range.start_time.value == 6
    assert clips[1].metadata["storyboard"]["prompt"] == "a ferry; pan left"
    for clip in clips:
        assert (tmp_path / clip.media_reference.target_url).stat().st_size > 1000


def test_captions_go_along_as_subtitles(tmp_path: Path) -> None:
    spoken = FILM.replace("version: 1", "version: 1\ncaptions: {}").replace(
        "duration: 1,", "duration: 1, dialogue: [{line: She is late., at: 0.5, for: 0.25}],"
    )
    repo = FilmRepo(tmp_path / "repo", spoken)
    ran = repo.run("export", "--json", "--format", "otio", "--format", "srt", "--format", "vtt")
    assert ran.code == 0, ran.err
    files = [Path(file) for file in ran.document["files"]]
    assert [file.name for file in files] == ["main.otio", "main.srt", "main.vtt"]
    for file in files[1:]:
        (cue,) = read_subtitles(file.read_bytes(), file.name).cues
        assert cue.text == "She is late."
        assert (cue.start, cue.end) == (Fraction(3, 4), Fraction(1))


def test_chapters_are_lists_that_are_read_elsewhere(tmp_path: Path) -> None:
    long = FILM.replace("duration: 1,", "duration: 62,").replace(
        "- id: day", "- id: day\n    title: The day"
    )
    repo = FilmRepo(tmp_path / "repo", long)
    ran = repo.run("export", "--json", "--format", "chapters")
    assert ran.code == 0, ran.err
    assert ran.document["media"] == 0
    pasted, track = (Path(file) for file in ran.document["files"])
    assert (pasted.name, track.name) == ("main.chapters.txt", "main.chapters.vtt")
    assert pasted.read_text("utf-8") == "0:00 The day\n1:02 night\n"
    cues = read_subtitles(track.read_bytes(), track.name).cues
    assert [(cue.start, cue.end, cue.text) for cue in cues] == [
        (Fraction(0), Fraction(62), "The day"),
        (Fraction(62), Fraction(125, 2), "night"),
    ]


def test_a_film_of_one_scene_has_no_list_of_chapters(tmp_path: Path) -> None:
    repo = FilmRepo(tmp_path / "repo", FILM.partition("  - id: night")[0])
    ran = repo.run("export", "--json", "--no-media")
    names = [Path(file).name for file in ran.document["files"]]
    assert names == ["main.otio", "main.edl"]
    asked = repo.run("export", "--json", "--format", "chapters")
    assert asked.document["files"] == []
    assert "Nothing to write" in asked.err


def test_an_edl_is_as_long(harbour: FilmRepo, tmp_path: Path) -> None:
    assert harbour.run("export", "--format", "edl", "--to", str(tmp_path), "--no-media").code == 0
    assert [path.name for path in tmp_path.iterdir()] == ["main.edl"]
    read = otio.adapters.read_from_file(str(tmp_path / "main.edl"), rate=24)
    assert read.tracks[0].duration().value == 36


def test_exporting_again_changes_nothing(harbour: FilmRepo, tmp_path: Path) -> None:
    harbour.run("export", "--to", str(tmp_path))
    clip = tmp_path / "media" / "pier.mp4"
    before = clip.stat().st_mtime_ns
    store = harbour.state()
    harbour.run("export", "--to", str(tmp_path))
    assert clip.stat().st_mtime_ns == before
    assert harbour.state() == store


def test_a_shot_that_is_not_made_keeps_its_place(tmp_path: Path) -> None:
    repo = FilmRepo(tmp_path / "repo", FILM)
    ran = repo.run("export", "--json")
    assert ran.code == 0
    assert ran.document["missing"] == ["pier", "ferry", "town"]
    assert "Not made yet: pier, ferry, town." in ran.err
    read = otio.adapters.read_from_file(str(repo.folder / "build/export/main.otio"))
    assert read.duration().value == 36
    assert all(clip.media_reference.is_missing_reference for clip in read.find_clips())


def test_a_rate_that_no_edl_has(tmp_path: Path) -> None:
    repo = FilmRepo(tmp_path / "repo", FILM.replace("fps: 24", "fps: 12"))
    ran = repo.run("export")
    assert ran.code == 2
    assert "none for 12 frames a second" in ran.err
    assert not (repo.folder / "build/export").exists()


def _console(page: str) -> Iterator[tuple[str, str]]:
    """The commands of a page, each with what is told to come of it."""
    for block in re.findall(r"```console\n(.*?)```", page, re.DOTALL):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, told = part.partition("\n")
            yield command, told
