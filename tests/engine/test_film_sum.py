"""The sum of a film is the same whether it is taken while the film is written or afterwards."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from storyboard.film_file import FilmFile
from storyboard.film_sum import film_sum, summing

_MIB = 1 << 20


def test_a_film_is_summed_while_it_is_written(tmp_path: Path) -> None:
    film = tmp_path / "film.mp4"
    with FilmFile(film) as file, summing(file) as summed:
        file.write(bytes(_MIB))
        for number in range(1, 300):
            file.seek(number * _MIB)
            file.write(b"%d" % number)
        for _ in range(2000):  # until something behind the first span was read
            if summed.spans:
                break
            time.sleep(0.01)
        file.seek(32)
        file.write(b"the index, which comes last")

    whole = summed.result()

    assert summed.spans
    assert whole == film_sum(film)
    assert whole.startswith(f"{film.stat().st_size}-")


def test_what_is_written_a_second_time_is_summed_again(tmp_path: Path) -> None:
    """The index of a film of many hours is longer than a span."""
    film = tmp_path / "film.mp4"
    with FilmFile(film) as file, summing(file) as summed:
        for _ in range(300):
            file.write(bytes(_MIB))
        for _ in range(2000):
            if summed.spans:
                break
            time.sleep(0.01)
        file.seek(min(summed.spans))
        file.write(b"the index goes on")

    assert summed.result() == film_sum(film)


def test_another_byte_is_another_sum(tmp_path: Path) -> None:
    film = tmp_path / "film.mp4"
    film.write_bytes(bytes(1000))
    before = film_sum(film)

    film.write_bytes(bytes(999) + b"x")

    assert film_sum(film) != before


def test_a_film_that_was_not_written_has_no_sum(tmp_path: Path) -> None:
    film = tmp_path / "nothing.mp4"
    with pytest.raises(InterruptedError), FilmFile(film) as file, summing(file) as summed:
        raise InterruptedError(file.write(b"half a film"))

    with pytest.raises(FileNotFoundError):
        summed.result()
