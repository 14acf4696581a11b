"""A process that is killed or interrupted loses nothing that was paid for, and pays nothing twice."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from threading import Event

import pytest
from kiln import Kiln, KilnServer, Means
from kiln_film import KilnFilm, chain

from dying import environment

PROMPTS = ("a stair", "a door")
SCRIPT = Path(__file__).with_name("build_a_kiln_film.py")


def started(film: KilnFilm, kill_at: str = "-", shape: str = "chain") -> subprocess.Popen[str]:
    return subprocess.Popen(
        [
            sys.executable, str(SCRIPT), str(film.folder), film.url, film.kiln.means, kill_at,
            shape, *PROMPTS[: 1 if shape == "stand-in" else None],
        ],
        env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def ended(process: subprocess.Popen[str]) -> str:
    out, err = process.communicate(timeout=60)
    assert "Traceback" not in err, err
    return out.strip()


MOMENTS = [
    "before intend", "after intend", "before sending", "after sending", "before accepted",
    "after accepted", "os.rename 1", "before done", "after done", "os.rename 3",
]  # fmt: skip
UNANSWERED = ["after sending", "before accepted"]  # where it matters how a job is found again


@pytest.mark.parametrize(
    ("means", "moment"),
    [("id", each) for each in MOMENTS] + [("listing", each) for each in UNANSWERED],
)
def test_killed_at_any_step_the_next_build_goes_on(
    film: KilnFilm, server: KilnServer, means: Means, moment: str
) -> None:
    film.kiln = Kiln(means)
    died = started(film, moment)
    assert ended(died) == ""
    assert died.returncode == -signal.SIGKILL

    built = film.build(chain(*PROMPTS))

    if built.takes.unknown:  # it died before it sent, and its provider cannot tell that
        assert (means, moment) == ("listing", "after sending")
        assert server.submits == 0
    else:
        assert built.takes.complete
        assert sorted(job.prompt for job in server.jobs.values()) == sorted(PROMPTS)


@pytest.mark.parametrize("means", ["id", "listing", "nothing"])
def test_killed_while_the_answer_is_on_its_way(
    film: KilnFilm, server: KilnServer, means: Means
) -> None:
    film.kiln = Kiln(means)
    server.faults["submit"] = ["late"]
    process = started(film)
    assert server.accepted.wait(30)
    process.kill()
    ended(process)

    built = film.build(chain(*PROMPTS))

    assert sum(job.prompt == PROMPTS[0] for job in server.jobs.values()) == 1
    assert bool(built.takes.unknown) == (means == "nothing")
    assert built.takes.complete == (means != "nothing")


def interrupted(film: KilnFilm, when: Event) -> subprocess.Popen[str]:
    """A build that got Ctrl-C as soon as the event happened."""
    process = started(film)
    assert when.wait(30)
    process.send_signal(signal.SIGINT)
    return process


def test_ctrl_c_leaves_the_job_to_the_provider(film: KilnFilm, server: KilnServer) -> None:
    server.stuck = True

    process = interrupted(film, server.polled)

    assert ended(process) == "interrupted"
    assert server.submits == 1
    assert {method for method, _, _ in server.seen} == {"POST", "GET"}  # nothing is cancelled
    assert film.plan(chain(*PROMPTS)).steps[0].asked_for
    server.stuck = False
    assert film.build(chain(*PROMPTS)).takes.complete
    assert server.submits == 2


def test_ctrl_c_hears_out_a_submit_that_is_on_its_way(film: KilnFilm, server: KilnServer) -> None:
    film.kiln = Kiln("nothing")
    server.faults["submit"] = ["late"]

    process = interrupted(film, server.accepted)
    server.gate.set()

    assert ended(process) == "interrupted"
    assert film.build(chain(*PROMPTS)).takes.complete
    assert server.submits == 2
