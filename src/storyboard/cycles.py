"""Shots that wait for each other: each needs a frame of the next one, round in a loop."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from storyboard.diagnostics import Code, Diagnostic
from storyboard.graph import shortest_loops
from storyboard.model import Cut, FrameSource, Shot, ShotFrame
from storyboard.source import Span, Via


def cycles(cut: Cut) -> Iterator[Diagnostic]:
    """The loops of shots that need each other's frames, each once and as short as can be."""
    shots = cut.shots
    edges = {
        shot.id: [
            frame.shot
            for _, frame in frames_of(shot)
            if isinstance(frame, ShotFrame) and frame.shot in shots
        ]
        for shot in shots.values()
    }
    if _flows(edges):
        return
    for loop in shortest_loops(edges):
        yield _cycle(loop, cut)


def _cycle(loop: list[str], cut: Cut) -> Diagnostic:
    via: Via | None = None
    for name, after in reversed(list(zip(loop, [*loop[1:], loop[0]], strict=True))):
        via = Via(f"`{name}` needs a frame of `{after}`", _needs(cut.shots[name], after), via)
    names = " → ".join(f"`{name}`" for name in [*loop, loop[0]])
    message = (
        f"The shot `{loop[0]}` needs its own frame."
        if len(loop) == 1
        else f"These shots wait for each other: {names}."
    )
    help_ = "Let one of them start otherwise: `first_frame: none`, or `chain: false`."
    if len(loop) == 1:
        help_ = "Name another shot, or a picture."
    return Diagnostic(
        Code.CYCLE, message, _needs(cut.shots[loop[0]], loop[1 % len(loop)]), help_, via
    )


def _needs(shot: Shot, other: str) -> Span:
    for field, frame in frames_of(shot):
        if isinstance(frame, ShotFrame) and frame.shot == other:
            return shot.at if field == "first_frame" and shot.chained else shot.origin(field).span
    return shot.at


def frames_of(shot: Shot) -> Iterator[tuple[str, FrameSource]]:
    """The frames and videos that a shot is made from, each with its field."""
    if shot.first_frame is not None:
        yield "first_frame", shot.first_frame
    if shot.last_frame is not None:
        yield "last_frame", shot.last_frame
    if shot.motion is not None:
        yield "motion", shot.motion.video


def _flows(edges: Mapping[str, list[str]]) -> bool:
    """Whether there is no loop: quick, as nearly every storyboard has none."""
    waiting = {name: len(set(others)) for name, others in edges.items()}
    needed_by: dict[str, list[str]] = {}
    for name, others in edges.items():
        for other in set(others):
            needed_by.setdefault(other, []).append(name)
    free = [name for name, count in waiting.items() if not count]
    done = 0
    while free:
        done += 1
        for name in needed_by.get(free.pop(), ()):
            waiting[name] -= 1
            if not waiting[name]:
                free.append(name)
    return done == len(edges)
