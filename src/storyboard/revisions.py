"""A storyboard as it was at a revision of its git repository, read without checking anything out.

Only git's plumbing is asked (`rev-parse`, `ls-tree`, `cat-file`): neither the
working tree, nor the index, nor a filter of the user's is touched. What the
storyboard names is laid out in a folder of its own, at the same paths, and
nothing else is.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from storyboard.diagnostics import Diagnostic, Failed, Invalid, did_you_mean
from storyboard.digest import digest_file
from storyboard.git import Blobs, ask, tree
from storyboard.paths import Outside, Repository
from storyboard.pipeline import Choices, Compiled, compile_film, files_of
from storyboard.source import Source, Span, Via

_POINTER = re.compile(
    rb"version https://git-lfs\.github\.com/spec/v1\n(?:.*\n)*?oid sha256:([0-9a-f]{64})\n"
)
_LONGEST_POINTER = 1024  # bytes; git-lfs's own bound
_LINK, _FILES = "120000", {"100644", "100755"}


@dataclass(frozen=True, slots=True)
class Revision:
    """A commit of a repository.

    Attributes:
        name: as the user called it.
        commit: its id.
        tree: by path from the repository's root, the mode and id of each file.
    """

    root: Path
    name: str
    commit: str
    tree: Mapping[str, tuple[str, str]]


def find_revision(root: Path, name: str) -> Revision:
    """The commit that a name means.

    Args:
        root: the repository's.
        name: whatever git takes: `HEAD~2`, a branch, a tag, a commit's id.

    Raises:
        Invalid: there is no repository, or no such revision in it.
        Failed: git is not installed, or does not work.
    """
    if not (root / ".git").exists():
        raise Invalid(
            "This storyboard is in no git repository, so it has no revisions.",
            "Make it one: `git init`, `git add`, `git commit`.",
        )
    try:
        commit = ask(root, "rev-parse", "--verify", "--end-of-options", f"{name}^{{commit}}")
    except Failed as error:
        if "dubious ownership" in error.message:
            raise
        names = ask(root, "for-each-ref", "--format=%(refname:short)").decode(errors="replace")
        otherwise = "Name a branch, a tag or a commit: `git log --oneline` lists these."
        if name == "HEAD":
            otherwise = "Nothing is committed yet: `git commit` first."
        raise Invalid(
            f"There is no revision `{name}` here.",
            did_you_mean(name, names.split(), otherwise=otherwise),
        ) from None
    id_ = commit.decode().strip()
    files = {path: (mode, blob) for path, mode, blob in tree(root, id_)}
    return Revision(root, name, id_, files)


def compile_at(revision: Revision, film: Path, choices: Choices) -> Compiled:
    """A storyboard's graph as it was at a revision.

    Args:
        revision: of the repository that the storyboard is in.
        film: the storyboard's file, where it is in the working tree.
        choices: profile and vars; those of now, for both sides to be alike.

    Returns:
        It as if it stood in the working tree's place.

    Raises:
        Invalid: it was not there, or has errors; their places are called
            `REVISION:path`.
        Failed: git does not work.
    """
    path = film.resolve().relative_to(revision.root).as_posix()
    if path not in revision.tree:
        others = [each for each in revision.tree if each.endswith((".yaml", ".yml"))]
        raise Invalid(
            f"There is no {path} at {revision.name}.",
            did_you_mean(path, others, otherwise="It may have had another name there."),
        )
    with _laid_out(revision, path, choices) as folder:
        try:
            compiled = compile_film(folder / path, choices)
        except Invalid as error:
            named = _Renaming(folder, revision.name)
            raise Invalid(
                f"The storyboard has errors at {revision.name}: {named.text(error.message)}",
                error.help,
                tuple(named.diagnostic(each) for each in error.diagnostics),
            ) from None
    return replace(compiled, path=film, warnings=())


@contextmanager
def _laid_out(revision: Revision, film: str, choices: Choices) -> Iterator[Path]:
    """A folder with the storyboard, and the files that it names, as they were."""
    with TemporaryDirectory(prefix="storyboard-") as made, Blobs(revision.root) as blobs:
        folder = Path(made).resolve()
        (folder / ".git").touch()  # paths may go up to here, and no further
        layout = _Layout(revision, folder, blobs)
        layout.links()
        layout.put(film)
        for text in files_of(folder / film, choices):
            layout.resolved(film, text)
        yield folder


class _Layout:
    """Puts files of a revision into a folder, each once."""

    def __init__(self, revision: Revision, folder: Path, blobs: Blobs) -> None:
        self._revision = revision
        self._folder = folder
        self._blobs = blobs

    def links(self) -> None:
        """All symbolic links, so that paths lead where they led; none out of the folder."""
        for path, (mode, blob) in self._revision.tree.items():
            if mode == _LINK:
                target = os.fsdecode(self._blobs.read(blob))
                inside = os.path.normpath(PurePosixPath(path).parent / target)
                if not target.startswith("/") and not inside.startswith(".."):
                    (self._folder / path).parent.mkdir(parents=True, exist_ok=True)
                    (self._folder / path).symlink_to(target)

    def resolved(self, film: str, text: str) -> None:
        """The file that a path in the storyboard means, if it was there."""
        try:
            path = Repository((self._folder / film).parent, self._folder).resolve(text)
        except Outside:
            return  # which is told where the storyboard is checked
        self.put(os.path.relpath(path.resolve(), self._folder))

    def put(self, path: str) -> None:
        """A file, if it was there.

        Raises:
            Invalid: git LFS has its bytes, and they are not here.
        """
        mode, blob = self._revision.tree.get(path, ("", ""))
        file = self._folder / path
        if mode not in _FILES or file.exists():
            return
        data = self._blobs.read(blob)
        file.parent.mkdir(parents=True, exist_ok=True)
        pointer = _POINTER.match(data) if len(data) <= _LONGEST_POINTER else None
        if pointer is None:
            file.write_bytes(data)
        else:
            shutil.copyfile(self._large(path, pointer[1].decode()), file)

    def _large(self, path: str, digest: str) -> Path:
        """Where git LFS, or the working tree, has a file's bytes."""
        root = self._revision.root
        common = Path(os.fsdecode(ask(root, "rev-parse", "--git-common-dir").strip()))
        kept = root / common / "lfs" / "objects" / digest[:2] / digest[2:4] / digest
        if kept.is_file():
            return kept
        now = root / path
        if now.is_file() and digest_file(now) == digest:
            return now
        raise Invalid(
            f"{path} is kept by git LFS, and its bytes at {self._revision.name} are not here.",
            f"`git lfs fetch origin {self._revision.name}` brings them.",
        )


class _Renaming:
    """Calls the files in a folder by their place in a revision."""

    def __init__(self, folder: Path, revision: str) -> None:
        self._folder = f"{folder}{os.sep}"
        self._prefix = f"{revision}:"
        self._sources: dict[int, Source] = {}

    def text(self, text: str) -> str:
        return text.replace(self._folder, self._prefix)

    def diagnostic(self, item: Diagnostic) -> Diagnostic:
        return replace(
            item,
            message=self.text(item.message),
            help=self.text(item.help) if item.help else None,
            span=self._span(item.span) if item.span else None,
            via=self._via(item.via),
            uses=tuple(use for each in item.uses if (use := self._via(each))),
        )

    def _via(self, via: Via | None) -> Via | None:
        if via is None:
            return None
        return Via(self.text(via.what), self._span(via.span), self._via(via.outer))

    def _span(self, span: Span) -> Span:
        source = span.source
        if id(source) not in self._sources:
            self._sources[id(source)] = replace(source, name=self.text(source.name))
        return replace(span, source=self._sources[id(source)])
