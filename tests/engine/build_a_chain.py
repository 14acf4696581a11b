"""Builds a chain of shots in a process of its own, for tests that kill or starve it.

    build_a_chain.py FOLDER KILL_AT FILE_LIMIT PROMPT…

KILL_AT names a moment (`-`: none) at which the process kills itself as the
kernel would; FILE_LIMIT is the largest file in bytes that it may write (`-`:
any). It prints a line for what came of it.
"""

from __future__ import annotations

import os
import resource
import signal
import sys
from collections.abc import Mapping
from pathlib import Path

from fake_film import FakeFilm, FakeTools, chain

from dying import die_in_syscall
from storyboard.events import StepFailed
from storyboard.provider import Report, Request
from storyboard.store import StoreError


class DyingTools(FakeTools):
    """Tools in whose hands the process dies: at the second shot, half drawn or just drawn."""

    def __init__(self, moment: str) -> None:
        super().__init__()
        self._moment = moment

    def draw(
        self, request: Request, frames: Mapping[str, Path], destination: Path, report: Report
    ) -> None:
        if len(self.done) == 1 and self._moment == "half drawn":
            destination.write_text("half a cli")
            os.kill(os.getpid(), signal.SIGKILL)
        super().draw(request, frames, destination, report)
        if len(self.done) == 2 and self._moment == "drawn":
            os.kill(os.getpid(), signal.SIGKILL)


def main(folder: str, kill_at: str, file_limit: str, *prompts: str) -> int:
    if file_limit != "-":
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(file_limit), int(file_limit)))
    if kill_at[-1:].isdigit():
        die_in_syscall(kill_at)
    try:
        built = FakeFilm(Path(folder)).build(chain(*prompts), DyingTools(kill_at), jobs=1)
    except StoreError as error:
        print(error, "|", error.help)
        return 1
    for event in built.events:
        if isinstance(event, StepFailed):
            print(event.message, "|", event.help)
    print("generated", *sorted(built.generated))
    return 0 if built.films.complete else 1


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:]))
