"""A law: whatever is edited, a build generates exactly what must be, and leaves the right films.

The films are storyboards in files, built as the command builds them, but for
tools that work on texts. Edits come in any order; each is followed by a build.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from edited_film import CHAINED, DRESSES, FRESH, Easel, Film, Shot
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule
from minimal_oracle import Oracle

from storyboard.building import build
from storyboard.choosing import Wanted, pin, select, unpin
from storyboard.events import Event
from storyboard.facts import Take
from storyboard.pipeline import Choices, compile_film
from storyboard.project import Project, open_project
from storyboard.providers import find
from storyboard.steps import Status

MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None
"""Where flushing a file costs nothing: thousands are."""

OIL = "painter/oil"
LOOKS = st.sampled_from(["sea", "stair", "lamp"])
WORDS = st.sampled_from(["calm", "storm", "{{ weather }}"])
NUMBERS = st.integers(0, 5)


@st.composite
def films(draw: st.DrawFn) -> Film:
    """Shots in two scenes that start from the one before, or that start or end with earlier ones."""
    count = draw(st.integers(2, 5))
    shots = []
    for number in range(count):
        earlier = st.integers(0, max(0, number - 1)).map("s{}".format)
        shots.append(
            Shot(
                f"s{number}", draw(LOOKS), draw(WORDS),
                start=draw(st.just(CHAINED) | earlier if number else st.just(CHAINED)),
                end=draw(st.none() | earlier if number else st.none()),
            )
        )  # fmt: skip
    scenes = draw(st.integers(1, count))
    parted = tuple(map(tuple, (shots[:scenes], shots[scenes:])))
    apart = {1: "b.yaml"} if scenes < count and draw(st.booleans()) else {}
    return Film(parted, model=draw(st.sampled_from([OIL, "animatic"])), apart=apart)


class Editing(RuleBasedStateMachine):
    """Somebody edits a film, and builds it after each edit."""

    def __init__(self) -> None:
        super().__init__()
        self.temporary = TemporaryDirectory(dir=MEMORY)
        self.folder = Path(self.temporary.name)
        self.oracle = Oracle()
        self.profile: str | None = None
        self.weather = "calm"
        self.film = Film(())
        self.earlier: list[Film] = []
        self.renamed = 0

    def teardown(self) -> None:
        self.temporary.cleanup()

    @initialize(film=films())
    def begin(self, film: Film) -> None:
        self._build(film)

    # What is asked for

    @rule(shot=NUMBERS, look=LOOKS, words=WORDS)
    def reword(self, shot: int, look: str, words: str) -> None:
        self._change(shot, look=look, words=words)

    @rule(shot=NUMBERS, seconds=st.integers(2, 3))
    def last(self, shot: int, seconds: int) -> None:
        self._change(shot, seconds=seconds)

    @rule(shot=NUMBERS, model=st.sampled_from(["animatic", OIL, None]))
    def recast(self, shot: int, model: str | None) -> None:
        self._change(shot, model=model)

    @rule(shot=NUMBERS, other=NUMBERS | st.sampled_from([CHAINED, FRESH]))
    def start_from(self, shot: int, other: int | str) -> None:
        self._change(shot, start=self._at(other).id if isinstance(other, int) else other)

    @rule(shot=NUMBERS, other=st.none() | NUMBERS)
    def end_with(self, shot: int, other: int | None) -> None:
        earlier = self.film.shots[: shot % len(self.film.shots)]
        ends = None if other is None or not earlier else earlier[other % len(earlier)].id
        self._change(shot, end=ends)

    @rule(profile=st.sampled_from(["draft", None]), weather=st.sampled_from(["calm", "storm"]))
    def build_as(self, profile: str | None, weather: str) -> None:
        self.profile, self.weather = profile, weather
        self._build(self.film)

    # Where it stands

    @rule(shot=NUMBERS, scene=st.integers(0, 2), place=NUMBERS)
    def move(self, shot: int, scene: int, place: int) -> None:
        moved = self._at(shot)
        scenes = [[each for each in shots if each != moved] for shots in self.film.scenes]
        scenes += [[] for _ in range(scene + 1 - len(scenes))]
        scenes[scene].insert(place, moved)
        self._build(self._in_scenes(scenes))

    @rule(scene=st.integers(0, 2), look=LOOKS, words=WORDS, place=NUMBERS)
    def add(self, scene: int, look: str, words: str, place: int) -> None:
        if len(self.film.shots) < 6:
            scenes = [[*shots] for shots in self.film.scenes]
            scenes += [[] for _ in range(scene + 1 - len(scenes))]
            scenes[scene].insert(place, Shot(self._new_id(), look, words))
            self._build(self._in_scenes(scenes))

    @rule(shot=NUMBERS)
    def remove(self, shot: int) -> None:
        gone = self._at(shot)
        scenes = [[each for each in shots if each != gone] for shots in self.film.scenes]
        self._build(self._in_scenes(scenes))

    @rule(shots=st.lists(st.lists(NUMBERS, min_size=1, max_size=3, unique=True), max_size=2))
    def cut(self, shots: list[list[int]]) -> None:
        cuts = {
            f"cut-{number}": tuple(dict.fromkeys(self._at(each).id for each in each_cut))
            for number, each_cut in enumerate(shots)
        }
        self._build(replace(self.film, cuts=cuts))

    @rule(back=st.integers(0, 8))
    def go_back(self, back: int) -> None:
        name = self.film.name
        self._build(replace(self.earlier[-1 - back % len(self.earlier)], name=name))

    # What is nobody's business but the author's, and the cut's

    @rule(shot=NUMBERS)
    def rename(self, shot: int) -> None:
        old, new = self._at(shot).id, self._new_id()

        def named(id_: str) -> str:
            return new if id_ == old else id_

        self._build(
            replace(
                self.film,
                scenes=tuple(
                    tuple(
                        replace(s, id=named(s.id), start=named(s.start), end=s.end and named(s.end))
                        for s in shots
                    )
                    for shots in self.film.scenes
                ),
                cuts={cut: tuple(map(named, names)) for cut, names in self.film.cuts.items()},
            )
        )

    @rule(shot=NUMBERS, dress=st.sampled_from(sorted(DRESSES)))
    def dress(self, shot: int, dress: str) -> None:
        self._change(shot, dress=self._at(shot).dress ^ {dress})

    @rule(manner=st.sampled_from(["comments", "reversed", "quoted", "wide"]))
    def write_otherwise(self, manner: str) -> None:
        self._build(replace(self.film, manner=self.film.manner ^ {manner}))

    @rule(scene=st.integers(0, 2), file=st.sampled_from([None, "a.yaml", "b.yaml"]))
    def keep_scene_in(self, scene: int, file: str | None) -> None:
        apart = {n: f for n, f in self.film.apart.items() if n != scene and f != file}
        if file and scene < len(self.film.scenes) and self.film.scenes[scene]:
            apart[scene] = file
        self._build(replace(self.film, apart=apart))

    @rule(name=st.sampled_from(["storyboard", "ep02"]))
    def rename_storyboard(self, name: str) -> None:
        lock = self.folder / f"{self.film.name}.lock"
        if lock.exists():
            lock.rename(self.folder / f"{name}.lock")
        self._build(replace(self.film, name=name))

    # Takes

    @rule(shot=NUMBERS, ends_elsewhere=st.booleans())
    def take_again(self, shot: int, ends_elsewhere: bool) -> None:
        """Another take comes in, as of a branch that is merged: it is the newest, and used."""
        if asked := self._paid(shot):
            turns = self.oracle.turns[asked]
            turns.append(len(turns) if ends_elsewhere else 0)
            self.oracle.chosen[asked] = number = len(turns)
            with self._opened() as project:
                workshop = project.workshop
                (step,) = (s for s in project.plan() if s.action.id == f"generate:{self._id(shot)}")
                before = workshop.lock.lock.takes(step.key or "")[-1]
                with workshop.store.scratch() as scratch:
                    (scratch / "clip.mp4").write_text(self.oracle.text(asked, number))
                    taken = workshop.store.put(scratch / "clip.mp4")
                date = f"2100-01-01T00:00:{number:02}.000Z"
                newer: Take = replace(before, clip=taken, date=date, frames=())
                workshop.lock.change([newer], deselect=[newer.key])
            self._build(self.film)

    @rule(shot=NUMBERS, number=st.integers(1, 4))
    def select(self, shot: int, number: int) -> None:
        if asked := self._paid(shot):
            self.oracle.chosen[asked] = number = 1 + number % len(self.oracle.turns[asked])
            with self._opened() as project:
                select(project, Wanted(self._id(shot)), number)
            self._build(self.film)

    @rule(shot=NUMBERS, look=LOOKS, words=WORDS)
    def pin_and_reword(self, shot: int, look: str, words: str) -> None:
        if asked := self._paid(shot):
            name = self._id(shot)
            self.oracle.pins[name, self.profile] = (asked, self.oracle.chosen[asked])
            with self._opened() as project:
                pin(project, Wanted(name))
            self._change(shot, look=look, words=words)

    @rule(number=NUMBERS)
    def unpin(self, number: int) -> None:
        pinned = [shot for shot, profile in self.oracle.pins if profile == self.profile]
        if pinned:
            shot = pinned[number % len(pinned)]
            del self.oracle.pins[shot, self.profile]
            with self._opened() as project:
                unpin(project, Wanted(shot))
            self._build(self.film)

    def _paid(self, shot: int) -> object:
        """What a shot asks for that is not pinned and has takes."""
        name = self._id(shot)
        asked = self.oracle.asked.get(name)
        pinned = (name, self.profile) in self.oracle.pins
        return asked if asked and asked[0] == OIL and not pinned else None

    # The law

    def _build(self, film: Film) -> None:
        if not film.whole:
            return
        self.film = film
        self.earlier.append(film)
        film.write(self.folder)
        shown = self.oracle.build(film, self.profile, self.weather)

        with self._opened() as project:
            events: list[Event] = []
            built = build(project, events.append)
            again = build(project, events.append)
            easel = project.workshop.tools

        assert isinstance(easel, Easel)
        assert sorted(easel.drawn) == sorted(self.oracle.drawn)
        assert built.films.complete
        for cut, clips in shown.items():
            lines = built.films.paths[cut].read_text().splitlines()
            assert [line for line, _ in groupby(lines)] == clips
        assert len(easel.drawn) <= built.plan.to_generate
        status = {step.action.id: step.status for step in built.plan}
        made = {*built.takes.made, *built.films.made}
        assert {i for i, s in status.items() if s in {Status.NEW, Status.STALE}} <= made
        again_in_place = {f"cut:{cut}" for cut in shown}  # another film may have stood there
        assert {i for i in made if status[i] in {Status.FRESH, Status.HELD}} <= again_in_place
        assert {s.status for s in again.plan} <= {Status.FRESH, Status.HELD}
        assert not again.takes.made
        assert not again.films.made

    @contextmanager
    def _opened(self) -> Iterator[Project]:
        choices = Choices(profile=self.profile, given={"weather": self.weather})
        compiled = compile_film(self.folder / f"{self.film.name}.yaml", choices)
        with open_project(compiled, Easel()) as project:
            yield project

    def _at(self, number: int) -> Shot:
        return self.film.shots[number % len(self.film.shots)]

    def _id(self, number: int) -> str:
        return self._at(number).id

    def _new_id(self) -> str:
        self.renamed += 1
        return f"n{self.renamed}"

    def _change(self, number: int, **fields: object) -> None:
        old = self._at(number)
        new: Callable[..., Shot] = replace
        scenes = [[new(s, **fields) if s == old else s for s in each] for each in self.film.scenes]
        self._build(self._in_scenes(scenes))

    def _in_scenes(self, scenes: list[list[Shot]]) -> Film:
        apart = {n: file for n, file in self.film.apart.items() if scenes[n]}
        return replace(self.film, scenes=tuple(map(tuple, scenes)), apart=apart)


@pytest.fixture(autouse=True)
def painter(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The painter, installed."""
    monkeypatch.syspath_prepend(str(Path(__file__).parent / "installed"))
    find.cache_clear()
    yield
    sys.modules.pop("painter_entry", None)
    find.cache_clear()


class TestEditing(Editing.TestCase):  # type: ignore[misc, name-defined]
    settings = settings(
        max_examples=30,
        stateful_step_count=8,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
