"""The command `storyboard`, run as a process of its own that need not import anything any more.

A run takes milliseconds where `python -m storyboard` takes half a second. What
is about processes themselves (signals, terminals, the start) runs the latter.
"""

from __future__ import annotations

import atexit
import json
import os
import select
import subprocess
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from subprocess import CompletedProcess
from tempfile import TemporaryDirectory
from threading import Lock

TIMEOUT_S = 240

_LOCK = Lock()


def quick_command(
    arguments: Sequence[str], folder: Path, environment: Mapping[str, str] | None = None
) -> CompletedProcess[str]:
    """Run the command.

    Args:
        arguments: without the name of the program.
        folder: where it is run.
        environment: all of it; this process's own by default.
    """
    with TemporaryDirectory() as temporary:
        out, err = Path(temporary, "out"), Path(temporary, "err")
        order = {
            "arguments": [str(each) for each in arguments],
            "folder": str(folder),
            "environment": dict(os.environ if environment is None else environment),
            "out": str(out),
            "err": str(err),
        }
        with _LOCK:
            code = _asked(_forge(), order)
        return CompletedProcess(list(arguments), code, _text(out), _text(err))


def _text(file: Path) -> str:
    """What was printed; the ends of lines as the terminal has them."""
    return file.read_text("utf-8") if file.exists() else ""


def _asked(forge: subprocess.Popen[str], order: object) -> int:
    assert forge.stdin is not None
    assert forge.stdout is not None
    forge.stdin.write(json.dumps(order) + "\n")
    forge.stdin.flush()
    if not select.select([forge.stdout], [], [], TIMEOUT_S)[0]:
        forge.kill()
        raise TimeoutError(f"not ended within {TIMEOUT_S} s: {order}")
    return int(forge.stdout.readline())


@cache
def _forge() -> subprocess.Popen[str]:
    script = Path(__file__).with_name("command_forge.py")
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "PYTHONUTF8": "1"}
    process = subprocess.Popen(
        [sys.executable, str(script)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment,
    )  # fmt: skip
    atexit.register(_end, process)
    return process


def _end(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.close()  # no more orders: it ends
    process.wait(10)
    process.stdout.close()
