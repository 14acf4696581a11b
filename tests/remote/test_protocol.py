"""A paid job from its intent to its clip: once, whatever goes wrong on the way."""

from __future__ import annotations

from fractions import Fraction

import pytest
from kiln import KEY, Kiln, KilnServer, Means
from kiln_film import KilnFilm, apart, chain

from storyboard.digest import digest_file
from storyboard.exchange import EVERY_ROLE
from storyboard.jobs import State


def test_a_clip_is_asked_for_once_and_kept(film: KilnFilm, server: KilnServer) -> None:
    shots = chain("a stair", "a door")

    built = film.build(shots)

    assert built.takes.complete
    assert built.submitted == ["generate:s1", "generate:s2"]
    assert server.submits == 2
    job = film.job(shots)
    assert job is not None
    assert job.state is State.DONE
    assert job.charged == Fraction(1, 10)
    assert job.operation is not None
    assert job.operation.id == job.intent.nonce
    again = film.build(shots)
    assert again.takes.complete
    assert server.submits == 2


def test_the_next_shot_is_given_the_very_frame_that_was_taken(
    film: KilnFilm, server: KilnServer
) -> None:
    built = film.build(chain("a stair", "a door"))

    frame = film.store.find(built.takes.outputs["frame:s1"])
    assert frame is not None
    (sent,) = (job.frame for job in server.jobs.values() if job.prompt == "a door")
    assert sent == frame.read_bytes()


def test_inputs_are_uploaded_first_where_the_provider_has_it_so(
    film: KilnFilm, server: KilnServer
) -> None:
    film.kiln = Kiln(uploads=EVERY_ROLE)
    server.faults["uploads"] = [500, "drop"]  # safe to try again

    built = film.build(chain("a stair", "a door"))

    assert built.takes.complete
    frame = film.store.find(built.takes.outputs["frame:s1"])
    assert frame is not None
    assert list(server.uploads.values()) == [frame.read_bytes()]


@pytest.mark.parametrize("means", ["id", "listing"])
@pytest.mark.parametrize("fault", ["lose", 500, "html"])
def test_a_lost_answer_is_not_a_second_job(
    film: KilnFilm, server: KilnServer, means: Means, fault: object
) -> None:
    film.kiln = Kiln(means)
    server.faults["submit"] = [fault]
    lost = fault == "lose"  # the others were not accepted

    built = film.build(apart("a stair"))

    assert len(server.jobs) <= 1
    if lost or means == "id":
        assert built.takes.complete
        assert server.charged == pytest.approx(0.1)
    else:
        assert built.takes.unknown == ("generate:s1",)


def test_what_never_arrived_is_sent_again_only_under_the_same_id(
    film: KilnFilm, server: KilnServer
) -> None:
    server.faults["submit"] = ["drop", "lose"]

    assert film.build(apart("a stair")).takes.complete
    assert len(server.jobs) == 1


@pytest.mark.parametrize("means", ["listing", "nothing"])
@pytest.mark.parametrize("fault", ["drop", 500, "html"])
def test_an_outcome_that_nobody_knows_is_said_and_never_sent_again(
    film: KilnFilm, server: KilnServer, means: Means, fault: object
) -> None:
    film.kiln = Kiln(means)
    server.faults["submit"] = [fault]
    shots = apart("a stair", "a door")

    built = film.build(shots, jobs=1)

    assert built.takes.unknown == ("generate:s1",)
    assert built.takes.failed == ()
    assert "generate:s2" in built.takes.made  # the rest goes on
    failure = built.failures["generate:s1"]
    assert failure.unknown
    assert "up to $0.10 may have been charged" in failure.message
    submits = server.submits
    again = film.build(shots)
    assert again.takes.unknown == ("generate:s1",)
    assert server.submits == submits
    assert film.plan(shots).cost_usd == (0, 0)  # it may be paid for already


def test_a_lost_job_that_shows_up_later_is_adopted(film: KilnFilm, server: KilnServer) -> None:
    film.kiln = Kiln("listing")
    server.faults["submit"] = ["lose"]
    server.faults["list"] = ["html"]
    shots = apart("a stair")
    assert film.build(shots).takes.unknown

    built = film.build(shots)

    assert built.takes.complete
    assert server.submits == 1


def test_a_provider_that_is_not_there_was_not_asked(film: KilnFilm, server: KilnServer) -> None:
    shots = apart("a stair")
    film.url = "http://127.0.0.1:9"  # nothing listens

    built = film.build(shots)

    assert built.takes.failed == ("generate:s1",)
    assert "kiln cannot be reached" in built.failures["generate:s1"].message
    film.url = server.url
    assert film.build(shots).takes.complete
    assert server.submits == 1


def test_too_many_requests_are_sent_again_when_the_provider_says(
    film: KilnFilm, server: KilnServer
) -> None:
    server.faults["submit"] = [429, 429]

    built = film.build(apart("a stair"))

    assert built.takes.complete
    assert (server.submits, len(server.jobs)) == (3, 1)


@pytest.mark.parametrize(
    ("status", "told", "advice"),
    [
        (422, "invalid request", "change what the shot asks for"),
        (451, "refused by moderation", "change the prompt"),
        (402, "no credit", "top up the account"),
        (401, "key not accepted", "set KILN_KEY"),
    ],
)
def test_a_refusal_is_told_in_the_providers_words(
    film: KilnFilm, server: KilnServer, status: int, told: str, advice: str
) -> None:
    server.faults["submit"] = [status]
    shots = apart("a stair")

    failure = film.build(shots).failures["generate:s1"]

    assert failure.message == f"kiln: {told}: {status} on submit, key ***"
    assert failure.help is not None
    assert advice in failure.help
    assert server.submits == 1
    assert film.build(shots).takes.complete  # a new job, as nothing was accepted


def test_faults_of_polling_lose_nothing(film: KilnFilm, server: KilnServer) -> None:
    server.faults["poll"] = [500, "html", "drop", "lose", 429]

    assert film.build(apart("a stair")).takes.complete
    assert server.submits == 1


def test_a_key_that_is_no_longer_accepted_leaves_the_job(
    film: KilnFilm, server: KilnServer
) -> None:
    server.faults["poll"] = [401]
    shots = apart("a stair")

    built = film.build(shots)

    assert "set KILN_KEY" in (built.failures["generate:s1"].help or "")
    assert film.build(shots).takes.complete
    assert server.submits == 1


def test_a_job_that_fails_is_told_and_asked_for_anew(film: KilnFilm, server: KilnServer) -> None:
    server.failing.add("a stair")
    shots = apart("a stair")

    built = film.build(shots)

    assert built.failures["generate:s1"].message == (
        "kiln: provider fault: the kiln cracked, key ***"
    )
    job = film.job(shots)
    assert job is not None
    assert job.state is State.FAILED
    server.failing.clear()
    assert film.build(shots).takes.complete
    assert server.submits == 2


def test_past_its_deadline_a_job_is_unknown_and_asked_after_again(
    film: KilnFilm, server: KilnServer
) -> None:
    film.kiln = Kiln(limits={"deadline": 0.3})
    server.stuck = True
    shots = apart("a stair")

    built = film.build(shots)

    assert built.takes.unknown == ("generate:s1",)
    assert "not ended within" in built.failures["generate:s1"].message
    server.stuck = False
    assert film.build(shots).takes.complete
    assert server.submits == 1


@pytest.mark.parametrize("fault", ["half", "html", "expired", "drop", 500])
def test_a_clip_that_does_not_come_whole_is_fetched_once_more(
    film: KilnFilm, server: KilnServer, fault: object
) -> None:
    server.faults["files"] = [fault]

    built = film.build(apart("a stair"))

    assert built.takes.complete
    assert server.submits == 1


def test_a_clip_that_is_not_believed_is_kept_aside_and_its_job_stays(
    film: KilnFilm, server: KilnServer
) -> None:
    server.faults["files"] = ["half", "half"]
    shots = apart("a stair")

    built = film.build(shots)

    failure = built.failures["generate:s1"]
    assert "ends in the middle" in failure.message
    assert "build again to fetch it once more, at no cost" in (failure.help or "")
    assert [path.name for path in (film.store.root / "corrupt").iterdir()] == ["job-1-1.mp4"]
    assert film.plan(shots).cost_usd == (0, 0)
    assert film.build(shots).takes.complete
    assert server.submits == 1


def test_a_paid_clip_that_was_damaged_on_the_disk_is_fetched_again(
    film: KilnFilm, server: KilnServer
) -> None:
    shots = apart("a stair")
    clip = film.store.find(film.build(shots).takes.outputs["generate:s1"])
    assert clip is not None
    clip.unlink()

    built = film.build(shots)

    assert built.takes.complete
    assert server.submits == 1
    assert digest_file(clip) == clip.stem


def test_as_many_jobs_run_at_once_as_the_model_takes(film: KilnFilm, server: KilnServer) -> None:
    film.kiln = Kiln(limits={"concurrency": 5})
    server.polls_needed = 3
    shots = apart(*(f"stair {number}" for number in range(8)))

    assert film.build(shots).takes.complete

    posts = [number for number, seen in enumerate(server.seen) if seen[0] == "POST"]
    assert posts[5] > 5  # five at once, more than this machine has processors; then some had ended


def test_the_ledger_and_the_provider_agree_on_what_was_paid(
    film: KilnFilm, server: KilnServer
) -> None:
    server.faults["submit"] = ["ok", "lose", 429, "drop"]
    shots = chain("a stair", "a door", "a hall", "a lamp")

    assert film.build(shots).takes.complete

    assert len(server.jobs) == 4
    assert KEY not in repr(film.job(shots))
