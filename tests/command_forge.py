"""Runs the command `storyboard` in processes that have everything imported: what quick_command.py starts.

It reads orders, a line of JSON each, and answers each with the exit code when
the process that it forked for it has ended:

    {"arguments", "folder", "environment", "out", "err"}
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import pkgutil
import signal
import sys
import traceback
from typing import Any, NoReturn

import storyboard

EAGER = (
    "aiohttp",
    "anyio._backends._asyncio",
    "httpx",
    "jsonschema",
    "moviepy",
    "networkx",
    "rich.live",
)


def preload() -> None:
    """Import what a command may need."""
    for name in EAGER:
        importlib.import_module(name)
    for module in pkgutil.walk_packages(storyboard.__path__, "storyboard."):
        if module.name.rpartition(".")[2] != "__main__":
            importlib.import_module(module.name)
    gc.freeze()


def run(order: dict[str, Any]) -> NoReturn:
    """Be the command."""
    code = 1
    try:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        for name, number in (("out", 1), ("err", 2)):
            file = os.open(order[name], os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            os.dup2(file, number)
            os.close(file)
        os.chdir(order["folder"])
        os.environ.clear()
        os.environ.update(order["environment"])
        sys.path[1:1] = [
            each for each in os.environ.get("PYTHONPATH", "").split(os.pathsep) if each
        ]
        importlib.invalidate_caches()
        sys.argv = ["storyboard", *order["arguments"]]
        from storyboard.__main__ import main

        main()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def main() -> None:
    answers = os.fdopen(os.dup(1), "w")
    orders = os.fdopen(os.dup(0), "r")
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    preload()
    for line in orders:
        order = json.loads(line)
        child = os.fork()
        if child == 0:
            orders.close()
            answers.close()
            run(order)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), file=answers, flush=True)


if __name__ == "__main__":
    main()
