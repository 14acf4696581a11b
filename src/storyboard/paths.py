"""The user's paths: where they count from, and that they stay inside the repository."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


class Outside(Exception):
    """A path leads out of the repository, or is no relative path."""

    def __init__(self, message: str, help: str | None = None) -> None:
        super().__init__(message)
        self.help = help


@dataclass(frozen=True, slots=True)
class Repository:
    """A storyboard's folder, and the git repository around it (else the folder itself)."""

    folder: Path
    root: Path

    @classmethod
    def around(cls, folder: Path) -> Repository:
        """The repository that a storyboard's folder is in."""
        folder = folder.resolve()
        for parent in (folder, *folder.parents):
            if (parent / ".git").exists():  # a file, in a worktree or a submodule
                return cls(folder, parent)
        return cls(folder, folder)

    def resolve(self, text: str) -> Path:
        """The file that a path in a storyboard means; it need not exist.

        Args:
            text: counts from the storyboard's folder, `//x` from the
                repository's root.

        Raises:
            Outside: it leads out of the repository.
        """
        if text.startswith("//"):
            path = self.root / text[2:]
        elif text.startswith(("/", "~")):
            raise Outside(
                f"`{text}` is not a path inside the repository.",
                "Paths count from the storyboard's folder; `//x` counts from the repository's root.",
            )
        else:
            path = self.folder / text
        if not path.resolve().is_relative_to(self.root):
            raise Outside(
                f"`{text}` leads out of the repository.",
                "Copy the file into it, so that a clone can build the film.",
            )
        return path
