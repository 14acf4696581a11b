"""Running commands fairly: alternated, each in a process of its own, by the system's own accounting."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter


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
            run = _run(name, command, folder)
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


def _run(name: str, command: Sequence[str], folder: Path) -> Run:
    began = perf_counter()
    process = subprocess.Popen(
        command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    said = process.stderr.read() if process.stderr else b""
    _, status, used = os.wait4(process.pid, 0)
    wall = perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.stderr:
        process.stderr.close()
    if process.returncode:
        raise RuntimeError(
            f"{name} failed ({process.returncode}): {said.decode(errors='replace')[-400:]}"
        )
    return Run(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def python(code: str) -> list[str]:
    """A command that runs Python code in this environment."""
    return [sys.executable, "-c", code]
