"""What of a store is named: by locks, by paid jobs, by what the films ask for now or were last built of."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from storyboard import git
from storyboard.diagnostics import Invalid
from storyboard.jobs import State
from storyboard.lane import Lane
from storyboard.ledger import Ledger, Result
from storyboard.pipeline import Choices, compile_film
from storyboard.project import open_project
from storyboard.providers import find_model
from storyboard.source import Plain
from storyboard.store import Store

_DIGEST = re.compile(rb"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")
_COMMITS = {"commit", "tree"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """The digests of blobs that are named, by whom.

    Attributes:
        paid: clips that cost money or cannot be made again, frames of them, and
            what jobs under way were given.
        locked: whatever a lock names, of any branch, tag or stash.
        current: what the films ask for now, or were last built of.
        unread: the storyboards that cannot be read now, which keep all that
            they were last built of.
    """

    paid: frozenset[str] = frozenset()
    locked: frozenset[str] = frozenset()
    current: frozenset[str] = frozenset()
    unread: tuple[str, ...] = ()

    def __contains__(self, digest: str) -> bool:
        return digest in self.paid or digest in self.locked or digest in self.current


def named_in(store: Store, ledger: Ledger) -> Named:
    """Everything in a store that somebody names. Only reads.

    Raises:
        Failed: git cannot tell what its branches name.
        StoreError: the ledger cannot be read.
    """
    results = ledger.results()
    current: set[str] = set()
    unread: list[str] = []
    for lane, last in ledger.lanes().items():
        try:
            current |= _asked_for(lane, last, store, ledger)
        except (Invalid, FileNotFoundError):
            unread.append(lane.film)
            current |= _outputs(last.values(), ledger)
    return Named(
        paid=frozenset(_paid(results, ledger)),
        locked=frozenset(_locked(store.root.parent)),
        current=frozenset(current),
        unread=tuple(dict.fromkeys(unread)),
    )


def locked_elsewhere(store: Store, lock: Path) -> frozenset[str]:
    """Whatever a lock names, but for what stands in this file now; what is committed of it counts.

    Raises:
        Failed: git cannot tell what its branches name.
    """
    return frozenset(_locked(store.root.parent, lock.resolve()))


def _asked_for(lane: Lane, last: Mapping[str, str], store: Store, ledger: Ledger) -> set[str]:
    """What a film asks for now; of steps that are not made for that, what they were last built of.

    A storyboard that is not there any more asks for nothing.
    """
    path = store.root.parent / lane.film
    if not path.is_file():
        return set()
    compiled = compile_film(path, Choices(profile=lane.profile))
    with open_project(compiled) as project:
        steps = project.plan().steps
    here = {step.action.id for step in steps}
    return {step.output for step in steps if step.output} | _outputs(
        (key for step, key in last.items() if step in here), ledger
    )


def _outputs(keys: Iterable[str], ledger: Ledger) -> set[str]:
    return {output for key in keys if (output := ledger.output(key))}


def _paid(results: Sequence[Result], ledger: Ledger) -> Iterator[str]:
    clips: set[str] = set()
    for job in ledger.jobs.all():
        clips.update(job.outputs)
        if job.pending or job.state is State.INTENDED:
            yield from job.intent.inputs.values()
    clips.update(each.output for each in results if costs_again(each.asked))
    yield from clips
    for each in results:
        if clip_of(each.asked) in clips:
            yield each.output


def costs_again(asked: Mapping[str, Plain]) -> bool:
    """Whether it is a clip that cannot be made again as it was: of any model that is not known to draw it so."""
    work = asked.get("work")
    if not isinstance(work, dict) or "model" not in work:
        return False
    model = find_model(str(work["model"]))
    return model is None or not (model.local and model.repeatable)


def clip_of(asked: Mapping[str, Plain]) -> str | None:
    """The clip that a frame was taken of; None for what is no frame."""
    match asked:
        case {"work": {"at": _}, "inputs": {"clip": {"digest": str(digest)}}}:
            return digest
    return None


def _locked(root: Path, besides: Path | None = None) -> Iterator[str]:
    """Every digest in any lock: those in the working tree, those staged, and those of every ref.

    They are looked for as text, so that a lock which is damaged, in conflict or
    of a later version names what it names all the same.
    """
    for data in _locks(root, besides):
        for found in _DIGEST.finditer(data):
            yield found[0].decode()


def _locks(root: Path, besides: Path | None) -> Iterator[bytes]:
    if not (root / ".git").exists():
        for path in root.glob("*.lock"):
            if path.is_file() and path.resolve() != besides:
                yield path.read_bytes()
        return
    listed = git.ask(root, "ls-files", "-z", "--cached", "--others", "--", "*.lock").split(b"\0")
    for name in {each.decode(errors="surrogateescape") for each in listed if each}:
        if (root / name).is_file() and (root / name).resolve() != besides:
            yield (root / name).read_bytes()
    blobs = {
        entry.partition(b"\t")[0].split()[1].decode()
        for entry in git.ask(root, "ls-files", "-z", "--stage", "--", "*.lock").split(b"\0")
        if entry
    }
    for commit in _commits(root):
        blobs |= {blob for path, _, blob in git.tree(root, commit) if path.endswith(".lock")}
    with git.Blobs(root) as reader:
        for blob in sorted(blobs):
            yield reader.read(blob)


def _commits(root: Path) -> set[str]:
    """What every ref, and every working tree of the repository, points at."""
    pattern = "--format=%(objecttype) %(objectname) %(*objecttype) %(*objectname)"
    found = set()
    for line in git.ask(root, "for-each-ref", pattern).decode().splitlines():
        kind, name, *peeled = line.split()
        if peeled:
            kind, name = peeled
        if kind in _COMMITS:
            found.add(name)
    for line in git.ask(root, "worktree", "list", "--porcelain").decode().splitlines():
        word, _, name = line.partition(" ")
        if word == "HEAD" and name.strip("0"):  # all noughts: nothing is committed yet
            found.add(name)
    return found
