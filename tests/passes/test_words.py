"""When the words of a cut stand on its picture: titles, captions, chapters."""

from __future__ import annotations

from pathlib import Path

import pytest

from storyboard.overlays import Overlay
from storyboard.passages import CutWork, PosterWork
from storyboard.pipeline import Choices, Compiled, compile_film
from storyboard.project import film_paths
from storyboard.timeline import Edit

HEAD = "version: 1\nsize: 160x90\nfps: 10\n"


def compiled(folder: Path, text: str) -> Compiled:
    (folder / "storyboard.yaml").write_text(HEAD + text, encoding="utf-8")
    return compile_film(folder / "storyboard.yaml", Choices())


def edit_of(folder: Path, text: str, cut: str = "main") -> Edit:
    works = {action.id: action.work for action in compiled(folder, text).graph}
    work = works[f"cut:{cut}"]
    assert isinstance(work, CutWork)
    return work.edit


def frames(overlays: tuple[Overlay, ...]) -> list[tuple[str, int, int]]:
    return [(each.text, each.record_in, each.record_out) for each in overlays]


def captions(edit: Edit) -> list[tuple[str, int, int]]:
    return [(each.text, each.record_in, each.record_out) for each in edit.captions]


def test_a_title_stands_from_its_time_for_its_time(tmp_path: Path) -> None:
    edit = edit_of(
        tmp_path,
        """shots:
  - {id: a, prompt: x, duration: 3}
  - id: b
    prompt: y
    duration: 2
    trim: {start: 0.5}
    titles:
      - To the end
      - {text: Late, at: 0.44, for: 0.5}
      - {text: Long, for: 9}
      - {text: " "}
""",
    )
    assert frames(edit.overlays) == [("To the end", 30, 45), ("Late", 34, 39), ("Long", 30, 45)]


def test_a_cuts_title_may_stand_over_several_shots(tmp_path: Path) -> None:
    edit = edit_of(
        tmp_path,
        """shots:
  - {id: a, prompt: x, duration: 2}
  - {id: b, prompt: y, duration: 2, chain: false, transition: {crossfade: 1}}
cuts:
  - id: main
    titles:
      - {text: Over both, at: {shot: a, at: 1}, for: 1.5}
      - {text: From b on, at: {shot: b, at: -0.5}}
      - {text: Whole}
""",
    )
    assert frames(edit.overlays) == [("Over both", 10, 25), ("From b on", 5, 30), ("Whole", 0, 30)]
    assert edit.worded == (range(30),)


def test_ranges_of_words_are_apart(tmp_path: Path) -> None:
    titles = "[{text: A, at: 3, for: 1}, {text: B, at: 0.5, for: 1}, {text: C, at: 1, for: 1}]"
    edit = edit_of(tmp_path, f"shots: [{{id: a, prompt: x, duration: 5, titles: {titles}}}]\n")
    assert edit.worded == (range(5, 20), range(30, 40))


def test_fades_are_frames_and_share_a_title_that_is_too_short(tmp_path: Path) -> None:
    text = """title_styles: {slow: {fade_in: 1, fade_out: 0.5}}
shots:
  - id: a
    prompt: x
    titles: [{text: A, for: 2, style: slow}, {text: B, for: 0.9, style: slow}]
"""
    fades = [(each.fade_in, each.fade_out) for each in edit_of(tmp_path, text).overlays]
    assert fades == [(10, 5), (6, 3)]


def test_a_style_builds_on_another(tmp_path: Path) -> None:
    text = """title_styles:
  opening: {extends: title, color: gold}
  title: {size: 20}
shots:
  - id: a
    prompt: x
    titles: [{text: A, style: {extends: opening, weight: 600}}, {text: B, style: title}, C]
"""
    letters = [each.letters for each in edit_of(tmp_path, text).overlays]
    assert [(each.size, each.color, each.weight) for each in letters] == [
        (20, "gold", 600),
        (20, "white", 300),
        (6, "white", 400),
    ]


DIALOGUE = """shots:
  - id: a
    prompt: x
    duration: 4
    dialogue: [{by: M, line: Four, at: 1}, Eight888, {line: Timed, at: 3.5, for: 2}]
  - {id: b, prompt: y, duration: 1, trim: {start: 0.5}, dialogue: [{line: Early, at: 0, for: 0.8}]}
"""


def test_dialogue_gives_captions_one_at_a_time(tmp_path: Path) -> None:
    edit = edit_of(tmp_path, DIALOGUE)
    assert captions(edit) == [
        ("Four", 10, 18),
        ("Eight888", 18, 35),
        ("Timed", 35, 40),
        ("Early", 40, 43),
    ]
    assert edit.overlays == ()


def test_captions_may_be_burnt_in_left_out_or_come_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "en.srt").write_text("1\n00:00:01,000 --> 00:00:09,000\nOf a file\n")
    text = DIALOGUE + (
        "captions: {burn: true, style: {color: yellow}}\n"
        "cuts: [{id: main}, {id: none, captions: none}, {id: file, captions: en.srt}]\n"
    )
    burnt = edit_of(tmp_path, text)
    assert burnt.captions == ()
    assert frames(burnt.overlays)[0] == ("Four", 10, 18)
    assert (burnt.overlays[0].letters.color, burnt.overlays[0].letters.outline) == ("yellow", 7)
    silent = edit_of(tmp_path, text, "none")
    assert (silent.captions, silent.overlays) == ((), ())
    assert captions(edit_of(tmp_path, text, "file")) == [("Of a file", 10, 45)]


def test_each_scene_is_a_chapter(tmp_path: Path) -> None:
    text = """scenes:
  - {id: one, title: The harbour, shots: [{id: a, prompt: x, duration: 2}]}
  - {id: two, shots: [{id: b, prompt: x, duration: 1}, {id: c, prompt: x, duration: 1}]}
cuts: [{id: main, shots: [one, two, a]}, {id: short, shots: [b, c]}]
"""
    chapters = [(each.title, each.record_in) for each in edit_of(tmp_path, text).chapters]
    assert chapters == [("The harbour", 0), ("two", 20), ("The harbour", 40)]
    assert edit_of(tmp_path, text, "short").chapters == ()


@pytest.mark.parametrize(
    ("words", "changed"),
    [
        ("titles: [Skerry]", {"conform:a", "cut:main"}),
        ("titles: [{text: Skerry, style: title}]", {"conform:a", "cut:main"}),
        ("dialogue: [It never goes out]", {"cut:main"}),
    ],
)
def test_words_change_the_picture_that_they_stand_on_and_the_cut(
    words: str, changed: set[str], tmp_path: Path
) -> None:
    def keys(text: str) -> dict[str, str]:
        made: dict[str, str] = {}
        for action in compiled(tmp_path, text).graph:
            made[action.id] = action.key(made) or ""
        return made

    plain, worded = (
        keys(f"shots:\n  - {{id: a, prompt: x{more}}}\n") for more in ("", f", {words}")
    )
    assert {name for name in plain if plain[name] != worded[name]} == changed


@pytest.mark.parametrize(
    ("at", "shot", "frame"),
    [("1.5", "a", 15), ("{shot: b, at: 0.5}", "b", 5), ("99", "b", 9), ("{shot: b}", "b", 0)],
)
def test_a_poster_is_composed_from_the_clip_that_is_seen_then(
    at: str, shot: str, frame: int, tmp_path: Path
) -> None:
    graph = compiled(
        tmp_path,
        "shots: [{id: a, prompt: x, duration: 2}, {id: b, prompt: y, duration: 1}]\n"
        f"cuts: [{{id: main, poster: {at}}}]\n",
    ).graph
    (poster,) = (action for action in graph if action.id == "poster:main")
    assert isinstance(poster.work, PosterWork)
    assert (poster.depends_on, poster.work.frame) == ((f"generate:{shot}",), frame)


def test_a_film_is_named_after_its_cut_and_its_format(tmp_path: Path) -> None:
    cuts = "cuts: [{id: main}, {id: web, format: webm}, {id: loop, format: gif}]\n"
    film = compiled(tmp_path, f"shots: [{{id: a, prompt: x}}]\n{cuts}")
    assert film_paths(film.storyboard) == {
        "main": "build/main.mp4",
        "web": "build/web.webm",
        "loop": "build/loop.gif",
    }
