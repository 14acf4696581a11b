"""A film that is built by processes that die, and what must hold of it whatever happened.

Two shots in a chain and one on its own. However often its builds are killed:
nothing is charged twice, every clip that was paid for ends in the store and in
the film, and no lock is left behind.
"""

from __future__ import annotations

import json
import os
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from math import inf
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from kiln import KEY, KilnServer, Means
from kiln import serving as serving_kiln
from stages import Stages

from storyboard import providers
from storyboard.build_lock import build_lock
from storyboard.digest import digest_file
from storyboard.jobs import PENDING, State
from storyboard.remote_provider import RemoteProvider
from storyboard.simulators.world import World
from storyboard.store import Store

HERE = Path(__file__).parent
MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None  # where flushing a file costs nothing
PROMPTS = ("a stair", "a door", "a lamp")
MODELS = {
    "runware": "runware/kling-2.6-pro",
    "fal": "fal/kling-2.6-pro",
    "aimlapi": "aimlapi/kling-2.6-pro",
    "modelstream": "modelstream/kling-2.6",
}


def storyboard(model: str, seconds: int) -> str:
    """The film."""
    film = {
        "version": 1,
        "title": "Stairs",
        "size": "160x90",
        "fps": 12,
        "defaults": {"model": model, "duration": seconds},
        "shots": [
            {"id": "stair", "prompt": PROMPTS[0]},
            {"id": "door", "prompt": PROMPTS[1]},
            {"id": "lamp", "prompt": PROMPTS[2], "chain": False},
        ],
        # Without a join: those of a film are measured, and these films are no videos.
        "cuts": [{"id": shot, "shots": [shot]} for shot in ("stair", "door", "lamp")],
    }
    return json.dumps(film)


@dataclass(frozen=True)
class Charge:
    """A job on a provider's bill."""

    id: str
    asked: str
    usd: Fraction


@dataclass(frozen=True)
class Counter:
    """Where films are ordered: a provider, how a lost job is found with it, and its books.

    Attributes:
        bill: every job that it accepted and charges.
        stuck: the ids of those that never end, or wait behind such for ever.
        requests: how many requests it has had.
    """

    provider: str
    means: Means
    url: str
    bill: Callable[[], list[Charge]]
    requests: Callable[[], int]
    stuck: Callable[[], set[str]]
    world: World | None = None
    kiln: KilnServer | None = None


@contextmanager
def counter(name: str, stages: Stages) -> Iterator[Counter]:
    """A provider as if it had just opened: `fal`, or `kiln` with its means, `kiln listing`."""
    provider, _, means = name.partition(" ")
    if provider == "kiln":
        with serving_kiln() as kiln:
            yield Counter(
                *("kiln", means or "id", kiln.url),  # type: ignore[arg-type]
                bill=lambda: [
                    Charge(job.id, job.prompt, Fraction(job.seconds, 10))
                    for job in kiln.jobs.values()
                    if job.prompt not in kiln.failing
                ],
                requests=lambda: len(kiln.seen),
                stuck=lambda: {job.id for job in kiln.jobs.values() if job.stuck},
                kiln=kiln,
            )  # fmt: skip
        return
    world = stages.world(provider)
    try:
        yield Counter(
            *(provider, "nothing", world.base),
            bill=lambda: [
                Charge(job.id, json.dumps(job.asked, sort_keys=True, default=str), charged)
                for job in world.jobs
                if (charged := world.jobs.charged(job))
            ],
            requests=lambda: len(world.calls),
            stuck=lambda: {
                job.id for job in world.jobs if world.jobs.standing(job).ended_at == inf
            },
            world=world,
        )
    finally:
        stages.strike(world)


class Forge:
    """One client's line to the process that builds films."""

    def __init__(self, path: str) -> None:
        self._line = socket.socket(socket.AF_UNIX)
        self._line.connect(path)
        self._lines = self._line.makefile("rwb")

    def build(self, order: Mapping[str, Any]) -> dict[str, Any]:
        """What came of a build."""
        self._lines.write(json.dumps(order).encode() + b"\n")
        self._lines.flush()
        answer: dict[str, Any] = json.loads(self._lines.readline())
        assert "fault" not in answer, answer["fault"]
        return answer

    def close(self) -> None:
        self._lines.close()
        self._line.close()


@contextmanager
def forges() -> Iterator[Callable[[], Forge]]:
    """Where lines to that process are to be had."""
    with TemporaryDirectory() as folder:
        path = f"{folder}/forge"
        remote = HERE.parent / "remote"
        environment = {name: v for name, v in os.environ.items() if not name.endswith("_KEY")}
        environment |= {
            "PYTHONPATH": os.pathsep.join(map(str, (HERE, remote, remote / "installed"))),
            "PYTHONDONTWRITEBYTECODE": "1",  # what is kept in a store goes by these folders' times
            "OPENBLAS_NUM_THREADS": "1",
        }
        with subprocess.Popen(
            [sys.executable, str(HERE / "build_forge.py"), path],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, start_new_session=True,
        ) as process:  # fmt: skip
            assert process.stdout is not None
            assert process.stdout.readline() == b"ready\n"
            lines: list[Forge] = []

            def line() -> Forge:
                lines.append(Forge(path))
                return lines[-1]

            try:
                yield line
            finally:
                for each in lines:
                    each.close()
                process.kill()


@dataclass
class CrashedFilm:
    """A film in a folder of its own, built by processes that may die.

    Attributes:
        hurry: how long its builds wait: `deadline` of jobs, `timeout` of answers, in seconds.
        retaken: how many more takes of the lamp were asked for.
    """

    folder: Path
    counter: Counter
    forge: Forge
    said: list[str] = field(default_factory=list)
    hurry: Mapping[str, Any] = field(default_factory=dict)
    retaken: int = 0

    def __post_init__(self) -> None:
        model = MODELS.get(self.counter.provider, "kiln/clip")
        seconds = 1 if self.counter.provider == "kiln" else 5
        (self.folder / "storyboard.yaml").write_text(storyboard(model, seconds))

    def build(
        self, strikes: Mapping[str, int] | None = None, *, retake: int | None = None
    ) -> dict[str, Any]:
        """Build once; or have the lamp made `retake` more times."""
        name = self.counter.provider
        variable = "KILN_KEY"
        if name != "kiln":
            found = providers.find(name)
            assert isinstance(found, RemoteProvider)
            variable = found.auth.variables[0]
        environment = {variable: KEY, f"STORYBOARD_{name.upper()}_URL": self.counter.url}
        if "timeout" in self.hurry:
            environment["STORYBOARD_TIMEOUT"] = str(self.hurry["timeout"])
        built = self.forge.build(
            {
                "folder": str(self.folder),
                "provider": name,
                "means": self.counter.means,
                "environment": environment,
                "deadline": self.hurry.get("deadline"),
                "retake": retake,
                "strikes": dict(strikes or {}),
            }
        )
        self.said += built.get("said", [])
        return built

    def settle(self, most: int = 8) -> dict[str, Any]:
        """Build until nothing more comes of it, `most` times: what the last build came to."""
        told = None
        for _ in range(most):
            built = self.build()
            state = self.jobs()
            if built["exit_code"] == 0:
                return built
            if built["exit_code"] == 4 and state == told and self._late() <= self.counter.stuck():
                return built
            told = state
        raise AssertionError(f"it does not settle: {self.said[-4:]}")

    def retake(self, count: int, strikes: Mapping[str, int], most: int = 8) -> bool:
        """Have more takes of the lamp made, by a process that may die, and by others that go on.

        Returns:
            whether the first was killed.
        """
        self.retaken += max(0, count - len(self._retakes()))
        killed = "signal" in self.build(strikes, retake=count)
        told = None
        for _ in range(most):
            begun = self._retakes()
            if not begun or (begun == told and self._late() <= self.counter.stuck()):
                return killed
            told = begun
            self.build(retake=sum(count for _, _, count, _ in begun))
        raise AssertionError(f"the retake does not settle: {self.said[-4:]}")

    def _late(self) -> set[str]:
        """The provider's ids of jobs that did not end in time."""
        return {job for _, state, job, _ in self.jobs() if state == State.UNKNOWN and job}

    def _retakes(self) -> list[tuple[int, str, int, str | None]]:
        """Jobs for more takes that have begun and not ended: number, state, of how many, the provider's id."""
        with reading(self.folder / ".storyboard" / "ledger.sqlite3") as database:
            rows = database.execute("SELECT id, state, intent, wanted, job FROM jobs ORDER BY id")
            return [
                (id_, state, json.loads(intent)["count"], job)
                for id_, state, intent, wanted, job in rows
                if json.loads(wanted)["retake"] and state in PENDING
            ]

    def jobs(self) -> list[tuple[str, str, str | None, tuple[str, ...]]]:
        """The ledger's jobs: step, state, the provider's id, digests of the clips."""
        path = self.folder / ".storyboard" / "ledger.sqlite3"
        if not path.exists():
            return []
        with reading(path) as database:
            rows = database.execute("SELECT step, state, job, outputs FROM jobs ORDER BY id")
            return [(s, t, j, tuple(json.loads(o)) if o else ()) for s, t, j, o in rows]

    # What must hold

    def check(self, settled: Mapping[str, Any]) -> None:
        """Assert everything that must hold once the film has settled."""
        self._nothing_is_charged_twice()
        self._no_clip_is_lost(settled)
        self._another_build_does_nothing(settled)
        self._nothing_is_left_behind()

    def _nothing_is_charged_twice(self) -> None:
        asked = [charge.asked for charge in self.counter.bill()]
        assert len(asked) - len(set(asked)) <= self.retaken, f"charged twice: {asked}"
        assert len(asked) <= len(PROMPTS) + self.retaken

    def _no_clip_is_lost(self, settled: Mapping[str, Any]) -> None:
        jobs = self.jobs()
        done = {job: outputs for _, state, job, outputs in jobs if state == State.DONE}
        orphans = [state for _, state, job, _ in jobs if state == State.UNKNOWN and job is None]
        late = self._late()
        billed = {charge.id for charge in self.counter.bill()}
        lost = len(orphans) + len(late)
        assert lost - len(self._retakes()) <= len(settled["unknown"]) <= lost
        assert set(done) <= billed
        left = {job for _, _, _, job in self._retakes()}  # to a later build
        unknown_to_us = billed - set(done) - late - left
        assert len(unknown_to_us) <= len(orphans), "a paid job that the ledger does not know"
        clips = [digest for outputs in done.values() for digest in outputs]
        for digest in clips:
            blobs = list((self.folder / ".storyboard" / "blobs" / digest[:2]).glob(f"{digest}.*"))
            assert [digest_file(blob) for blob in blobs] == [digest]
        if settled["exit_code"] == 0:
            films = (self.folder / "build").glob("*.mp4")
            film = [clip for each in films for clip in each.read_text().split()]
            assert len(film) == len(PROMPTS)
            if self.retaken:
                assert set(film) <= set(clips)
            else:
                assert sorted(film) == sorted(clips), "a paid clip is not in the film"
            lock = (self.folder / "storyboard.lock").read_text()
            assert all(clip in lock for clip in clips), "the ledger has a take, the lock has not"
        else:
            assert lost

    def _nothing_is_left_behind(self) -> None:
        store = self.folder / ".storyboard"
        with build_lock(Store(store)):  # nobody holds it
            assert list((store / "tmp").iterdir()) == []
        assert (store / "build.lock").read_bytes() == b""
        database = sqlite3.connect(store / "ledger.sqlite3", timeout=0)
        try:
            assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            database.execute("BEGIN EXCLUSIVE")  # nobody holds it
            database.rollback()
        finally:
            database.close()

    def _another_build_does_nothing(self, settled: Mapping[str, Any]) -> None:
        if settled["exit_code"] != 0 or self._retakes():  # what is not known is asked after
            return
        files, requests = self.files(), self.counter.requests()
        assert self.build()["exit_code"] == 0
        written = {path for path, _ in self.files().items() ^ files.items()}
        assert not written, f"a build with nothing to do wrote {written}"
        assert self.counter.requests() == requests

    def files(self) -> dict[str, tuple[int, int]]:
        """Every file: its size and when it was written."""
        return {
            str(path): (path.stat().st_size, path.stat().st_mtime_ns)
            for path in self.folder.rglob("*")
            if path.is_file()
        }


@contextmanager
def crashed_film(name: str, stages: Stages, forge: Forge) -> Iterator[CrashedFilm]:
    """A film that is not built yet, and its provider."""
    with TemporaryDirectory(dir=MEMORY) as folder, counter(name, stages) as at:
        yield CrashedFilm(Path(folder), at, forge)


@contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection]:
    """A ledger, to be read."""
    database = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)
    try:
        yield database
    finally:
        database.close()


def spread(items: Sequence[str], count: int) -> list[str]:
    """So many of them, evenly."""
    if len(items) <= count:
        return list(items)
    return [items[number * len(items) // count] for number in range(count)]
