"""Moments at which a build can be killed: before everything that it does to the disk, the ledger and the wire.

What is audited by Python (files, folders, locks, connections) is heard of by an
audit hook. What is not (statements of SQLite, bytes on a socket, flushes) is
wrapped. A moment has a name and a number: `committed 3`, `rename blobs 2`.
"""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

_AUDITED = frozenset(
    {
        "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.chmod", "os.truncate", "os.link",
        "shutil.rmtree", "shutil.copyfile", "fcntl.flock", "sqlite3.connect", "socket.connect",
    }
)  # fmt: skip
_PLACES = ("blobs", "tmp", "corrupt", "sums", "build.lock", "ledger.sqlite3", "build")
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT


class Ticker:
    """Counts the moments of this process, and strikes at one of them.

    Attributes:
        heard: the moments that have been, in order.
    """

    def __init__(self, strikes: dict[str, int]) -> None:
        """Listen from now on.

        Args:
            strikes: by moment, the signal that the process gets there.
        """
        self.heard: list[str] = []
        self._strikes = strikes
        self._counts: Counter[str] = Counter()
        sys.addaudithook(self._audited)
        _wrap_sockets(self.tick)
        _wrap_flushes(self.tick)
        _wrap_sqlite(self.tick)

    def tick(self, name: str) -> None:
        """A moment of that name."""
        self._counts[name] += 1
        moment = f"{name} {self._counts[name]}"
        self.heard.append(moment)
        if blow := self._strikes.get(moment):
            os.kill(os.getpid(), blow)

    def _audited(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            path, _, flags = arguments
            if isinstance(flags, int) and flags & _WRITING and isinstance(path, str | Path):
                place = _place(path)
                if place:
                    self.tick(f"open {place}")
        elif event in _AUDITED:
            _, _, what = event.rpartition(".")
            place = _place(arguments[1 if event == "os.rename" else 0])
            self.tick(f"{what} {place}".rstrip())


def _place(path: object) -> str:
    """Which part of the film's folder a path is in; empty where it is in none."""
    if not isinstance(path, str | Path):
        return ""
    parts = Path(path).parts
    if parts and parts[-1].endswith(".lock"):
        return parts[-1]
    return next((place for place in _PLACES if place in parts), "")


def _wrap_sockets(tick: Callable[[str], None]) -> None:
    send, receive = socket.socket.send, socket.socket.recv

    def sending(self: socket.socket, *arguments: Any) -> int:
        wire = self.family != socket.AF_UNIX  # the event loop wakes itself with such a pair
        if wire:
            tick("send")
        sent = send(self, *arguments)
        if wire:
            tick("sent")
        return sent

    def receiving(self: socket.socket, *arguments: Any) -> bytes:
        data = receive(self, *arguments)
        if data and self.family != socket.AF_UNIX:
            tick("received")
        return data

    socket.socket.send = sending  # type: ignore[method-assign,assignment]
    socket.socket.recv = receiving  # type: ignore[method-assign,assignment]


def _wrap_flushes(tick: Callable[[str], None]) -> None:
    flush = os.fsync

    def flushing(file: Any) -> None:
        tick("flush")
        flush(file)

    os.fsync = flushing


def _wrap_sqlite(tick: Callable[[str], None]) -> None:
    connect = sqlite3.connect

    class Connection(sqlite3.Connection):
        def __exit__(self, *error: Any) -> Any:
            tick("commit")
            left = super().__exit__(*error)
            tick("committed")
            return left

    def connecting(*arguments: Any, **named: Any) -> sqlite3.Connection:
        return connect(*arguments, **{"factory": Connection, **named})

    sqlite3.connect = connecting


KILL = int(signal.SIGKILL)
INTERRUPT = int(signal.SIGINT)
