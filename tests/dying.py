"""Processes of the tests that kill themselves, as the kernel would."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path


def environment() -> dict[str, str]:
    """For a process that imports this module: where it finds it."""
    here, found = str(Path(__file__).parent), os.environ.get("PYTHONPATH")
    return {**os.environ, "PYTHONPATH": os.pathsep.join([here, found] if found else [here])}


def die_in_syscall(moment: str) -> None:
    """Die right before the n-th call of an audited kind: `os.rename 3`, `sqlite3.connect 1`."""
    event, _, count = moment.rpartition(" ")
    left = int(count)

    def hook(name: str, _: tuple[object, ...]) -> None:
        nonlocal left
        if name == event:
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)
