"""The ledger's SQLite file: its tables, its guards, and what it says when something is wrong.

It is opened for reading, and for writing only when something is written: a
plan, and a build with nothing to do, change no byte of it and work in a folder
that cannot be written. It uses a rollback journal, not a write-ahead log, so
that no other file stays beside it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from storyboard.store import StoreError

_APPLICATION = 0x53544252  # "STBR" in the file's header: whose database it is

# Each takes the schema from its place in the list to the next. A released one
# never changes: what comes later is appended.
_MIGRATIONS = (
    """
    CREATE TABLE results (
        key TEXT PRIMARY KEY,
        output TEXT NOT NULL,    -- digest of the blob
        asked TEXT NOT NULL,     -- JSON: what the key stands for, field by field
        made_at TEXT NOT NULL    -- ISO 8601, UTC
    ) WITHOUT ROWID;
    CREATE TABLE last (
        film TEXT NOT NULL,      -- the storyboard's path from the store's parent
        profile TEXT NOT NULL,   -- empty without one
        step TEXT NOT NULL,
        key TEXT NOT NULL,       -- what the step was last built for
        PRIMARY KEY (film, profile, step)
    ) WITHOUT ROWID;
    """,
    """
    CREATE TABLE jobs (
        id INTEGER PRIMARY KEY,
        key TEXT NOT NULL,         -- the action's key
        step TEXT NOT NULL,
        film TEXT NOT NULL,
        profile TEXT NOT NULL,
        provider TEXT NOT NULL,
        model TEXT NOT NULL,
        nonce TEXT NOT NULL UNIQUE,
        state TEXT NOT NULL,
        intent TEXT NOT NULL,      -- JSON: what is asked for
        operation TEXT,            -- JSON: the provider's job, once one is known
        job TEXT,                  -- the provider's id of it
        words TEXT,                -- the last that was said of it, for people
        outputs TEXT,              -- JSON: digests of the clips, once they are stored
        estimated_low TEXT NOT NULL,   -- US dollars, exact: 7/20
        estimated_high TEXT NOT NULL,
        charged TEXT,              -- what the provider says that it took
        created_at TEXT NOT NULL,  -- ISO 8601, UTC, as the other times
        accepted_at TEXT,
        updated_at TEXT NOT NULL
    );
    CREATE INDEX jobs_by_key ON jobs (key);
    CREATE INDEX jobs_by_job ON jobs (provider, job);
    """,
    """
    ALTER TABLE jobs ADD COLUMN wanted TEXT;  -- JSON: what the clip is for, as its take's line says it
    ALTER TABLE jobs ADD COLUMN locked INTEGER NOT NULL DEFAULT 0;  -- its takes are in the film's lock
    """,
)
SCHEMA = len(_MIGRATIONS)
"""Version of the tables that this code reads and writes."""


class Database:
    """The file at `path`, which need not exist before something is written.

    It is used from one thread. Every write is durable when its block is left.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._database: sqlite3.Connection | None = None
        self._writable = False

    def close(self) -> None:
        """Close the file; it is opened again when needed."""
        if self._database is not None:
            self._database.close()
            self._database = None
            self._writable = False

    def rows(self, question: str, *values: str) -> list[Any]:
        """The rows that answer a question; none where there is no file yet.

        Raises:
            StoreError: the file cannot be read, is damaged, or a later version's.
        """
        with self._explained():
            if self._database is None:
                if not self._path.exists():
                    return []
                self._database = self._open_to_read()
            return self._database.execute(question, values).fetchall()

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction: all of it, or after a failure nothing of it, is in the file.

        Raises:
            StoreError: the file cannot be written.
        """
        with self._explained():
            if self._database is None or not self._writable:
                self.close()
                self._database = self._open_to_write()
                self._writable = True
            with self._database:
                yield self._database

    def _open_to_read(self) -> sqlite3.Connection:
        database = self._connect("ro")
        try:
            if self._version(database) == SCHEMA:
                return database
        except sqlite3.OperationalError as error:
            # A build was killed while it wrote, and SQLite must take the half
            # write back before anyone reads: for that it has to write.
            if error.sqlite_errorcode & 0xFF not in {
                sqlite3.SQLITE_CANTOPEN,
                sqlite3.SQLITE_READONLY,
            }:
                raise
        database.close()
        self._writable = True
        return self._open_to_write()

    def _open_to_write(self) -> sqlite3.Connection:
        database = self._connect("rwc")
        database.execute("PRAGMA journal_mode = DELETE")
        database.execute("PRAGMA synchronous = FULL")
        version = self._version(database)
        for number, migration in enumerate(_MIGRATIONS[version:], version + 1):
            database.executescript(
                f"BEGIN; {migration} PRAGMA application_id = {_APPLICATION};"
                f" PRAGMA user_version = {number}; COMMIT;"
            )
        return database

    def _connect(self, mode: str) -> sqlite3.Connection:
        # as_uri quotes what a path may hold and a URI may not
        uri = f"{self._path.absolute().as_uri()}?mode={mode}"
        return sqlite3.connect(uri, uri=True, timeout=10)

    def _version(self, database: sqlite3.Connection) -> int:
        """The schema's version, 0 for an empty file."""
        ((application,),) = database.execute("PRAGMA application_id")
        ((version,),) = database.execute("PRAGMA user_version")
        with closing(database.execute("SELECT count(*) FROM sqlite_master")) as found:
            empty = found.fetchone() == (0,)
        if application != _APPLICATION and not (empty and application == 0):
            raise StoreError(f"{self._path} is another program's database", self._way_out)
        if version > SCHEMA:
            raise StoreError(
                f"{self._path} was written by a later version of storyboard"
                f" (ledger {version}, this one knows {SCHEMA})",
                "use that version; this one would not understand what it recorded",
            )
        return int(version)

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.OperationalError as error:
            raise StoreError(*self._trouble(error)) from error
        except sqlite3.DatabaseError as error:
            raise StoreError(f"{self._path} is damaged: {error}", self._way_out) from error

    def _trouble(self, error: sqlite3.OperationalError) -> tuple[str, str]:
        match error.sqlite_errorcode & 0xFF:  # the primary code, without its details
            case sqlite3.SQLITE_FULL:
                return (
                    f"the disk is full: {self._path} could not be written",
                    "make room and build again: what was finished is kept; `storyboard gc` may free some",
                )
            case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_PERM:
                return (
                    f"{self._path} cannot be opened: {error}",
                    "a build writes it; see whose it is",
                )
            case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
                return (
                    f"{self._path} is being written by another program",
                    "try again when it is done",
                )
        return f"{self._path}: {error}", "see that the disk can be read and written"

    @property
    def _way_out(self) -> str:
        return "move the file away and build again: clips of local models are then drawn anew"
