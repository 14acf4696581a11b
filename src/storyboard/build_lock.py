"""One build at a time in a store: a lock that no killed process can leave behind."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from io import FileIO

from storyboard.diagnostics import Failed
from storyboard.store import Store, explained


class StoreBusy(Failed):
    """Another build holds the store."""

    def __init__(self, holder: str) -> None:
        super().__init__(
            f"another build is at work here: {holder}",
            "wait until it has ended, or stop it; then run this again",
        )


@contextmanager
def build_lock(store: Store) -> Iterator[None]:
    """Hold the store for a build; before and after it `tmp/` is swept.

    Before, of what killed builds left; after, of what work that was abandoned left.
    The kernel holds the lock for as long as the process lives. The file says
    only who that is, and is empty when nobody holds it.

    Raises:
        StoreBusy: another process holds it; said is which, and since when.
        StoreError: the store's folder cannot be written.
    """
    store.prepare()
    path = store.root / "build.lock"
    with explained(path):
        file = path.open("ab+", buffering=0)  # unbuffered: nothing is left to fail on closing
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise StoreBusy(_holder(file)) from error
        try:
            with explained(path):
                file.truncate(0)
                now = datetime.now().astimezone().isoformat(timespec="seconds")
                file.write(json.dumps({"pid": os.getpid(), "since": now}).encode())
                store.sweep()
            yield
        finally:
            store.sweep()
            file.truncate(0)


def _holder(file: FileIO) -> str:
    file.seek(0)
    try:
        said = json.loads(file.read())
        since = datetime.fromisoformat(said["since"])
        return f"process {said['pid']}, since {since:%H:%M:%S on %d %B}"
    except (ValueError, KeyError, TypeError):  # it has not written its name yet
        return "it began just now"
