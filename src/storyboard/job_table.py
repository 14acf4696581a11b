"""The ledger's table of jobs.

Every change is durable when its method returns, and each method is called
before what follows from it is done: a job is `sent` before its first byte is,
and its id is recorded before anything else happens with it.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import asdict, replace
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

from storyboard.database import Database
from storyboard.exchange import Intent, Operation
from storyboard.intents import intent_json, read_intent
from storyboard.jobs import PENDING, Job, Spending, State, Wanted
from storyboard.lane import Lane

_COLUMNS = (
    "id, step, film, profile, provider, intent, state, operation, words, outputs,"
    " estimated_low, estimated_high, charged, created_at, accepted_at, wanted"
)


class Jobs:
    """The ledger's table of jobs."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def latest(self, key: str) -> Job | None:
        """The newest job that was intended for a key."""
        question = f"SELECT {_COLUMNS} FROM jobs WHERE key = ? ORDER BY id DESC LIMIT 1"  # noqa: S608 - names of columns
        for row in self._database.rows(question, key):
            return _job(row)
        return None

    def get(self, number: int) -> Job | None:
        """The job of that number."""
        question = f"SELECT {_COLUMNS} FROM jobs WHERE id = ?"  # noqa: S608 - names of columns
        return next((_job(row) for row in self._database.rows(question, str(number))), None)

    def all(self) -> tuple[Job, ...]:
        """Every job of the store, the oldest first."""
        question = f"SELECT {_COLUMNS} FROM jobs ORDER BY id"  # noqa: S608 - names of columns
        return tuple(_job(row) for row in self._database.rows(question))

    def done_for(self, key: str) -> list[Job]:
        """The jobs that brought clips for a key, the oldest first."""
        question = f"SELECT {_COLUMNS} FROM jobs WHERE key = ? AND state = ? ORDER BY id"  # noqa: S608 - names of columns
        return [_job(row) for row in self._database.rows(question, key, State.DONE)]

    def retakes(self, key: str) -> list[Job]:
        """The jobs for more takes of a key that have begun and not ended, the oldest first."""
        question = f"SELECT {_COLUMNS} FROM jobs WHERE key = ? ORDER BY id"  # noqa: S608 - names of columns
        jobs = (_job(row) for row in self._database.rows(question, key))
        return [job for job in jobs if job.wanted.retake and job.pending]

    def begun_retakes(self, film: str) -> Counter[str]:
        """How many jobs for more takes a film has begun of which its lock does not know yet, by key."""
        marks = ", ".join(f"'{state}'" for state in PENDING)
        question = (
            "SELECT key FROM jobs WHERE film = ? AND json_extract(wanted, '$.retake')"  # noqa: S608 - names of states
            f" AND (state IN ({marks}) OR state = ? AND locked = 0)"
        )
        return Counter(key for (key,) in self._database.rows(question, film, State.DONE))

    def not_locked(self, film: str) -> list[Job]:
        """A film's jobs that brought clips of which its lock does not know yet, the oldest first."""
        question = (
            f"SELECT {_COLUMNS} FROM jobs WHERE film = ? AND state = ? AND locked = 0 ORDER BY id"  # noqa: S608 - names of columns
        )
        return [_job(row) for row in self._database.rows(question, film, State.DONE)]

    def locked(self, jobs: Iterable[Job]) -> None:
        """Their takes are in the film's lock, durably."""
        numbers = [(job.id,) for job in jobs]
        if numbers:
            with self._database.writing() as database:
                database.executemany("UPDATE jobs SET locked = 1 WHERE id = ?", numbers)

    def pending_keys(self) -> frozenset[str]:
        """The keys whose newest job may still bring a clip: nothing more need be paid for them."""
        rows = self._database.rows("SELECT key, state FROM jobs ORDER BY id")
        return frozenset(key for key, state in dict(rows).items() if state in PENDING)

    def leftover(self, asked_for: Collection[str]) -> tuple[Job, ...]:
        """The jobs that may still bring a clip, and that no step will ask for.

        Args:
            asked_for: the keys of the steps that are to be done: the newest job
                of each is theirs.
        """
        marks = ", ".join(f"'{state}'" for state in PENDING)
        question = f"SELECT {_COLUMNS} FROM jobs WHERE state IN ({marks}) ORDER BY id"  # noqa: S608 - names of columns and states
        jobs = [_job(row) for row in self._database.rows(question)]
        newest = dict(self._database.rows("SELECT key, max(id) FROM jobs GROUP BY key"))
        return tuple(
            job
            for job in jobs
            if job.intent.key not in asked_for or newest[job.intent.key] != job.id
        )

    def known(self, provider: str) -> frozenset[str]:
        """The ids of all of a provider's jobs that are recorded."""
        question = "SELECT job FROM jobs WHERE provider = ? AND job IS NOT NULL"
        return frozenset(job for (job,) in self._database.rows(question, provider))

    def spending(self, film: str) -> Spending:
        """What a film has cost: as charged, or as estimated at most where the provider did not say."""
        question = "SELECT state, estimated_high, charged FROM jobs WHERE film = ?"
        spent = pending = Fraction(0)
        for state, high, charged in self._database.rows(question, film):
            if charged is not None:
                spent += Fraction(charged)
            elif state == State.DONE:
                spent += Fraction(high)
            elif state in PENDING:
                pending += Fraction(high)
        return Spending(spent, pending)

    def intend(
        self,
        intent: Intent,
        *,
        step: str,
        lane: Lane,
        estimated: tuple[Fraction, Fraction],
        wanted: Wanted | None = None,
    ) -> Job:
        """Write down what is about to be asked."""
        now = datetime.now(UTC)
        wanted = wanted or Wanted()
        row = {
            "key": intent.key,
            "step": step,
            "film": lane.film,
            "profile": lane.profile or "",
            "provider": intent.request.model.partition("/")[0],
            "model": intent.request.model,
            "nonce": intent.nonce,
            "state": State.INTENDED.value,
            "intent": json.dumps(intent_json(intent)),
            "wanted": json.dumps(asdict(wanted)),
            "estimated_low": str(estimated[0]),
            "estimated_high": str(estimated[1]),
            "created_at": now.isoformat(timespec="seconds"),
            "updated_at": now.isoformat(timespec="seconds"),
        }
        names, marks = ", ".join(row), ", ".join("?" * len(row))
        with self._database.writing() as database:
            cursor = database.execute(
                f"INSERT INTO jobs ({names}) VALUES ({marks})",  # noqa: S608 - names of columns
                tuple(row.values()),
            )
            number = cursor.lastrowid
        if number is None:
            raise ValueError("a job was written down without a number")
        return Job(
            id=number,
            step=step,
            lane=lane,
            provider=row["provider"],
            intent=intent,
            state=State.INTENDED,
            estimated=estimated,
            created_at=now,
            wanted=wanted,
        )

    def sending(self, job: Job, intent: Intent) -> Job:
        """It is about to be sent, exactly so."""
        self._write(job, state=State.SENT, intent=json.dumps(intent_json(intent)))
        return replace(job, state=State.SENT, intent=intent)

    def accepted(self, job: Job, operation: Operation) -> Job:
        """The provider has it, under this id."""
        now = datetime.now(UTC)
        self._write(
            job,
            state=State.ACCEPTED,
            operation=json.dumps(operation.json()),
            job=operation.id,
            accepted_at=now.isoformat(timespec="seconds"),
        )
        return replace(job, state=State.ACCEPTED, operation=operation, accepted_at=now)

    def rejected(self, job: Job, words: str) -> Job:
        """The provider will not do it, or was not reached."""
        self._write(job, state=State.REJECTED, words=words)
        return replace(job, state=State.REJECTED, words=words)

    def unknown(self, job: Job, words: str) -> Job:
        """Nobody can tell what became of it."""
        if job.state is State.UNKNOWN and job.words == words:
            return job
        self._write(job, state=State.UNKNOWN, words=words)
        return replace(job, state=State.UNKNOWN, words=words)

    def failed(self, job: Job, words: str, charged: Fraction | None) -> Job:
        """It has ended without a clip."""
        self._write(job, state=State.FAILED, words=words, charged=_text(charged))
        return replace(job, state=State.FAILED, words=words, charged=charged)

    def forgotten(self, job: Job, charged: Fraction | None) -> Job:
        """The user has given it up; `charged` is what it took, if they say so."""
        self._write(job, state=State.FORGOTTEN, charged=_text(charged))
        return replace(job, state=State.FORGOTTEN, charged=charged)

    def done(self, job: Job, outputs: tuple[str, ...], charged: Fraction | None) -> Job:
        """Its clips are in the store."""
        self._write(
            job, state=State.DONE, words=None, outputs=json.dumps(outputs), charged=_text(charged)
        )
        return replace(job, state=State.DONE, outputs=outputs, dropped=frozenset(), charged=charged)

    def drop(self, job: Job, clips: Collection[str]) -> Job:
        """Some of its clips are not kept any more. What it cost stays."""
        kept = {number: clip for number, clip in job.numbered if clip not in clips}
        places = range(job.brought)
        self._write(job, outputs=json.dumps([kept.get(number) for number in places]))
        dropped = frozenset(number for number in places if number not in kept)
        return replace(job, outputs=tuple(kept.values()), dropped=dropped)

    def _write(self, job: Job, /, **columns: str | None) -> None:
        columns["updated_at"] = datetime.now(UTC).isoformat(timespec="seconds")
        names = ", ".join(f"{name} = ?" for name in columns)
        with self._database.writing() as database:
            database.execute(
                f"UPDATE jobs SET {names} WHERE id = ?",  # noqa: S608 - names of columns
                (*columns.values(), job.id),
            )


def _text(amount: Fraction | None) -> str | None:
    return None if amount is None else str(amount)


def _job(row: tuple[Any, ...]) -> Job:
    (number, step, film, profile, provider, intent, state, operation, words, outputs) = row[:10]
    low, high, charged, created_at, accepted_at, wanted = row[10:]
    clips: list[str | None] = json.loads(outputs) if outputs else []
    return Job(
        id=number,
        step=step,
        lane=Lane(film, profile or None),
        provider=provider,
        intent=read_intent(json.loads(intent)),
        state=State(state),
        operation=Operation(**json.loads(operation)) if operation else None,
        words=words,
        outputs=tuple(clip for clip in clips if clip is not None),
        dropped=frozenset(number for number, clip in enumerate(clips) if clip is None),
        estimated=(Fraction(low), Fraction(high)),
        charged=None if charged is None else Fraction(charged),
        created_at=datetime.fromisoformat(created_at),
        accepted_at=datetime.fromisoformat(accepted_at) if accepted_at else None,
        wanted=_wanted(wanted, step),
    )


def _wanted(text: str | None, step: str) -> Wanted:
    if text is None:  # a job of a release that kept no lock: its step names its shot
        shot, _, segment = step.partition(":")[2].partition("[")[0].partition("#")
        return Wanted(shot=shot, segment=int(segment) if segment else None)
    return Wanted(**(fields := json.loads(text)) | {"frames": tuple(fields["frames"])})
