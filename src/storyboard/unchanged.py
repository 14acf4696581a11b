"""Answers `plan` and `build` of a film that has not changed, before anything else is imported.

A `plan`, and a `build` that found nothing to do or left nothing to do, keep what
they said in a state file (state_file.py), with all that it followed from. As long
as that stands, the answer is given again: the very same bytes.

What this module does not understand (another option, a file that is not as it
was), it leaves to the command proper.
"""

from __future__ import annotations

import os
import sys
from zlib import crc32

from storyboard import __version__
from storyboard.state_file import Void, read
from storyboard.terminal import coloured, columns, nothing_to_do, uncoloured
from storyboard.whereabouts import film_at, store_root

TYPE_CHECKING = False  # `typing` takes longer to import than a film takes to answer
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

FOLDER = "unchanged"
"""In the store, where state files are."""


class Wanted:
    """What is asked for: a command for a film, and the choices that its answer depends on.

    Attributes:
        command: `plan` or `build`.
        path: the storyboard as it was given; None where it is to be found.
        as_json: whether a document is wanted.
    """

    def __init__(
        self,
        command: str,
        path: str | None,
        *,
        profile: str | None,
        given: Mapping[str, str],
        shots: Sequence[str],
        cuts: Sequence[str],
        as_json: bool,
    ) -> None:
        self.command = command
        self.path = path
        self.as_json = as_json
        self._choices = (profile, sorted(given.items()), sorted(shots), sorted(cuts))

    def state(self) -> tuple[str, str] | None:
        """The path of the state file, and the key that it must be for.

        None where there is no storyboard, or it is a link.
        """
        film = film_at(self.path)
        if film is None:
            return None
        root = store_root(os.path.dirname(film))
        asked = (film, self.command, self._choices, self._form())
        name = f"{os.path.basename(film)}-{crc32(os.fsencode(repr(asked))):08x}.{self.command}"
        return os.path.join(root, FOLDER, name), repr((asked, store_key(root)))

    def place(self) -> str:
        """What the files that are named in warnings are named from."""
        return f"{os.getcwd()}\0{self.path}"

    def _form(self) -> object:
        """How a plan is printed. Of a build with nothing to do every form is kept."""
        if self.command == "build":
            return None
        return "json" if self.as_json else (columns(), sys.stdout.isatty(), coloured(sys.stdout))


def answer(arguments: Sequence[str]) -> int | None:
    """Answer a call for a film that has not changed; its exit code.

    None, with nothing printed, where the command proper has to look.
    """
    wanted = parsed(arguments)
    if wanted is None:
        return None
    try:
        state = wanted.state()
        if state is None:
            return None
        parts = {name: text.decode() for name, text in read(*state).items()}
        out, err = _said(parts, wanted)
        if not coloured(sys.stderr):
            err = uncoloured(err)
        out.encode(sys.stdout.encoding, sys.stdout.errors or "strict")  # before anything is said
    except (Void, OSError, UnicodeError, KeyError):
        return None
    if err:
        sys.stderr.write(err)
        sys.stderr.flush()
    if out:
        sys.stdout.write(out)
        sys.stdout.flush()
    return 0


def _said(parts: Mapping[str, str], wanted: Wanted) -> tuple[str, str]:
    """What goes to stdout, and to stderr."""
    if parts["warnings"] and parts["place"] != wanted.place():
        raise Void
    if wanted.command == "plan":
        return parts["out"], parts["warnings"]
    if wanted.as_json:
        return parts["summary"], parts["warnings"]
    films = parts["films"].split("\0") if parts["films"] else []
    return "", parts["warnings"] + "".join(f"{line}\n" for line in nothing_to_do(films))


_FLAGS = {"plan": {"--json"}, "build": {"--json", "--yes", "--keep-going", "--fail-fast"}}
_OPTIONS = {
    "plan": {"--profile", "--var", "--shot", "--cut"},
    "build": {"--profile", "--var", "--shot", "--cut", "--jobs", "--max-cost"},
}


def parsed(arguments: Sequence[str]) -> Wanted | None:
    """A call of `plan` or `build` that cannot be meant otherwise; None for any other."""
    command, *rest = arguments or [""]
    if command not in _FLAGS:
        return None
    path: str | None = None
    flags: set[str] = set()
    options: dict[str, list[str]] = {name: [] for name in _OPTIONS[command]}
    words = iter(rest)
    for word in words:
        name, equals, value = word.partition("=")
        if name in options:
            value = value if equals else next(words, "")
            if not value or value.startswith("-") or not _fits(name, value):
                return None
            options[name].append(value)
        elif word in _FLAGS[command]:
            flags.add(word)
        elif not word or word.startswith("-") or path is not None:
            return None
        else:
            path = word
    return Wanted(
        command,
        path,
        profile=options["--profile"][-1] if options["--profile"] else None,
        given=dict(each.split("=", 1) for each in options["--var"]),
        shots=options["--shot"],
        cuts=options["--cut"],
        as_json="--json" in flags,
    )


def _fits(name: str, value: str) -> bool:
    match name:
        case "--var":
            return value.find("=") > 0
        case "--jobs":
            return value.isascii() and value.isdigit() and 1 <= int(value) <= 256
        case "--max-cost":
            return value.isascii() and value.replace(".", "", 1).isdigit()
    return True


def store_key(root: str) -> str:
    """What tells a store from a copy of it, its user from others, and this tool from other versions.

    What was kept under another one is not used: a checkout may bring along anything.
    Nor what was kept before the machine started: it may have stopped with files
    that have their times and their length, and not yet their bytes.

    Raises:
        OSError: there is no store yet.
    """
    stat = os.stat(root)
    return repr((stat.st_dev, stat.st_ino, os.geteuid(), boot(), _tool()))


def boot() -> str | None:
    """What tells this start of the machine from others (Linux: random(4)); None where nothing does."""
    try:
        with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
            return file.read().strip()
    except OSError:
        return None


def _tool() -> tuple[object, ...]:
    """What tells this tool, with all that is installed beside it, from another."""
    installed = [(path, _mtime(path)) for path in sys.path if path.endswith("-packages")]
    added = os.environ.get("PYTHONPATH", "")
    installed += [(path, _mtime(path)) for path in added.split(os.pathsep) if path]
    settings = sorted(each for each in os.environ.items() if each[0].startswith("STORYBOARD_"))
    package = os.path.dirname(os.path.abspath(__file__))
    return __version__, sys.version, installed, _code(package), crc32(os.fsencode(repr(settings)))


def _mtime(path: str) -> int:
    try:
        return os.stat(path).st_mtime_ns
    except OSError:
        return 0


def _code(package: str) -> tuple[str, int]:
    """Where the code is; and of a checkout, where it changes without another version, how it stands."""
    if os.path.isdir(os.path.join(package, "_share")):
        return package, 0
    top = os.path.dirname(os.path.dirname(package))
    folders = (package, os.path.join(top, "schemas"), os.path.join(top, "templates"))
    return package, crc32(
        os.fsencode(repr(sorted(each for top in folders for each in _files(top))))
    )


def _files(folder: str) -> Iterator[tuple[str, int, int]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name == "__pycache__":
                continue
            if entry.is_dir():
                yield from _files(entry.path)
            else:
                stat = entry.stat()
                yield entry.path, stat.st_mtime_ns, stat.st_size
