"""What goes wrong, as the user sees it: a clear message, the exit code, and nothing half-written."""

from __future__ import annotations

import hashlib
import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from film_repo import CHAIN, COMMAND, FilmRepo

from own_mounts import in_own_mounts

HEAD = "version: 1\ntitle: T\nsize: 160x90\nfps: 12\ndefaults: {duration: 0.5}\n"

MISTAKES = {
    "a misspelt field": (
        "shots:\n  - {id: pier, prompt: a pier, chian: false}\n",
        ["error[SB201]", "storyboard.yaml:7:32", "`chian`", "`chain`"],
    ),
    "a brace that is not closed": (
        "shots:\n  - {id: pier, prompt: a pier\n",
        ["error[SB103]", "storyboard.yaml:", "`{`"],
    ),
    "a tab": (
        "shots:\n\t- {id: pier, prompt: a pier}\n",
        ["error[SB103]", "storyboard.yaml:7:1", "tab"],
    ),
    "a missing picture": (
        "shots:\n  - {id: pier, prompt: a pier, first_frame: assets/pier.png}\n",
        ["error[SB101]", "storyboard.yaml:7:45", "assets/pier.png"],
    ),
    "a missing scene": (
        "scenes:\n  - {file: scenes/one.yaml}\n",
        ["error[SB101]", "storyboard.yaml:7:12", "scenes/one.yaml"],
    ),
    "a missing soundtrack": (
        "shots:\n  - {id: pier, prompt: a pier}\nsoundtrack:\n  - file: score.wav\n",
        ["error[SB101]", "storyboard.yaml:9:", "score.wav"],
    ),
    "a cycle": (
        "shots:\n"
        "  - {id: pier, prompt: a pier, first_frame: {shot: wake}}\n"
        "  - {id: ferry, prompt: a ferry}\n"
        "  - {id: wake, prompt: the wake}\n",
        [
            "error[SB403]",
            "storyboard.yaml:7:45",
            "`pier` → `wake` → `ferry` → `pier`",
            "(storyboard.yaml:9:",
            "(storyboard.yaml:8:",
        ],
    ),
    "no picture at all": (
        "shots:\n  - {id: pier, prompt: a pier, first_frame: storyboard.yaml}\n",
        ["error[SB406]", "storyboard.yaml:7:45", "is no PNG, JPEG or WebP picture"],
    ),
    "an unknown model": (
        "shots:\n  - {id: pier, prompt: a pier, model: animatik}\n",
        ["error[SB501]", "storyboard.yaml:7:39", "Did you mean `animatic`"],
    ),
}


@pytest.mark.parametrize("command", ["check", "build"])
@pytest.mark.parametrize(
    ("shots", "said"), [pytest.param(*each, id=name) for name, each in MISTAKES.items()]
)
def test_a_mistake_is_said_with_its_place_and_nothing_is_written(
    tmp_path: Path, command: str, shots: str, said: list[str]
) -> None:
    repo = FilmRepo(tmp_path / "repo", HEAD + shots)
    before = repo.state()

    ran = repo.run(command)

    assert ran.code == 2
    assert ran.out == ""
    for words in said:
        assert words in ran.err
    assert repo.state() == before


@pytest.mark.parametrize("command", ["plan", "graph", "requests"])
def test_no_command_goes_on_after_a_mistake(repo: FilmRepo, command: str) -> None:
    repo.edit("id: wake,", "id: wake, chian: false,")

    for options in ([], ["--json"]):
        ran = repo.run(command, *options)
        assert ran.code == 2
        assert ran.out == ""
        assert "Did you mean `chain`?" in ran.err


def test_every_mistake_is_said_at_once(tmp_path: Path) -> None:
    repo = FilmRepo(
        tmp_path / "repo",
        HEAD + "shots:\n"
        "  - {id: pier, prompt: a pier, model: animatik}\n"
        "  - {id: ferry, prompt: a ferry, first_frame: none.png}\n"
        "  - {id: wake, prompt: the wake, duration: soon}\n",
    )

    ran = repo.run("build")

    assert ran.code == 2
    assert sorted(re.findall(r"error\[(SB\d+)\]", ran.err)) == ["SB101", "SB203", "SB501"]
    assert ran.err.endswith("3 errors\n")


def test_a_mistake_leaves_the_film_that_was_there(repo: FilmRepo) -> None:
    repo.build()
    before = repo.state()

    repo.write(CHAIN + "  - {id: pier}\n")
    before |= {name: seen for name, seen in repo.state().items() if name == "storyboard.yaml"}
    assert repo.run("build").code == 2

    assert repo.state() == before


def test_a_file_where_the_store_belongs(repo: FilmRepo) -> None:
    repo.write("mine", ".storyboard")

    ran = repo.run("build")

    assert ran.code == 1
    assert ".storyboard is in the way" in ran.err
    assert (repo.folder / ".storyboard").read_text() == "mine"


def test_a_file_where_the_films_folder_belongs(repo: FilmRepo) -> None:
    repo.write("mine", "build")

    ran = repo.run("build")

    assert ran.code == 1
    assert f"{repo.folder}/build" in ran.err
    assert (repo.folder / "build").read_text() == "mine"
    (repo.folder / "build").unlink()
    assert repo.build().generated == set()


def test_a_disk_that_takes_no_more(repo: FilmRepo) -> None:
    limited = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (9000, 9000))"
    full = subprocess.run(
        [sys.executable, "-c", f"{limited}; {MAIN}", "build"],
        cwd=repo.folder, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip

    assert full.returncode == 1
    assert "the disk is full" in full.stderr
    assert "make room and build again" in full.stderr
    assert "Traceback" not in full.stderr
    assert_nothing_half_written(repo)
    assert not (repo.folder / "build").exists()
    assert repo.build().film.is_file()


def test_a_full_disk(repo: FilmRepo) -> None:
    said = said_in_own_mounts(
        """
        mkdir $D/disk
        mount -t tmpfs -o size=90k tmpfs $D/disk
        cd $D/disk
        mkdir .git
        cp $D/storyboard.yaml .
        build
        ls .storyboard/tmp
        test ! -e build || echo there is a film
        mount -o remount,size=9m $D/disk
        build
        """,
        repo,
    )

    full, again, end = re.split(r"exit \d\n", said)
    assert re.findall(r"exit (\d)\n", said) == ["1", "0"]
    assert "the disk is full" in full
    assert "make room and build again" in full
    assert again.startswith("done "), "nothing is left in tmp, and no film is there"
    finished = set(re.findall(r"^done +(\w+)", full, re.MULTILINE))
    assert finished.isdisjoint(re.findall(r"^done +(\w+)", again, re.MULTILINE))
    assert end == ""


def test_a_folder_that_cannot_be_written(repo: FilmRepo) -> None:
    said = said_in_own_mounts("mount --bind $D $D; mount -o remount,ro,bind $D; cd $D; build", repo)

    assert "Read-only file system" in said
    assert f"{repo.folder}/.storyboard cannot be written" in said
    assert "change who owns the folder or what may be done in it" in said
    assert said.endswith("exit 1\n")
    assert not (repo.folder / ".storyboard").exists()


MAIN = "from storyboard.__main__ import main; main()"

# A shell's background jobs ignore Ctrl-C, and tests may run in one.
HEARS_CTRL_C = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"

LONG = CHAIN.replace("160x90", "640x360").replace("duration: 0.5", "duration: 3")


@pytest.mark.parametrize("times", [1, 2])
def test_ctrl_c_keeps_what_was_finished(tmp_path: Path, times: int) -> None:
    repo = FilmRepo(tmp_path / "repo", LONG)
    with building(repo) as build:
        finished = first_clip(build)
        for _ in range(times):
            build.send_signal(signal.SIGINT)
        out, err = build.communicate(timeout=60)

    assert build.returncode == 130
    assert "Traceback" not in err
    if times == 1:  # the second one may well come before anything more is said
        summary = json.loads(out.splitlines()[-1])
        assert (summary["event"], summary["interrupted"]) == ("summary", True)
        assert_nothing_half_written(repo)
    assert not (repo.folder / "build").exists()
    again = repo.build()
    assert finished not in again.generated
    assert again.film.is_file()
    assert_nothing_half_written(repo)


def test_ctrl_c_says_what_it_leaves(tmp_path: Path) -> None:
    repo = FilmRepo(tmp_path / "repo", LONG)
    with building(repo, "build") as build:
        assert build.stderr is not None
        assert build.stderr.readline().startswith("done ")
        build.send_signal(signal.SIGINT)
        _, err = build.communicate(timeout=60)

    assert build.returncode == 130
    assert "stopped" in err.splitlines()[-1]
    assert "what was finished is kept" in err.splitlines()[-1]


def test_ctrl_c_before_anything_has_begun(repo: FilmRepo) -> None:
    """However early it comes, from the moment on at which the tool itself runs: at its n-th import."""
    for imports in (1, 5, 25, 80, 150):
        pressed = (
            "import itertools, sys; from storyboard.__main__ import main; count = itertools.count(1);"
            " sys.addaudithook(lambda event, _: event == 'import'"
            f" and next(count) == {imports} and signal.raise_signal(signal.SIGINT)); main()"
        )
        ran = subprocess.run(
            [sys.executable, "-c", f"{HEARS_CTRL_C}; {pressed}", "build"],
            cwd=repo.folder, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert ran.returncode in {130, 0}
        assert "Traceback" not in ran.stderr


def test_a_build_that_is_killed_goes_on_where_it_was(tmp_path: Path) -> None:
    whole = FilmRepo(tmp_path / "whole", LONG).build().film.read_bytes()
    repo = FilmRepo(tmp_path / "repo", LONG)
    with building(repo) as build:
        finished = first_clip(build)
        build.kill()
        build.communicate(timeout=60)

    assert build.returncode == -signal.SIGKILL
    for blob in repo.store("blobs"):
        assert hashlib.sha256(blob.read_bytes()).hexdigest() == blob.stem
    assert not (repo.folder / "build").exists()
    again = repo.build()
    assert finished not in again.generated
    assert again.film.read_bytes() == whole
    assert_nothing_half_written(repo)


def test_a_second_build_at_once_says_who_is_at_work(tmp_path: Path) -> None:
    repo = FilmRepo(tmp_path / "repo", LONG)
    with building(repo) as build:
        first_clip(build)
        second = repo.run("build")
        build.send_signal(signal.SIGINT)
        build.communicate(timeout=60)

    assert second.code == 1
    assert f"process {build.pid}" in second.err


def test_a_damaged_clip_is_noticed_and_made_again(repo: FilmRepo) -> None:
    first = repo.build()
    film = first.film.read_bytes()
    clip = first.outputs["generate:pier"]
    clip.chmod(0o644)
    clip.write_bytes(clip.read_bytes()[:-100])
    repo.edit("a town by night; tilt up", "a town by night; tilt down")

    second = repo.build()

    assert second.generated == {"pier", "town"}
    assert [event["step"] for event in second.events if event["event"] == "step_damaged"] == [
        "generate:pier"
    ]
    repo.write(CHAIN)
    assert repo.build().film.read_bytes() == film


@contextmanager
def building(repo: FilmRepo, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """A build under way, one step at a time."""
    with subprocess.Popen(
        [
            sys.executable,
            "-c",
            f"{HEARS_CTRL_C}; {MAIN}",
            *(arguments or ("build", "--json")),
            "--jobs",
            "1",
        ],
        cwd=repo.folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as build:
        try:
            yield build
        finally:
            build.kill()


def first_clip(build: subprocess.Popen[str]) -> str:
    """Wait until a clip is made; which one it is."""
    assert build.stdout is not None
    for line in build.stdout:
        event = json.loads(line)
        if event["event"] == "step_done" and event["kind"] == "generate":
            return str(event["shot"])
    raise AssertionError("the build ended before a clip was made")


def assert_nothing_half_written(repo: FilmRepo) -> None:
    """Every blob is what its name says, and nothing is left in the folders that are written to."""
    for blob in repo.store("blobs"):
        assert hashlib.sha256(blob.read_bytes()).hexdigest() == blob.stem
    assert repo.store("tmp") == []
    films = repo.folder / "build"
    if films.is_dir():
        assert [path.name for path in films.iterdir()] == ["main.mp4"]


def said_in_own_mounts(commands: str, repo: FilmRepo) -> str:
    """What shell commands print that may mount what they like: nobody else sees it.

    `build` in them builds the film in the working directory and prints its exit code; `$D` is the repo.
    """
    build = f"build() {{ {' '.join(COMMAND)} build 2>&1 && echo exit 0 || echo exit $?; }}"
    done = in_own_mounts(f"cd {repo.folder}\nD={repo.folder}\n{build}\n{commands}")
    assert "Traceback" not in done.stdout
    return done.stdout
