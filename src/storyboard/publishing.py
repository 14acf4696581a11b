"""Films put in their places, whole or not at all."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from storyboard.cut_list import sum_in
from storyboard.file_copy import copy_file
from storyboard.sightings import Sightings, settle
from storyboard.spare import keep, take
from storyboard.store import PIECE, Store, StoreError, explained
from storyboard.unchanged import boot


class Publishing:
    """Puts films in their places; a context manager.

    A cut of pieces is written there and nowhere else: the store keeps what it
    is made of, by which it is known. What cannot be joined again in a moment (a
    film in another format, a poster) the store keeps, and a copy goes there, not
    a link: whoever edits the film must not change the store.
    """

    def __init__(
        self, places: Mapping[str, Sequence[Path]], store: Store, sightings: Sightings
    ) -> None:
        """Take where films go.

        Args:
            places: by action id.
            store: has what was made.
            sightings: told which films stand where.
        """
        self._places = places
        self._store = store
        self._sightings = sightings
        self._written: set[Path] = set()
        self._standing: dict[str, Path] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for films in self._places.values():
            for film in films:
                with suppress(OSError):  # where it cannot be removed, there is none
                    _part(film).unlink(missing_ok=True)

    def lacks(self, action: str, output: str) -> bool:
        """Whether a film is not in its place, as a digest says it."""
        films = self._places.get(action, ())
        return not all(stands(film, output, self._store, self._sightings) for film in films)

    def desk(self, action: str) -> Path:
        """Where a film is to be written that `publish` then gives its name.

        What is there is to be written over.

        Raises:
            OSError: its folder cannot be made.
        """
        first, *_ = self._places[action]
        part = _part(first)
        first.parent.mkdir(parents=True, exist_ok=True)
        if first not in self._written:  # else it was given up before anything was written
            part.unlink(missing_ok=True)  # of a build that was killed
            take(self._store.spare(first), part)
            self._written.add(first)
        return part

    def publish(self, output: str, film: Path) -> None:
        """Put a film in its place: as it was written, else what the store has.

        Args:
            output: the digest of the film, or of what it is made of.
            film: its place. What stands there already by `output` stays.

        Raises:
            StoreError: it cannot be written.
        """
        if stands(film, output, self._store, self._sightings):
            return
        part = _part(film)
        with explained(film):
            try:
                if film not in self._written:
                    film.parent.mkdir(parents=True, exist_ok=True)
                    with self._source(output).open("rb") as read:
                        copy_file(read, part)
                if boot() is None:  # else its times are not trusted when the machine starts again
                    _flush(part)
                rests = settle([part])
                self._replace(film, part)
                if rests:  # what is written into it from now on shows in its times
                    self._sightings.vouch(film, output)
                self._standing[output] = film
            finally:
                part.unlink(missing_ok=True)

    def _replace(self, film: Path, part: Path) -> None:
        """Give a new film the place of the one that is there.

        The old name goes first: where a name is taken over, ext4 writes the
        whole new file to the disk before it goes on. What a copy replaces is not
        kept: the next copy would not be written over it.
        """
        spare = self._store.spare(film)
        kept = film in self._written and keep(film, spare)
        if not kept:
            film.unlink(missing_ok=True)
        try:
            part.rename(film)
        except OSError:
            if kept:
                spare.replace(film)
            raise

    def _source(self, output: str) -> Path:
        """A file with the film's bytes: the same film in another place, or the store's."""
        source = self._standing.get(output) or self._store.find(output)
        if source is None or source.suffix == PIECE:  # the list of a film that was not written
            raise StoreError(f"the film has vanished from {self._store.root}", "build again")
        return source


def stands(film: Path, output: str | None, store: Store, sightings: Sightings) -> bool:
    """Whether a film is in its place as a digest says it.

    Its times tell, where it is known to have been put there; else its bytes.

    Args:
        film: the place.
        output: the digest of its bytes, or of its cut list.
        store: has those.
        sightings: noted is what was looked at.
    """
    if output is None:
        return False
    try:
        if (known := sightings.known(film)) is not None:
            return known == output
        blob = store.find(output)
        if blob is None or blob.suffix != PIECE:
            return sightings.digest(film) == output
        stat, now = film.stat(), time.time_ns()
        wanted = sum_in(blob)
        if wanted is None or not wanted.startswith(f"{stat.st_size}-"):
            return False
        from storyboard.film_sum import film_sum

        if film_sum(film) == wanted:
            sightings.found(film, stat, output, now)
            return True
    except OSError:  # it is not there, or not a file, or not readable: publishing will tell
        pass
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


def _flush(film: Path) -> None:
    with film.open("rb+") as written:
        os.fsync(written.fileno())


def _part(film: Path) -> Path:
    return film.with_name(f".{film.name}.part")
