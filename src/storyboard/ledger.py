"""The ledger: what was made for which key, and what each step was made for last.

Beside that, what was asked of remote providers: `Ledger.jobs`.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from storyboard.database import Database
from storyboard.job_table import Jobs
from storyboard.lane import Lane
from storyboard.source import Plain

__all__ = ["Lane", "Ledger"]


@dataclass(frozen=True, slots=True)
class Result:
    """What was made for a key.

    Attributes:
        output: the digest of the blob.
        asked: what the key stands for, field by field.
    """

    key: str
    output: str
    asked: Mapping[str, Plain]


class Ledger:
    """The database at `path`, which need not exist before something is written.

    It is used from one thread. Every write is durable when its method returns.

    Attributes:
        path: of its file; another thread opens a ledger of its own there.
        jobs: what was asked of remote providers, for money.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._database = Database(path)
        self.jobs = Jobs(self._database)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; it is opened again when needed."""
        self._database.close()

    def output(self, key: str) -> str | None:
        """The digest of what was made for a key; None when nothing was."""
        for (output,) in self._database.rows("SELECT output FROM results WHERE key = ?", key):
            return str(output)
        return None

    def asked(self, key: str) -> dict[str, Plain] | None:
        """What a key stands for, as it was recorded; None when it is not known."""
        for (asked,) in self._database.rows("SELECT asked FROM results WHERE key = ?", key):
            return _mapping(asked)
        return None

    def last(self, lane: Lane) -> dict[str, str]:
        """The key that each step was last built for."""
        question = "SELECT step, key FROM last WHERE film = ? AND profile = ?"
        rows = self._database.rows(question, lane.film, lane.profile or "")
        return dict(rows)

    def last_outputs(self, lane: Lane) -> dict[str, str]:
        """What was made for the keys that the steps were last built for, by key: all in one question."""
        question = (
            "SELECT results.key, results.output FROM last JOIN results ON results.key = last.key"
            " WHERE last.film = ? AND last.profile = ?"
        )
        return dict(self._database.rows(question, lane.film, lane.profile or ""))

    def lanes(self) -> dict[Lane, dict[str, str]]:
        """Every lane that was ever built, with the key that each of its steps was last built for."""
        found: dict[Lane, dict[str, str]] = {}
        for film, profile, step, key in self._database.rows("SELECT * FROM last"):
            found.setdefault(Lane(film, profile or None), {})[step] = key
        return found

    def results(self) -> tuple[Result, ...]:
        """Everything that was made and recorded."""
        rows = self._database.rows("SELECT key, output, asked FROM results")
        return tuple(Result(key, output, _mapping(asked)) for key, output, asked in rows)

    def forget(self, outputs: Collection[str]) -> None:
        """Record no more that these were made. Their blobs may go when it returns."""
        if outputs:
            with self._database.writing() as database:
                database.executemany(
                    "DELETE FROM results WHERE output = ?", [(each,) for each in outputs]
                )

    def forget_keys(self, keys: Collection[str]) -> None:
        """Record no more what was made for these, whatever else the same bytes were made for."""
        if keys:
            with self._database.writing() as database:
                database.executemany(
                    "DELETE FROM results WHERE key = ?", [(each,) for each in keys]
                )

    def record(self, key: str, output: str, asked: Mapping[str, Plain]) -> None:
        """Write down what was made for a key. Its blob must be in the store by now."""
        self.record_all([key], output, asked)

    def record_all(self, keys: Iterable[str], output: str, asked: Mapping[str, Plain]) -> None:
        """Write down, at once, that the same was made for several keys."""
        told = (output, json.dumps(asked), datetime.now(UTC).isoformat(timespec="seconds"))
        with self._database.writing() as database:
            database.executemany(
                "INSERT OR REPLACE INTO results VALUES (?, ?, ?, ?)",
                [(key, *told) for key in keys],
            )

    def remember(self, lane: Lane, keys: Mapping[str, str]) -> None:
        """Write down what steps are built for now; where nothing differs, nothing is written."""
        known = self.last(lane) if keys else {}
        news = {step: key for step, key in keys.items() if known.get(step) != key}
        if not news:
            return
        rows = [(lane.film, lane.profile or "", step, key) for step, key in news.items()]
        with self._database.writing() as database:
            database.executemany("INSERT OR REPLACE INTO last VALUES (?, ?, ?, ?)", rows)


def _mapping(text: str) -> dict[str, Plain]:
    value = json.loads(text)
    if not isinstance(value, dict):
        raise TypeError(f"the ledger holds {text!r} where a mapping belongs")
    return value
