"""Running commands fairly: alternated, each in a process of its own, by the system's own accounting."""

from __future__ import annotations

import statistics
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Run:
    """One process: wall and processor seconds, and its largest memory in MiB."""

    wall: float
    cpu: float
    memory: float


@dataclass(frozen=True, slots=True)
class Figures:
    """Medians of several runs."""

    wall: float
    cpu: float
    memory: float


def alternated(
    commands: Mapping[str, Sequence[str]], folder: Path, rounds: int = 5
) -> dict[str, Figures]:
    """Run each command once unmeasured, then all in turn, `rounds` times: medians by name.

    Raises:
        RuntimeError: a command failed; a figure of it would mean nothing.
    """
    runs: dict[str, list[Run]] = {name: [] for name in commands}
    for round_ in range(rounds + 1):
        for name, command in commands.items():
            run = launched(name, command, folder)
            if round_:
                runs[name].append(run)
    return {
        name: Figures(
            *(
                statistics.median(getattr(run, what) for run in of)
                for what in ("wall", "cpu", "memory")
            )
        )
        for name, of in runs.items()
    }


_LAUNCH = """
import os, sys, time
quiet = [(os.POSIX_SPAWN_OPEN, 1, "/dev/null", os.O_WRONLY, 0)]
began = time.perf_counter()
child = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ, file_actions=quiet)
_, status, used = os.wait4(child, 0)
wall = time.perf_counter() - began
print(wall, used.ru_utime + used.ru_stime, used.ru_maxrss, os.waitstatus_to_exitcode(status))
"""
"""Starts a command from a small process: what a process is started from counts into its memory."""


def launched(name: str, command: Sequence[str], folder: Path) -> Run:
    """Run a command once.

    Raises:
        RuntimeError: it failed; a figure of it would mean nothing.
    """
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", _LAUNCH, *command],
        cwd=folder, check=True, capture_output=True, text=True,
    )  # fmt: skip
    wall, cpu, memory, code = map(float, done.stdout.split())
    if code:
        raise RuntimeError(f"{name} failed ({code:.0f}): {done.stderr[-400:]}")
    return Run(wall, cpu, memory / 1024)


def python(code: str) -> list[str]:
    """A command that runs Python code in this environment."""
    return [sys.executable, "-c", code]
