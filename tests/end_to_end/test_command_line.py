"""Paths, options and output of the commands, as someone at a shell meets them."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
from pathlib import Path

import av
import pytest
from film_repo import COMMAND, FilmRepo

ESCAPE = "\x1b"


@pytest.mark.parametrize(
    ("cwd", "path"),
    [
        ("film", None),
        ("film/scenes/deep", None),  # looks upwards, as git does
        ("", "film"),
        ("", "film/storyboard.yaml"),
        ("film/scenes", ".."),
        ("film/scenes", "../storyboard.yaml"),
    ],
)
def test_a_storyboard_is_found_by_its_file_its_folder_or_from_below(
    tmp_path: Path, cwd: str, path: str | None
) -> None:
    repo = FilmRepo(tmp_path / "film")
    (repo.folder / "scenes" / "deep").mkdir(parents=True)

    ran = repo.run("plan", "--json", *([path] if path else []), cwd=tmp_path / cwd)

    assert ran.code == 0, ran.err
    assert ran.document["totals"]["generate"] == 5


def test_an_absolute_path_and_another_name(repo: FilmRepo, tmp_path: Path) -> None:
    (repo.folder / "storyboard.yaml").rename(repo.folder / "ep02.yaml")

    ran = repo.run("build", "--json", str(repo.folder / "ep02.yaml"), cwd=tmp_path)

    assert ran.code == 0
    assert ran.events[-1]["cuts"] == {"main": str(repo.folder / "build" / "ep02-main.mp4")}
    assert (repo.folder / ".storyboard").is_dir()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["check"], "There is no storyboard.yaml here, nor in a folder above."),
        (["check", "film.yaml"], "There is no file film.yaml."),
        (["check", "."], "There is no storyboard.yaml in ."),
        (["bild"], "error: There is no command `bild`.\n  help: Did you mean `build`?"),
        (["plan", "--jsn"], "error: There is no option `--jsn`.\n  help: Did you mean `--json`?"),
        (["build", "--jobs", "0"], "error: `--jobs`: 0 is not from 1 to 256."),
        (["build", "--jobs", "few"], "error: `--jobs`: `few` is not a whole number."),
        (["cost", "--by", "hour"], "`hour` is not one of `shot`, `provider`,"),
        (["select", "one"], "  help: The call is `storyboard select [OPTIONS] SHOT N`;"),
        (["build", "--var", "place"], "NAME=VALUE"),
    ],
)
def test_a_wrong_call_is_said(tmp_path: Path, arguments: list[str], said: str) -> None:
    repo = FilmRepo(tmp_path / "repo")
    (repo.folder / "storyboard.yaml").unlink()

    ran = repo.run(*arguments)

    assert ran.code == 2
    assert ran.out == ""
    assert said in ran.err


def test_what_is_not_in_the_storyboard_is_said_with_what_is(repo: FilmRepo) -> None:
    repo.edit("shots:\n", "vars: {place: a harbour}\nprofiles: {draft: {}}\nshots:\n")
    for arguments, said, help_ in [
        (["--shot", "pear"], "pear", "pier"),
        (["--shot", "zzz"], "zzz", "`pier`, `ferry`, `wake`, `bridge` and `town`"),
        (["--cut", "trailer"], "trailer", "main"),
        (["--profile", "draught"], "draught", "draft"),
        (["--var", "plaice=a town"], "plaice", "place"),
    ]:
        ran = repo.run("build", *arguments)
        assert ran.code == 2, arguments
        assert said in ran.err
        assert help_ in ran.err
    assert not (repo.folder / ".storyboard").exists()


PROFILES = """\
version: 1
title: Profiles
size: 160x90
fps: 12
vars: {boat: a red boat}
defaults: {duration: 0.5}
profiles:
  quick: {override: {duration: 0.25}}
shots:
  - {id: quay, prompt: "{{ boat }} leaves; pan right"}
  - {id: sea, prompt: "open water; hold"}
"""


def test_a_profile_has_its_own_film_and_leaves_the_other_fresh(tmp_path: Path) -> None:
    repo = FilmRepo(tmp_path / "repo", PROFILES)

    whole = repo.build()
    quick = repo.build("--profile", "quick")

    assert quick.film == repo.folder / "build" / "main.quick.mp4"
    assert (frames(whole.film), frames(quick.film)) == (12, 6)
    assert repo.build().generated == repo.build("--profile", "quick").generated == set()


def test_a_var_is_given_on_the_command_line(tmp_path: Path) -> None:
    repo = FilmRepo(tmp_path / "repo", PROFILES)
    repo.build()

    asked = repo.run("requests", "quay", "--json", "--var", "boat=a blue boat").document
    assert asked["requests"][0]["body"]["prompts"][0]["text"] == "a blue boat leaves; pan right"
    assert repo.build("--var", "boat=a blue boat").generated == {"quay", "sea"}
    assert repo.build().generated == set()


def test_a_shot_is_built_with_what_it_needs_and_no_film(repo: FilmRepo) -> None:
    wake = repo.build("--shot", "wake")

    assert wake.generated == {"pier", "ferry", "wake"}
    assert wake.summary["cuts"] == {}
    assert not (repo.folder / "build").exists()
    assert [step["id"] for step in repo.plan("--shot", "ferry")["steps"]] == [
        "generate:pier", "frame:pier@hand-over", "generate:ferry",
    ]  # fmt: skip
    again = repo.run("build", "--shot", "wake", "--shot", "town")
    assert again.code == 0
    assert "1 generated, 3 fresh" in again.err
    assert repo.build().generated == {"bridge"}


CUTS = """\
version: 1
title: Cuts
size: 160x90
fps: 12
defaults: {duration: 0.5}
shots:
  - {id: quay, prompt: "a quay; pan right"}
  - {id: sea, prompt: "open water; hold"}
  - {id: night, prompt: "stars; tilt up", chain: false}
cuts:
  - {id: main}
  - {id: teaser, shots: [night, quay]}
"""


def test_one_cut_is_built_alone_and_cuts_share_their_clips(tmp_path: Path) -> None:
    repo = FilmRepo(tmp_path / "repo", CUTS)

    teaser = repo.build("--cut", "teaser")

    assert teaser.generated == {"quay", "night"}
    assert set(teaser.summary["cuts"]) == {"teaser"}
    assert frames(teaser.film) == 12
    both = repo.build()
    assert both.generated == {"sea"}
    assert set(both.summary["cuts"]) == {"main", "teaser"}
    assert frames(Path(both.summary["cuts"]["main"])) == 18


def test_the_number_of_jobs_changes_nothing_of_the_film(tmp_path: Path) -> None:
    one = FilmRepo(tmp_path / "one", CUTS)
    many = FilmRepo(tmp_path / "many", CUTS)

    films = [repo.build("--jobs", jobs, "--cut", "main").film for repo, jobs in [(one, "1"), (many, "8")]]  # fmt: skip

    assert films[0].read_bytes() == films[1].read_bytes()
    under_way = most = 0
    repo = FilmRepo(tmp_path / "again", CUTS)
    for event in repo.build("--jobs", "1").events:
        under_way += {"step_started": 1, "step_done": -1}.get(event["event"], 0)
        most = max(most, under_way)
    assert most == 1


FAILING = """\
version: 1
title: A clip that is no good
size: 160x90
fps: 12
defaults: {duration: 0.25}
scenes:
  - id: broken
    shots:
      - {id: footage, clip: take.mp4}
      - {id: after, first_frame: {shot: footage, at: 1.5}, prompt: "goes on; pan left"}
  - id: sound
    chain: false
    shots:
      - {id: one, prompt: "one; hold"}
      - {id: two, prompt: "two; hold"}
      - {id: three, prompt: "three; hold"}
"""


@pytest.mark.parametrize(("option", "made"), [("--keep-going", 3), ("--fail-fast", 0)])
def test_after_a_failure_a_build_goes_on_or_not(tmp_path: Path, option: str, made: int) -> None:
    repo = FilmRepo(tmp_path / "repo", FAILING)
    write_damaged_clip(repo.folder / "take.mp4")

    ran = repo.run("build", "--json", "--jobs", "1", option)

    assert ran.code == 1, ran.err
    failed = [event for event in ran.events if event["event"] == "step_failed"]
    assert [event["shot"] for event in failed][:1] == ["footage"]
    assert "damaged" in failed[0]["message"]
    assert ran.events[-1]["generated"] == made
    assert not (repo.folder / "build").exists()


def test_a_failure_is_said_in_words(tmp_path: Path) -> None:
    repo = FilmRepo(tmp_path / "repo", FAILING)
    write_damaged_clip(repo.folder / "take.mp4")

    ran = repo.run("build")

    assert ran.code == 1
    assert re.search(r"^failed +frame:footage@1.5: .*damaged", ran.err, re.MULTILINE), ran.err
    assert re.search(r"^failed +3 generated, 2 failed", ran.err, re.MULTILINE), ran.err


def test_output_is_plain_where_there_is_no_terminal(repo: FilmRepo) -> None:
    for arguments in (
        ["plan"],
        ["build"],
        ["build"],
        ["plan"],
        ["check"],
        ["graph"],
        ["check", "nope"],
    ):
        ran = repo.run(*arguments, env={"TERM": "xterm-256color"})
        assert ESCAPE not in ran.out + ran.err
        assert "\r" not in ran.out + ran.err


def test_a_build_reads_well(repo: FilmRepo) -> None:
    first = repo.run("build")
    second = repo.run("build")

    lines = first.err.splitlines()
    assert first.out == ""
    assert re.fullmatch(r"done {5}(pier|town) +animatic +\d+\.\d s", lines[0])
    # In a picture this small the shot's letters alone are a step in light at a join.
    told = [line for line in lines if not line.startswith(("join ", "chain "))]
    assert told[-2:] == ["film     build/main.mp4", "built    5 generated"]
    assert second.err == "fresh    nothing to do\nfilm     build/main.mp4\n"


def test_a_plan_reads_well(repo: FilmRepo) -> None:
    new = repo.run("plan").out
    repo.build()
    repo.edit("a ferry leaves; pan right", "a ferry leaves; pull back")
    stale = repo.run("plan").out

    assert new.splitlines()[:4] == [
        "Chain",
        "  new      pier        0.50 s  animatic",
        "  waiting  ferry       0.50 s  animatic  (after pier)",
        "  waiting  wake        0.50 s  animatic  (after pier)",
    ]
    assert "2 to generate, and 3 that wait for their frames; no cost.\n" in new
    assert "             prompt: “a ferry leaves; pan right” → “a ferry leaves; pull back”" in stale.splitlines()  # fmt: skip


def test_a_plan_shows_which_words_of_a_long_prompt_changed(repo: FilmRepo) -> None:
    long = "Wide shot of a pier at dawn, planks grey with frost and gulls asleep on every pile"
    repo.edit("a pier at dawn; slow push in", f"{long}; slow push in on the far end, 35 mm film")
    repo.build("--shot", "pier")
    repo.edit("gulls asleep", "terns asleep")

    (reason,) = [line for line in repo.run("plan").out.splitlines() if "prompt:" in line]

    assert (
        reason.strip()
        == "prompt: “… frost and gulls asleep on …” → “… frost and terns asleep on …”"
    )


def test_a_long_plan_is_folded_at_a_terminal_alone(tmp_path: Path) -> None:
    shots = [f"  - {{id: s{number}, prompt: shot {number}}}\n" for number in range(50)]
    repo = FilmRepo(tmp_path / "repo", "version: 1\ntitle: Long\nshots:\n" + "".join(shots))

    shown = at_a_terminal(repo, "plan", environment={"NO_COLOR": "1"}).splitlines()

    assert [" ".join(line.split()) for line in shown] == [
        "Long",
        "new s0 5.00 s animatic",
        "waiting s1 … s49 (49 clips) 245.00 s animatic (after s0)",
        "waiting cut:main 250.00 s 6000 frames",
        "1 to generate, and 49 that wait for their frames; no cost.",
    ]
    assert len(repo.run("plan").out.splitlines()) == 1 + 50 + 1 + 1


@pytest.mark.parametrize(("environment", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)])  # fmt: skip
def test_a_terminal_gets_colour_unless_it_wants_none(
    repo: FilmRepo, environment: dict[str, str], coloured: bool
) -> None:
    for arguments in (["plan"], ["build"], ["check", "--profile", "nope"]):
        shown = at_a_terminal(repo, *arguments, environment=environment)
        assert bool(re.search(r"\x1b\[[\d;]*m", shown)) == coloured, (arguments, shown)


def test_a_terminal_shows_what_is_under_way(repo: FilmRepo) -> None:
    repo.edit("160x90", "640x360")
    repo.edit("duration: 0.5", "duration: 2")

    shown = at_a_terminal(repo, "build")

    assert re.search(r"[━·]{8} pier +animatic +\d+ s", shown)
    assert "done" in shown
    assert "built" in shown


def at_a_terminal(
    repo: FilmRepo, *arguments: str, environment: dict[str, str] | None = None
) -> str:
    """What a command writes to a terminal that it has as its stdout and stderr."""
    leader, follower = pty.openpty()
    inherited = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    with subprocess.Popen(
        [*COMMAND, *arguments],
        cwd=repo.folder,
        stdin=follower,
        stdout=follower,
        stderr=follower,
        env=inherited | {"TERM": "xterm-256color", "COLUMNS": "100"} | (environment or {}),
    ) as process:
        os.close(follower)
        shown = b""
        while True:
            try:
                part = os.read(leader, 65536)
            except OSError:  # how a terminal says that nobody writes to it any longer
                break
            if not part:
                break
            shown += part
        process.wait(timeout=60)
    os.close(leader)
    return shown.decode()


def test_version_help_and_schema(repo: FilmRepo, tmp_path: Path) -> None:
    from storyboard import __version__

    for option in ("--version", "-V"):
        assert repo.run(option, cwd=tmp_path).out == f"storyboard {__version__}\n"
    top = repo.run("--help").out
    for command in ("check", "graph", "plan", "build", "requests", "schema"):
        assert command in top
        shown = repo.run(command, "--help")
        assert shown.code == 0
        assert shown.out.startswith(f"Usage: storyboard {command}")
    schema = json.loads(repo.run("schema", cwd=tmp_path).out)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"


@pytest.mark.parametrize(
    ("form", "begins", "holds"),
    [
        ("mermaid", "flowchart LR", "ferry"),
        ("dot", "digraph", '"frame:pier@hand-over" -> "generate:ferry"'),
        ("svg", "<svg ", "generate:ferry"),
    ],
)
def test_the_graph_is_drawn(repo: FilmRepo, form: str, begins: str, holds: str) -> None:
    ran = repo.run("graph", "--format", form)

    assert ran.code == 0
    assert ran.out.startswith(begins)
    assert holds in ran.out
    if form == "svg":
        from xml.etree import ElementTree as ET

        ET.fromstring(ran.out)


def test_a_reader_that_goes_away_is_no_fault(repo: FilmRepo) -> None:
    done = subprocess.run(
        ["sh", "-c", f"{' '.join(COMMAND)} schema | head -c 10"],
        cwd=repo.folder, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip

    assert done.stderr == ""


def frames(film: Path) -> int:
    """How many pictures a film has, counted by decoding it."""
    with av.open(str(film)) as file:
        return sum(1 for _ in file.decode(video=0))


def write_damaged_clip(path: Path) -> None:
    """A clip of two seconds that begins well, and of which the second half is zeros."""
    import numpy as np

    with av.open(str(path), "w") as file:
        stream = file.add_stream("libx264", rate=12, options={"g": "4", "bf": "0"})
        stream.width, stream.height, stream.pix_fmt = 160, 90, "yuv420p"
        noise = np.random.default_rng(1)
        for _ in range(24):
            picture = noise.integers(0, 255, (90, 160, 3), np.uint8)
            file.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        file.mux(stream.encode())
    data = bytearray(path.read_bytes())
    begins = data.index(b"mdat") + 4
    size = int.from_bytes(data[begins - 8 : begins - 4], "big") - 8
    data[begins + size // 4 : begins + size] = bytes(size - size // 4)
    path.write_bytes(data)
