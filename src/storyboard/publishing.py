"""Films put in their places: copies of what the store has, whole or not at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from storyboard.file_copy import copy_file
from storyboard.sightings import Sightings, settle
from storyboard.store import Store, StoreError, explained


class Publishing:
    """Puts films in their places; a context manager.

    A film is copied there while the store still digests it, and takes its name
    when it is known to be whole. It is a copy, not a link: whoever edits the
    film must not change the store.
    """

    def __init__(self, places: Mapping[str, Sequence[Path]], sightings: Sightings) -> None:
        """Take where films go.

        Args:
            places: by action id, of films that are not there yet.
            sightings: told which bytes the films have.
        """
        self._places = places
        self._sightings = sightings
        self._copies: dict[Path, Future[None]] = {}
        self._read: list[BinaryIO] = []

    def __enter__(self) -> Self:
        self._beside = ThreadPoolExecutor(1)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._beside.shutdown(cancel_futures=True)
        for read in self._read:  # of a copy that was not begun any more
            read.close()
        for film in self._copies:
            _part(film).unlink(missing_ok=True)

    def begin(self, action: str, made: Path) -> None:
        """Begin to copy what an action has made, if that is a film; it may be renamed meanwhile.

        Raises:
            OSError: it is not there.
        """
        for film in self._places.get(action, ()):
            read = made.open("rb")  # by its name it may not be there for long
            self._read.append(read)

            def copied(read: BinaryIO = read, film: Path = film) -> None:
                with read:
                    film.parent.mkdir(parents=True, exist_ok=True)
                    copy_file(read, _part(film))

            self._copies[film] = self._beside.submit(copied)

    def publish(self, store: Store, output: str, film: Path) -> None:
        """Put what the store has in its place. One that is there with the same bytes stays.

        Raises:
            StoreError: it cannot be written.
        """
        blob = store.find(output)
        if blob is None:
            raise StoreError(f"the film has vanished from {store.root}", "build again")
        if _size(film) == blob.stat().st_size and self.stands(film, output):
            return
        part = _part(film)
        with explained(film):
            try:
                if begun := self._copies.pop(film, None):
                    begun.result()
                else:
                    film.parent.mkdir(parents=True, exist_ok=True)
                    with blob.open("rb") as read:
                        copy_file(read, part)
                known = settle([part])
                part.replace(film)
                if known:  # what is written into it from now on shows in its times
                    self._sightings.vouch(film, output)
            finally:
                part.unlink(missing_ok=True)

    def stands(self, film: Path, output: str | None) -> bool:
        """Whether a film is in its place, with the bytes of a digest."""
        return stands(film, output, self._sightings)


def stands(film: Path, output: str | None, sightings: Sightings) -> bool:
    """Whether a film is in its place, with the bytes of a digest."""
    if output is None:
        return False
    try:
        return sightings.digest(film) == output
    except OSError:  # it is not there, or not a file, or not readable: publishing will tell
        return False


def write_beside(path: Path, text: str, sightings: Sightings) -> None:
    """Write a text beside a film, whole or not at all; the same one stays.

    Raises:
        StoreError: it cannot be written.
    """
    if reads(path, text, sightings):
        return
    part = _part(path)
    with explained(path):
        try:
            part.write_text(text, encoding="utf-8", newline="\n")
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)


def reads(path: Path, text: str, sightings: Sightings) -> bool:
    """Whether there is a file that says just this."""
    try:
        return sightings.read(path) == text.encode()
    except OSError:
        return False


def _part(film: Path) -> Path:
    return film.with_name(f".{film.name}.part")


def _size(film: Path) -> int | None:
    """How many bytes there are at a path; None where no file is."""
    try:
        return film.stat().st_size
    except OSError:  # publishing will tell
        return None
