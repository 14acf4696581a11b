"""Jobs that the user settles by hand."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction

import pytest
from kiln import CancellingKiln, Kiln, KilnServer
from kiln_film import KilnFilm, apart

from storyboard.diagnostics import Failed, Invalid
from storyboard.exchange import Running
from storyboard.jobs import State
from storyboard.ledger import Ledger
from storyboard.settling import Settling, Verb

SHOTS = apart("a stair")


@contextmanager
def settling(film: KilnFilm) -> Iterator[Settling]:
    with Ledger(film.store.root / "ledger.sqlite3") as ledger:
        yield Settling(
            store=film.store,
            ledger=ledger,
            environment=film.environment,
            find=lambda name: film.kiln if name == "kiln" else None,
        )


@pytest.fixture
def lost(film: KilnFilm, server: KilnServer) -> KilnFilm:
    """A film whose only job was accepted, its answer lost, and cannot be looked for."""
    film.kiln = Kiln("nothing")
    server.faults["submit"] = ["lose"]
    failure = film.build(SHOTS).failures["generate:s1"]
    for verb in ("adopt 1 ID", "resubmit 1", "forget 1"):
        assert f"`storyboard jobs {verb}`" in (failure.help or "")
    return film


def test_a_job_is_adopted_under_the_id_that_the_provider_shows(
    lost: KilnFilm, server: KilnServer
) -> None:
    with settling(lost) as desk:
        assert desk.verbs(desk.job(1)) == (Verb.ADOPT, Verb.RESUBMIT, Verb.FORGET)
        server.stuck = True
        assert isinstance(desk.adopt(1, "kiln-1"), Running)
    server.stuck = False

    assert lost.build(SHOTS).takes.complete
    assert server.submits == 1


def test_an_id_that_the_provider_does_not_know_is_not_adopted(lost: KilnFilm) -> None:
    with settling(lost) as desk, pytest.raises(Failed, match="kiln knows no job `kiln-7`"):
        desk.adopt(1, "kiln-7")

    job = lost.job(SHOTS)
    assert job is not None
    assert job.state is State.UNKNOWN


def test_without_the_network_nothing_is_adopted(lost: KilnFilm) -> None:
    lost.url = "http://127.0.0.1:9"

    with settling(lost) as desk, pytest.raises(Failed, match="kiln cannot be asked"):
        desk.adopt(1, "kiln-1")


def test_an_id_that_is_recorded_is_not_adopted_once_more(
    lost: KilnFilm, server: KilnServer
) -> None:
    assert lost.build(apart("a stair", "a door"), jobs=1).takes.made

    with settling(lost) as desk, pytest.raises(Invalid, match="kiln-2 is another job's"):
        desk.adopt(1, "kiln-2")


def test_a_clip_is_asked_for_anew_only_with_consent_and_the_old_one_still_collected(
    lost: KilnFilm, server: KilnServer
) -> None:
    asked = []

    with settling(lost) as desk:
        assert desk.resubmit(1, lambda job: asked.append(job.id) is not None) is None
        new = desk.resubmit(1, lambda job: asked.append(job.id) is None)

    assert asked == [1, 1]
    assert new is not None
    assert lost.plan(SHOTS).cost_usd == (Fraction(1, 10), Fraction(1, 10))
    with settling(lost) as desk:
        with pytest.raises(Invalid, match="asked for anew already"):
            desk.resubmit(1, lambda _: True)
        assert desk.ledger.jobs.spending("storyboard.yaml").pending == Fraction(1, 10)
    assert lost.build(SHOTS).takes.complete
    assert server.submits == 2
    with settling(lost) as desk:
        desk.adopt(1, "kiln-1")
    lost.build(SHOTS)
    with settling(lost) as desk:
        assert [job.state for job in desk.ledger.jobs.all()] == [State.DONE, State.DONE]
        assert desk.job(1).outputs != desk.job(2).outputs
        take = lost.lock.lock.selected(new.intent.key)
        assert take is not None
        assert take.clip == desk.job(2).outputs[0]  # as it was: both are takes
        assert desk.ledger.jobs.spending("storyboard.yaml").spent == Fraction(2, 10)


def test_a_forgotten_job_is_asked_after_no_more(lost: KilnFilm, server: KilnServer) -> None:
    with settling(lost) as desk:
        desk.forget(1, Fraction(1, 10))
        assert desk.verbs(desk.job(1)) == (Verb.ADOPT,)
        spending = desk.ledger.jobs.spending("storyboard.yaml")
        with pytest.raises(Invalid, match="Job 1 is forgotten: there is nothing to forget"):
            desk.forget(1, None)

    assert (spending.spent, spending.pending) == (Fraction(1, 10), 0)
    assert lost.plan(SHOTS).cost_usd == (Fraction(1, 10), Fraction(1, 10))
    assert lost.build(SHOTS).takes.complete
    assert server.submits == 2


def test_what_is_done_cannot_be_settled(film: KilnFilm, server: KilnServer) -> None:
    film.build(SHOTS)

    with settling(film) as desk:
        assert desk.verbs(desk.job(1)) == ()
        with pytest.raises(Invalid, match="Job 1 is done: there is nothing to resubmit"):
            desk.resubmit(1, lambda _: True)
        with pytest.raises(Invalid, match="There is no job 2 here"):
            desk.cancel(2)


def test_a_job_is_cancelled_and_its_end_recorded(film: KilnFilm, server: KilnServer) -> None:
    film.kiln = CancellingKiln(limits={"deadline": 0.2})
    server.stuck = True
    film.build(SHOTS)

    with settling(film) as desk:
        assert desk.cancel(1)
        assert desk.job(1).state is State.FAILED
        assert desk.ledger.jobs.spending("storyboard.yaml").pending == 0


def test_what_has_ended_is_not_cancelled(film: KilnFilm, server: KilnServer) -> None:
    film.kiln = CancellingKiln(limits={"deadline": 0.2})
    server.stuck = True
    film.build(SHOTS)
    server.stuck = False

    with settling(film) as desk:
        assert desk.cancel(1) is False
    assert film.build(SHOTS).takes.complete
    assert len(server.jobs) == 1


def test_a_provider_without_cancellation_says_so(film: KilnFilm, server: KilnServer) -> None:
    film.kiln = Kiln(limits={"deadline": 0.2})
    server.stuck = True
    film.build(SHOTS)

    with settling(film) as desk, pytest.raises(Invalid, match="kiln has no way to cancel"):
        desk.cancel(1)
