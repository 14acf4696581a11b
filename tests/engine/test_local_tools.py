"""The tools of this machine, at work in a build."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

from fake_film import FakeFilm

from storyboard.events import Progress, StepFailed
from storyboard.graph import Action, ActionGraph, Kind
from storyboard.ledger import Ledger
from storyboard.lock_file import LockFile
from storyboard.model import Size
from storyboard.outcome import Takes
from storyboard.passes.execute import execute
from storyboard.passes.plan import plan
from storyboard.provider import Prompt, Request
from storyboard.providers.animatic import Animatic
from storyboard.tools import LocalTools
from storyboard.workshop import Workshop


def build(folder: Path, model: str, events: list[object]) -> Takes:
    request = Request(
        model=model,
        prompts=(Prompt("a lamp, push in", Fraction(1, 2)),),
        duration=Fraction(1, 2),
        size=Size(160, 90),
        fps=Fraction(12),
    )
    graph = ActionGraph((Action(id="generate:lamp", kind=Kind.GENERATE, work=request),))
    film = FakeFilm(folder)
    with Ledger(film.store.root / "ledger.sqlite3") as ledger:
        workshop = Workshop(
            folder=folder,
            lane=film.lane,
            store=film.store,
            ledger=ledger,
            lock=LockFile(folder / "storyboard.lock"),
            tools=LocalTools((Animatic(),)),
        )
        return execute(plan(graph, film.store, ledger, film.lane, {}), workshop, events.append)


def test_a_shot_is_drawn_into_the_store(tmp_path: Path) -> None:
    events: list[object] = []

    takes = build(tmp_path, "animatic", events)

    assert takes.made == ("generate:lamp",)
    clip = FakeFilm(tmp_path).store.find(takes.outputs["generate:lamp"])
    assert clip is not None
    assert clip.read_bytes()[4:8] == b"ftyp"
    assert any(isinstance(event, Progress) for event in events)
    assert build(tmp_path, "animatic", events).reused == ("generate:lamp",)


def test_a_model_of_nobody_here_is_said(tmp_path: Path) -> None:
    events: list[object] = []

    takes = build(tmp_path, "elsewhere/fine", events)

    assert takes.failed == ("generate:lamp",)
    (failed,) = [event for event in events if isinstance(event, StepFailed)]
    assert failed.message == "no provider on this machine has the model elsewhere/fine"
