"""Fallback models: asked after a definite refusal, and never otherwise."""

from __future__ import annotations

import signal
from fractions import Fraction

import pytest
from kiln import Kiln, KilnServer
from kiln_film import PRICE, Built, KilnFilm, apart, with_stand_in
from test_driver_killed import ended, started

from storyboard.events import StepDone, StepFellBack
from storyboard.jobs import State

SHOTS = with_stand_in(apart("a stair"))


def makers(built: Built) -> list[str | None]:
    return [event.model for event in built.events if isinstance(event, StepDone)]


@pytest.mark.parametrize("status", [422, 451, 402])
def test_another_model_makes_the_clip_where_its_own_refuses(
    film: KilnFilm, server: KilnServer, status: int
) -> None:
    server.faults["submit"] = [status]

    built = film.build(SHOTS)

    assert built.takes.complete
    (told,) = (event for event in built.events if isinstance(event, StepFellBack))
    assert told.model == "kiln/plate"
    assert f"{status} on submit, key ***" in told.why
    assert makers(built) == ["kiln/plate"]
    job = film.job(SHOTS)
    assert job is not None
    assert job.intent.request.model == "kiln/plate"
    assert film.plan(SHOTS).to_generate == 0  # it stands for the shot's own request
    assert film.plan(apart("a stair")).to_generate == 0
    assert film.build(SHOTS).takes.complete
    assert len(server.jobs) == 1


def test_a_job_that_failed_is_a_refusal_too(film: KilnFilm, server: KilnServer) -> None:
    server.fail_once.add("a stair")

    built = film.build(SHOTS)

    assert makers(built) == ["kiln/plate"]
    assert len(server.jobs) == 2


@pytest.mark.parametrize("fault", ["lose", 401])
def test_no_other_model_is_asked_where_the_outcome_or_the_key_is_in_doubt(
    film: KilnFilm, server: KilnServer, fault: object
) -> None:
    film.kiln = Kiln("nothing")
    server.faults["submit"] = [fault]

    built = film.build(SHOTS)

    assert not built.takes.complete
    assert server.submits == 1
    assert not [event for event in built.events if isinstance(event, StepFellBack)]


def test_nor_where_the_network_is_not_there(film: KilnFilm, server: KilnServer) -> None:
    film.url = "http://127.0.0.1:9"

    built = film.build(SHOTS)

    assert "cannot be reached" in built.failures["generate:s1"].message
    assert not [event for event in built.events if isinstance(event, StepFellBack)]


def test_when_all_refuse_the_next_build_begins_anew(film: KilnFilm, server: KilnServer) -> None:
    server.faults["submit"] = [422, 451]

    built = film.build(SHOTS)

    assert "refused by moderation" in built.failures["generate:s1"].message
    again = film.build(SHOTS)
    assert makers(again) == ["kiln/clip"]


def test_the_dearest_is_in_the_price_and_what_was_made_in_the_books(
    film: KilnFilm, server: KilnServer
) -> None:
    planned = film.plan(SHOTS)
    assert planned.cost_usd == (PRICE, 2 * PRICE)
    server.faults["submit"] = [422]

    built = film.build(SHOTS, max_cost=Fraction(2, 10))

    assert built.takes.complete
    job = film.job(SHOTS)
    assert job is not None
    assert job.estimated == (2 * PRICE, 2 * PRICE)


@pytest.mark.parametrize(
    "moment", ["after rejected", "after sending 2", "before accepted", "after accepted"]
)
def test_killed_on_the_way_the_next_build_goes_on_with_the_same_model(
    film: KilnFilm, server: KilnServer, moment: str
) -> None:
    server.faults["submit"] = [422]
    died = started(film, moment, "stand-in")
    assert ended(died) == ""
    assert died.returncode == -signal.SIGKILL

    built = film.build(SHOTS)

    assert built.takes.complete
    assert makers(built) == ["kiln/plate"]
    assert len(server.jobs) == 1


def test_a_job_of_a_fallback_that_was_taken_out_is_still_collected(
    film: KilnFilm, server: KilnServer
) -> None:
    film.kiln = Kiln(limits={"deadline": 0.2})
    server.faults["submit"] = [422]
    server.stuck = True
    assert film.build(SHOTS).takes.unknown
    server.stuck = False

    assert film.build(apart("a stair")).takes.complete
    job = film.job(SHOTS)
    assert job is not None
    assert job.state is State.DONE
    assert len(server.jobs) == 1
