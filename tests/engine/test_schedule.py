"""Which step starts when, and what a failure or an interruption leaves."""

from __future__ import annotations

import errno
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

import pytest
from fake_film import FakeFilm, FakeTools, Shot, chain

from storyboard.events import Progress, StepFailed, StepStarted
from storyboard.ledger import Ledger
from storyboard.lock_file import LockFile
from storyboard.passes.execute import execute
from storyboard.workshop import Workshop


@pytest.fixture
def film(tmp_path: Path) -> FakeFilm:
    return FakeFilm(tmp_path)


def failures(events: list[object]) -> dict[str, StepFailed]:
    return {event.action.id: event for event in events if isinstance(event, StepFailed)}


def test_the_longest_remaining_chain_starts_first(film: FakeFilm) -> None:
    alone = [Shot("x", "alone |", duration=12)]
    long = chain("a |", "b |", "c |")  # 15 seconds in all

    built = film.build([*alone, *long], jobs=1)

    assert built.tools.done == ["a |", "alone |", "b |", "c |"]


def test_ready_steps_run_side_by_side_as_far_as_jobs_allow(film: FakeFilm) -> None:
    shots = [Shot(f"s{number}", f"{number} |") for number in range(6)]
    tools = FakeTools(
        gates={"0 |": Event(), "1 |": Event()}, begun={"0 |": Event(), "1 |": Event()}
    )

    # Each of the first two waits for the other, so that two are at work at once.
    with (
        opened_when(tools.gates["0 |"], tools.begun["1 |"]),
        opened_when(tools.gates["1 |"], tools.begun["0 |"]),
    ):
        film.build(shots, tools, jobs=2)

    assert tools.peak == 2


def test_a_models_own_limit_is_kept_and_others_go_on(film: FakeFilm) -> None:
    slow = [Shot(f"slow{number}", f"slow {number} |", model="slow") for number in range(3)]
    quick = [Shot(f"q{number}", f"quick {number} |") for number in range(3)]
    tools = FakeTools(gates={"slow 0 |": Event()}, begun={"quick 2 |": Event()})

    with opened_when(tools.gates["slow 0 |"], tools.begun["quick 2 |"]):
        film.build([*slow, *quick], tools, jobs=8, limits={"slow": 1})

    before_the_gate = tools.done[: tools.done.index("slow 1 |")]
    assert set(before_the_gate) == {"slow 0 |", "quick 0 |", "quick 1 |", "quick 2 |"}


def test_long_chains_of_one_provider_leave_a_place_for_the_others_shots(film: FakeFilm) -> None:
    long = [
        Shot(f"{name}{n}", f"{name} {n} |", f"{name}{n - 1}" if n else None, model="fal/x")
        for name in ("stair", "sea", "train")
        for n in range(3)
    ]
    single = [Shot(f"s{n}", f"alone {n} |", model="runware/y") for n in range(3)]

    built = film.build([*long, *single], jobs=2, limits={"fal/x": 8, "runware/y": 8})

    first, second = [event for event in built.events if isinstance(event, StepStarted)][:2]
    assert {first.action.model, second.action.model} == {"fal/x", "runware/y"}


def test_with_one_job_providers_take_turns(film: FakeFilm) -> None:
    long = [Shot(f"s{n}", f"fal {n} |", model="fal/x", duration=10) for n in range(3)]
    short = [Shot(f"q{n}", f"runware {n} |", model="runware/y") for n in range(3)]

    built = film.build([*long, *short], jobs=1, limits={"fal/x": 8, "runware/y": 8})

    assert built.tools.done == [
        "fal 0 |", "runware 0 |", "fal 1 |", "runware 1 |", "fal 2 |", "runware 2 |",
    ]  # fmt: skip


def test_one_failure_stops_only_what_depends_on_it(film: FakeFilm) -> None:
    shots = [*chain("a |", "b |", "c |"), Shot("x", "alone |")]
    tools = FakeTools(failing={"b |": OSError(errno.EIO, "Input/output error")})

    built = film.build(shots, tools)

    assert built.generated == {"s1", "x"}
    assert built.takes.failed == ("generate:s2",)
    assert set(built.takes.blocked) == {"frame:s2", "generate:s3"}
    assert built.films.blocked == ("cut:main",)
    assert not film.path.exists()
    assert failures(built.events)["generate:s2"].message == "Input/output error"
    assert film.build(shots).generated == {"s2", "s3"}


def test_asked_to_a_build_ends_at_the_first_failure(film: FakeFilm) -> None:
    shots = [Shot("s1", "a |"), Shot("s2", "b |")]
    tools = FakeTools(failing={"a |": OSError(errno.EIO, "Input/output error")})

    built = film.build(shots, tools, jobs=1, keep_going=False)

    assert tools.done == ["a |"]
    assert built.takes.blocked == ("generate:s2",)


def test_two_shots_that_ask_the_same_fail_once(film: FakeFilm) -> None:
    tools = FakeTools(failing={"a |": OSError(errno.EIO, "Input/output error")})

    built = film.build([Shot("s1", "a |"), Shot("s2", "a |")], tools)

    assert tools.done == ["a |"]
    assert built.takes.failed == ("generate:s1",)
    assert built.takes.blocked == ("generate:s2",)


def test_a_fault_of_a_tool_is_said_to_be_one(film: FakeFilm) -> None:
    tools = FakeTools(failing={"a |": KeyError("colour")})

    built = film.build([Shot("s1", "a |")], tools)

    failed = failures(built.events)["generate:s1"]
    assert failed.message == "KeyError: 'colour'"
    assert failed.help is not None
    assert "fake_film.py" in failed.help


def test_a_picture_that_changes_under_a_build_fails_the_step(film: FakeFilm) -> None:
    picture = film.folder / "a.png"
    picture.write_text("a stair")
    shots = [Shot("s1", "first |"), Shot("s2", "second |", "a.png")]
    tools = FakeTools(gates={"first |": Event()}, begun={"first |": Event()})

    def change() -> None:
        tools.begun["first |"].wait(10)
        picture.write_text("another stair")
        tools.gates["first |"].set()

    changing = Thread(target=change)
    changing.start()
    built = film.build(shots, tools, jobs=1)
    changing.join()

    assert "a.png was changed" in failures(built.events)["generate:s2"].message
    assert tools.done == ["first |"]


def test_a_full_disk_ends_the_build_and_says_so_once(film: FakeFilm) -> None:
    shots = [Shot(f"s{number}", f"{number} |") for number in range(5)]
    tools = FakeTools(failing={"1 |": OSError(errno.ENOSPC, "No space left on device", "clip.mp4")})

    built = film.build(shots, tools, jobs=1)

    failed = failures(built.events)
    assert list(failed) == ["generate:s1"]
    assert failed["generate:s1"].message == "the disk is full: clip.mp4 could not be written"
    assert tools.done == ["0 |", "1 |"]
    assert built.takes.blocked == ("generate:s2", "generate:s3", "generate:s4")
    assert film.build(shots).generated == {"s1", "s2", "s3", "s4"}


def test_progress_is_told_as_it_happens(film: FakeFilm) -> None:
    built = film.build([Shot("s1", "a |")])

    told = [e.done for e in built.events if isinstance(e, Progress) and e.action.shot == "s1"]
    assert told == [1.0]


def test_ctrl_c_keeps_what_is_finished_and_stops_the_rest(film: FakeFilm) -> None:
    shots = [*chain("a |", "b |", "c |")]
    tools = FakeTools(gates={"b |": Event()}, begun={"b |": Event()})

    with interrupted_when(tools.begun["b |"]):
        built = film.build(shots, tools)

    assert built.takes.interrupted
    assert built.films.blocked == ("cut:main",)
    assert tools.done == ["a |", "b |"]
    assert failures(built.events) == {}
    assert list((film.store.root / "tmp").iterdir()) == []
    assert not film.path.exists()
    assert film.build(shots).generated == {"s2", "s3"}


def test_a_listener_that_fails_ends_the_build_cleanly(film: FakeFilm) -> None:
    def closed_pipe(_: object) -> None:
        raise BrokenPipeError(errno.EPIPE, "Broken pipe")

    with Ledger(film.store.root / "ledger.sqlite3") as ledger:
        workshop = Workshop(
            folder=film.folder,
            lane=film.lane,
            store=film.store,
            ledger=ledger,
            tools=FakeTools(),
            lock=LockFile(film.folder / "storyboard.lock"),
        )
        with pytest.raises(BrokenPipeError):
            execute(film.plan([Shot("s1", "a |")]), workshop, closed_pipe)


def test_a_result_that_cannot_be_recorded_is_not_used(film: FakeFilm) -> None:
    shots = chain("a |", "b |")
    tools = FakeTools(gates={"a |": Event()}, begun={"a |": Event()})
    film.store.prepare()

    def block() -> None:
        tools.begun["a |"].wait(10)
        (film.store.root / "ledger.sqlite3").mkdir()  # where the ledger belongs
        tools.gates["a |"].set()

    blocking = Thread(target=block)
    blocking.start()
    built = film.build(shots, tools)
    blocking.join()

    assert "ledger.sqlite3" in failures(built.events)["generate:s1"].message
    assert tools.done == ["a |"]


@contextmanager
def opened_when(gate: Event, begun: Event) -> Iterator[None]:
    """Open a gate as soon as something has begun."""
    yield from beside(lambda: begun.wait(10) and gate.set())


@contextmanager
def interrupted_when(begun: Event) -> Iterator[None]:
    """Send this process what Ctrl-C sends as soon as something has begun."""
    yield from beside(lambda: begun.wait(10) and os.kill(os.getpid(), signal.SIGINT))


def beside(act: Callable[[], object]) -> Iterator[None]:
    thread = Thread(target=act)
    thread.start()
    yield
    thread.join()
