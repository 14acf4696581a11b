"""The file of a film: whole, or not there; and what the disk says is told with its name."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from storyboard.film_file import FilmFile


class _Quota(FilmFile):
    """A file on a disk that tells only at the end that it is full, as network disks do."""

    def truncate(self, size: int | None = None, /) -> int:
        raise OSError(errno.EDQUOT, "Disk quota exceeded")


def stopped(film: FilmFile) -> None:
    with film:
        film.write(b"half a film")
        raise KeyboardInterrupt


def test_a_film_ends_where_it_was_written_to(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    path.write_bytes(b"a longer film, of another day")

    with FilmFile(path) as film:
        film.write(b"film, NEW")
        film.seek(0)
        film.write(b"FILM")

    assert path.read_bytes() == b"FILM, NEW"


def test_a_film_that_is_given_up_is_removed(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    path.write_bytes(b"a longer film")

    with pytest.raises(KeyboardInterrupt):
        stopped(FilmFile(path))

    assert not path.exists()


def test_a_film_of_which_nothing_was_written_can_be_begun_again(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    path.write_bytes(b"a film of another day")

    with pytest.raises(InterruptedError), FilmFile(path):
        raise InterruptedError

    assert path.read_bytes() == b"a film of another day"


def test_what_the_disk_says_at_the_end_is_told_with_the_films_name(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"

    with pytest.raises(OSError, match=r"Disk quota exceeded.*film\.mp4"), _Quota(path) as film:
        film.write(b"a film")

    assert not path.exists()


def test_what_comes_first_is_told(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"

    with pytest.raises(KeyboardInterrupt):
        stopped(_Quota(path))

    assert not path.exists()
