"""Disks that are full, folders that cannot be written, stores that are held."""

from __future__ import annotations

import errno
import subprocess
import sys
from pathlib import Path

import pytest
from fake_film import FakeFilm, FakeTools, Shot, chain

from dying import environment
from own_mounts import in_own_mounts
from storyboard.build_lock import StoreBusy, build_lock
from storyboard.events import StepFailed
from storyboard.store import Store, StoreError, store_root

SCRIPT = Path(__file__).with_name("build_a_chain.py")


def with_build(commands: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run shell commands in which `build` builds a chain of four shots in `$D`."""
    prompts = " ".join(f"'{number} | {'long ' * 2000}'" for number in range(4))
    build = f"build() {{ {sys.executable} {SCRIPT} $D - - {prompts} || echo exit $?; }}"
    return in_own_mounts(f"D={folder}\n{build}\n{commands}", environment())


def test_a_full_disk_is_said_and_the_build_goes_on_when_there_is_room(tmp_path: Path) -> None:
    ran = with_build(
        """
        mount -t tmpfs -o size=84k tmpfs $D
        build
        ls $D/.storyboard/tmp
        mount -o remount,size=4m $D
        build
        """,
        tmp_path,
    )

    full, made, end, again = ran.stdout.splitlines()
    assert full.startswith("the disk is full: /")
    assert full.endswith(
        "| make room and build again: what was finished is kept; `storyboard gc` may free some"
    )
    kept = set(made.split()[1:])
    assert kept
    assert end == "exit 1"
    assert set(again.split()[1:]) == {"s1", "s2", "s3", "s4"} - kept
    assert "Traceback" not in ran.stderr


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    ran = with_build(
        """
        mount --bind $D $D
        mount -o remount,ro,bind $D
        build
        """,
        tmp_path,
    )

    assert ran.stdout.splitlines() == [
        f"{tmp_path}/.storyboard cannot be written: Read-only file system"
        " | a build writes there; change who owns the folder or what may be done in it",
        "exit 1",
    ]


def test_a_build_with_nothing_to_do_needs_no_place_to_write(tmp_path: Path) -> None:
    ran = with_build(
        """
        build
        mount --bind $D $D
        mount -o remount,ro,bind $D
        build
        """,
        tmp_path,
    )

    assert ran.stdout.splitlines() == ["generated s1 s2 s3 s4", "generated"]


def test_a_file_where_the_store_belongs_is_said(tmp_path: Path) -> None:
    (tmp_path / ".storyboard").write_text("mine")

    with pytest.raises(StoreError, match=r"\.storyboard.* is in the way") as error:
        FakeFilm(tmp_path).build(chain("a |"))

    assert error.value.help == "a build keeps its files there; move that file elsewhere"
    assert (tmp_path / ".storyboard").read_text() == "mine"


def test_a_film_that_cannot_be_put_in_its_place_fails_alone(tmp_path: Path) -> None:
    film = FakeFilm(tmp_path)
    (tmp_path / "build").write_text("a file, not a folder")

    built = film.build(chain("a |"))

    assert built.films.failed == ("cut:main",)
    assert built.films.paths == {}
    (failed,) = [event for event in built.events if isinstance(event, StepFailed)]
    assert "build" in failed.message
    (tmp_path / "build").unlink()
    assert film.build(chain("a |")).made == {"cut:main"}
    assert film.path.exists()


class _FullBeforeTheEnd(FakeTools):
    def stitch(self, edit, inputs, destination, report):
        destination.write(b"half a fi")
        raise OSError(errno.ENOSPC, "No space left on device", str(destination.path))


def test_a_film_stays_as_it_was_when_the_new_one_cannot_be_written(tmp_path: Path) -> None:
    film = FakeFilm(tmp_path)
    film.build(chain("a |"))
    before = film.path.read_bytes()

    built = film.build(chain("a |"), _FullBeforeTheEnd(), fade=1)

    (failed,) = [event for event in built.events if isinstance(event, StepFailed)]
    assert "the disk is full" in failed.message
    assert film.path.read_bytes() == before
    assert [path.name for path in film.path.parent.iterdir()] == ["main.mp4"]
    assert film.build(chain("a |"), fade=1).made == {"cut:main"}


def test_a_folder_in_the_films_place_is_said_and_left_alone(tmp_path: Path) -> None:
    film = FakeFilm(tmp_path)
    film.path.mkdir(parents=True)

    built = film.build(chain("a |"))

    assert built.films.failed == ("cut:main",)
    assert [path.name for path in film.path.parent.iterdir()] == ["main.mp4"]


def test_the_store_is_at_the_root_of_the_repo(tmp_path: Path) -> None:
    (tmp_path / "repo" / "films" / "ep1").mkdir(parents=True)
    (tmp_path / "repo" / ".git").mkdir()

    assert store_root(tmp_path / "repo" / "films" / "ep1") == tmp_path / "repo" / ".storyboard"
    assert store_root(tmp_path) == tmp_path / ".storyboard"


def test_the_store_of_a_worktree_is_its_own(tmp_path: Path) -> None:
    (tmp_path / ".git").write_text("gitdir: elsewhere")
    (tmp_path / "film").mkdir()

    assert store_root(tmp_path / "film") == tmp_path / ".storyboard"


def test_git_ignores_the_store_by_itself(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    FakeFilm(tmp_path).build(chain("a |"))

    seen = subprocess.run(
        ["git", "-C", tmp_path, "status", "--porcelain"], capture_output=True, text=True, check=True
    )

    assert seen.stdout == "?? build/\n"


def test_blobs_cannot_be_written_into_by_accident(tmp_path: Path) -> None:
    film = FakeFilm(tmp_path)
    built = film.build([Shot("s1", "a |")])

    blob = film.store.find(built.takes.outputs["generate:s1"])

    assert blob is not None
    assert blob.stat().st_mode & 0o777 == 0o444
    assert film.path.stat().st_mode & 0o200  # the film is a copy, the user's own


def test_a_second_build_says_who_holds_the_store(tmp_path: Path) -> None:
    store = Store(tmp_path / ".storyboard")
    holding = (
        "import sys; from pathlib import Path; from storyboard.store import Store;"
        " from storyboard.build_lock import build_lock\n"
        "with build_lock(Store(Path(sys.argv[1]))): print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", holding, store.root],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    ) as holder:  # fmt: skip
        assert holder.stdout is not None
        holder.stdout.readline()

        with pytest.raises(StoreBusy, match=f"process {holder.pid}, since "), build_lock(store):
            pass

        holder.kill()  # and no lock is left behind
    with build_lock(store):
        pass
    assert (store.root / "build.lock").read_bytes() == b""
