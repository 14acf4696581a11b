"""A paid clip is kept, whatever became of the shot that it was made for."""

from __future__ import annotations

from kiln import Kiln, KilnServer
from kiln_film import KilnFilm, apart

from storyboard.events import ProviderUnreached
from storyboard.job_events import JobCollected, JobLeft
from storyboard.jobs import State

PAINTED, CHANGED = apart("a stair"), apart("a stairwell")


def left_running(film: KilnFilm, server: KilnServer) -> None:
    """The job of a shot is accepted, and does not end within its build."""
    film.kiln = Kiln(film.kiln.means, limits={"deadline": 0.2})
    server.stuck = True
    assert film.build(PAINTED).takes.unknown
    server.stuck = False


def test_the_job_of_a_shot_that_changed_is_collected(film: KilnFilm, server: KilnServer) -> None:
    left_running(film, server)

    built = film.build(CHANGED)

    assert built.takes.complete
    (kept,) = (event for event in built.events if isinstance(event, JobCollected))
    assert (kept.shot, kept.provider) == ("s1", "kiln")
    assert kept.output.is_file()
    assert film.plan(PAINTED).to_generate == 0  # going back finds the clip
    assert film.build(PAINTED).takes.reused == ("generate:s1",)
    assert server.submits == 2


def test_a_build_with_nothing_else_to_do_collects_it(film: KilnFilm, server: KilnServer) -> None:
    film.build(CHANGED)
    left_running(film, server)

    built = film.build(CHANGED)

    assert [type(event) for event in built.events if isinstance(event, JobCollected)]
    asked = len(server.seen)
    assert not [event for event in film.build(CHANGED).events if isinstance(event, JobCollected)]
    assert len(server.seen) == asked  # there is nothing left to ask


def test_one_that_runs_still_is_left_to_the_next_build(film: KilnFilm, server: KilnServer) -> None:
    left_running(film, server)
    server.stuck = True
    server.faults["submit"] = [422]  # nothing else to wait for

    built = film.build(CHANGED)

    (left,) = (event for event in built.events if isinstance(event, JobLeft))
    assert "a later build collects it" in left.why
    assert built.takes.failed == ("generate:s1",)
    server.stuck = False
    assert film.build(PAINTED).takes.complete
    assert server.charged == 0.1


def test_one_whose_provider_does_not_answer_is_left_with_that_reason(
    film: KilnFilm, server: KilnServer
) -> None:
    film.build(CHANGED)
    left_running(film, server)
    server.faults["poll"] = ["drop"] * 50

    built = film.build(CHANGED)

    (left,) = (event for event in built.events if isinstance(event, JobLeft))
    assert left.why.startswith("kiln cannot be reached: ")


def test_a_provider_that_does_not_answer_is_told_once(film: KilnFilm, server: KilnServer) -> None:
    server.faults["poll"] = ["drop"] * 12  # each question twice

    built = film.build(PAINTED)

    assert built.takes.complete
    (told,) = (event for event in built.events if isinstance(event, ProviderUnreached))
    assert (told.provider, told.action.id) == ("kiln", "generate:s1")
    assert told.why


def test_it_is_collected_though_another_shot_fails(film: KilnFilm, server: KilnServer) -> None:
    left_running(film, server)
    server.faults["submit"] = [422]

    built = film.build(CHANGED)

    assert built.takes.failed == ("generate:s1",)
    assert film.plan(PAINTED).to_generate == 0


def test_a_lost_one_is_looked_for_and_never_sent_again(film: KilnFilm, server: KilnServer) -> None:
    server.faults["submit"] = ["drop", "drop", "drop"]
    assert film.build(PAINTED).takes.unknown

    built = film.build(CHANGED)

    assert built.takes.complete
    (left,) = (event for event in built.events if isinstance(event, JobLeft))
    assert "there is no trace of it" in left.why
    assert [job.prompt for job in server.jobs.values()] == ["a stairwell"]


def test_one_that_is_asked_for_after_all_is_not_collected_twice(
    film: KilnFilm, server: KilnServer
) -> None:
    left_running(film, server)

    built = film.build(PAINTED)

    assert built.takes.made == ("generate:s1",)
    assert not [event for event in built.events if isinstance(event, JobCollected)]


def test_without_its_key_it_is_left_and_the_build_goes_on(
    film: KilnFilm, server: KilnServer
) -> None:
    film.build(CHANGED)
    left_running(film, server)
    film.key = ""

    built = film.build(CHANGED)

    assert built.takes.complete
    (left,) = (event for event in built.events if isinstance(event, JobLeft))
    assert "There is no key for kiln" in left.why


def test_a_clip_that_was_stored_and_not_recorded_costs_nothing_more(
    film: KilnFilm, server: KilnServer
) -> None:
    left_running(film, server)
    film.build(CHANGED)
    job = film.job(PAINTED)
    assert job is not None
    assert job.state is State.DONE
    film.forget_takes()

    assert film.plan(PAINTED).cost_usd == (0, 0)
    film.build(CHANGED)
    assert film.plan(PAINTED).to_generate == 0
