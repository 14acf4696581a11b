"""The store: blobs named by their digest, under `.storyboard/`.

    blobs/3f/3fa9….mp4   what was made; the ending is for people and players
    tmp/                 what is being made; emptied when a build begins
    corrupt/             blobs whose bytes were no longer what their name says, and
                         clips of providers that were not what was asked for
    build.lock           held by the build at work (build_lock.py)
    ledger.sqlite3       what was made for which key (ledger.py)
    sums                 what tells quickly that blobs are still whole (sums.py)
    spare/               films that were replaced, to write the next ones over (spare.py)

A blob is written to tmp, flushed, digested and then renamed: a name under
`blobs/` always stands for a whole file, whenever the process dies.
"""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import mkdtemp

from storyboard import whereabouts
from storyboard.diagnostics import Failed
from storyboard.digest import digest_bytes
from storyboard.file_digests import FileDigests
from storyboard.sums import Sums

PIECE = ".piece"
"""The ending of a cut's pieces, which no player reads."""

_ENDINGS = (".mp4", ".png", PIECE, ".webm", ".mov", ".mkv", ".gif", ".webp", ".jpg", "")
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_UNWRITABLE = {errno.EACCES, errno.EPERM, errno.EROFS}
_MISPLACED = {errno.ENOTDIR, errno.EEXIST, errno.EISDIR}


class StoreError(Failed):
    """The disk does not do what the build needs: full, not writable, damaged.

    A build stops when it meets one: every step after it would meet it too.
    """


def store_root(folder: Path) -> Path:
    """Where the store of a storyboard in `folder` is; nothing is created.

    At the root of the git repo that the folder is in, so that the episodes of
    a series share clips, else in the folder itself.
    """
    return Path(whereabouts.store_root(str(folder.resolve())))


@dataclass(frozen=True, slots=True)
class Store:
    """Blobs by digest, in a folder that need not exist before something is written.

    Attributes:
        digests: of files that were read, its own and others.
        sums: of its blobs.
    """

    root: Path
    digests: FileDigests = field(default_factory=FileDigests, compare=False, repr=False)
    sums: Sums = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "sums", Sums(self.root / "sums"))

    def find(self, digest: str) -> Path | None:
        """The path of a blob, by whether there is such a file; its bytes are not read."""
        for ending in _ENDINGS:
            path = self._path(digest, ending)
            if path.is_file():
                return path
        return None

    def held(self) -> frozenset[str]:
        """The digests of all blobs, by the names that are there: one look, for who asks for thousands."""
        blobs = self.root / "blobs"
        held: set[str] = set()
        with suppress(FileNotFoundError, NotADirectoryError), os.scandir(blobs) as folders:
            for folder in folders:
                if not folder.is_dir():
                    continue
                with os.scandir(folder) as entries:
                    names = [entry.name.partition(".") for entry in entries if entry.is_file()]
                held.update(digest for digest, dot, after in names if dot + after in _ENDINGS)
        return frozenset(held)

    def verified(self, digest: str) -> Path | None:
        """The path of a blob whose bytes are what its name says; they are read once in a build.

        One that is damaged is set aside under `corrupt/` and is not there any more.
        Whether it is, its quick sum tells where it is right, else SHA-256.

        Raises:
            StoreError: it can neither be read nor set aside.
        """
        path = self.find(digest)
        if path is None:
            return None
        with explained(path):
            if self.digests.of(path, lambda file: self.sums.digest_of(file, digest)) == digest:
                return path
            self.keep_aside(path, path.stem)
        return None

    def keep_aside(self, file: Path, name: str) -> Path:
        """Put a file that is not to be used under `corrupt/`; where it is then.

        Raises:
            StoreError: it cannot be moved.
        """
        aside = self.root / "corrupt" / f"{name}{file.suffix}"
        with explained(aside):
            aside.parent.mkdir(exist_ok=True)
            return file.replace(aside)

    def put(self, file: Path) -> str:
        """Take a finished file out of a scratch folder into the store; its digest.

        When this returns the bytes and the name are on the disk for good.

        Raises:
            StoreError: the disk is full or cannot be written.
        """
        from concurrent.futures import ThreadPoolExecutor

        with explained(file):
            with file.open("rb+") as written, ThreadPoolExecutor(1) as beside:
                flushed = beside.submit(os.fsync, written.fileno())
                digest, quick_sum = self.sums.taken(written)
                flushed.result()
            path = self.find(digest) or self._path(digest, file.suffix)
            if not path.parent.is_dir():
                path.parent.mkdir(parents=True, exist_ok=True)
                flush_folder(path.parent.parent)
            file.chmod(0o444)  # nothing may write into a blob by accident
            file.replace(path)
            flush_folder(path.parent)
            self.digests.vouch(path, digest)
            self.sums.add(digest, quick_sum)
        return digest

    def check(self, digests: Iterable[str]) -> set[str]:
        """Read blobs, as many at once as there are processors: those that are damaged or gone.

        Raises:
            StoreError: one can neither be read nor set aside.
        """
        from concurrent.futures import ThreadPoolExecutor

        asked = list(dict.fromkeys(digests))
        with ThreadPoolExecutor(os.cpu_count()) as threads:
            found = threads.map(self.verified, asked)
            return {digest for digest, path in zip(asked, found, strict=True) if path is None}

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        """A folder to make things in, gone afterwards with whatever is left in it.

        Raises:
            StoreError: it cannot be made.
        """
        with explained(self.root / "tmp"):
            self.prepare()
            folder = Path(mkdtemp(dir=self.root / "tmp"))
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)  # what stays is swept by the next build

    def prepare(self) -> None:
        """Make the folder, and have git ignore it whatever the repo's own rules are.

        Raises:
            StoreError: it cannot be made.
        """
        with explained(self.root):
            (self.root / "tmp").mkdir(parents=True, exist_ok=True)
            ignore = self.root / ".gitignore"
            if not ignore.exists():
                ignore.write_text("*\n")

    def forget_sums(self) -> None:
        """Drop the quick sums of blobs that are gone; only with the build lock held.

        Raises:
            StoreError: they cannot be written.
        """
        with self.scratch() as scratch, explained(scratch):
            self.sums.keep(self.held(), scratch / "sums")

    def spare(self, film: Path) -> Path:
        """Where the film is kept that had a film's place before it."""
        place = os.path.relpath(film.parent.resolve() / film.name, self.root)
        return self.root / "spare" / f"{digest_bytes(place.encode())[:16]}{film.suffix}"

    def drop_spares(self) -> None:
        """Give back the room of the films that were replaced, as far as that can be done."""
        shutil.rmtree(self.root / "spare", ignore_errors=True)

    def sweep(self) -> None:
        """Remove what builds that were killed left in `tmp/`; only with the build lock held."""
        with suppress(FileNotFoundError):
            for left in (self.root / "tmp").iterdir():
                shutil.rmtree(left, ignore_errors=True)

    def _path(self, digest: str, ending: str) -> Path:
        if ending not in _ENDINGS:
            raise ValueError(f"no blob has the ending {ending!r}")
        return self.root / "blobs" / digest[:2] / f"{digest}{ending}"


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn an OSError on the way of writing `path` into a StoreError that says what to do."""
    try:
        yield
    except OSError as error:
        raise disk_trouble(error, path) or StoreError(
            f"{error.filename or path}: {error.strerror or error}"
        ) from error


def disk_trouble(error: OSError, path: Path) -> StoreError | None:
    """What an error says about the disk; None when it is about something else."""
    where = Path(error.filename or path)
    if error.errno in _FULL:
        return StoreError(
            f"the disk is full: {where} could not be written",
            "make room and build again: what was finished is kept; `storyboard gc` may free some",
        )
    if error.errno in _UNWRITABLE:
        return StoreError(
            f"{where} cannot be written: {error.strerror}",
            "a build writes there; change who owns the folder or what may be done in it",
        )
    if error.errno in _MISPLACED:
        # The path that was asked for may lie below the file that is in the way.
        file = next((each for each in (where, *where.parents) if each.exists()), where)
        return StoreError(
            f"{file} is in the way: {error.strerror}",
            "a build keeps its files there; move that file elsewhere",
        )
    return None


def flush_folder(folder: Path) -> None:
    """Make the names in a folder durable, as fsync does for a file's bytes."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
