"""A new film takes the room of the one before the last, and nobody who uses that one notices."""

from __future__ import annotations

import errno
import fcntl
import os
import stat
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import pytest
from fake_film import FakeFilm, FakeTools, chain

from dying import environment
from own_mounts import in_own_mounts
from storyboard.film_file import FilmFile
from storyboard.provider import Report
from storyboard.timeline import Edit

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="only Linux tells whether a file is open"
)


@pytest.fixture
def film(tmp_path: Path) -> FakeFilm:
    return FakeFilm(tmp_path)


def cut(film: FakeFilm, words: str) -> os.stat_result:
    """Build the film anew, with these words in it; what it is on the disk."""
    assert film.build(chain(f"a | {words}")).made >= {"cut:main"}
    assert words in film.path.read_text()
    return film.path.stat()


def spares(film: FakeFilm) -> list[Path]:
    return list((film.store.root / "spare").iterdir())


class _Looking(FakeTools):
    """Tools that look at what they write a film over."""

    found = b""

    def stitch(
        self, edit: Edit, inputs: Mapping[str, Path], destination: FilmFile, report: Report
    ) -> None:
        self.found = destination.path.read_bytes()
        super().stitch(edit, inputs, destination, report)


def test_a_film_is_written_over_the_one_before_the_last(film: FakeFilm) -> None:
    cut(film, "dawn")
    first = film.path.read_bytes()
    cut(film, "noon")
    tools = _Looking()

    film.build(chain("a | dusk"), tools)

    assert tools.found == first
    assert "dusk" in film.path.read_text()
    assert len(spares(film)) == 1


def test_nothing_is_left_of_a_longer_film(film: FakeFilm) -> None:
    cut(film, "long " * 9000)
    cut(film, "noon")
    cut(film, "dusk")

    fresh = FakeFilm(film.folder / "elsewhere")
    fresh.folder.mkdir()
    cut(fresh, "dusk")
    assert film.path.read_bytes() == fresh.path.read_bytes()


@pytest.mark.parametrize("held", ["open", "mapped"])
def test_a_player_goes_on_with_the_film_it_shows(film: FakeFilm, held: str) -> None:
    cut(film, "dawn")
    shown = film.path.read_bytes()
    player = subprocess.Popen(
        [sys.executable, "-c", _PLAYER, str(film.path), held],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert player.stdout
    assert player.stdout.readline() == b"ready\n"

    for words in ("noon", "dusk", "night"):
        cut(film, words)

    assert player.communicate(b"go on\n")[0] == shown


_PLAYER = """
import mmap, sys
path, held = sys.argv[1:]
film = open(path, "rb", buffering=0)
if held == "mapped":
    pages = mmap.mmap(film.fileno(), 0, prot=mmap.PROT_READ)
    film.close()
print("ready", flush=True)
sys.stdin.readline()
sys.stdout.buffer.write(pages[:] if held == "mapped" else film.read())
"""


def test_a_second_name_of_a_film_keeps_its_bytes(film: FakeFilm) -> None:
    cut(film, "dawn")
    delivered = film.folder / "for the client.mp4"
    delivered.hardlink_to(film.path)
    shown = delivered.read_bytes()

    for words in ("noon", "dusk", "night"):
        cut(film, words)

    assert delivered.read_bytes() == shown


def test_rights_and_marks_given_to_one_film_are_not_those_of_another(film: FakeFilm) -> None:
    usual = cut(film, "dawn").st_mode
    film.path.chmod(0o600)
    assert {cut(film, words).st_mode for words in ("noon", "dusk", "night")} == {usual}

    os.setxattr(film.path, "user.note", b"approved")
    for words in ("dawn", "noon", "dusk"):
        cut(film, words)
        assert os.listxattr(film.path) == []

    before = os.umask(0o077)
    try:
        assert {stat.S_IMODE(cut(film, words).st_mode) for words in ("a", "b", "c")} == {0o600}
    finally:
        os.umask(before)


def test_who_looks_into_the_store_meanwhile_ends_no_build(film: FakeFilm) -> None:
    """Opening a file that is leased is told to the holder, by a signal that ends a program."""
    cut(film, "dawn")
    cut(film, "noon")
    (kept,) = spares(film)
    program = (
        "import sys; from pathlib import Path; from storyboard import spare\n"
        "kept = Path(sys.argv[1])\n"
        "desk = kept.with_name('desk')\n"
        "for _ in range(3000):\n"
        "    spare.take(kept, desk)\n"
        "    desk.touch()\n"
        "    desk.rename(kept)\n"
    )
    with subprocess.Popen([sys.executable, "-c", program, str(kept)]) as build:
        while build.poll() is None:
            with suppress(FileNotFoundError):
                kept.read_bytes()

    assert build.returncode == 0


def test_a_file_server_that_has_a_film_leased_is_not_waited_for(film: FakeFilm) -> None:
    cut(film, "dawn")
    cut(film, "noon")
    (kept,) = spares(film)
    server = subprocess.Popen(
        [sys.executable, "-c", _SERVER, str(kept)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert server.stdout
    assert server.stdout.readline() == b"ready\n"
    began = kept.stat().st_ino

    cut(film, "dusk")

    assert film.path.stat().st_ino != began
    assert server.poll() is None
    server.communicate(b"end\n")


_SERVER = """
import fcntl, signal, sys
film = open(sys.argv[1], "rb")
signal.signal(signal.SIGIO, signal.SIG_IGN)
fcntl.fcntl(film, fcntl.F_SETLEASE, fcntl.F_RDLCK)
print("ready", flush=True)
sys.stdin.readline()
"""


def test_a_project_that_is_reached_in_two_ways_has_one_spare(film: FakeFilm) -> None:
    cut(film, "dawn")
    other = film.folder.with_name("link")
    other.symlink_to(film.folder)

    cut(FakeFilm(other), "noon")
    cut(film, "dusk")

    assert len(spares(film)) == 1


def test_a_full_disk_is_given_the_room_of_replaced_films(film: FakeFilm) -> None:
    cut(film, "dawn")
    cut(film, "noon")
    assert spares(film)
    full = FakeTools(failing={"a | dusk": OSError(errno.ENOSPC, "No space left on device")})

    assert film.build(chain("a | dusk"), full).takes.failed

    assert not (film.store.root / "spare").exists()
    cut(film, "dusk")


def test_a_link_in_a_films_place_leaves_what_it_points_to(film: FakeFilm) -> None:
    cut(film, "dawn")
    other = film.folder / "other.mp4"
    film.path.rename(other)
    film.path.symlink_to(other)
    shown = other.read_bytes()

    for words in ("noon", "dusk", "night"):
        cut(film, words)

    assert other.read_bytes() == shown


def test_a_film_that_cannot_be_finished_is_no_spare_any_more(film: FakeFilm) -> None:
    class Failing(FakeTools):
        def stitch(self, edit, inputs, destination, report):
            destination.write(b"half a fi")
            raise OSError(errno.EIO, "Input/output error", str(destination.path))

    cut(film, "dawn")
    now = cut(film, "noon")

    assert film.build(chain("a | dusk"), Failing()).films.failed == ("cut:main",)

    assert film.path.stat() == now
    assert spares(film) == []
    cut(film, "dusk")


def test_a_build_that_was_killed_while_it_wrote_leaves_a_film_to_make_anew(film: FakeFilm) -> None:
    cut(film, "dawn")
    cut(film, "noon")
    (kept,) = spares(film)
    kept.rename(film.path.with_name(f".{film.path.name}.part"))

    cut(film, "dusk")

    assert [path.name for path in film.path.parent.iterdir()] == [film.path.name]


def test_films_that_are_moved_to_another_disk_leave_none_behind(tmp_path: Path) -> None:
    script = Path(__file__).with_name("build_a_chain.py")
    build = f"{sys.executable} {script} {tmp_path} - -"
    ran = in_own_mounts(
        f"""
        cd {tmp_path}
        {build} 'a | dawn' && {build} 'a | noon' && find .storyboard/spare -type f | wc -l
        mount -t tmpfs tmpfs build
        {build} 'a | dusk' && {build} 'a | night'
        cat build/main.mp4; find build .storyboard/spare -type f
        """,
        environment(),
    )

    assert "\n1\n" in ran.stdout
    assert "night" in ran.stdout
    assert ran.stdout.endswith("}build/main.mp4\n")
    assert "Traceback" not in ran.stderr


def test_where_the_system_cannot_tell_no_film_is_kept(
    film: FakeFilm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(fcntl, "F_SETLEASE")
    for words in ("dawn", "noon", "dusk"):
        cut(film, words)

    assert not (film.store.root / "spare").exists()
