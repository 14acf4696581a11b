"""What happens to jobs that no step asks for, and to words of providers about any: told as `storyboard.events` are."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from storyboard.source import Plain


@dataclass(frozen=True, slots=True)
class JobCollected:
    """A job that no step asks for has brought its clip, which is kept.

    Attributes:
        job: the ledger's number of it.
        output: its clip.
        retake: whether it was for one more take, which its shot uses now.
    """

    job: int
    provider: str
    shot: str
    output: Path
    retake: bool = False

    def json(self) -> dict[str, Plain]:
        """The event's line."""
        return {
            "event": "job_collected",
            "job": self.job,
            "provider": self.provider,
            "shot": self.shot,
            "output": str(self.output),
            "retake": self.retake,
        }


@dataclass(frozen=True, slots=True)
class JobLeft:
    """A job that no step asks for is left to a later build, or to the user; why."""

    job: int
    provider: str
    shot: str
    why: str
    retake: bool = False

    def json(self) -> dict[str, Plain]:
        """The event's line."""
        return {
            "event": "job_left",
            "job": self.job,
            "provider": self.provider,
            "shot": self.shot,
            "message": self.why,
            "retake": self.retake,
        }


@dataclass(frozen=True, slots=True)
class WebhookIgnored:
    """A webhook came that is not believed; jobs are asked after all the same."""

    provider: str
    why: str

    def json(self) -> dict[str, Plain]:
        """The event's line."""
        return {"event": "webhook_ignored", "provider": self.provider, "message": self.why}
