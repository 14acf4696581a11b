"""Git, asked for what it knows: its plumbing alone, which touches nothing."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from storyboard.diagnostics import Failed

_ELSEWHERE = {"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_PREFIX"}
"""What git sets in a hook, and what would point it at another repository than the storyboard's."""


def ask(root: Path, *arguments: str) -> bytes:
    """What git prints.

    Args:
        root: the repository's.
        arguments: a command that reads, and what it takes.

    Raises:
        Failed: it is not installed, or refuses; said is why.
    """
    try:
        done = subprocess.run(  # noqa: S603 - git, asked with our own words
            _command(root, *arguments), capture_output=True, check=False, env=_environment()
        )
    except FileNotFoundError:
        raise Failed(
            "git is not installed, or not on the PATH.", "What is committed is read with it."
        ) from None
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip()
        raise Failed(f"git {arguments[0]} failed: {said.removeprefix('fatal: ')}")
    return done.stdout


def tree(root: Path, revision: str) -> Iterator[tuple[str, str, str]]:
    """Every file of a commit: its path from the root, its mode, its blob's id.

    Raises:
        Failed: there is no such commit.
    """
    for entry in ask(root, "ls-tree", "-r", "-z", "--full-tree", revision).split(b"\0"):
        if entry:
            about, _, path = entry.partition(b"\t")
            mode, _, blob = about.decode().split(" ")
            yield os.fsdecode(path), mode, blob


class Blobs:
    """One `git cat-file` for many blobs."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._process:
            self._process.communicate()

    def read(self, blob: str) -> bytes:
        """The bytes of a blob.

        Raises:
            Failed: git does not have it.
        """
        if self._process is None:
            self._process = subprocess.Popen(  # noqa: S603 - git, asked with our own words
                _command(self._root, "cat-file", "--batch"),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=_environment(),
            )
        asked, answers = self._process.stdin, self._process.stdout
        if asked is None or answers is None:
            raise TypeError("git was started without its pipes")
        asked.write(blob.encode() + b"\n")
        asked.flush()
        about = answers.readline().split()
        if len(about) != 3:
            raise Failed(
                f"git does not have the object {blob}.",
                "The clone may be partial: `git fetch --refetch` completes it.",
            )
        data = answers.read(int(about[2]))
        answers.read(1)
        return data


def _command(root: Path, *arguments: str) -> list[str]:
    return ["git", "-C", str(root), "--no-replace-objects", *arguments]


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in _ELSEWHERE}
    return kept | {"LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0", "GIT_NO_LAZY_FETCH": "1"}
