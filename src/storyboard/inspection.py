"""Inspecting films: every join is measured once, and found again by its key while nothing of it changes."""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from storyboard.digest import digest
from storyboard.graph import Action, Given, InputSource, Made
from storyboard.model import Quality
from storyboard.passages import CutWork, Passage, passages
from storyboard.quality import CutQuality, JoinFigures, Seam, judged
from storyboard.steps import Plan
from storyboard.store import PIECE
from storyboard.stretches import CHUNK_PACKETS, PACKET
from storyboard.timeline import Event, frame_of, nearest_frame, overlap, timecode
from storyboard.track import SOUND_RATE
from storyboard.workshop import Workshop

if TYPE_CHECKING:
    from storyboard.media.seams import Side

_VERSION = "3"
"""Of the code that measures. A new one measures every join again."""

_HEARD = (SOUND_RATE // 5, SOUND_RATE // 10)
"""Samples before and behind a join that bear on its click, and more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Join:
    """A hard cut of a film that is there.

    Attributes:
        seam: the key of all that its picture's measure depends on; `click`, its sound's.
        sides: the passages that meet in it, and their pieces.
        begins: the second clip, where its own first frame stands behind the cut.
        given: the picture that it was asked to begin with.
    """

    seam: str
    click: str
    before: Event
    after: Event
    sides: tuple[tuple[Passage, Path], tuple[Passage, Path]]
    chained: bool
    begins: Path | None
    given: Path | None


@dataclass(slots=True)
class Inspection:
    """Looks at the films of a plan.

    As a context manager it measures joins that nobody has measured, and writes
    that down; the build lock must be held then.

    Attributes:
        outputs: digests of what is at hand, by action id.
    """

    plan: Plan
    workshop: Workshop
    outputs: Mapping[str, str]
    _actions: dict[str, Action] = field(default_factory=dict)
    _looked_at: dict[str, tuple[list[_Join], dict[str, Any]]] = field(default_factory=dict)
    _measures: bool = False
    _seams: dict[str, Future[Seam | str]] = field(default_factory=dict)
    _threads: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(os.cpu_count()))

    def __post_init__(self) -> None:
        self._actions = {step.action.id: step.action for step in self.plan}

    def __enter__(self) -> Self:
        """Begin to measure the joins that nobody has measured: what is seen there.

        Their pieces tell it, so that it can be done while films are put together.
        """
        self._measures = True
        for step in self.plan:
            work = step.action.work
            if isinstance(work, CutWork):
                joins, known = self._look(step.action, work)
                for join in joins:
                    if join.seam not in known and join.seam not in self._seams:
                        seam = self._threads.submit(self._measured, step.action, join)
                        self._seams[join.seam] = seam
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._threads.shutdown(cancel_futures=True)

    def cuts(self, there: Collection[str], allowed: Mapping[str, Quality]) -> Iterator[CutQuality]:
        """Every film that is there, with its joins as far as they are known.

        Args:
            there: the films, by their actions' ids.
            allowed: by cut, from where on something is worth a look.

        Raises:
            StoreError: a measure cannot be written down.
        """
        for step in self.plan:
            work = step.action.work
            if isinstance(work, CutWork) and step.action.id in there:
                joins, known = self._look(step.action, work)
                unmeasured: list[tuple[str, str, str]] = []
                if self._measures:
                    film = self.workshop.folder / self.plan.films[step.action.cuts[0]]
                    news, unmeasured = self._news(film, work, joins, known)
                    self._keep(news)
                    known |= news
                figures = [
                    _figures_of(join, work.edit.fps, known[join.seam], known[join.click])
                    for join in joins
                    if join.seam in known and join.click in known
                ]
                for cut in step.action.cuts:
                    yield judged(cut, figures, allowed[cut], unmeasured)

    def _look(self, cut: Action, work: CutWork) -> tuple[list[_Join], dict[str, Any]]:
        """The joins of a film, and what is known of them."""
        if cut.id not in self._looked_at:
            joins = list(self._joins(cut, work))
            known = self._known([key for join in joins for key in (join.seam, join.click)])
            self._looked_at[cut.id] = joins, known
        return self._looked_at[cut.id]

    def _joins(self, cut: Action, work: CutWork) -> Iterator[_Join]:
        edit = work.edit
        pieces = {each.start: (each, number) for number, each in enumerate(passages(edit), 1)}
        ends = {
            start: before for before, start in zip(pieces.values(), [*pieces][1:], strict=False)
        }
        for before, after in pairwise(edit.events):
            if overlap(before, after) or after.record_in == before.record_in:
                continue
            (left, one), (right, other) = ends[after.record_in], pieces[after.record_in]
            sources = [cut.inputs[f"piece {number}"] for number in (one, other)]
            files = [self._file(source) for source in sources]
            keys = [self._key(source) for source in sources]
            sound = self._heard(cut, _sample(after, edit.fps))
            chained, begins, given = self._start(cut, before, after, work)
            if None in keys or None in sound or files[0] is None or files[1] is None:
                continue
            beside = given.name if given else None  # a blob's name is its digest
            yield _Join(
                seam=digest(["seam", _VERSION, *keys, beside, chained]),
                click=digest(["click", _VERSION, *sound]),
                before=before,
                after=after,
                sides=((left, files[0]), (right, files[1])),
                chained=chained,
                begins=begins,
                given=given,
            )

    def _heard(self, cut: Action, at: int) -> list[str | int | None]:
        """Where a join stands in the sound, and the keys of the chunks that are heard there."""
        first = max(0, (at - _HEARD[0]) // PACKET) // CHUNK_PACKETS
        last = ((at + _HEARD[1]) // PACKET + 1) // CHUNK_PACKETS
        roles = [f"track {number + 1}" for number in range(first, last + 1)]
        chunks = [self._key(cut.inputs[role]) for role in roles if role in cut.inputs]
        return [at - first * CHUNK_PACKETS * PACKET, *chunks]

    def _start(
        self, cut: Action, before: Event, after: Event, work: CutWork
    ) -> tuple[bool, Path | None, Path | None]:
        """Whether a shot goes on from the one before; its clip, and the picture it was given."""
        piece, time = frame_of(after, after.record_in, work.edit.fps)
        left, _ = frame_of(before, after.record_in - 1, work.edit.fps)
        source, earlier = cut.inputs[piece.clip], cut.inputs[left.clip]
        if not isinstance(source, Made) or time != 0:
            return False, None, None
        given = self._actions[source.action].inputs.get("first_frame")
        chained = (
            isinstance(given, Made) and self._actions[given.action].inputs.get("clip") == earlier
        )
        if isinstance(given, Made | Given):
            return chained, self._file(source), self._file(given)
        return False, None, None

    def _measured(self, cut: Action, join: _Join) -> Seam | str:
        """What is seen at a join; or why that cannot be measured."""
        from storyboard.media.container import BadMedia
        from storyboard.media.seams import Side, measure_seam

        def side(passage: Passage, piece: Path) -> Side:
            files = {own: self._file(cut.inputs[role]) for own, role in passage.roles.items()}
            return Side(piece, {own: file for own, file in files.items() if file})

        try:
            before, after = (side(*each) for each in join.sides)
            return measure_seam(before, after, join.begins, join.given, chained=join.chained)
        except (BadMedia, OSError) as error:
            return _why(error)

    def _news(
        self, film: Path, work: CutWork, joins: Sequence[_Join], known: Mapping[str, Any]
    ) -> tuple[dict[str, Any], list[tuple[str, str, str]]]:
        """What is measured now, by its key; and the joins that cannot be, each with why."""
        news: dict[str, Any] = {}
        unmeasured = []
        for join in joins:
            if join.seam in self._seams:
                found = self._seams[join.seam].result()
                if isinstance(found, Seam):
                    news[join.seam] = found.kept()
                else:
                    unmeasured.append((join.before.shot, join.after.shot, found))
        unheard = [join for join in joins if join.click not in known]
        if not unheard:
            return news, unmeasured
        from storyboard.media.clicks import steps_at
        from storyboard.media.container import BadMedia

        try:
            steps = steps_at(film, [join.after.record_in / work.edit.fps for join in unheard])
            news |= {join.click: step for join, step in zip(unheard, steps, strict=True)}
        except (BadMedia, OSError) as error:
            unmeasured += [(each.before.shot, each.after.shot, _why(error)) for each in unheard]
        return news, unmeasured

    def _key(self, source: InputSource) -> str | None:
        return self._actions[source.action].key(self.outputs) if isinstance(source, Made) else None

    def _file(self, source: InputSource) -> Path | None:
        match source:
            case Made(action):
                return self._made(action)
            case Given(path):
                return self.workshop.folder / path
        return None

    def _made(self, action: str) -> Path | None:
        output = self.outputs.get(action)
        return self.workshop.store.find(output) if output else None

    def _known(self, keys: Iterable[str]) -> dict[str, Any]:
        """What was measured before, by its key. What was measured at once is kept in one file."""
        known: dict[str, Any] = {}
        for key in keys:
            if key not in known and (output := self.workshop.ledger.output(key)):
                path = self.workshop.store.find(output)
                known |= json.loads(path.read_text("utf-8")) if path else {}
        return known

    def _keep(self, news: Mapping[str, Any]) -> None:
        if not news:
            return
        with self.workshop.store.scratch() as scratch:
            made = scratch / f"measure{PIECE}"
            made.write_text(json.dumps(news, sort_keys=True), "utf-8")
            output = self.workshop.store.put(made)
        self.workshop.ledger.record_all(news, output, {"measure": _VERSION})


def _sample(event: Event, fps: Fraction) -> int:
    """The sample of the cut with which an event begins."""
    return nearest_frame(event.record_in / fps, Fraction(SOUND_RATE))


def _why(error: Exception) -> str:
    """What is wrong with a file, and which."""
    if isinstance(error, OSError):
        return f"{error.filename}: {error.strerror}"
    path = getattr(error, "path", None)
    return f"{path}: {error}" if path else str(error)


def _figures_of(join: _Join, fps: Fraction, seam: Mapping[str, Any], click: float) -> JoinFigures:
    return JoinFigures(
        before=join.before.shot,
        after=join.after.shot,
        frame=join.after.record_in,
        timecode=timecode(join.after.record_in, fps),
        chained=join.chained,
        click=click,
        **{name: getattr(Seam.read(seam), name) for name in seam},
    )
