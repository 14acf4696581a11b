"""A new film takes the room of the one before the last, and nobody who uses that one notices."""

from __future__ import annotations

import errno
import fcntl
import os
import subprocess
import sys
from pathlib import Path

import pytest
from fake_film import FakeFilm, FakeTools, chain

from dying import environment
from own_mounts import in_own_mounts

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


def test_a_film_is_written_over_the_one_before_the_last(film: FakeFilm) -> None:
    cut(film, "dawn")
    cut(film, "noon")
    (kept,) = spares(film)
    before = kept.stat()

    after = cut(film, "dusk")

    assert after.st_ino == before.st_ino
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


def test_rights_given_to_one_film_are_not_those_of_another(film: FakeFilm) -> None:
    usual = cut(film, "dawn").st_mode
    film.path.chmod(0o600)

    assert {cut(film, words).st_mode for words in ("noon", "dusk", "night")} == {usual}


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


def test_a_film_on_another_disk_is_replaced_as_well(tmp_path: Path) -> None:
    script = Path(__file__).with_name("build_a_chain.py")
    build = f"{sys.executable} {script} {tmp_path} - -"
    ran = in_own_mounts(
        f"""
        mkdir {tmp_path}/build
        mount -t tmpfs tmpfs {tmp_path}/build
        {build} 'a | dawn' && {build} 'a | noon' && {build} 'a | dusk'
        cat {tmp_path}/build/main.mp4; cd {tmp_path}; find build .storyboard/spare -type f
        """,
        environment(),
    )

    assert "dusk" in ran.stdout
    assert ran.stdout.endswith("}build/main.mp4\n")
    assert "Traceback" not in ran.stderr


def test_where_the_system_cannot_tell_no_film_is_kept(
    film: FakeFilm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(fcntl, "F_SETLEASE")
    for words in ("dawn", "noon", "dusk"):
        cut(film, words)

    assert not (film.store.root / "spare").exists()
