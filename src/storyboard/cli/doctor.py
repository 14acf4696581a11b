"""Whether what a build needs is there: keys, the video libraries, room on the disk."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from storyboard import providers
from storyboard.diagnostics import StoryboardError
from storyboard.media import health
from storyboard.remote_provider import RemoteProvider
from storyboard.source import Plain
from storyboard.store import store_root

if TYPE_CHECKING:
    from storyboard.pipeline import Compiled

_LITTLE = 2 << 30  # bytes: a film of a minute, its clips and its cuts

Health = Literal["ok", "note", "bad"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        health: `note` where something is missing that not every film needs.
    """

    about: str
    health: Health
    message: str

    def json(self) -> dict[str, Plain]:
        """For the document."""
        return {"about": self.about, "health": self.health, "message": self.message}


def examine(folder: Path, asked: Mapping[str, int], *, online: bool) -> Iterator[Finding]:
    """Look at everything.

    Args:
        folder: where films are built.
        asked: how many clips a build would ask of each remote provider, as `asked_by` gives it.
        online: whether each provider is asked whether it accepts its key, by
            the cheapest request that costs nothing.
    """
    yield Finding("python", "ok", sys.version.split()[0])
    for about, (works, said) in (("PyAV", health.pyav()), ("ffmpeg", health.ffmpeg())):
        yield Finding(about, "ok" if works else "bad", said)
    yield _disk(folder)
    for name in providers.names():
        provider = providers.find(name)
        if isinstance(provider, RemoteProvider):
            yield _provider(provider, asked.get(name, 0), online=online)


def asked_by(film: Compiled) -> Counter[str]:
    """How many clips a build of a film would ask of each remote provider.

    Raises:
        StoryboardError: its store cannot be read.
    """
    from storyboard.project import open_project

    with open_project(film) as project:
        steps = [step.action for step in project.plan() if step.to_do and step.action.model]
    named = Counter(action.provider for action in steps)
    return Counter(
        {name: n for name, n in named.items() if isinstance(providers.find(name), RemoteProvider)}
    )


def of_film(name: str, asked: Mapping[str, int]) -> Finding:
    """What a build of a film asks of remote providers."""
    if not asked:
        return Finding("film", "ok", f"a build of {name} asks no provider for anything")
    said = ", ".join(f"{provider} for {_clips(count)}" for provider, count in sorted(asked.items()))
    return Finding("film", "ok", f"a build of {name} asks {said}")


def _disk(folder: Path) -> Finding:
    root = store_root(folder)
    there = next(each for each in (root, *root.parents) if each.exists())
    if not os.access(there, os.W_OK):
        return Finding("disk", "bad", f"{there} cannot be written")
    free = shutil.disk_usage(there).free
    said = f"{free / (1 << 30):.1f} GiB free for {root}"
    return Finding("disk", "ok" if free > _LITTLE else "note", said)


def _provider(provider: RemoteProvider, clips: int, *, online: bool) -> Finding:
    from storyboard.remote.access import access_to

    about, variables = provider.name, provider.auth.variables
    if not any(os.environ.get(variable, "").strip() for variable in variables):
        missing = f"no key: {' or '.join(variables)} is not set"
        if clips:
            return Finding(about, "bad", f"{missing}, and this film asks it for {_clips(clips)}")
        return Finding(about, "note", missing)
    try:
        access = access_to(provider, os.environ)
    except StoryboardError as error:
        return Finding(about, "bad", error.message)
    shape = provider.auth.shape
    if shape and not re.fullmatch(shape, access.key):
        return Finding(about, "note", f"{access.variable} does not look like one of its keys")
    at = f", at {access.base}" if access.base else ""
    if not online:
        return Finding(about, "ok", f"{access.variable} is set{at}")
    return asyncio.run(_asked(provider, at))


async def _asked(provider: RemoteProvider, at: str) -> Finding:
    """What the provider says to its key."""
    from storyboard.remote.access import access_to
    from storyboard.remote.wire import NotSent, Unanswered, Wire

    access = access_to(provider, os.environ)
    wire = Wire(provider, access)
    try:
        response = await wire.send(provider.ping())
    except (NotSent, Unanswered) as error:
        return Finding(provider.name, "bad", f"cannot be reached{at}: {error}")
    finally:
        await wire.close()
    if response.status in {401, 403}:
        words = access.redact(response.body.decode("utf-8", "replace"))[:200]
        return Finding(
            provider.name,
            "bad",
            f"{access.variable} is not accepted{at} ({response.status}: {words})",
        )
    if response.status >= 500:
        return Finding(provider.name, "bad", f"is in trouble{at}: it answers {response.status}")
    return Finding(provider.name, "ok", f"{access.variable} is accepted{at}")


def _clips(count: int) -> str:
    return "1 clip" if count == 1 else f"{count} clips"


def document(findings: list[Finding]) -> Plain:
    """The document of `doctor --json`."""
    healthy = all(finding.health != "bad" for finding in findings)
    return {"version": 1, "ok": healthy, "findings": [finding.json() for finding in findings]}


def text(finding: Finding) -> str:
    """A line."""
    return f"{finding.health:<5} {finding.about:<12} {finding.message}"
