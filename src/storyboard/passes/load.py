"""load: from files to the document: the storyboard, the files that it uses, and their places."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path, PurePosixPath

from storyboard.diagnostics import Code, Diagnostic, nearest
from storyboard.language.decoding import decode
from storyboard.language.entries import start_of
from storyboard.language.expressions import templated
from storyboard.language.library import LIBRARY, read_library
from storyboard.language.problems import Problems
from storyboard.language.yaml import read
from storyboard.paths import Outside, Repository
from storyboard.sightings import Sightings
from storyboard.source import Document, Node, Source, Span


def load(
    path: Path, sightings: Sightings | None = None
) -> tuple[Document | None, tuple[Diagnostic, ...]]:
    """Read a storyboard file and what it names: used files, scene files, the library.

    Args:
        path: the storyboard file. Messages call files by their path from the
            working directory.
        sightings: notes every file that is read.

    Returns:
        The document, None where the storyboard cannot be read at all; and
        every problem found on the way.
    """
    loader = _Loader(path, sightings or Sightings())
    return loader.document(), loader.problems.all()


def read_with(path: Path) -> tuple[str, ...]:
    """The files that are read with a storyboard file, as it writes their paths: used ones, scenes'.

    What is wrong with any of it is for `load` to report.
    """
    return _Loader(path, Sightings()).read_with()


class _Loader:
    def __init__(self, path: Path, sightings: Sightings) -> None:
        self.problems = Problems()
        self._path = path
        self._sightings = sightings
        self._repository = Repository.around(path.parent)
        self._files: list[Path] = []
        self._incomplete = False
        self._library_wanted = False

    def document(self) -> Document | None:
        root = self._read(self._path, None)
        if root is None:
            return None
        used = [node for each in self._used(root) if (node := self._named(each, "use")) is not None]
        scenes = {}
        for scene in (root.get("scenes") or Node([], root.span)).elements:
            file = scene.get("file")
            if file is None:
                continue
            self._alone(scene)
            content = self._named(file, "file")
            if content is not None:
                scenes[file.text or ""] = content
        return Document(
            path=self._path,
            root=root,
            used=tuple(used),
            scenes=scenes,
            library=self._library() if self._library_wanted else {},
            files=tuple(self._files),
            incomplete=self._incomplete,
        )

    def read_with(self) -> tuple[str, ...]:
        root = self._read(self._path, None)
        if root is None:
            return ()
        scenes = (scene.get("file") for scene in (root.get("scenes") or root).elements)
        return tuple(node.text for node in (*self._used(root), *scenes) if node and node.text)

    def _used(self, root: Node) -> list[Node]:
        node = root.get("use")
        if node is None or (node.value is None and not node.quoted):
            return []
        return node.value if isinstance(node.value, list) else [node]

    def _alone(self, scene: Node) -> None:
        for name, entry in scene.items.items():
            if name != "file" and not name.startswith("x-"):
                self.problems.add(
                    Code.CONFLICT,
                    f"A scene with `file` has no `{name}` beside it.",
                    entry.place,
                    "Write it in that file.",
                )

    def _named(self, node: Node, field: str) -> Node | None:
        """The content of a file that the storyboard names."""
        content = self._content_of(node, field)
        self._incomplete = self._incomplete or content is None
        return content

    def _content_of(self, node: Node, field: str) -> Node | None:
        text = node.text
        if not text or node.value is None:
            help_ = f"Write the path of a file: `{field}: looks.yaml`."
            self.problems.add(Code.WRONG_TYPE, f"`{field}` takes a path.", node, help_)
            return None
        try:
            path = self._repository.resolve(text)
        except Outside as error:
            self.problems.add(Code.OUTSIDE, str(error), node, error.help)
            return None
        return self._read(path, node)

    def _read(self, path: Path, named: Node | None) -> Node | None:
        name = _called(path)
        try:
            data = self._sightings.read(path)
        except OSError as error:
            missing = isinstance(error, FileNotFoundError)
            why = "does not exist" if missing else f"cannot be read: {_why(error)}"
            help_ = _instead(path, named.text or "") if named else None
            self.problems.add(Code.NOT_FOUND, f"The file `{name}` {why}.", named, help_)
            return None
        self._files.append(path)
        source, problems = decode(data, name)
        self.problems.extend(problems)
        if problems:
            return None
        self._library_wanted = self._library_wanted or LIBRARY in source.text
        return self._parse(source)

    def _parse(self, source: Source) -> Node | None:
        root, problems = read(source)
        self.problems.extend(problems)
        if root is None:
            if not problems:
                help_ = "A storyboard begins with `version: 1`."
                self.problems.add(
                    Code.EMPTY, "There is nothing in this file.", Span(source, 0, 0), help_
                )
            return None
        if not isinstance(root.value, dict):
            message = "The file must hold a mapping: `key: value` lines."
            help_ = "A storyboard begins with `version: 1`."
            if source.name != _called(self._path):
                help_ = "A used file begins with `vars:` or `templates:`, a scene's with `id:`."
            self.problems.add(Code.WRONG_TYPE, message, start_of(root), help_)
            return None
        return root

    def _library(self) -> dict[str, Node]:
        templates, problems = read_library()
        self.problems.extend(problems)
        return templates


def _why(error: OSError) -> str:
    return (error.strerror or type(error).__name__).lower()


def _instead(path: Path, text: str) -> str:
    """What to do about a file that is not there, or cannot be read."""
    if templated(text):
        return "Paths of files to read are never rendered: write the path itself."
    with suppress(OSError):
        if path.is_dir():
            return "Name a file in it."
        names = [each.name for each in path.parent.iterdir()]
        if path.name not in names and (near := nearest(path.name, names)):
            return f"Did you mean `{(PurePosixPath(text).parent / near[0]).as_posix()}`?"
    return "Paths count from the storyboard's folder."


def _called(path: Path) -> str:
    """A file's path as a person in the working directory would type it."""
    try:
        return path.resolve().relative_to(Path.cwd()).as_posix()
    except (ValueError, OSError):
        return str(path)
