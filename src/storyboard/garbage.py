"""What of a store nothing names, and getting rid of it.

What is free to draw again goes when no film asks for it; what was paid for
stays. First the ledger forgets it, then its blob goes: a process that is killed
in between leaves a blob that nothing names, for the next time, and never a name
without its blob.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path

from storyboard.ledger import Ledger, Result
from storyboard.named import Named
from storyboard.source import Plain
from storyboard.store import Store, explained


class What(StrEnum):
    """What a file in the store is, for people."""

    CLIP = "clip"
    FRAME = "frame"
    PIECE = "piece"  # of a film, or a whole one
    UNKNOWN = "unknown"  # nothing tells
    SPARE = "spare"  # films that were replaced
    SCRATCH = "scratch"  # left by a build that was killed
    ASIDE = "set aside"  # what was damaged, or not what was asked for


@dataclass(frozen=True, slots=True)
class Waste:
    """A file that can go.

    Attributes:
        digest: of a blob; None for what is none.
        size: in bytes.
    """

    path: Path
    what: What
    size: int
    digest: str | None = None


def find_waste(
    store: Store, ledger: Ledger, named: Named, *, older: timedelta = timedelta()
) -> tuple[Waste, ...]:
    """Everything in a store that can go. Only reads.

    Args:
        store: is looked through.
        ledger: tells what each blob is.
        named: stays.
        older: only what was made that long ago, or earlier.

    Raises:
        StoreError: a folder cannot be read.
    """
    what = _kinds(ledger.results())
    before = datetime.now(UTC) - older
    busy = {f"job-{job.id}-" for job in ledger.jobs.all() if job.pending}
    found = [
        Waste(path, what.get(path.stem, What.UNKNOWN), size, path.stem)
        for path, size in _files(store.root / "blobs", before)
        if path.stem not in named
    ]
    found += [Waste(path, What.SPARE, size) for path, size in _files(store.root / "spare", before)]
    found += [
        Waste(path, What.ASIDE, size)
        for path, size in _files(store.root / "corrupt", before)
        if not path.name.startswith(tuple(busy)) and not _only_copy(path, store, named)
    ]
    return tuple(found)


def scratch(store: Store) -> tuple[Waste, ...]:
    """What builds that were killed left behind. It goes as soon as the build lock is held.

    Raises:
        StoreError: the folder cannot be read.
    """
    now = datetime.now(UTC)
    return tuple(Waste(path, What.SCRATCH, size) for path, size in _files(store.root / "tmp", now))


def clear(waste: Iterable[Waste], store: Store, ledger: Ledger) -> None:
    """Remove it, for good. The build lock must be held.

    Args:
        waste: what goes.
        store: where it is.
        ledger: forgets it.

    Raises:
        StoreError: something cannot be removed; what went before is gone.
    """
    files = list(waste)
    ledger.forget({each.digest for each in files if each.digest})
    for each in files:
        with explained(each.path):
            each.path.unlink(missing_ok=True)
    store.forget_sums()


def sizes(waste: Iterable[Waste]) -> Mapping[What, tuple[int, int]]:
    """How many files of each kind, and their bytes."""
    count: Counter[What] = Counter()
    size: Counter[What] = Counter()
    for each in waste:
        count[each.what] += 1
        size[each.what] += each.size
    return {what: (count[what], size[what]) for what in What if count[what]}


def _files(folder: Path, before: datetime) -> Iterator[tuple[Path, int]]:
    """The files below a folder that were last changed before then, with their sizes."""
    with explained(folder):
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not path.is_symlink():
                stat = path.stat()
                if datetime.fromtimestamp(stat.st_mtime, UTC) <= before:
                    yield path, stat.st_size


def _only_copy(path: Path, store: Store, named: Named) -> bool:
    """Whether a damaged blob is all that is left of something that was paid for."""
    paid = path.stem in named.paid or path.stem in named.locked
    return paid and store.find(path.stem) is None


def _kinds(results: Iterable[Result]) -> dict[str, What]:
    return {each.output: _kind(each.asked) for each in results}


def _kind(asked: Mapping[str, Plain]) -> What:
    match asked.get("work"):
        case {"model": _}:
            return What.CLIP
        case {"at": _}:
            return What.FRAME
    return What.PIECE
