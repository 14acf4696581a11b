"""What happens during a build, told as it happens.

The build tells a `Listener`; the command line turns events into progress or
into JSON lines. `json()` is the document of that line: a contract.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from storyboard.graph import Action
from storyboard.job_events import JobCollected, JobLeft, WebhookIgnored
from storyboard.source import Plain


def _step(event: str, action: Action) -> dict[str, Plain]:
    return {
        "event": event,
        "step": action.id,
        "kind": action.kind.value,
        "shot": action.shot,
        "segment": action.segment,
    }


@dataclass(frozen=True, slots=True)
class StepStarted:
    """A step is being done."""

    action: Action

    def json(self) -> dict[str, Plain]:
        """The event's line."""
        return _step("step_started", self.action) | {"model": self.action.model}


@dataclass(frozen=True, slots=True)
class Submitted:
    """A provider has accepted a job for a step: from here on it may cost money.

    Attributes:
        found_again: it was sent before, perhaps by a process that was killed,
            and has been found at its provider: nothing was sent now.
    """

    action: Action
    provider: str
    job: str
    model: str
    found_again: bool = False

    def json(self) -> dict[str, Plain]:
        """The event's line."""
        return _step("submitted", self.action) | {
            "provider": self.provider,
            "job": self.job,
            "model": self.model,
            "found_again": self.found_again,
        }


@dataclass(frozen=True, slots=True)
class StepFellBack:
    """A step's model has definitely refused, and one of its `fallback`s is asked instead."""

    action: Action
    model: str
    why: str

    def json(self) -> dict[str, Plain]:
        """The event's line."""
        return _step("step_fell_back", self.action) | {"model": self.model, "message": self.why}


@dataclass(frozen=True, slots=True)
class ProviderUnreached:
    """A step's provider does not answer; its job goes on there, and is asked after again."""

    action: Action
    provider: str
    why: str

    def json(self) -> dict[str, Plain]:
        """The event's line."""
        said: dict[str, Plain] = {"provider": self.provider, "message": self.why}
        return _step("provider_unreached", self.action) | said


@dataclass(frozen=True, slots=True)
class Progress:
    """How much of a step is done, from 0 to 1; None where its provider does not tell.

    Attributes:
        queued: how many jobs the provider does before it.
    """

    action: Action
    done: float | None
    queued: int | None = None

    def json(self) -> dict[str, Plain]:
        """The event's line."""
        done = None if self.done is None else round(self.done, 3)
        queued: dict[str, Plain] = {} if self.queued is None else {"queued": self.queued}
        return _step("progress", self.action) | {"done": done} | queued


@dataclass(frozen=True, slots=True)
class StepDone:
    """A step is done; `output` is its blob's path, `reused` says that it was found by its key.

    Attributes:
        model: which made the clip now: the step's own, or one of its `fallback`s.
    """

    action: Action
    output: Path
    reused: bool = False
    model: str | None = None

    def json(self) -> dict[str, Plain]:
        """The event's line."""
        return _step("step_done", self.action) | {
            "output": str(self.output),
            "reused": self.reused,
            "model": self.model,
        }


@dataclass(frozen=True, slots=True)
class StepFailed:
    """A step could not be done; what depends on it is not tried.

    Attributes:
        unknown: a job was sent for it, and nobody can tell what became of that.
    """

    action: Action
    message: str
    help: str | None = None
    unknown: bool = False

    def json(self) -> dict[str, Plain]:
        """The event's line."""
        return _step("step_failed", self.action) | {
            "message": self.message,
            "help": self.help,
            "unknown": self.unknown,
        }


@dataclass(frozen=True, slots=True)
class StepDamaged:
    """What a step made earlier was damaged on the disk: it was set aside and is made again."""

    action: Action

    def json(self) -> dict[str, Plain]:
        """The event's line."""
        return _step("step_damaged", self.action)


@dataclass(frozen=True, slots=True)
class CutDone:
    """A film is where it belongs.

    Attributes:
        loudness: `integrated_lufs`, `range_lu`, `true_peak_dbtp` (None where it
            is silent) and `gain_db`, by which it was made louder.
    """

    cut: str
    path: Path
    loudness: Mapping[str, Plain] = field(default_factory=dict)

    def json(self) -> dict[str, Plain]:
        """The event's line."""
        line: dict[str, Plain] = {"event": "cut_done", "cut": self.cut, "path": str(self.path)}
        return line | ({"loudness": dict(self.loudness)} if self.loudness else {})


@dataclass(frozen=True, slots=True)
class JoinMeasured:
    """A hard cut in numbers, and what of them is worth a look, in words.

    Of one that could not be measured the figures are `before` and `after` alone.
    """

    cut: str
    figures: Mapping[str, Plain]
    warnings: tuple[str, ...]

    def json(self) -> dict[str, Plain]:
        """The event's line."""
        return {"event": "join", "cut": self.cut, **self.figures, "warnings": list(self.warnings)}


@dataclass(frozen=True, slots=True)
class ChainMeasured:
    """Chained shots in numbers, and what of them is worth a look, in words."""

    cut: str
    figures: Mapping[str, Plain]
    warnings: tuple[str, ...]

    def json(self) -> dict[str, Plain]:
        """The event's line."""
        return {"event": "chain", "cut": self.cut, **self.figures, "warnings": list(self.warnings)}


@dataclass(frozen=True, slots=True)
class Summary:
    """How a build ended; `interrupted` says that the user stopped it."""

    generated: int
    fresh: int
    failed: int
    unknown: int
    cost_usd: float
    cuts: Mapping[str, str] = field(default_factory=dict)
    interrupted: bool = False

    def json(self) -> dict[str, Plain]:
        """The event's line: the last one."""
        return {
            "event": "summary",
            "generated": self.generated,
            "fresh": self.fresh,
            "failed": self.failed,
            "unknown": self.unknown,
            "cost_usd": self.cost_usd,
            "interrupted": self.interrupted,
            "cuts": dict(self.cuts),
        }


Event: TypeAlias = (
    StepStarted
    | Submitted
    | StepFellBack
    | ProviderUnreached
    | Progress
    | StepDone
    | StepFailed
    | StepDamaged
    | JobCollected
    | JobLeft
    | WebhookIgnored
    | CutDone
    | JoinMeasured
    | ChainMeasured
    | Summary
)
Listener: TypeAlias = Callable[[Event], None]
