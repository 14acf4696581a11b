"""The six films: each checks clean, plans sanely, and keeps its time; the dance piece is built."""

from __future__ import annotations

import json
import shutil
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from quick_command import quick_command
from storyboard.cli import run
from storyboard.language import yaml
from storyboard.model import Cut, JoinKind
from storyboard.passages import CutWork
from storyboard.pipeline import Choices, Compiled, compile_film
from storyboard.rough_cut import length_of
from storyboard.share import share
from storyboard.source import Source
from storyboard.timeline import Edit

ROOT = Path(__file__).parents[2] / "examples/films"
FILMS = [
    "commercial/storyboard.yaml", "dialogue/storyboard.yaml", "music-video/storyboard.yaml",
    "documentary/storyboard.yaml", "series/ep01.yaml", "series/ep02.yaml", "series/ep03.yaml",
    "dance/storyboard.yaml",
]  # fmt: skip
PROFILES = {"dialogue/storyboard.yaml": ["", "final"]}
LANES = [
    (film, profile) for film in FILMS for profile in PROFILES.get(film, ["", "draft", "final"])
]


def arguments(film: str, profile: str) -> list[str]:
    return [str(ROOT / film), *(["--profile", profile] if profile else [])]


def compiled(film: str, profile: str = "", **given: str) -> Compiled:
    return compile_film(ROOT / film, Choices(profile=profile or None, given=given))


def edits(film: Compiled) -> dict[str, tuple[Cut, Edit]]:
    """Each cut of a film with its edit."""
    cuts = {cut.id: cut for cut in film.storyboard.cuts}
    return {
        name: (cuts[name], action.work.edit)
        for action in film.graph
        for name in action.cuts
        if isinstance(action.work, CutWork)
    }


@pytest.mark.parametrize(("film", "profile"), LANES)
def test_film_checks_without_a_complaint(
    film: str, profile: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code = run(["check", *arguments(film, profile), "--json"])
    told = json.loads(capsys.readouterr().out)
    assert told["diagnostics"] == []
    assert told["ok"]
    assert code == 0


@pytest.mark.parametrize("film", FILMS)
def test_film_has_ten_to_forty_shots(film: str) -> None:
    story = compiled(film).storyboard
    assert 10 <= len({seen.shot for cut in story.cuts for seen in cut.order}) <= 40


@pytest.mark.parametrize(("film", "profile"), LANES)
def test_plan_has_every_clip_and_cut_once(
    film: str, profile: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code = run(["plan", *arguments(film, profile), "--json"])
    document = json.loads(capsys.readouterr().out)
    assert code == 0
    steps = {step["id"]: step for step in document["steps"]}
    assert len(steps) == len(document["steps"])
    assert all(needed in steps for step in steps.values() for needed in step["waits_for"])

    story = compiled(film, profile).storyboard
    assert {name for step in steps.values() if step["kind"] == "cut" for name in step["cuts"]} == {
        cut.id for cut in story.cuts
    }
    for cut in story.cuts:
        for seen in cut.order:
            clips = [
                step["duration_s"]
                for step in steps.values()
                if step["kind"] == "generate"
                and step["shot"] == seen.shot
                and cut.id in step["cuts"]
            ]
            shot = cut.shots[seen.shot]
            assert bool(clips) == (shot.clip is None)
            if clips:
                assert sum(clips) == pytest.approx(float(shot.duration or 0))
    cost = document["totals"]["cost_usd"]
    assert 0 <= cost["low"] <= cost["high"]
    assert bool(cost["high"]) == (profile == "final")
    assert cost["high"] <= float(story.budget or 0)


def starts(film: Compiled, cut: Cut) -> list[Fraction]:
    """The exact second at which each shot of a cut starts, and that at which the cut ends."""
    times, clock = [], Fraction(0)
    for number, seen in enumerate(cut.order):
        shot = cut.shots[seen.shot]
        trim = seen.trim or shot.trim
        if number and shot.transition.kind is not JoinKind.CUT:
            clock -= shot.transition.duration
        times.append(clock)
        end = length_of(shot, film.assets) if trim.end is None else trim.end
        clock += end - trim.start
    return [*times, clock]


@pytest.mark.parametrize(("film", "profile"), LANES)
def test_every_shot_starts_within_half_a_frame_of_its_time(film: str, profile: str) -> None:
    whole = compiled(film, profile)
    for cut, edit in edits(whole).values():
        exact = starts(whole, cut)
        frames = [*(event.record_in for event in edit.events), edit.frames]
        assert len(frames) == len(exact)
        assert all(
            abs(frame / edit.fps - time) <= 1 / (2 * edit.fps)
            for frame, time in zip(frames, exact, strict=True)
        )
        for before, after in zip(edit.events, edit.events[1:], strict=False):
            assert before.record_in < after.record_in <= before.record_out


@pytest.mark.parametrize("bpm", ["128", "127", "93.7"])
def test_music_video_is_on_the_beat_after_three_minutes(bpm: str) -> None:
    film = compiled("music-video/storyboard.yaml", bpm=bpm)
    cuts = edits(film)
    assert {str(edit.fps) for _, edit in cuts.values()} == {"24000/1001", "30000/1001"}
    beat = 60 / Fraction(bpm)
    beats = [0, 16, *range(32, 96, 8), *range(96, 144, 8), 144, 147, 150, 152]
    beats += [*range(160, 224, 16), 224, *range(256, 304, 8), 304, 307, 310, 312]
    beats += [320, 336, 352, 364, 388]  # the last shot comes in over four beats; then the end
    for _, edit in cuts.values():
        assert edit.duration > 180
        cut_at = [*(event.record_in for event in edit.events), edit.frames]
        assert len(cut_at) == len(beats)
        # A beat is a division, whose last digit is rounded: hence the millionth of a second.
        off = [abs(at / edit.fps - count * beat) for at, count in zip(cut_at, beats, strict=True)]
        assert max(off) <= 1 / (2 * edit.fps) + Fraction(1, 10**6)
        assert beat * edit.fps % 1 != 0


def test_commercial_is_six_films_of_ten_clips() -> None:
    film = compiled("commercial/storyboard.yaml")
    sizes = {name: str(edit.size) for name, (_, edit) in edits(film).items()}
    assert sizes == {
        f"{market}-{shape}": size
        for market in ("de", "fr")
        for shape, size in (("wide", "1280x720"), ("tall", "720x1280"), ("square", "720x720"))
    }
    asked = {action.shot for action in film.graph if action.id.startswith("generate:")}
    assert len(asked) == 10 + 1  # and the pack shot
    claims = {
        cut.id: [title.text for title in cut.shots["claim"].titles] for cut in film.storyboard.cuts
    }
    assert claims["de-tall"] == ["Der erste Schluck gehört dir."]
    assert claims["fr-square"] == ["La première gorgée est à vous."]


def test_in_the_dialogue_each_face_goes_on_from_itself() -> None:
    film = compiled("dialogue/storyboard.yaml")
    frame_of = {
        action.shot: source.action
        for action in film.graph
        if action.shot
        and (source := action.inputs.get("first_frame"))
        and hasattr(source, "action")
    }
    talk = [shot for shot in film.storyboard.cuts[0].shots.values() if shot.scene == "talk"]
    faces: dict[str, str] = {}
    for shot in talk:
        face = shot.id.partition("-")[0]
        if face in faces:
            assert frame_of[shot.id] == f"frame:{faces[face]}@hand-over"
        faces[face] = shot.id
    assert set(faces) == {"anna", "ben"}


def test_episodes_share_their_looks() -> None:
    prompts = {
        film: [
            shot.segments[0].prompt
            for shot in compiled(film).storyboard.cuts[0].shots.values()
            if shot.id.startswith("mara")
        ]
        for film in FILMS
        if film.startswith("series/")
    }
    assert len(prompts) == 3
    assert all(
        "a night guard of fifty in a dark blue uniform" in text
        for texts in prompts.values()
        for text in texts
    )


def test_every_file_fits_the_schema_that_it_names() -> None:
    schemas = {
        path.name: json.loads(path.read_text("utf-8")) for path in share("schemas").glob("*.json")
    }
    registry: Registry[Any] = Registry().with_resources(
        (name, Resource.from_contents(schema)) for name, schema in schemas.items()
    )
    files = sorted(ROOT.glob("*/*.yaml")) + sorted(ROOT.glob("*/scenes/*.yaml"))
    assert len(files) == len(FILMS) + 1 + 7
    for file in files:
        first, _, text = file.read_text("utf-8").partition("\n")
        named = first.removeprefix("# yaml-language-server: $schema=")
        assert (file.parent / named).is_file(), file
        node, _ = yaml.read(Source(file.name, text))
        assert node is not None
        validator = Draft202012Validator(schemas[Path(named).name], registry=registry)
        assert [error.message for error in validator.iter_errors(node.plain())] == [], file


def test_films_are_small_and_say_what_they_are() -> None:
    files = [path for path in ROOT.rglob("*") if path.is_file() and ".storyboard" not in path.parts]
    assert sum(path.stat().st_size for path in files) < 3_000_000
    assert all(path.stat().st_size <= 60_000 for path in files if path.suffix == ".jpg")
    for folder in {(ROOT / film).parent for film in FILMS}:
        assert len((folder / "README.md").read_text("utf-8").split()) > 40


def storyboard(folder: Path, *words: str) -> list[dict[str, Any]]:
    """Run the command in a folder; the JSON lines that it prints."""
    done = quick_command([*words, "--json"], folder)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_dance_is_built_and_its_middle_healed(tmp_path: Path) -> None:
    folder = tmp_path / "dance"
    shutil.copytree(ROOT / "dance", folder, ignore=shutil.ignore_patterns(".storyboard", "build"))
    file = folder / "storyboard.yaml"
    text = file.read_text("utf-8").replace("1280x720", "160x90").replace("fps: 24", "fps: 12")
    file.write_text(text, encoding="utf-8")

    first = storyboard(folder, "build")[-1]
    assert first["failed"] == 0
    with av.open(str(folder / first["cuts"]["main"])) as film:
        frames = sum(1 for _ in film.decode(video=0))
    # ground 5 + 4 + 3; borrowed 1.5 + 3 - 0.5 + 2 + 3; take 20; leap 3 + 2.5 + 3 + 5 + 3 - 1
    assert frames == 12 * (12 + 9 + 20 + Fraction("15.5"))

    file.write_text(text.replace("the dress opens like a flag", "the dress is a sail"), "utf-8")
    second = storyboard(folder, "build")
    made = {line["shot"] for line in second if line["event"] == "step_done" and not line["reused"]}
    assert second[-1]["generated"] == 1
    assert "fly" in made
    assert not {"run-up", "landing", "away"} & made
