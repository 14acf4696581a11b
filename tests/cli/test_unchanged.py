"""A film that has not changed is answered at once; and never otherwise than a full look would answer."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import click
import pytest
from PIL import Image

from own_mounts import in_own_mounts
from storyboard.cli import commands, run
from storyboard.cli.commands import storyboard
from storyboard.cli.listing import COMMANDS, help_text
from storyboard.unchanged import answer

FILM = """\
version: 1
title: Unchanged
size: 160x90
fps: 12
use: looks.yaml
profiles: {draft: {vars: {place: pier}}}
vars: {place: pier}
defaults: {model: animatic, duration: 0.5}
shots:
  - {id: a, prompt: "{{ place }} at dawn; slow push in", first_frame: pier.png}
  - {id: b, prompt: "a ferry leaves; pan right"}
"""
CALLS = (["build"], ["build", "--json"], ["plan"], ["plan", "--json"])


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A built film, to be copied."""
    folder = tmp_path_factory.mktemp("built")
    (folder / "storyboard.yaml").write_text(FILM)
    (folder / "looks.yaml").write_text("vars: {light: soft}\n")
    Image.new("RGB", (160, 90), "navy").save(folder / "pier.png")
    assert run(["build", str(folder), "--json"]) == 0
    return folder


@pytest.fixture
def film(
    built: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Path:
    """A copy of it, at rest, of which every call was answered once."""
    folder = tmp_path / "film"
    shutil.copytree(built, folder)
    _age(folder)
    monkeypatch.chdir(folder)
    for call in CALLS:
        assert run(call) == 0
    capsys.readouterr()
    return folder


def _age(folder: Path) -> None:
    """Everything was last written a minute ago."""
    then = (folder / "storyboard.yaml").stat().st_mtime_ns - 60 * 10**9
    for path in [*folder.rglob("*"), folder]:
        os.utime(path, ns=(then, then))


def _tree(folder: Path) -> dict[str, tuple[int, int]]:
    stats = {str(path): path.stat() for path in folder.rglob("*")}
    return {path: (stat.st_mtime_ns, stat.st_ctime_ns) for path, stat in stats.items()}


class Both:
    """What the fast path and the full one say to a call."""

    def __init__(self, call: list[str], capsys: pytest.CaptureFixture[str]) -> None:
        capsys.readouterr()
        self.fast_code = answer(call)
        self.fast = capsys.readouterr()
        self.code = run(call)
        self.full = capsys.readouterr()

    @property
    def answered(self) -> bool:
        """Whether the fast path had an answer; which must be that of the full one."""
        if self.fast_code is None:
            assert self.fast == ("", "")
            return False
        assert (self.fast_code, self.fast) == (self.code, self.full)
        return True


@pytest.mark.parametrize("call", CALLS, ids=" ".join)
def test_an_unchanged_film_is_answered_in_the_same_words(
    film: Path, call: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    before = _tree(film)

    assert Both(call, capsys).answered
    assert _tree(film) == before


def _nothing(_: Path) -> None:
    pass


def _touch(film: Path) -> None:
    for name in ("storyboard.yaml", "looks.yaml", "pier.png"):
        (film / name).touch()


def _rewrite(film: Path) -> None:
    text = (film / "storyboard.yaml").read_text()
    (film / "storyboard.yaml").write_text(text)


def _add_a_file_of_no_meaning(film: Path) -> None:
    (film / "notes.txt").write_text("to be shot in March")


def _clock_set_back(film: Path) -> None:
    os.utime(film / "looks.yaml", (0, 0))


@pytest.mark.parametrize(
    "change", [_nothing, _touch, _rewrite, _add_a_file_of_no_meaning, _clock_set_back]
)
def test_a_change_that_means_nothing_leaves_the_answer(
    film: Path, change: Callable[[Path], None], capsys: pytest.CaptureFixture[str]
) -> None:
    change(film)

    for call in CALLS:
        assert Both(call, capsys).answered


def test_a_film_that_was_touched_is_not_written_again(
    film: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    built = film / "build" / "main.mp4"
    built.touch()
    touched = built.stat()

    run(["build"])

    assert "nothing to do" in capsys.readouterr().err
    assert (built.stat().st_ino, built.stat().st_mtime_ns) == (touched.st_ino, touched.st_mtime_ns)


def _edit(film: Path) -> None:
    text = (film / "storyboard.yaml").read_text()
    (film / "storyboard.yaml").write_text(text.replace("pan right", "slow push in"))


def _edit_of_the_same_size_and_time(film: Path) -> None:
    path = film / "storyboard.yaml"
    stat = path.stat()
    path.write_text(path.read_text().replace("dawn", "dusk"))
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))


def _edit_a_used_file(film: Path) -> None:
    (film / "looks.yaml").write_text("vars: {light: hard}\n")


def _another_picture(film: Path) -> None:
    Image.new("RGB", (160, 90), "teal").save(film / "pier.png")


def _lose_a_clip(film: Path) -> None:
    max((film / ".storyboard" / "blobs").rglob("*.mp4"), key=lambda path: path.name).unlink()


def _lose_the_clips(film: Path) -> None:
    shutil.rmtree(film / ".storyboard" / "blobs")


def _lose_the_ledger(film: Path) -> None:
    (film / ".storyboard" / "ledger.sqlite3").unlink()


def _an_unfinished_write_to_the_ledger(film: Path) -> None:
    (film / ".storyboard" / "ledger.sqlite3-journal").write_bytes(b"")


def _a_lock_appears(film: Path) -> None:
    (film / "storyboard.lock").write_text("")


def _become_a_link(film: Path) -> None:
    (film / "looks.yaml").rename(film / "elsewhere.yaml")
    (film / "looks.yaml").symlink_to("elsewhere.yaml")


def _break(film: Path) -> None:
    (film / "storyboard.yaml").write_text("version: 1\nshots: [{id: a}, {id: a}]\n")


def _break_a_used_file(film: Path) -> None:
    (film / "looks.yaml").unlink()


@pytest.mark.parametrize(
    "change",
    [
        _edit,
        _edit_of_the_same_size_and_time,
        _edit_a_used_file,
        _another_picture,
        _lose_a_clip,
        _lose_the_clips,
        _lose_the_ledger,
        _an_unfinished_write_to_the_ledger,
        _a_lock_appears,
        _become_a_link,
        _break,
        _break_a_used_file,
    ],
)
@pytest.mark.parametrize("call", [["plan"], ["build", "--json"]], ids=" ".join)
def test_a_change_that_may_mean_something_is_looked_into(
    film: Path,
    change: Callable[[Path], None],
    call: list[str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    change(film)

    assert not Both(call, capsys).answered


@pytest.mark.parametrize("loss", ["gone", "overwritten", "cut short"])
def test_a_film_that_is_not_in_its_place_is_put_there(
    film: Path, loss: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = film / "build" / "main.mp4"
    whole = path.read_bytes()
    if loss == "gone":
        path.unlink()
    else:
        path.write_bytes(whole[:1000] if loss == "cut short" else bytes(len(whole)))

    assert not Both(["build"], capsys).answered
    assert path.read_bytes() == whole
    states = (film / ".storyboard" / "unchanged").glob("*.build")
    written = str(path.stat().st_mtime_ns)  # the next answer need not read it
    assert any(written in state.read_text() for state in states)


def test_after_a_start_of_the_machine_times_alone_vouch_for_nothing(film: Path) -> None:
    """It may have lost its power with a film whose bytes were on the way to the disk."""
    ask = (
        f"{sys.executable} -c 'from storyboard.unchanged import answer; print(answer([\"build\"]))'"
    )

    before, after = in_own_mounts(
        f"{ask}\necho another > {film}/boot\n"
        f"mount --bind {film}/boot /proc/sys/kernel/random/boot_id\n{ask}"
    ).stdout.splitlines()

    assert (before, after) == ("0", "None")


def test_the_next_build_after_a_change_is_answered_at_once(
    film: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _edit(film)
    assert run(["build"]) == 0
    before = _tree(film)

    assert answer(["build"]) == 0
    assert _tree(film) == before
    assert Both(["build"], capsys).answered


@pytest.mark.parametrize(
    "options",
    [["--profile", "draft"], ["--var", "place=quay"], ["--cut", "main"], ["--shot", "a"]],
    ids=" ".join,
)
def test_other_choices_have_answers_of_their_own(
    film: Path, options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert not Both(["plan", *options], capsys).answered
    assert Both(["plan", *options], capsys).answered
    assert Both(["plan"], capsys).answered


@pytest.mark.parametrize(
    "call",
    [
        ["build", "--jobs", "0"],
        ["build", "--max-cost", "much"],
        ["build", "--profile"],
        ["build", "--no-such-option"],
        ["build", "storyboard.yaml", "storyboard.yaml"],
        ["plan", "--var", "place"],
        ["plan", "elsewhere"],
        ["check"],
        ["build", "--help"],
        [],
    ],
    ids=" ".join,
)
def test_calls_that_are_not_understood_are_left_to_the_command(film: Path, call: list[str]) -> None:
    assert answer(call) is None


def test_a_film_that_is_not_built_yet_is_planned_at_once(
    film: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.rmtree(film / ".storyboard")
    assert run(["plan"]) == 0

    assert Both(["plan"], capsys).answered
    assert not Both(["build"], capsys).answered


def test_warnings_are_said_again_as_seen_from_the_same_place(
    film: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (film / "storyboard.yaml").read_text()
    fade = text.replace('pan right"}', 'pan right", transition: {crossfade: 0.25}}')
    (film / "storyboard.yaml").write_text(fade)
    for call in CALLS:
        run(call)
    capsys.readouterr()

    for call in CALLS:
        both = Both(call, capsys)
        assert both.answered
        assert "warning" in both.full.err
    monkeypatch.chdir(film.parent)
    assert not Both(["plan", "film"], capsys).answered


def test_a_film_in_another_place_is_looked_at_again(
    film: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    film.rename(film.with_name("moved"))
    monkeypatch.chdir(film.with_name("moved"))
    assert not Both(["build", "--json"], capsys).answered

    shutil.copytree(film.with_name("moved"), film)
    monkeypatch.chdir(film)
    assert not Both(["build", "--json"], capsys).answered


def _states(film: Path) -> list[Path]:
    return list((film / ".storyboard" / "unchanged").iterdir())


@pytest.mark.parametrize(
    "harm",
    [
        lambda data: b"",
        lambda data: data[: len(data) // 2],
        lambda data: data[:-1],
        lambda data: data.replace(b"state 1", b"state 2"),
        lambda data: data.replace(b"nothing to do", b"all is well!!"),
        lambda data: b"\xff" * len(data),
        lambda data: b"\n" * len(data),
        lambda data: b"storyboard state 1\nk x\n\n\n00000000",
    ],
)
def test_a_damaged_state_says_nothing(
    film: Path, harm: Callable[[bytes], bytes], capsys: pytest.CaptureFixture[str]
) -> None:
    for path in _states(film):
        whole = path.read_bytes()
        harmed = harm(whole)
        path.write_bytes(harmed)

    for call in (["build"], ["plan"]):
        both = Both(call, capsys)
        assert both.answered is False or harmed == whole
        assert both.code == 0
        assert Both(call, capsys).answered


def test_other_settings_are_another_tool(
    film: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STORYBOARD_FAL_URL", "http://127.0.0.1:1/")

    assert answer(["build"]) is None


def test_where_nothing_can_be_written_the_answer_is_the_same(
    film: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = film / ".storyboard"
    shutil.rmtree(store / "unchanged")
    (store / "unchanged").write_text("in the way")

    for call in CALLS:
        both = Both(call, capsys)
        assert not both.answered
        assert both.code == 0


def test_nothing_but_the_standard_library_is_imported_for_it(film: Path) -> None:
    code = (
        "import sys; from storyboard.__main__ import main\n"
        "try: main()\n"
        "finally: print(*sorted(sys.modules), file=sys.stderr)"
    )
    for call in (["build"], ["plan"], ["--version"], ["--help"]):
        if call[0] in {"build", "plan"}:  # under the Python and the path of a process of its own
            subprocess.run([sys.executable, "-m", "storyboard", *call], check=True)
        done = subprocess.run(
            [sys.executable, "-c", code, *call], check=False, capture_output=True, text=True
        )
        loaded = set(done.stderr.splitlines()[-1].split())
        ours = {name for name in loaded if name.partition(".")[0] == "storyboard"}
        slow = {"json", "re", "pathlib", "typing", "dataclasses", "hashlib", "click", "yaml"}
        assert not loaded & slow, call
        assert ours <= {
            "storyboard", "storyboard.__main__", "storyboard.unchanged", "storyboard.sightings",
            "storyboard.state_file", "storyboard.terminal", "storyboard.whereabouts",
            "storyboard.cli", "storyboard.cli.listing",
        }, call  # fmt: skip


def test_every_file_that_a_plan_opens_is_in_its_state(film: Path) -> None:
    shutil.rmtree(film / ".storyboard" / "unchanged")
    code = (
        "import sys, os; opened = set()\n"
        "def hear(event, args):\n"
        "    if event in ('open', 'os.listdir', 'os.scandir') and isinstance(args[0], (str, os.PathLike)):\n"
        "        opened.add(os.path.join(os.getcwd(), os.fspath(args[0])))\n"
        "sys.addaudithook(hear)\n"
        "from storyboard.cli import run\n"
        "run(['plan'])\n"
        "print(*opened, sep='\\n', file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    (state,) = _states(film)
    noted = {line.split(" ")[-1] for line in state.read_text().splitlines()}
    own = film / ".storyboard"
    opened = {Path(path) for path in done.stderr.splitlines() if path.startswith(str(film))}
    assert {str(path) for path in opened if path != film and own not in path.parents} <= noted
    assert {str(film / name) for name in ("storyboard.yaml", "looks.yaml", "pier.png")} <= noted


def test_help_lists_every_command_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    context = click.Context(storyboard)
    folder = Path(commands.__file__).parent
    modules = {path.stem.replace("_", "-") for path in folder.glob("[a-z]*.py")}

    assert COMMANDS.keys() == modules
    assert all(storyboard.get_command(context, name) for name in COMMANDS)
    assert run(["--help"]) == 0
    assert capsys.readouterr().out == f"{help_text()}\n"
