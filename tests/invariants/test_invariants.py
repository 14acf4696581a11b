"""The nine invariants of a build that pays: a test each, named after it.

What kills have to do with them is in tests/crash; here each is looked at while
the build goes on, from the provider's side.
"""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from fractions import Fraction
from pathlib import Path
from threading import Event, Thread

import pytest
from kiln import Kiln, KilnServer, serving
from kiln_film import KilnFilm, apart, chain

from storyboard.build_lock import StoreBusy
from storyboard.consent import Purse
from storyboard.diagnostics import Refused
from storyboard.digest import digest_file

Rows = list[tuple[str, str, str | None]]


@pytest.fixture
def server() -> Iterator[KilnServer]:
    with serving() as kiln:
        yield kiln


@pytest.fixture
def film(tmp_path: Path, server: KilnServer) -> KilnFilm:
    return KilnFilm(tmp_path, server.url)


def on_the_disk(film: KilnFilm) -> Rows:
    """The jobs as another process would find them: nonce, state, the provider's id."""
    path = film.store.root / "ledger.sqlite3"
    database = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)
    try:
        return database.execute("SELECT nonce, state, job FROM jobs ORDER BY id").fetchall()
    finally:
        database.close()


@contextmanager
def beside(work: Callable[[], None]) -> Iterator[None]:
    """Do something in another thread meanwhile."""
    thread = Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        thread.join()


def seen_at(event: Event, film: KilnFilm, server: KilnServer) -> Rows:
    """What is on the disk when an event happens at the provider, which answers only then."""
    found: Rows = []

    def look() -> None:
        try:
            assert event.wait(60)
            found.extend(on_the_disk(film))
        finally:
            server.gate.set()

    with beside(look):
        assert film.build(apart("a stair")).takes.complete
    return found


def test_1_no_submit_without_a_durable_intent(film: KilnFilm, server: KilnServer) -> None:
    server.faults["submit"] = ["late"]

    ((nonce, state, job),) = seen_at(server.accepted, film, server)

    assert list(server.jobs) == [nonce]
    assert (state, job) == ("sent", None)


@pytest.mark.parametrize("fault", ["drop", "lose", 500, "html"])
def test_2_no_second_submit_while_the_first_ones_outcome_is_unknown(
    film: KilnFilm, server: KilnServer, fault: object
) -> None:
    film.kiln = Kiln("nothing")
    server.faults["submit"] = [fault]

    for _ in range(3):
        assert film.build(apart("a stair")).takes.unknown == ("generate:s1",)

    assert server.submits == 1


def test_3_a_job_id_is_durable_before_anything_else_happens(
    film: KilnFilm, server: KilnServer
) -> None:
    film.kiln = Kiln("listing")  # the id is the provider's
    server.faults["poll"] = ["late"]

    ((_, state, job),) = seen_at(server.accepted, film, server)

    assert (state, job) == ("accepted", "kiln-1")


def test_4_a_finished_paid_clip_is_never_thrown_away(film: KilnFilm, server: KilnServer) -> None:
    server.failing.add("a door")
    server.stuck = True
    film.kiln = Kiln(limits={"deadline": 0.3})
    assert not film.build(apart("a stair", "a door")).takes.complete  # both still run there
    server.stuck = False

    film.build(apart("a lamp", "a door"))  # its shot changed, and another shot failed

    built = film.build(apart("a stair"))
    assert built.takes.complete
    assert [job.prompt for job in server.jobs.values()].count("a stair") == 1


def test_5_nothing_is_named_that_is_not_fully_on_disk(film: KilnFilm, server: KilnServer) -> None:
    server.faults["files"] = ["half", "half", "expired"]
    shots = chain("a stair", "a door")
    film.build(shots)  # the clip came twice, and never whole

    assert [state for _, state, _ in on_the_disk(film)] == ["accepted"]
    assert list(film.store.root.glob("blobs/*/*")) == []
    built = film.build(shots)
    for digest in built.takes.outputs.values():
        blob = film.store.find(digest)
        assert blob is not None
        assert digest_file(blob) == digest


def test_6_of_two_builds_at_once_the_second_says_who_holds_it(
    film: KilnFilm, server: KilnServer
) -> None:
    server.faults["submit"] = ["late"]
    refused: list[StoreBusy] = []

    def build() -> None:
        try:
            assert server.accepted.wait(60)
            film.build(apart("a stair"))
        except StoreBusy as error:
            refused.append(error)
        finally:
            server.gate.set()

    with beside(build):
        assert film.build(apart("a stair")).takes.complete

    assert "another build is at work here: process" in str(refused[0])
    assert server.submits == 1


@pytest.mark.parametrize("seed", range(20))
def test_7_spent_and_in_flight_and_about_to_be_sent_never_exceed_the_budget(seed: int) -> None:
    chance = random.Random(seed)
    limit = Fraction(chance.randrange(50, 300), 100)
    keys = [f"k{number}" for number in range(40)]
    purse = Purse(keys=frozenset(keys), left=limit)
    in_flight: dict[str, Fraction] = {}
    spent = Fraction(0)
    for key in keys:
        most = Fraction(chance.randrange(1, 60), 100)
        with suppress(Refused):
            purse.take("step", key, most)
            in_flight[key] = most
        assert spent + sum(in_flight.values()) <= limit
        while in_flight and chance.random() < 0.4:
            ended = chance.choice(sorted(in_flight))
            charged = in_flight.pop(ended) * chance.choice((0, Fraction(1, 2), 1))
            spent += charged
            purse.settle(ended, charged)
        assert purse.left == limit - spent - sum(in_flight.values())


def test_7_with_many_jobs_in_parallel_no_more_is_charged_than_may_be(
    film: KilnFilm, server: KilnServer
) -> None:
    film.kiln = Kiln(limits={"concurrency": 12})
    shots = apart(*(f"a stair {number}" for number in range(12)))

    with pytest.raises(Refused):
        film.build(shots, max_cost=Fraction(119, 100))
    assert server.submits == 0
    assert film.build(shots, max_cost=Fraction(120, 100)).takes.complete
    assert server.charged == pytest.approx(1.2)


def test_8_one_failed_shot_does_not_stop_those_that_do_not_depend_on_it(
    film: KilnFilm, server: KilnServer
) -> None:
    server.failing.add("a door")

    built = film.build(apart("a stair", "a door", "a lamp", "a hall"))

    assert built.takes.failed == ("generate:s2",)
    assert {"generate:s1", "generate:s3", "generate:s4"} <= set(built.takes.made)


def test_9_a_second_build_sends_nothing_writes_nothing_and_costs_nothing(
    film: KilnFilm, server: KilnServer
) -> None:
    shots = chain("a stair", "a door")
    film.build(shots)
    kept = film.store.root
    before = {p: p.read_bytes() for p in film.files() if p.parent != kept or p.suffix != ".lock"}
    requests = len(server.seen)

    built = film.build(shots)

    assert built.plan.cost_usd == (0, 0)
    assert built.takes.made == ()
    assert len(server.seen) == requests
    assert {p: p.read_bytes() for p in before} == before
