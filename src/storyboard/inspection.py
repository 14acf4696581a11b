"""Inspecting films: every join is measured once, and found again by its key while nothing of it changes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from storyboard.digest import digest
from storyboard.graph import Action, Given, Kind, Made
from storyboard.model import Quality
from storyboard.passages import CutWork, passages
from storyboard.quality import CutQuality, JoinFigures, Picture, judged
from storyboard.steps import Plan
from storyboard.store import PIECE
from storyboard.timeline import Event, frame_of, overlap
from storyboard.workshop import Workshop

_VERSION = "1"
"""Of the code that measures. A new one measures every join again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Join:
    """A hard cut of a film that is there.

    Attributes:
        key: of everything that its measure depends on.
        begins: the second clip, where its own first frame stands behind the cut.
        given: the picture that it was asked to begin with.
    """

    key: str
    before: Event
    after: Event
    chained: bool
    begins: Path | None
    given: Path | None


@dataclass(slots=True)
class Inspection:
    """Looks at the films of a plan.

    Attributes:
        outputs: digests of what is at hand, by action id.
        measures: whether joins that were never measured are measured now, and
            written down; the build lock must be held then.
    """

    plan: Plan
    workshop: Workshop
    outputs: Mapping[str, str]
    measures: bool
    _actions: dict[str, Action] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._actions = {step.action.id: step.action for step in self.plan}

    def cuts(self, allowed: Mapping[str, Quality]) -> Iterator[CutQuality]:
        """Every film that is there, with its joins as far as they are known.

        Args:
            allowed: by cut, from where on something is worth a look.

        Raises:
            StoreError: a measure cannot be written down.
        """
        for step in self.plan:
            work, film = step.action.work, self._file(step.action.id)
            if step.action.kind is Kind.CUT and isinstance(work, CutWork) and film:
                joins = list(self._joins(step.action, work))
                figures = self._figures(joins, work, film, self.outputs[step.action.id])
                for cut in step.action.cuts:
                    yield judged(cut, figures, allowed[cut])

    def _joins(self, cut: Action, work: CutWork) -> Iterator[_Join]:
        edit = work.edit
        pieces = {passage.start: number for number, passage in enumerate(passages(edit), 1)}
        ends = {start: number - 1 for start, number in pieces.items()}
        for before, after in pairwise(edit.events):
            if overlap(before, after) or after.record_in == before.record_in:
                continue
            sides = (ends[after.record_in], pieces[after.record_in])
            keys = [self._key(cut.inputs[f"piece {number}"]) for number in sides]
            chained, begins, given = self._start(cut, before, after, work)
            if None not in keys:
                beside = given.name if given else None  # a blob's name is its digest
                yield _Join(
                    key=digest(["seam", _VERSION, edit.fps, *keys, beside]),
                    before=before,
                    after=after,
                    chained=chained,
                    begins=begins,
                    given=given,
                )

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
        match given:
            case Made(frame):
                chained = self._actions[frame].inputs.get("clip") == earlier
                return chained, self._file(source.action), self._file(frame)
            case Given(path):
                return False, self._file(source.action), self.workshop.folder / path
        return False, None, None

    def _figures(
        self, joins: list[_Join], work: CutWork, film: Path, of_film: str
    ) -> list[JoinFigures]:
        """The joins that are known, or can be measured now."""
        known = {join.key: self._known(join.key) for join in joins}
        lacking = [join for join in joins if known[join.key] is None]
        if lacking and self.measures:
            from storyboard.media.seams import measure_seam

            def measured(join: _Join) -> str:
                at = join.after.record_in
                return measure_seam(film, at, work.edit.fps, join.begins, join.given).json()

            with ThreadPoolExecutor() as threads:
                for join, text in zip(lacking, threads.map(measured, lacking), strict=True):
                    self._keep(join.key, text)
                    known[join.key] = text
        found = [join for join in joins if known[join.key] is not None]
        clicks = self._clicks(found, work, film, of_film)
        return [
            _figures_of(join, known[join.key] or "", click)
            for join, click in zip(found, clicks, strict=True)
        ]

    def _clicks(
        self, joins: list[_Join], work: CutWork, film: Path, of_film: str
    ) -> tuple[float, ...]:
        import json

        from storyboard.media.clicks import steps_at

        times = [join.after.record_in / work.edit.fps for join in joins]
        key = digest(["clicks", _VERSION, of_film, times])
        text = self._known(key)
        if text is None and self.measures:
            text = json.dumps(steps_at(film, times))
            self._keep(key, text)
        return tuple(json.loads(text)) if text else (0.0,) * len(joins)

    def _key(self, source: object) -> str | None:
        return self._actions[source.action].key(self.outputs) if isinstance(source, Made) else None

    def _file(self, action: str) -> Path | None:
        output = self.outputs.get(action)
        return self.workshop.store.find(output) if output else None

    def _known(self, key: str) -> str | None:
        output = self.workshop.ledger.output(key)
        path = self.workshop.store.find(output) if output else None
        return path.read_text("utf-8") if path else None

    def _keep(self, key: str, text: str) -> None:
        with self.workshop.store.scratch() as scratch:
            made = scratch / f"measure{PIECE}"
            made.write_text(text, "utf-8")
            self.workshop.ledger.record(key, self.workshop.store.put(made), {"measure": _VERSION})


def _figures_of(join: _Join, text: str, click: float) -> JoinFigures:
    from storyboard.media.seams import read_seam

    seam = read_seam(text)
    return JoinFigures(
        before=join.before.shot,
        after=join.after.shot,
        chained=join.chained,
        difference=seam.difference,
        motion=seam.motion,
        lightness=seam.lightness,
        color=seam.color,
        doubled=seam.doubled,
        given=seam.given,
        click=click,
        last=Picture(mean=seam.before.mean, sharpness=seam.before.sharpness),
        first=Picture(mean=seam.after.mean, sharpness=seam.after.sharpness),
    )
