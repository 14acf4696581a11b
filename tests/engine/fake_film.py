"""A film made of short texts: what the engine builds in these tests.

A shot's prompt is `look | words`. Both are in its clip; only the look, and the
frame that it started from, are in its hand-over frame. So a change of words
alone ends at the shot itself.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from hashlib import sha256
from pathlib import Path
from threading import Event

from storyboard.agenda import Pace
from storyboard.build_lock import build_lock
from storyboard.digest import digest_file
from storyboard.film_file import FilmFile
from storyboard.graph import Action, ActionGraph, FrameWork, Given, Kind, Made, Named, in_order
from storyboard.ledger import Lane, Ledger
from storyboard.lock_file import LockFile
from storyboard.model import Moment, Seconds, Size, Transition
from storyboard.outcome import Films, Takes
from storyboard.passages import CutWork, PassageWork
from storyboard.passes.assemble import assemble, standing, unplaced
from storyboard.passes.execute import execute
from storyboard.passes.plan import plan
from storyboard.provider import Prompt, Report, Request
from storyboard.recollection import keep, recall
from storyboard.sounding import SoundWork
from storyboard.steps import Plan, Status
from storyboard.store import Store, store_root
from storyboard.timeline import Edit, Piece
from storyboard.timeline import Event as TimelineEvent
from storyboard.workshop import Workshop


@dataclass(frozen=True)
class Shot:
    id: str
    prompt: str
    first: str | None = None  # a shot, or a path with a dot in it
    last: str | None = None
    duration: int = 5
    model: str = "animatic"


def chain(*prompts: str) -> list[Shot]:
    """Shots s1, s2, …, each from the one before."""
    return [
        Shot(f"s{number}", prompt, f"s{number - 1}" if number > 1 else None)
        for number, prompt in enumerate(prompts, 1)
    ]


def graph_of(shots: Iterable[Shot], folder: Path, fade: int = 0) -> ActionGraph:
    """Clips, the frames that others start or end with, and the cut of all of them."""
    shots = list(shots)
    actions = []
    for shot in shots:
        ends = {"first_frame": shot.first, "last_frame": shot.last}
        actions.append(
            Action(
                id=f"generate:{shot.id}",
                kind=Kind.GENERATE,
                work=Request(
                    model=shot.model,
                    prompts=(Prompt(shot.prompt, Fraction(shot.duration)),),
                    duration=Fraction(shot.duration),
                ),
                inputs={role: _end(end, folder) for role, end in ends.items() if end},
                shot=shot.id,
                model=shot.model,
                seconds=Fraction(shot.duration),
            )
        )
    used = {end for shot in shots for end in (shot.first, shot.last) if end and "." not in end}
    actions.extend(
        Action(
            id=f"frame:{shot}",
            kind=Kind.FRAME,
            work=FrameWork(Moment.HAND_OVER, None, "1"),
            inputs={"clip": Made(f"generate:{shot}")},
            shot=shot,
        )
        for shot in sorted(used)
    )
    actions.append(
        Action(
            id="cut:main",
            kind=Kind.CUT,
            work=CutWork(_edit(len(shots), fade), "1", "1"),
            inputs={
                f"clip {number}": Made(f"generate:{shot.id}")
                for number, shot in enumerate(shots, 1)
            },
            cuts=("main",),
        )
    )
    return in_order(actions)


def _end(end: str, folder: Path) -> Made | Given | Named:
    if end.startswith("https://"):
        return Named(end)
    return Given(end, digest_file(folder / end)) if "." in end else Made(f"frame:{end}")


def _edit(count: int, fade: int) -> Edit:
    events = tuple(
        TimelineEvent(
            shot=f"{number}",
            scene="",
            pieces=(Piece(f"clip {number}", Fraction(0), Fraction(5)),),
            record_in=60 * (number - 1),
            record_out=60 * number,
            source_in=Fraction(0),
            join=Transition(),
            fit="pad",
            focus=(Fraction(1, 2), Fraction(1, 2)),
        )
        for number in range(1, count + 1)
    )
    return Edit(Size(160, 90), Fraction(12), events, fade_in=Fraction(fade))


@dataclass
class FakeTools:
    """Tools that work on texts. They can be told to fail, and to wait.

    Attributes:
        done: the prompts that were drawn, in the order in which that began.
        failing: prompts of which the drawing fails, with what.
        gates: prompts of which the drawing waits until the gate is opened.
        begun: set when the drawing of a prompt has begun.
        peak: the most that were ever drawn at once.
    """

    done: list[str] = field(default_factory=list)
    failing: Mapping[str, Exception] = field(default_factory=dict)
    gates: Mapping[str, Event] = field(default_factory=dict)
    begun: dict[str, Event] = field(default_factory=dict)
    frames_taken: int = 0
    cuts_made: int = 0
    at_work: int = 0
    peak: int = 0

    def draw(
        self, request: Request, frames: Mapping[str, Path], destination: Path, report: Report
    ) -> None:
        prompt = request.prompts[0].text
        self.done.append(prompt)
        self.at_work += 1
        self.peak = max(self.peak, self.at_work)
        try:
            destination.write_text("half a cli")
            self.begun.setdefault(prompt, Event()).set()
            while prompt in self.gates and not self.gates[prompt].wait(0.01):
                report(0.5)
            if prompt in self.failing:
                raise self.failing[prompt]
            look, _, words = prompt.partition("|")
            clip = {role: path.read_text() for role, path in frames.items()}
            clip |= {"look": look, "words": words, "duration": str(request.duration)}
            destination.write_text(json.dumps(clip))
            report(1.0)
        finally:
            self.at_work -= 1

    def take_frame(self, clip: Path, at: Moment | Seconds, duration: Seconds | None) -> bytes:
        self.frames_taken += 1
        drawn = json.loads(clip.read_text())
        return (
            sha256(f"{drawn['look']} from {drawn.get('first_frame')}".encode()).hexdigest().encode()
        )

    def conform(
        self, work: PassageWork, inputs: Mapping[str, Path], destination: Path, report: Report
    ) -> None:
        raise AssertionError("these films are stitched from whole clips")

    def sound(self, work: SoundWork, inputs: Mapping[str, Path], destination: Path) -> None:
        raise AssertionError("these films are silent")

    def stitch(
        self, edit: Edit, inputs: Mapping[str, Path], destination: FilmFile, report: Report
    ) -> None:
        self.cuts_made += 1
        clips = [inputs[event.pieces[0].clip].read_text() for event in edit.events]
        destination.write((f"fade {edit.fade_in}\n" + "\n".join(clips)).encode())
        report(1.0)


@dataclass
class Built:
    """A build, as a test looks at it."""

    plan: Plan
    takes: Takes
    films: Films
    events: list[object]
    tools: FakeTools

    @property
    def made(self) -> set[str]:
        return set(self.takes.made) | set(self.films.made)

    @property
    def generated(self) -> set[str]:
        """The shots of which a clip was generated."""
        return {id_.partition(":")[2] for id_ in self.takes.made if id_.startswith("generate:")}


@dataclass
class FakeFilm:
    """A storyboard's folder, without a storyboard: what can be done with it."""

    folder: Path
    lane: Lane = field(default_factory=lambda: Lane("storyboard.yaml"))

    @property
    def store(self) -> Store:
        return Store(store_root(self.folder))

    @property
    def path(self) -> Path:
        return self.folder / "build" / "main.mp4"

    def plan(self, shots: Iterable[Shot], fade: int = 0) -> Plan:
        with Ledger(self.store.root / "ledger.sqlite3") as ledger:
            return self._plan(shots, ledger, fade)

    def _plan(self, shots: Iterable[Shot], ledger: Ledger, fade: int) -> Plan:
        graph = graph_of(shots, self.folder, fade)
        return plan(graph, self.store, ledger, self.lane, {"main": "build/main.mp4"})

    def build(
        self,
        shots: Iterable[Shot],
        tools: FakeTools | None = None,
        *,
        fade: int = 0,
        jobs: int = 2,
        limits: Mapping[str, int] | None = None,
        keep_going: bool = True,
    ) -> Built:
        """What the `build` command does, with texts for films."""
        tools = tools or FakeTools()
        events: list[object] = []
        with Ledger(self.store.root / "ledger.sqlite3") as ledger:
            workshop = Workshop(
                folder=self.folder,
                lane=self.lane,
                store=self.store,
                ledger=ledger,
                tools=tools,
                lock=LockFile(self.folder / "storyboard.lock"),
            )
            planned = self._plan(shots, ledger, fade)
            sightings = recall(self.store.root)
            films = standing(planned, workshop, sightings)
            if films is not None:
                return Built(planned, Takes(), films, events, tools)
            with build_lock(self.store):
                pace = Pace(jobs=jobs, limits=limits or {}, keep_going=keep_going)
                absent = unplaced(planned, workshop, sightings)
                takes = execute(planned, workshop, events.append, pace, unplaced=absent)
                films = assemble(planned, takes, workshop, events.append, sightings, absent)
                keep(sightings, self.store.root)
            return Built(planned, takes, films, events, tools)

    def files(self) -> dict[str, str]:
        """The digest of every file, by path."""
        return {
            str(path.relative_to(self.folder)): digest_file(path)
            for path in sorted(self.folder.rglob("*"))
            if path.is_file()
        }


def statuses(planned: Plan) -> dict[str, Status]:
    return {step.action.id: step.status for step in planned}
