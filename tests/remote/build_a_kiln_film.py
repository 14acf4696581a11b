"""Builds a film of the kiln in a process of its own, for tests that kill or interrupt it.

    build_a_kiln_film.py FOLDER URL MEANS KILL_AT SHAPE PROMPT…

KILL_AT is a moment at which the process kills itself as the kernel would:
`before sending`, `after accepted 2`, `os.rename 2`; `-` for none. SHAPE is
`chain`, or `stand-in`: shots with a fallback model.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Any, cast

from kiln import Kiln, Means
from kiln_film import KilnFilm, apart, chain, with_stand_in

from dying import die_in_syscall
from storyboard.database import Database
from storyboard.job_table import Jobs
from storyboard.jobs import Job


class DyingJobs(Jobs):
    """A ledger of jobs at which the process dies, before or after it has written a thing down."""

    def __init__(self, database: Database, moment: str) -> None:
        super().__init__(database)
        name, _, count = moment.rpartition(" ")
        self._moment, self._left = (name, int(count)) if count.isdigit() else (moment, 1)

    def _at(self, moment: str) -> None:
        self._left -= moment == self._moment
        if moment == self._moment and not self._left:
            os.kill(os.getpid(), signal.SIGKILL)

    def intend(self, *args: Any, **named: Any) -> Job:
        return self._around("intend", super().intend, *args, **named)

    def sending(self, *args: Any, **named: Any) -> Job:
        return self._around("sending", super().sending, *args, **named)

    def accepted(self, *args: Any, **named: Any) -> Job:
        return self._around("accepted", super().accepted, *args, **named)

    def rejected(self, *args: Any, **named: Any) -> Job:
        return self._around("rejected", super().rejected, *args, **named)

    def done(self, *args: Any, **named: Any) -> Job:
        return self._around("done", super().done, *args, **named)

    def _around(self, name: str, write: Any, *args: Any, **named: Any) -> Job:
        self._at(f"before {name}")
        job: Job = write(*args, **named)
        self._at(f"after {name}")
        return job


def main(folder: str, url: str, means: str, kill_at: str, shape: str, *prompts: str) -> int:
    if kill_at.startswith("os."):
        die_in_syscall(kill_at)
    film = KilnFilm(Path(folder), url, Kiln(cast("Means", means)))
    film.wrap_jobs = lambda database: DyingJobs(database, kill_at)
    shots = with_stand_in(apart(*prompts)) if shape == "stand-in" else chain(*prompts)
    takes = film.build(shots).takes
    print("interrupted" if takes.interrupted else "complete" if takes.complete else "incomplete")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:]))
