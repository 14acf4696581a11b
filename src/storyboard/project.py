"""A project: a compiled storyboard with its store and its ledger, to be planned; building.py builds it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from storyboard import providers
from storyboard.collector import paused
from storyboard.graph import ActionGraph
from storyboard.lane import Lane
from storyboard.ledger import Ledger
from storyboard.lock_file import LockFile, lock_path
from storyboard.model import Quality, Storyboard
from storyboard.passes.plan import plan
from storyboard.pipeline import Compiled
from storyboard.provider import LocalProvider
from storyboard.source import Plain
from storyboard.steps import Plan, Step
from storyboard.store import Store, store_root
from storyboard.tools import LocalTools, Tools
from storyboard.whereabouts import DEFAULT_NAME
from storyboard.workshop import Workshop

if TYPE_CHECKING:
    from storyboard.jobs import Spending
    from storyboard.quality import CutQuality


def film_paths(storyboard: Storyboard) -> dict[str, str]:
    """Where each cut's film goes, from the storyboard's folder.

    `build/main.mp4`; `build/main.draft.mp4` under the profile `draft`;
    `build/ep02-main.mp4` for the storyboard `ep02.yaml`.
    """
    stem = "" if storyboard.name == Path(DEFAULT_NAME).stem else f"{storyboard.name}-"
    profile = f".{storyboard.profile}" if storyboard.profile else ""
    return {cut.id: f"build/{stem}{cut.id}{profile}.{cut.format}" for cut in storyboard.cuts}


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """A compiled storyboard with its store and ledger."""

    compiled: Compiled
    workshop: Workshop

    def plan(self, *, remake: bool = False) -> Plan:
        """What a build would do, and why.

        Args:
            remake: whether takes that the lock has and that are not here may be
                made again.

        Raises:
            Invalid: the lock is damaged.
            StoreError: the ledger cannot be read.
        """
        workshop = self.workshop
        with paused():
            return plan(
                self.compiled.graph,
                workshop.store,
                workshop.ledger,
                workshop.lane,
                film_paths(self.compiled.storyboard),
                lock=workshop.lock.lock,
                remake=remake,
            )

    def spending(self) -> Spending:
        """What the film has cost in all, wherever it was paid for, and what is under way."""
        from storyboard.costs import expenses_of, spending_of

        workshop = self.workshop
        jobs = workshop.ledger.jobs.all()
        return spending_of(expenses_of(workshop.lane.film, jobs, workshop.lock.lock))

    def submit(self, step: Step, planned: Plan) -> dict[str, Plain] | None:
        """The submit that a build would send for a step, as a document without secrets.

        None for what no remote model makes.
        """
        from storyboard.preview import shown, submit_of
        from storyboard.remote_provider import RemoteProvider

        provider = providers.find(step.action.provider) if step.action.model else None
        if not isinstance(provider, RemoteProvider):
            return None
        outputs = {each.action.id: each.output for each in planned if each.output}
        workshop = self.workshop
        request = submit_of(step.action, provider, outputs, workshop.store, workshop.folder)
        return shown(request, provider)

    def quality(self) -> list[CutQuality]:
        """The joins and chains of the films that are there, as far as a build has measured them.

        Raises:
            Invalid: the lock is damaged.
            StoreError: the ledger cannot be read.
        """
        planned = self.plan()
        outputs = {step.action.id: step.output for step in planned if step.output}
        from storyboard.inspection import Inspection

        inspection = Inspection(planned, self.workshop, outputs)
        return list(inspection.cuts(outputs, self.quality_allowed()))

    def quality_allowed(self) -> dict[str, Quality]:
        """By cut, from where on something in its film is worth a look."""
        return {cut.id: cut.quality for cut in self.compiled.storyboard.cuts}


@contextmanager
def open_project(compiled: Compiled, tools: Tools | None = None) -> Iterator[Project]:
    """The store and the ledger around a compiled storyboard; nothing is created before a build.

    Args:
        compiled: as `compile_film` gives it.
        tools: what does the work; the local providers and media by default.

    Raises:
        StoreError: the ledger cannot be read.
    """
    folder = compiled.path.resolve().parent
    store = Store(store_root(folder))
    film = compiled.path.resolve().relative_to(store.root.parent).as_posix()
    with Ledger(store.root / "ledger.sqlite3") as ledger:
        workshop = Workshop(
            folder=folder,
            lane=Lane(film, compiled.storyboard.profile),
            store=store,
            ledger=ledger,
            lock=LockFile(lock_path(compiled.path), root=store.root),
            frames=compiled.graph.frames(),
            tools=tools or LocalTools(_local_providers(compiled.graph)),
        )
        yield Project(compiled=compiled, workshop=workshop)


def _local_providers(graph: ActionGraph) -> tuple[LocalProvider, ...]:
    names = sorted({action.provider for action in graph if action.model})
    found: Iterable[object] = (providers.find(name) for name in names)
    return tuple(provider for provider in found if isinstance(provider, LocalProvider))
