"""A law: a build makes exactly what must be made, for any film and any edits."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

from fake_film import FakeFilm, Shot, statuses
from hypothesis import given, settings
from hypothesis import strategies as st

from storyboard.steps import Status

LOOKS = st.sampled_from(["sea", "stair", "lamp"])
WORDS = st.sampled_from(["calm", "storm"])


@st.composite
def films(draw: st.DrawFn) -> list[Shot]:
    """Shots that start or end with the frames of shots before them."""
    shots: list[Shot] = []
    for number in range(draw(st.integers(1, 6))):
        earlier = st.none() | st.sampled_from([shot.id for shot in shots]) if shots else st.none()
        shots.append(
            Shot(
                id=f"s{number}",
                prompt=f"{draw(LOOKS)}|{draw(WORDS)}",
                first=draw(earlier),
                last=draw(earlier),
            )
        )
    return shots


@st.composite
def histories(draw: st.DrawFn) -> list[list[Shot]]:
    """A film and its later versions, each with one shot edited; versions may come back."""
    versions = [draw(films())]
    for _ in range(draw(st.integers(1, 3))):
        shots = list(draw(st.sampled_from(versions)))
        place = draw(st.integers(0, len(shots) - 1))
        old = shots[place]
        shots[place] = Shot(old.id, f"{draw(LOOKS)}|{draw(WORDS)}", old.first, old.last)
        versions.append(shots)
    return versions


class Oracle:
    """What must be generated: a clip whose description was never asked for before."""

    def __init__(self) -> None:
        self._made: set[object] = set()

    def build(self, shots: Iterable[Shot]) -> list[str]:
        frames: dict[str | None, object] = {None: None}
        generated = []
        for shot in shots:
            look, _, _ = shot.prompt.partition("|")
            clip = (shot.prompt, frames[shot.first], frames[shot.last])
            frames[shot.id] = (look, frames[shot.first])
            if clip not in self._made:
                self._made.add(clip)
                generated.append(shot.prompt)
        return sorted(generated)


MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None
"""Where flushing a file costs nothing: thousands are."""


@settings(max_examples=120, deadline=None)
@given(histories())
def test_a_build_generates_what_an_oracle_says(versions: list[list[Shot]]) -> None:
    oracle = Oracle()
    with TemporaryDirectory(dir=MEMORY) as folder:
        film = FakeFilm(Path(folder))
        for shots in versions:
            planned = film.plan(shots)
            built = film.build(shots)

            assert sorted(built.tools.done) == oracle.build(shots)
            assert built.films.complete
            made = {id_ for id_ in built.takes.made if id_.startswith("generate:")}
            assert len(built.tools.done) <= planned.to_generate
            sure = {i for i, s in statuses(planned).items() if s in {Status.NEW, Status.STALE}}
            assert sure <= built.made
            assert not {i for i in made if statuses(planned)[i] is Status.FRESH}
            assert {s.action.id for s in film.plan(shots) if s.status is not Status.FRESH} == set()
