"""What a build came to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Takes:
    """What `execute` has made or found, action by action.

    Attributes:
        outputs: digests of what is at hand now, by action id.
        made: the steps that were done, in the order in which they ended.
        reused: those of which the result was found by key.
        failed: those that could not be done.
        refused: those of them that there was no money for.
        unknown: those for which a job was sent of which nobody can tell what
            became; they are not among the failed.
        missing: those whose take the lock names, whose bytes are not here, and
            without which something that was asked for cannot be made.
        blocked: those not tried, because of a failure, an interruption, or bytes
            that are missing.
        interrupted: whether the user stopped the build.
    """

    outputs: Mapping[str, str] = field(default_factory=dict)
    made: tuple[str, ...] = ()
    reused: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    blocked: tuple[str, ...] = ()
    interrupted: bool = False

    @property
    def complete(self) -> bool:
        """Whether everything that was asked for is at hand."""
        return not (self.failed or self.unknown or self.missing or self.blocked or self.interrupted)


@dataclass(frozen=True, slots=True, kw_only=True)
class Films:
    """What `assemble` has put together.

    Attributes:
        paths: by cut, where its film is: only those that are as planned.
        outputs: the films' digests, by the cuts' action ids.
        made: the cuts' steps that were put together now.
        failed: those that could not be put together, or not put in their place.
        blocked: those that lack a clip.
        interrupted: whether the user stopped the build.
    """

    paths: Mapping[str, Path] = field(default_factory=dict)
    outputs: Mapping[str, str] = field(default_factory=dict)
    made: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    blocked: tuple[str, ...] = ()
    interrupted: bool = False

    @property
    def complete(self) -> bool:
        """Whether every film is where it belongs."""
        return not (self.failed or self.blocked or self.interrupted)
