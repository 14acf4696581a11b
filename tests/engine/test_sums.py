"""Quick sums: they save digesting, and never let damaged bytes pass nor whole ones fall."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from fake_film import FakeFilm, chain

from storyboard.events import StepDamaged
from storyboard.store import Store

DAY = chain("stair | he climbs", "gallery | wind", "lamp | he lights it")


@pytest.fixture
def film(tmp_path: Path) -> FakeFilm:
    film = FakeFilm(tmp_path / "film")
    film.folder.mkdir()
    film.build(DAY)
    return film


def sums(store: Store) -> dict[str, str]:
    """Those that count, by digest."""
    return dict(line.split(" ") for line in (store.root / "sums").read_text().splitlines())


def blob(film: FakeFilm, look: str) -> Path:
    return next(p for p in film.store.root.glob("blobs/*/*") if p.read_text().count(look) == 1)


def rot(path: Path) -> None:
    """One bit of a file turns over, and no time of it tells."""
    stat, content = path.stat(), bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.chmod(0o644)
    path.write_bytes(content)
    path.chmod(0o444)
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))


def test_every_blob_has_a_sum_as_soon_as_it_is_there(film: FakeFilm) -> None:
    assert sums(film.store).keys() == film.store.held()


def test_a_bit_that_turned_over_is_found_though_the_sum_is_known(film: FakeFilm) -> None:
    damaged = blob(film, "he climbs")
    whole = damaged.read_bytes()
    rot(damaged)

    built = film.build(DAY, fade=1)

    assert [e.action.id for e in built.events if isinstance(e, StepDamaged)] == ["generate:s1"]
    assert built.made == {"generate:s1", "cut:main"}
    assert damaged.read_bytes() == whole
    assert (film.store.root / "corrupt" / damaged.name).read_bytes() != whole


def gone(path: Path) -> None:
    path.unlink()


def folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def torn(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-40])


def holed(path: Path) -> None:
    path.write_bytes(bytes(len(path.read_bytes())))


def noise(path: Path) -> None:
    path.write_bytes(bytes(range(256)) * 9)


def wrong(path: Path) -> None:
    path.write_text("".join(f"{line[:65]}{'0' * 32}\n" for line in path.read_text().splitlines()))


def exchanged(path: Path) -> None:
    lines = path.read_text().splitlines()
    others = [*lines[1:], lines[0]]
    path.write_text("".join(f"{a[:65]}{b[65:]}\n" for a, b in zip(lines, others, strict=True)))


DAMAGE = (gone, folder, torn, holed, noise, wrong, exchanged)


@pytest.mark.parametrize("damage", DAMAGE, ids=lambda damage: damage.__name__)
def test_without_right_sums_blobs_are_used_and_the_sums_mended(
    film: FakeFilm, damage: Callable[[Path], None]
) -> None:
    before, path = sums(film.store), film.store.root / "sums"
    damage(path)

    built = film.build(DAY, fade=1)

    assert built.made == {"cut:main"}
    assert not (film.store.root / "corrupt").exists()
    if path.is_file():
        lines = path.read_text(errors="replace").splitlines()
        last = {line[-97:-33]: line[-32:] for line in lines}
        assert last[blob(film, "he climbs").stem] == before[blob(film, "he climbs").stem]


@pytest.mark.parametrize("damage", DAMAGE, ids=lambda damage: damage.__name__)
def test_without_right_sums_damage_is_found_all_the_same(
    film: FakeFilm, damage: Callable[[Path], None]
) -> None:
    damage(film.store.root / "sums")
    rot(blob(film, "he climbs"))

    assert film.build(DAY, fade=1).made == {"generate:s1", "cut:main"}


def test_a_line_that_is_torn_takes_nothing_along(film: FakeFilm) -> None:
    path = film.store.root / "sums"
    torn(path)
    assert not film.store.check(film.store.held())
    size = path.stat().st_size

    assert not film.store.check(film.store.held())  # all of them are known again

    assert path.stat().st_size == size


def test_a_build_with_nothing_to_do_does_not_ask_for_sums(film: FakeFilm) -> None:
    path = film.store.root / "sums"
    path.unlink()

    assert film.build(DAY).made == set()
    assert not path.exists()


def test_sums_that_came_along_do_not_count_in_another_store(film: FakeFilm) -> None:
    """Somebody who can choose bytes can choose their sum: not for a store that is not there yet."""
    chosen = blob(film, "he climbs")
    rot(chosen)
    with chosen.open("rb") as file:
        _, quick_sum = film.store.sums.taken(file)
    film.store.sums.add(chosen.stem, quick_sum)
    assert film.store.verified(chosen.stem)  # here it does count
    shutil.copytree(film.folder, copy := film.folder.with_name("copy"))

    assert FakeFilm(copy).build(DAY, fade=1).made == {"generate:s1", "cut:main"}


def test_many_write_at_once_and_every_line_is_whole(tmp_path: Path) -> None:
    stores = [Store(tmp_path), Store(tmp_path)]  # as two processes have them

    def put(number: int) -> str:
        with stores[number % 2].scratch() as scratch:
            (scratch / "clip.mp4").write_text(f"clip {number}")
            return stores[number % 2].put(scratch / "clip.mp4")

    with ThreadPoolExecutor(8) as threads:
        digests = set(threads.map(put, range(64)))

    assert sums(Store(tmp_path)).keys() == digests
    assert not Store(tmp_path).check(digests)
