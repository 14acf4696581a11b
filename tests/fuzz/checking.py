"""Checks mutated storyboards, one after the other, within limits of time and memory.

Usage: python tests/fuzz/checking.py COUNT SEED

Prints what went wrong, one JSON line each, and exits with 1 when anything did.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import random
import resource
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator
from pathlib import Path

from storyboards import mutated, texts

from storyboard.cli.sarif import github, sarif
from storyboard.cli.text import say_diagnostics
from storyboard.pipeline import Choices, diagnose

SLOW_S = 2.0
MEMORY = 500 * 1024 * 1024
"""Bytes that checking may add to what the process has when it starts."""
PROFILES = (None, None, "draft", "final")
GIVEN: tuple[dict[str, str], ...] = (
    {},
    {},
    {},
    {"keeper": "[x"},
    {"keeper": "{{ keeper }}"},
    {"n": "1e999"},
)


class TooSlow(BaseException):
    """Not caught by anything that handles errors."""


def check(data: bytes, folder: Path, choices: Choices) -> str | None:
    """Check one storyboard as the command does; what went wrong, or None."""
    (folder / "storyboard.yaml").write_bytes(data)
    began = time.process_time()
    try:
        with _alarm(), contextlib.redirect_stderr(io.StringIO()):
            found, _, _ = diagnose(Path("storyboard.yaml"), choices)
            say_diagnostics(found)
            json.dumps([item.json() for item in found])
            json.dumps(sarif(found))
            github(found)
    except TooSlow:
        return f"slower than {SLOW_S} s\n{traceback.format_exc(limit=-6)}"
    except Exception:  # whatever escapes is what is looked for
        return traceback.format_exc(limit=-6)
    took = time.process_time() - began
    return f"took {took:.1f} s" if took > SLOW_S else None


@contextlib.contextmanager
def _alarm() -> Iterator[None]:
    def stop(*_: object) -> None:
        raise TooSlow

    signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, 2 * SLOW_S)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)


def run(count: int, seed: int) -> int:
    """Check so many; how many went wrong."""
    seeds, chance, wrong = texts(), random.Random(seed), 0
    with tempfile.TemporaryDirectory() as name:
        os.chdir(name)
        check(seeds[0], Path(name), Choices())  # everything is imported now
        has = _address_space()
        resource.setrlimit(resource.RLIMIT_AS, (has + MEMORY, has + MEMORY))
        for number in range(count):
            data = mutated(chance, seeds)
            choices = Choices(profile=chance.choice(PROFILES), given=chance.choice(GIVEN))
            if (said := check(data, Path(name), choices)) is not None:
                wrong += 1
                report = {
                    "number": number,
                    "seed": seed,
                    "what": said,
                    "text": data.decode("latin-1"),
                }
                print(json.dumps(report), flush=True)
        os.chdir("/")
    return wrong


def _address_space() -> int:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    return pages * resource.getpagesize()


if __name__ == "__main__":
    sys.exit(1 if run(int(sys.argv[1]), int(sys.argv[2])) else 0)
