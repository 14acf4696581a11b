"""The sum of a film is the same whether it is taken while the film is written or afterwards."""

from __future__ import annotations

import time
from pathlib import Path

from storyboard.film_sum import Summing, film_sum

_MIB = 1 << 20


def test_a_film_is_summed_while_it_is_written(tmp_path: Path) -> None:
    film = tmp_path / "film.mp4"
    with Summing(film) as summed, film.open("wb") as file:
        file.write(bytes(_MIB))
        for number in range(1, 300):
            file.seek(number * _MIB)
            file.write(b"%d" % number)
        file.flush()
        time.sleep(0.1)  # spans behind the first one may be read meanwhile
        file.seek(32)
        file.write(b"the index, which comes last")

    whole = summed.result()

    assert whole == film_sum(film)
    assert whole.startswith(f"{film.stat().st_size}-")


def test_another_byte_is_another_sum(tmp_path: Path) -> None:
    film = tmp_path / "film.mp4"
    film.write_bytes(bytes(1000))
    before = film_sum(film)

    film.write_bytes(bytes(999) + b"x")

    assert film_sum(film) != before


def test_a_film_that_is_never_written_is_no_trouble_of_the_sum(tmp_path: Path) -> None:
    with Summing(tmp_path / "nothing.mp4"):
        time.sleep(0.05)
