"""From a storyboard to what must be made: which actions, of what, under which keys."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from storyboard import providers
from storyboard.digest import digest
from storyboard.graph import Action, ActionGraph, FrameWork, Given, Kind, Made, Named
from storyboard.model import Moment
from storyboard.passages import CutWork
from storyboard.passes.check import check
from storyboard.passes.expand import expand
from storyboard.passes.load import load
from storyboard.passes.lower import Versions, lower
from storyboard.passes.survey import survey
from storyboard.piecework import PieceVersions
from storyboard.provider import Lengths, Mode, Model, Price

MODES: frozenset[Mode] = frozenset({"text", "first_frame", "first_last"})
PAID = Model(
    name="paid/clip",
    title="Clip",
    local=False,
    repeatable=False,
    modes=MODES,
    lengths=Lengths(choices=(Fraction(5), Fraction(10))),
    sizes={},
    audio=True,
    prices=(
        Price(
            modes=MODES,
            audio="any",
            low_usd=Fraction(1, 10),
            high_usd=Fraction(1, 5),
            confidence="official_doc",
            source="a test",
            as_of="2026-01-01",
        ),
    ),
)
Graph = Callable[..., ActionGraph]


def find_model(name: str) -> Model | None:
    return PAID if name == PAID.name else providers.find_model(name)


@pytest.fixture
def graph(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Graph:
    """The graph of a storyboard, and of the files that it names."""
    monkeypatch.chdir(tmp_path)

    def make(
        text: str, files: Mapping[str, str] | None = None, name: str = "storyboard.yaml"
    ) -> ActionGraph:
        from PIL import Image

        for picture in ("a.png", "b.png"):
            Image.new("RGB", (32, 18), "navy" if picture == "a.png" else "teal").save(picture)
        for path, content in {name: "version: 1\n" + text, **(files or {})}.items():
            Path(path).write_text(content, encoding="utf-8")
        document, problems = load(Path(name))
        assert document is not None
        storyboard, more = expand(document)
        assert storyboard is not None
        assets = survey(storyboard, Path())
        found = check(storyboard, assets, find_model, lambda: (PAID.name,))
        wrong = [*problems, *more, *found]
        assert [item.message for item in wrong if item.severity.value == "error"] == []
        return lower(
            storyboard, assets, find_model, Versions("1", PieceVersions("1", "1", "1", "1"))
        )

    return make


def by_id(graph: ActionGraph) -> dict[str, Action]:
    return {action.id: action for action in graph}


def keys(graph: ActionGraph) -> dict[str, str]:
    """Every action's key, as if each had been made: an output is named after its key."""
    outputs: dict[str, str] = {}
    made: dict[str, str] = {}
    for action in graph:
        key = action.key(outputs)
        assert key is not None
        made[action.id] = key
        outputs[action.id] = digest(["output", key])
    return made


def generate_keys(graph: ActionGraph) -> list[str]:
    kinds = {action.id: action.kind for action in graph}
    return sorted(key for id_, key in keys(graph).items() if kinds[id_] is Kind.GENERATE)


FILM = """
vars: {keeper: an old keeper}
templates: {close: {params: {of: {}}, shot: {prompt: "close-up of {{ of }}"}}}
defaults: {model: paid/clip}
shots:
  - id: stair
    first_frame: a.png
    prompt: "{{ keeper }} climbs the stair"
  - {id: lamp, template: close, with: {of: the lamp}}
  - id: storm
    chain: false
    prompt: the storm
    transition: {crossfade: 0.5}
"""


def test_a_chain_is_clips_and_the_frames_between_them(graph: Graph) -> None:
    made = by_id(graph(FILM))
    assert list(made) == [
        "generate:stair",
        "frame:stair@hand-over",
        "generate:lamp",
        "generate:storm",
        "conform:stair",
        "conform:lamp",
        "transition:storm",
        "conform:storm",
        "decode:stair",
        "decode:lamp",
        "decode:storm",
        "measure:main#1",
        "loudness:main",
        "sound:main#1",
        "sound:main#2",
        "sound:main#3",
        "cut:main",
    ]
    assert made["generate:stair"].inputs["first_frame"] == Given(
        "a.png", made["generate:stair"].inputs["first_frame"].digest
    )
    assert made["generate:lamp"].inputs == {"first_frame": Made("frame:stair@hand-over")}
    assert made["generate:storm"].inputs == {}


def test_a_cut_is_joined_from_pieces(graph: Graph) -> None:
    made = by_id(graph(FILM))
    assert made["cut:main"].inputs == {
        "clip 1": Made("generate:stair"),
        "clip 2": Made("generate:lamp"),
        "clip 3": Made("generate:storm"),
        "piece 1": Made("conform:stair"),
        "piece 2": Made("conform:lamp"),
        "piece 3": Made("transition:storm"),
        "piece 4": Made("conform:storm"),
        "track 1": Made("sound:main#1"),
        "track 2": Made("sound:main#2"),
        "track 3": Made("sound:main#3"),
        "loudness": Made("loudness:main"),
    }
    assert made["sound:main#1"].inputs["sound 1"] == Made("decode:stair")
    assert set(made["sound:main#3"].inputs.values()) == {Made("decode:lamp"), Made("decode:storm")}
    assert made["conform:lamp"].inputs == {"clip 1": Made("generate:lamp")}
    assert made["transition:storm"].inputs == {
        "clip 1": Made("generate:lamp"),
        "clip 2": Made("generate:storm"),
    }
    assert made["conform:lamp"].seconds == Fraction(9, 2)
    assert made["transition:storm"].seconds == Fraction(1, 2)


PIECES = """
shots:
  - {id: a, prompt: a}
  - {id: b, prompt: b, transition: {crossfade: 0.5}}
  - {id: c, prompt: c}
  - {id: d, prompt: d, transition: {fade: 1}}
"""


# Silence has an end, too: the last chunk is another one.
SHORTER = {"sound:main#4", "measure:main#1", "loudness:main"}
# It lasts two seconds, which is less than a chunk.
SOUNDTRACK = {"decode:tone.wav", "sound:main#1", "measure:main#1", "loudness:main"}


@pytest.mark.parametrize(
    ("old", "new", "changed"),
    [
        ("{fade: 1}", "{fade: 1, color: red}", {"transition:d"}),
        ("{fade: 1}", "{fade: 1, audio: cut}", set()),  # animatic's clips are silent
        ("{fade: 1}", "{fade: 1.5}", {"conform:c", "conform:d", "transition:d", *SHORTER}),
        ("prompt: c}", "prompt: c, fit: crop}", {"conform:c", "transition:d"}),
        ("prompt: a}", "prompt: a, trim: {start: 1}}", {"conform:a", *SHORTER}),
        ("- {id: c, prompt: c}", "- {id: c2, prompt: c}", set()),
        ("shots:", "soundtrack: [{file: tone.wav}]\nshots:", SOUNDTRACK),
    ],
)
def test_a_change_renders_its_own_pieces(
    graph: Graph, tmp_path: Path, old: str, new: str, changed: set[str]
) -> None:
    write_wav(tmp_path / "tone.wav")
    before = keys(graph(PIECES))
    after = keys(graph(PIECES.replace(old, new)))
    made = {id_ for id_, key in after.items() if key not in before.values()}
    assert made - {"cut:main"} == changed


def test_cuts_of_the_same_form_share_pieces(graph: Graph) -> None:
    cuts = (
        "\ncuts: [{id: long}, {id: short, shots: [c, d]}, {id: small, size: 640x360, shots: [c]}]"
    )
    made = by_id(graph(PIECES + cuts))
    assert made["conform:d"].cuts == ("long", "short")
    assert made["transition:d"].cuts == ("long", "short")
    assert made["conform:c"].cuts == ("long", "short")
    assert made["conform:c[small]"].cuts == ("small",)


def test_a_shot_that_stands_in_a_cut_twice_is_rendered_once_for_each_trim(graph: Graph) -> None:
    cuts = "\ncuts: [{id: loop, shots: [a, {shot: c, trim: {end: 2}}, a]}]"
    made = by_id(graph(PIECES + cuts))
    assert [id_ for id_ in made if id_.startswith("conform")] == ["conform:a", "conform:c"]
    assert made["cut:loop"].inputs["piece 1"] == made["cut:loop"].inputs["piece 3"]


def write_wav(path: Path) -> None:
    import wave

    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(bytes(16000))


# What changes a film's text and nothing that a model is asked for.
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("id: storm", "id: tempest"),
        ("id: stair\n", "id: stair\n    notes: look at this again\n"),
        ("id: stair\n", "id: stair  # the first one\n"),
        ("    first_frame: a.png\n    prompt: \"{{ keeper }} climbs the stair\"\n",
         "    prompt: '{{ keeper }} climbs the stair'\n    first_frame: \"a.png\"\n"),
        ('"{{ keeper }} climbs the stair"', "an old keeper climbs the stair"),
        ('"{{ keeper }} climbs the stair"', '>-\n      {{ keeper }}\n      climbs the stair'),
        ("templates: {close:", "templates: {near:"),
        ("transition: {crossfade: 0.5}", "transition: {wipe: 1}"),
        ("transition: {crossfade: 0.5}", "trim: {start: 1, end: 2}"),
        ("transition: {crossfade: 0.5}", "fit: crop\n    seam: {color: previous}"),
        ("\nvars:", "\nsize: 640x360\nfps: 25\nvars:"),
        ("\nvars:", "\ntitle: Another title\nbudget: 10\nvars:"),
        ("\nvars:", "\nx-lens: 85\nvars:"),
        ("chain: false", "first_frame: none"),
        ("    prompt: the storm", "    prompt: the storm\n    duration: 5"),
        ("    prompt: the storm", "    prompt: the storm\n    options: {fal: {other: 1}}"),
    ],
)  # fmt: skip
def test_what_changes_no_request(old: str, new: str, graph: Graph) -> None:
    changed = FILM.replace(old, new)
    if "near:" in new:
        changed = changed.replace("template: close", "template: near")
    assert changed != FILM
    assert generate_keys(graph(changed)) == generate_keys(graph(FILM))


def test_moving_a_shot_to_another_file_or_place_changes_no_request(graph: Graph) -> None:
    one = """
scenes:
  - {id: day, shots: [{id: a, prompt: x}, {id: b, prompt: y}]}
  - {id: night, shots: [{id: c, prompt: z}]}
"""
    two = "scenes: [{file: n.yaml}, {id: noon, shots: [{id: a, prompt: x}, {id: b, prompt: y}]}]\n"
    scene = "id: night\nshots:\n  - id: c\n    prompt: z\n"
    assert generate_keys(graph(two, {"n.yaml": scene})) == generate_keys(graph(one))


@pytest.mark.parametrize(
    ("old", "new", "changed"),
    [
        ("the storm", "the calm", {"storm"}),
        ("climbs the stair", "runs up the stair", {"stair", "lamp"}),
        ("of: the lamp", "of: a lamp", {"lamp"}),
        ("first_frame: a.png", "first_frame: b.png", {"stair", "lamp"}),
        ("an old keeper", "a young keeper", {"stair", "lamp"}),
        ("chain: false\n", "chain: false\n    variant: 1\n", {"storm"}),
        ("chain: false\n", "chain: false\n    audio: true\n", {"storm"}),
        ("chain: false\n", "chain: false\n    duration: 7\n", {"storm"}),
        ("    chain: false\n", "", {"storm"}),
        ("{model: paid/clip}", "{model: animatic}", {"stair", "lamp", "storm"}),
    ],
)
def test_what_changes_the_requests_of_which_shots(
    old: str, new: str, changed: set[str], graph: Graph
) -> None:
    before, after = keys(graph(FILM)), keys(graph(FILM.replace(old, new)))
    different = {
        name for name in ("stair", "lamp", "storm")
        if before[f"generate:{name}"] != after[f"generate:{name}"]
    }  # fmt: skip
    assert different == changed


def test_shots_that_ask_for_the_same_have_one_key_and_a_variant_tells_them_apart(
    graph: Graph,
) -> None:
    text = """
defaults: {model: paid/clip, chain: false}
shots:
  - {id: a, prompt: x}
  - {id: b, prompt: x}
  - {id: c, prompt: x, variant: 2}
"""
    made = keys(graph(text))
    assert made["generate:a"] == made["generate:b"] != made["generate:c"]


@pytest.mark.parametrize(
    ("written", "id_", "at"),
    [
        ("{shot: a}", "frame:a@hand-over", Moment.HAND_OVER),
        ("{shot: a, at: first}", "frame:a@first", Moment.FIRST),
        ("{shot: a, at: last}", "frame:a@last", Moment.LAST),
        ("{shot: a, at: 1.5}", "frame:a@1.5", Fraction(3, 2)),
        ("{shot: a, at: -1}", "frame:a@3", Fraction(3)),
        ("{shot: a, at: 4}", "frame:a@hand-over", Moment.HAND_OVER),
    ],
)
def test_which_frame_of_a_shot_is_taken(written: str, id_: str, at: Any, graph: Graph) -> None:
    text = f"""
defaults: {{model: paid/clip}}
shots:
  - {{id: a, prompt: x, duration: 4}}
  - {{id: b, first_frame: {written}, prompt: y}}
"""
    made = by_id(graph(text))
    assert made["generate:b"].inputs == {"first_frame": Made(id_)}
    work = made[id_].work
    assert isinstance(work, FrameWork)
    assert (work.at, work.duration) == (at, 4)


def test_a_time_falls_into_the_right_clip_of_a_long_shot(graph: Graph) -> None:
    text = """
defaults: {model: paid/clip}
shots:
  - {id: a, prompt: x, duration: 14}
  - {id: b, first_frame: {shot: a, at: 11}, prompt: y}
  - {id: c, first_frame: {shot: a, at: first}, prompt: y}
"""
    made = by_id(graph(text))
    (source,) = made["generate:b"].inputs.values()
    assert isinstance(source, Made)
    work = made[source.action].work
    assert isinstance(work, FrameWork)
    assert made[source.action].inputs == {"clip": Made("generate:a#2")}
    assert work.at == 1
    (source,) = made["generate:c"].inputs.values()
    assert isinstance(source, Made)
    assert made[source.action].inputs == {"clip": Made("generate:a#1")}
    assert made["generate:a#2"].inputs == {"first_frame": Made("frame:a#1@hand-over")}


def test_addresses_and_uploaded_media_are_given_as_they_are(graph: Graph) -> None:
    text = """
defaults: {model: paid/clip}
shots:
  - {id: a, first_frame: "https://example.org/a.png", prompt: x}
  - {id: b, first_frame: {media: abc}, prompt: x}
"""
    made = by_id(graph(text))
    assert made["generate:a"].inputs == {"first_frame": Named("https://example.org/a.png")}
    assert made["generate:b"].inputs == {"first_frame": Named("abc")}


def test_cuts_share_what_is_the_same_for_them(graph: Graph) -> None:
    text = """
defaults: {model: paid/clip, chain: false}
vars: {claim: none}
shots:
  - {id: hero, prompt: the sea}
  - {id: pack, prompt: "a pack that says {{ claim }}"}
cuts:
  - {id: de, vars: {claim: Rein}}
  - {id: fr, vars: {claim: Pur}, size: 720x720}
"""
    made = by_id(graph(text))
    assert made["generate:hero"].cuts == ("de", "fr")
    assert made["generate:pack"].cuts == ("de",)
    assert made["generate:pack[fr]"].cuts == ("fr",)
    assert Made("generate:pack[fr]") in made["cut:fr"].inputs.values()


def test_a_shot_that_no_cut_shows_is_made_only_if_its_frame_is_needed(graph: Graph) -> None:
    text = """
defaults: {model: paid/clip}
shots:
  - {id: a, prompt: x}
  - {id: b, prompt: y}
  - {id: c, first_frame: none, prompt: z}
cuts: [{id: main, shots: [b]}]
"""
    assert [id_ for id_ in by_id(graph(text)) if id_.startswith("generate")] == [
        "generate:a",
        "generate:b",
    ]


def test_the_film_is_as_long_as_its_shots_less_their_overlaps(graph: Graph) -> None:
    work = by_id(graph(FILM))["cut:main"].work
    assert isinstance(work, CutWork)
    assert work.edit.duration == Fraction(29, 2)
