"""Builds films in processes that can be killed, each forked from one that has imported everything.

    build_forge.py SOCKET

Whoever connects sends orders, a line of JSON each, and gets an answer for each:

    {"folder", "provider", "environment", "strikes": {MOMENT: SIGNAL}, "means",
     "deadline": SECONDS or null, "retake": COUNT or null}
    {"signal": 9} | {"exit_code", "generated", "unknown", "heard", "said"} | {"fault"}

An order is carried out by a process of its own: `Project.build`, as the command
does it, but for the stitching, which is only a list of clips here; or `retake`
of the shot `lamp`. A deadline is for jobs: theirs are half an hour else.
"""

from __future__ import annotations

import gc
import json
import os
import select
import signal
import socket
import sys
import traceback
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp
import anyio._backends._asyncio
import av
import certifi
import httpcore
import numpy as np
from kiln import Kiln
from ticking import Ticker

from storyboard import providers
from storyboard.building import build
from storyboard.choosing import Wanted
from storyboard.diagnostics import Failed, Undecided
from storyboard.digest import digest_file
from storyboard.events import StepFailed
from storyboard.film_file import FilmFile
from storyboard.media import frames, verify
from storyboard.passages import PassageWork
from storyboard.pipeline import Choices, Compiled, compile_film
from storyboard.project import open_project
from storyboard.provider import Report
from storyboard.remote import driver
from storyboard.remote.hosts import trusted
from storyboard.remote_provider import RemoteProvider
from storyboard.retaking import retake
from storyboard.timeline import Edit
from storyboard.tools import LocalTools

PRELOADED = (aiohttp, anyio, av, certifi, httpcore, np, frames, verify, driver)


class ListingTools(LocalTools):
    """The tools of this machine; a film is the list of its clips, by their digests."""

    def conform(
        self, work: PassageWork, inputs: Mapping[str, Path], destination: Path, report: Report
    ) -> None:
        destination.write_text(f"picture of {sorted(map(str, inputs))}\n")

    def stitch(
        self, edit: Edit, inputs: Mapping[str, Path], destination: FilmFile, report: Report
    ) -> None:
        clips = [inputs[event.pieces[0].clip] for event in edit.events]
        destination.write(("".join(f"{digest_file(clip)}\n" for clip in clips)).encode())
        report(1.0)


def built(order: Mapping[str, Any], compiled: Compiled) -> dict[str, Any]:
    """What came of a build."""
    os.environ.update(order["environment"])
    os.chdir(order["folder"])
    found = providers.find(order["provider"])
    if isinstance(found, Kiln):
        found.means = order["means"]
    if order.get("deadline"):
        _in_a_hurry(found, order["deadline"])
    signal.signal(signal.SIGINT, signal.default_int_handler)
    ticker = Ticker(order["strikes"])
    said: list[str] = []

    def listen(event: object) -> None:
        if isinstance(event, StepFailed):
            said.append(event.message)

    came_to: dict[str, Any] = {"exit_code": 0, "generated": 0, "unknown": []}
    with open_project(compiled, ListingTools(())) as project:
        try:
            if order.get("retake"):
                retake(project, Wanted("lamp"), order["retake"], listen, agree=lambda _: True)
            else:
                outcome = build(project, listen, agree=lambda _: True)
                came_to["exit_code"] = outcome.exit_code
                came_to["generated"] = outcome.summary().generated
                came_to["unknown"] = list(outcome.takes.unknown)
        except (Failed, Undecided) as error:
            came_to["exit_code"] = error.exit_code
            said.append(error.message)
    return {**came_to, "heard": ticker.heard, "said": said}


def _in_a_hurry(provider: object, deadline: float) -> None:
    """Have a provider's jobs waited for no longer than that, in this process."""
    if isinstance(provider, Kiln):
        provider.limits = {**provider.limits, "deadline": deadline}
    elif isinstance(provider, RemoteProvider):
        models = {
            name: replace(model, rhythm=replace(model.rhythm, deadline=deadline))
            for name, model in provider.models().items()
        }
        vars(provider)["models"] = lambda: models


def carried_out(order: Mapping[str, Any], compiled: Compiled) -> bytes:
    """Have a process of its own do an order, and wait until it is gone."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        try:
            answer = built(order, compiled)
        except KeyboardInterrupt:
            answer = {"exit_code": 130, "generated": 0, "unknown": [], "heard": [], "said": []}
        except BaseException as error:
            answer = {"fault": "".join(traceback.format_exception(error))}
        with os.fdopen(writing, "w") as pipe:
            json.dump(answer, pipe)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        said = pipe.read()
    _, status = os.waitpid(child, 0)  # only now its locks are surely gone
    if os.WIFSIGNALED(status):
        return json.dumps({"signal": os.WTERMSIG(status)}).encode()
    return said


def serve(connection: socket.socket) -> None:
    """Carry out one client's orders, one after the other."""
    compiled: dict[str, Compiled] = {}
    with connection.makefile("rwb") as lines:
        for line in lines:
            order = json.loads(line)
            name = order["provider"]
            if name not in compiled:
                os.chdir(order["folder"])
                path = Path("storyboard.yaml")  # the next one is found in the next folder
                compiled[name] = compile_film(path, Choices())
                gc.freeze()  # what is here already need not be copied into each child
            lines.write(carried_out(order, compiled[name]) + b"\n")
            lines.flush()


def main(path: str) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen()
        trusted()  # read here, and not in every child
        print("ready", flush=True)
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        while listener in select.select([listener, sys.stdin], [], [])[0]:  # or the tests are over
            connection, _ = listener.accept()
            if os.fork() == 0:
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                listener.close()
                serve(connection)
                os._exit(0)
            connection.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
