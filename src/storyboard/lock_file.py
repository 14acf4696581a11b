"""The file of a lock, beside its storyboard and named after it: read when asked for, written whole.

It is written to a file beside it, flushed, and renamed: whenever the process
dies, the lock is the old one or the new one. Whoever writes holds the build lock.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from storyboard.diagnostics import Diagnostic, Invalid
from storyboard.digest import digest_bytes
from storyboard.facts import Fact, Identity, Place
from storyboard.lock import Lock
from storyboard.lock_text import Read, read_lock, sound_lock
from storyboard.recollection import Recollected
from storyboard.store import StoreError, explained, flush_folder
from storyboard.terminal import seen_from_here

_WRITE_BITS = 0o222


def lock_path(storyboard: Path) -> Path:
    """Where the lock of a storyboard is: `ep02.lock` for `ep02.yaml`."""
    return storyboard.with_suffix(".lock")


class LockFile:
    """The lock at `path`, which need not exist before something is written.

    Args:
        path: of the file.
        name: what messages call it; its path by default.
        root: the store's folder, where it is kept that a lock is sound.
    """

    def __init__(self, path: Path, name: str | None = None, root: Path | None = None) -> None:
        self.path = path
        self._sound_ones = Recollected(root, "sound-locks") if root else None
        self.name = name or seen_from_here(path)
        self._lock = Lock()
        self._seen: tuple[int, ...] | None = None

    @property
    def lock(self) -> Lock:
        """What it holds now. It is read again when the file has changed.

        Raises:
            Invalid: it is damaged, in conflict, or of a later version.
            StoreError: it cannot be read.
        """
        seen = self._stamp()
        if seen != self._seen:
            self._lock = self._sound() if seen else Lock()
            self._seen = seen
        return self._lock

    def problems(self) -> tuple[Diagnostic, ...]:
        """What is wrong in it; nothing where there is no file.

        Raises:
            StoreError: it cannot be read.
        """
        return self._read(self._bytes())[1] if self._stamp() else ()

    def change(
        self,
        add: Iterable[Fact] = (),
        *,
        deselect: Iterable[str] = (),
        unpin: Iterable[Place] = (),
        drop: Iterable[Identity] = (),
    ) -> bool:
        """Write facts down, or take them back, as `Lock.changed`; whether the file had to change for it. Durable when it returns.

        Raises:
            Invalid: the file is not a lock any more.
            StoreError: it cannot be written.
        """
        before = self.lock
        after = before.changed(add, deselect=deselect, unpin=unpin, drop=drop)
        if after.lines == before.lines:
            return False
        self._write(after)
        return True

    def check_writable(self) -> None:
        """Make sure that facts can be written down, before anything is paid for.

        Raises:
            StoreError: they cannot.
        """
        part, path = self._part, self._real
        with explained(part):
            part.write_bytes(b"")
            part.unlink()
        if path.exists() and not (path.stat().st_mode & _WRITE_BITS and os.access(path, os.W_OK)):
            raise StoreError(
                f"{self.name} cannot be written: it is read-only",
                "what is paid for is written down there: make it writable first (`chmod u+w`)",
            )

    def tidy(self) -> None:
        """Remove what a killed build left beside it."""
        with explained(self._part):
            self._part.unlink(missing_ok=True)

    @property
    def _real(self) -> Path:
        return self.path.resolve()  # a lock may be a link: what it points at is replaced

    @property
    def _part(self) -> Path:
        real = self._real
        return real.with_name(f".{real.name}.part")

    def _stamp(self) -> tuple[int, ...] | None:
        """What tells this state of the file from another; None where there is no file."""
        with explained(self.path):
            try:
                stat = self.path.stat()
            except FileNotFoundError:
                return None
        return (stat.st_ino, stat.st_size, stat.st_mtime_ns)

    def _sound(self) -> Lock:
        data = self._bytes()
        digest = digest_bytes(data)
        if self._sound_ones and digest in self._sound_ones:
            return sound_lock(data.decode("utf-8"))
        lock, problems = self._read(data)
        if problems:
            raise Invalid(f"{self.name} has errors.", diagnostics=problems)
        if self._sound_ones:
            self._sound_ones.add(digest)
        return lock

    def _bytes(self) -> bytes:
        with explained(self.path):
            return self.path.read_bytes()

    def _read(self, data: bytes) -> Read:
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError:
            # its damaged lines are told with their places
            text = data.decode("utf-8", errors="replace").replace("\ufffd", "\x00")
        return read_lock(text, self.name)

    def _write(self, lock: Lock) -> None:
        path, part, data = self._real, self._part, lock.text().encode()
        with explained(path):
            try:
                with part.open("wb") as file:
                    file.write(data)
                    file.flush()
                    os.fsync(file.fileno())
                if path.exists():
                    part.chmod(path.stat().st_mode & 0o777)
                part.replace(path)
            except OSError:
                part.unlink(missing_ok=True)
                raise
            flush_folder(path.parent)
        self._lock, self._seen = lock, self._stamp()
        if self._sound_ones:  # now, so that a build with nothing to do writes nothing
            self._sound_ones.add(digest_bytes(data))
