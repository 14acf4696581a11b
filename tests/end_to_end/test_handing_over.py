"""Chains and cuts as they are seen, measured on decoded clips and films.

A chained clip begins with the very frame that the shot before it would show
next; the cut shows that frame once, is as long as its shots to the frame, and
its sound ends with its picture.
"""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt
import pytest
from film_repo import Document, FilmRepo

Pictures = npt.NDArray[np.float32]

FPS = 12

FORMS = """\
version: 1
title: Every way to hand a frame over
size: 160x90
fps: 12
defaults: {duration: 0.75}
scenes:
  - id: harbour
    shots:
      - {id: pier, prompt: "a pier at dawn; whip pan right"}
      - {id: ferry, prompt: "a ferry leaves; push in"}
      - id: storm
        multi_prompt:
          - {prompt: "rain on the sea; pan left", duration: 0.5}
          - {prompt: "lightning; tilt up", duration: 0.75}
          - {prompt: "hail; push in", duration: 0.25}
      - {id: calm, prompt: "calm water; pan right"}
  - id: town
    shots:
      - {id: street, first_frame: {shot: ferry}, prompt: "a street by night; pan right"}
      - {id: again, first_frame: {shot: pier, at: first}, prompt: "the pier; push in"}
      - {id: later, first_frame: {shot: pier, at: last}, prompt: "later; pan left"}
      - {id: middle, first_frame: {shot: storm, at: 0.75}, prompt: "the storm; pan left"}
      - {id: end, first_frame: {shot: storm, at: -0.5}, prompt: "the end of it; tilt up"}
      - {id: forward, first_frame: {shot: roof}, prompt: "roofs; pan right"}
      - {id: roof, prompt: "a city roof; tilt up", chain: roofs}
      - {id: cat, prompt: "a cat; pan left", chain: roofs}
      - {id: bound, first_frame: {shot: cat}, last_frame: {shot: pier, at: first}, prompt: "home"}
"""

# By step, which frame of which clip it begins with, counted from 0 (0.75 s are nine frames).
FIRST_FRAMES = {
    "ferry": ("pier", 9),
    "storm#1": ("ferry", 9),
    "storm#2": ("storm#1", 6),
    "storm#3": ("storm#2", 9),
    "calm": ("storm#3", 3),
    "street": ("ferry", 9),
    "again": ("pier", 0),
    "later": ("pier", 8),
    "middle": ("storm#2", 3),  # 0.75 s is 0.25 s into the second prompt
    "end": ("storm#2", 6),  # 1 s of 1.5
    "forward": ("roof", 9),
    "cat": ("roof", 9),
    "bound": ("cat", 9),
}

LENGTHS = """\
version: 1
title: Lengths of five and ten seconds
size: 160x90
fps: 12
defaults: {model: animatic/kling-lengths, duration: 3}
shots:
  - {id: short, prompt: "a pier at dawn; pan right"}
  - {id: long, prompt: "a ferry crosses; pan left", duration: 11}
  - {id: kept, prompt: "the far side; push in", last_frame: {shot: short, at: first}}
  - {id: after, prompt: "home again; tilt up"}
"""

FIRST_FRAMES_OF_LENGTHS = {
    "long#1": ("short", 36),  # the first of the two seconds that are not used
    "long#2": ("long#1", 120),
    "kept": ("long#2", 12),
    "after": ("kept", 60),  # retimed from 5 s to 3: its very last frame
}


@pytest.mark.parametrize(
    ("storyboard", "expected"),
    [(FORMS, FIRST_FRAMES), (LENGTHS, FIRST_FRAMES_OF_LENGTHS)],
    ids=["every form", "other lengths"],
)
def test_a_clip_begins_with_the_frame_that_it_was_handed(
    tmp_path: Path, storyboard: str, expected: dict[str, tuple[str, int]]
) -> None:
    outputs = FilmRepo(tmp_path / "repo", storyboard).build().outputs
    clips = {
        step.removeprefix("generate:"): decoded(path)
        for step, path in outputs.items()
        if step.startswith("generate:")
    }

    for later, (earlier, index) in expected.items():
        assert difference(clips[later][0], clips[earlier][index]) <= 2, (later, earlier)
        # So small a difference means something only where the picture moves.
        others = [clips[earlier][near] for near in (index - 1, index + 1) if near in range(len(clips[earlier]))]  # fmt: skip
        assert all(
            difference(clips[later][0], other) > difference(clips[later][0], clips[earlier][index])
            for other in others
        ), (later, earlier)
    if "bound" in clips:
        assert difference(clips["bound"][-1], clips["pier"][0]) <= 2
    else:
        assert difference(clips["kept"][-1], clips["short"][0]) <= 2


def test_the_graph_names_every_chained_pair_that_is_measured(tmp_path: Path) -> None:
    for name, storyboard, expected in [
        ("forms", FORMS, FIRST_FRAMES),
        ("lengths", LENGTHS, FIRST_FRAMES_OF_LENGTHS),
    ]:
        document = FilmRepo(tmp_path / name, storyboard).run("graph", "--json").document
        makers = {action["id"]: action["inputs"] for action in document["actions"]}
        chained = {
            step.removeprefix("generate:")
            for step, inputs in makers.items()
            if step.startswith("generate:") and any(each.startswith("frame:") for each in inputs)
        }
        assert chained == set(expected)


@pytest.mark.parametrize("storyboard", [FORMS, LENGTHS], ids=["every form", "other lengths"])
def test_the_cut_shows_every_frame_of_its_shots_once(tmp_path: Path, storyboard: str) -> None:
    repo = FilmRepo(tmp_path / "repo", storyboard)
    built = repo.build()
    steps = [step for step in repo.plan()["steps"] if step["kind"] == "generate"]
    order = {shot["id"]: number for number, shot in enumerate(_shots(storyboard))}
    steps.sort(key=lambda step: (order[step["shot"]], step["segment"] or 0))

    film = decoded(built.film)
    expected = []
    for step in steps:
        clip = decoded(built.outputs[step["id"]])
        shown = round(step["duration_s"] * FPS)
        if any("retimed" in note for note in step["notes"]):
            speed = Fraction(step["generated_s"]) / Fraction(step["duration_s"])
            expected += [clip[round(frame * speed)] for frame in range(shown)]
        else:
            expected += list(clip[:shown])

    assert len(film) == len(expected)
    worst = max(difference(seen, wanted) for seen, wanted in zip(film, expected, strict=True))
    assert worst <= 3  # what the encoding of so small a film does
    # At no join does a picture stand still that moves in the clips on both sides.
    joins = np.cumsum([round(step["duration_s"] * FPS) for step in steps])[:-1]
    for join in joins:
        assert difference(film[join - 1], film[join]) > 0.5 * difference(
            expected[join - 1], expected[join]
        )
        nearest = [difference(film[join], wanted) for wanted in expected[join - 1 : join + 2]]
        assert int(np.argmin(nearest)) == 1, f"frame {join} of the film"
        nearest = [difference(film[join - 1], wanted) for wanted in expected[join - 2 : join + 1]]
        assert int(np.argmin(nearest)) == 1, f"frame {join - 1} of the film"


EDITS = """\
version: 1
title: Overlaps and trims
size: 160x90
fps: {fps}
soundtrack: [{{file: score.wav, loop: true, gain_db: -6}}]
shots:
  - {{id: one, prompt: "a pier at dawn; pan right", duration: 1.3}}
  - {{id: two, prompt: "a ferry; push in", duration: 0.7, chain: false, transition: {{crossfade: 0.25}}}}
  - {{id: three, prompt: "the wake; pan left", duration: 1.1, trim: {{start: 0.2, end: 0.9}}}}
  - {{id: four, prompt: "a town; tilt up", duration: 0.45, chain: false, transition: {{crossfade: 0.15}}}}
  - {{id: five, still: "#203040", duration: 1/3}}
"""


@pytest.mark.parametrize("fps", ["12", "23.976", "30000/1001", "25"])
def test_a_film_lasts_as_long_as_its_shots_less_overlaps_and_its_sound_as_long_as_it(
    tmp_path: Path, fps: str
) -> None:
    repo = FilmRepo(tmp_path / "repo", EDITS.format(fps=fps).replace("1/3", "0.333"))
    write_score(repo.folder / "score.wav", seconds=1.5)
    rate = {"23.976": Fraction(24000, 1001)}.get(fps) or Fraction(fps)
    seconds = sum(map(Fraction, ("1.3", "0.7", "0.7", "0.45", "0.333", "-0.25", "-0.15")))

    film = repo.build().film

    frames, samples, ends = strictly_decoded(film)
    assert frames == round(seconds * rate)
    assert abs(ends["video"] - frames / rate) < Fraction(1, 1000)
    assert abs(Fraction(samples, 48000) - frames / rate) < Fraction(1024, 48000)
    assert abs(ends["audio"] - ends["video"]) < Fraction(1024, 48000)


def test_a_film_plays_in_browsers(repo: FilmRepo) -> None:
    film = repo.build().film

    with av.open(str(film)) as file:
        picture, sound = file.streams.video[0], file.streams.audio[0]
        assert picture.codec_context.name == "h264"
        assert picture.codec_context.pix_fmt == "yuv420p"
        assert (picture.codec_context.colorspace, picture.codec_context.color_range) == (1, 1)
        assert sound.codec_context.name == "aac"
    top_level = boxes(film)
    assert top_level.index("moov") < top_level.index("mdat")  # it can start before it is loaded


def decoded(path: Path) -> Pictures:
    """Every picture of a video, n x height x width x 3, from 0 to 255."""
    with av.open(str(path)) as file:
        return np.stack([frame.to_ndarray(format="rgb24") for frame in file.decode(video=0)]).astype(np.float32)  # fmt: skip


def difference(one: npt.NDArray[np.float32], other: npt.NDArray[np.float32]) -> float:
    """Mean absolute difference of two pictures, in levels of 255."""
    return float(np.abs(one - other).mean())


def strictly_decoded(path: Path) -> tuple[int, int, dict[str, Fraction]]:
    """Frames, samples, and when each stream ends, by a decoder that forgives nothing."""
    frames = samples = 0
    ends = {"video": Fraction(0), "audio": Fraction(0)}
    with av.open(str(path), options={"err_detect": "explode"}) as file:
        for stream in file.streams:
            stream.codec_context.options = {"err_detect": "explode"}
        for frame in file.decode():
            assert frame.pts is not None
            assert frame.time_base is not None
            kind = "video" if isinstance(frame, av.VideoFrame) else "audio"
            if isinstance(frame, av.VideoFrame):
                frames += 1
                lasts = frame.duration * frame.time_base
            else:
                samples += frame.samples
                lasts = Fraction(frame.samples, frame.sample_rate)
            ends[kind] = max(ends[kind], frame.pts * frame.time_base + lasts)
    return frames, samples, ends


def boxes(path: Path) -> list[str]:
    """The kinds of an MP4's boxes at the top, in order."""
    data, at, kinds = path.read_bytes(), 0, []
    while at < len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        kinds.append(data[at + 4 : at + 8].decode("ascii"))
        at += size
    assert at == len(data)
    return kinds


def write_score(path: Path, seconds: float) -> None:
    """A quiet tone."""
    import wave

    times = np.arange(round(seconds * 48000)) / 48000
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(48000)
        file.writeframes((8000 * np.sin(2 * np.pi * 220 * times)).astype("<i2").tobytes())


def _shots(storyboard: str) -> list[Document]:
    import yaml

    document = yaml.safe_load(storyboard)
    scenes = document.get("scenes") or [document]
    return [shot for scene in scenes for shot in scene["shots"]]
