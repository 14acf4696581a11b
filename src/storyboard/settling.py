"""Jobs settled by hand: taken over under an id that the user found, asked for anew, given up, cancelled."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from fractions import Fraction
from pathlib import Path
from uuid import uuid4

from storyboard import providers
from storyboard.abilities import Cancels
from storyboard.build_lock import build_lock
from storyboard.diagnostics import Failed, Invalid
from storyboard.exchange import Done, JobFailed, Running, Unseen
from storyboard.jobs import Job, State
from storyboard.ledger import Ledger
from storyboard.remote_provider import RemoteProvider
from storyboard.store import Store, store_root


class Verb(StrEnum):
    """What can be done with a job by hand."""

    ADOPT = "adopt"
    RESUBMIT = "resubmit"
    FORGET = "forget"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settling:
    """The jobs of a store, for a user who settles them.

    Attributes:
        environment: where keys and addresses are.
        find: gives the provider of a name.
    """

    store: Store
    ledger: Ledger
    environment: Mapping[str, str]
    find: Callable[[str], object] = providers.find

    def job(self, number: int) -> Job:
        """The job of that number.

        Raises:
            Invalid: there is none.
        """
        job = self.ledger.jobs.get(number)
        if job is None:
            raise Invalid(f"There is no job {number} here.", "`storyboard jobs --all` lists them.")
        return job

    def verbs(self, job: Job) -> tuple[Verb, ...]:
        """What can be done with a job as it stands."""
        match job.state:
            case State.SENT | State.UNKNOWN if job.operation is None:
                return Verb.ADOPT, *self._resubmit(job), Verb.FORGET
            case State.UNKNOWN:
                return *self._resubmit(job), Verb.FORGET, *self._cancel(job)
            case State.ACCEPTED:
                return *self._cancel(job), Verb.FORGET
            case State.FAILED | State.REJECTED if self._is_newest(job):
                return (Verb.RESUBMIT,)
            case State.FORGOTTEN:
                return (Verb.ADOPT,)
        return ()

    def adopt(self, number: int, id_: str) -> Running | JobFailed | None:
        """Go on with a job under the id that the user found for it.

        Returns:
            How the provider says that it stands; None where it has finished it.

        Raises:
            Invalid: there is no such job, it has an id already, or another job
                has this one.
            Failed: the provider knows no job of this id, or cannot be asked.
            StoreBusy, StoreError: as for a build.
        """
        from storyboard.remote.access import access_to
        from storyboard.remote.inquiry import standing

        with build_lock(self.store):
            job = self._for(Verb.ADOPT, number)
            if id_ in self.ledger.jobs.known(job.provider):
                raise Invalid(f"{id_} is another job's, which is recorded here already.")
            provider = self._provider(job)
            operation = provider.operation(job.intent, id_)
            answer = standing(provider, access_to(provider, self.environment), operation)
            if isinstance(answer, Unseen):
                raise Failed(
                    f"{job.provider} knows no job `{id_}`: nothing was changed.",
                    "Copy the id from the provider's console once more; a new job may take a while to show.",
                )
            self.ledger.jobs.accepted(job, operation)
            return None if isinstance(answer, Done) else answer

    def resubmit(self, number: int, agree: Callable[[Job], bool]) -> Job | None:
        """Have the next build ask for a clip anew; the old job is still collected, should it come.

        Args:
            number: the job's.
            agree: asked where the clip may then be charged twice.

        Returns:
            The new job; None where it was not agreed to.

        Raises:
            Invalid: there is no such job, or nothing to ask for anew.
            StoreBusy, StoreError: as for a build.
        """
        with build_lock(self.store):
            job = self._for(Verb.RESUBMIT, number)
            if not self._is_newest(job):
                raise Invalid(f"What job {number} was for has been asked for anew already.")
            if job.pending and not agree(job):
                return None
            intent = replace(
                job.intent, nonce=str(uuid4()), made_at=datetime.now(UTC), references={}
            )
            return self.ledger.jobs.intend(
                intent,
                step=job.step,
                lane=job.lane,
                estimated=job.estimated,
                wanted=job.wanted,
            )

    def forget(self, number: int, charged: Fraction | None) -> Job:
        """Give a job up: its provider is not asked after it any more.

        Args:
            number: the job's.
            charged: what it took, as the user found out, in US dollars.

        Raises:
            Invalid: there is no such job, or it has ended.
            StoreBusy, StoreError: as for a build.
        """
        with build_lock(self.store):
            return self.ledger.jobs.forgotten(self._for(Verb.FORGET, number), charged)

    def cancel(self, number: int) -> bool | None:
        """Ask a provider to end a job.

        Returns:
            True where the job has ended without a clip, or will; False where it
            is too late for that; None where the provider does not say.

        Raises:
            Invalid: there is no such job, or the provider cannot cancel.
            Failed: it cannot be asked.
            StoreBusy, StoreError: as for a build.
        """
        from storyboard.remote.access import access_to
        from storyboard.remote.inquiry import cancel, standing

        with build_lock(self.store):
            job = self._for(Verb.CANCEL, number)
            provider = self._provider(job)
            access = access_to(provider, self.environment)
            ends = cancel(provider, access, job)
            if ends and job.operation:
                match standing(provider, access, job.operation):
                    case JobFailed(kind=kind, words=words, charged_usd=charged):
                        self.ledger.jobs.failed(job, f"{kind}: {access.redact(words)}", charged)
            return ends

    def _for(self, verb: Verb, number: int) -> Job:
        job = self.job(number)
        possible = self.verbs(job)
        if verb in possible:
            return job
        if verb is Verb.CANCEL and job.pending and job.operation:
            raise Invalid(
                f"{job.provider} has no way to cancel a job.",
                f"Let it end: a build collects its clip. `storyboard jobs forget {number}` gives it up.",
            )
        said = f"It can be settled with {', '.join(possible)}." if possible else None
        raise Invalid(f"Job {number} is {job.state}: there is nothing to {verb}.", said)

    def _is_newest(self, job: Job) -> bool:
        """Whether a job is the last that was intended for its key, which has no clip yet."""
        latest = self.ledger.jobs.latest(job.intent.key)
        made = self.ledger.jobs.done_for(job.intent.key)
        return latest is not None and latest.id == job.id and not made

    def _resubmit(self, job: Job) -> tuple[Verb, ...]:
        """Not of a retake: its shot has a take, and `retake` asks for another."""
        return () if job.wanted.retake else (Verb.RESUBMIT,)

    def _cancel(self, job: Job) -> tuple[Verb, ...]:
        able = job.operation and isinstance(self.find(job.provider), Cancels)
        return (Verb.CANCEL,) if able else ()

    def _provider(self, job: Job) -> RemoteProvider:
        provider = self.find(job.provider)
        if not isinstance(provider, RemoteProvider):
            raise Invalid(f"The provider {job.provider} is not installed.")
        return provider


@contextmanager
def settling(storyboard: Path) -> Iterator[Settling]:
    """The jobs of the store that a storyboard's clips are in.

    Raises:
        StoreError: the ledger cannot be read.
    """
    store = Store(store_root(storyboard.resolve().parent))
    with Ledger(store.root / "ledger.sqlite3") as ledger:
        yield Settling(store=store, ledger=ledger, environment=os.environ)
