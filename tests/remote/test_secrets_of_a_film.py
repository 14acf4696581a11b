"""The key is in nothing that the commands write or print, whatever goes wrong meanwhile.

The film is built by a provider that fails in many ways and repeats the key in
every error; then every command is asked what it knows. One adapter has a fault
of its own: it falls over an answer, with the answer in its words.
"""

from __future__ import annotations

import re
import sys
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import chdir
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from urllib.parse import quote

import pytest
from kiln import KEY, Kiln, KilnServer

from storyboard.cli import run
from storyboard.exchange import Done, HttpRequest, HttpResponse, JobFailed, Operation, Running
from storyboard.keys import remember, without_any
from storyboard.providers import find

FILM = """\
version: 1
size: 160x90
fps: 12
defaults: {model: kiln/clip, duration: 1}
shots:
  - {id: stair, prompt: "a stair"}
  - {id: door, prompt: "a door"}
  - {id: hall, prompt: "a hall", chain: false}
"""
SECRETS = [
    secret.encode()
    for part in (KEY, *KEY.split(":"))
    for secret in (part, quote(part, safe=""), b64encode(part.encode()).decode())
]


class StumblingKiln(Kiln):
    """Its adapter falls over whatever it did not foresee, with the answer in its words."""

    def polled(self, operation: Operation, response: HttpResponse) -> Running | Done | JobFailed:
        found = super().polled(operation, response)
        if isinstance(found, Done):
            return found
        raise ValueError(f"what is {response.body!r}?")

    def cancel(self, operation: Operation) -> HttpRequest:
        raise RuntimeError(f"no way to end {operation.id} with {KEY}")

    def cancelled(self, operation: Operation, response: HttpResponse) -> bool | None:
        raise NotImplementedError


@dataclass
class Commands:
    """The commands, run in this process in the folder of a film; and all that they printed."""

    folder: Path
    capsys: pytest.CaptureFixture[str]
    said: list[str] = field(default_factory=list)

    def run(self, *arguments: str) -> int:
        with chdir(self.folder):
            code = run(arguments)
        printed = self.capsys.readouterr()
        self.said.append(f"$ {' '.join(arguments)}\n{printed.out}{printed.err}")
        return code

    def leaks(self) -> list[str]:
        """Where the key is: in files, or in what was printed."""
        files = [path for path in self.folder.rglob("*") if path.is_file()]
        texts = [(str(path), path.read_bytes()) for path in files]
        texts += [(text[:200], text.encode()) for text in self.said]
        return [name for name, text in texts if any(secret in text for secret in SECRETS)]


Install = Callable[[Kiln], Commands]


@pytest.fixture
def install(
    tmp_path: Path,
    server: KilnServer,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Iterator[Install]:
    """Installs the kiln beside the tool, and lays down a film."""
    monkeypatch.syspath_prepend(str(Path(__file__).parent / "installed"))
    monkeypatch.setenv("KILN_KEY", KEY)
    monkeypatch.setenv("STORYBOARD_KILN_URL", server.url)
    entry = import_module("kiln_entry")

    def install(kiln: Kiln) -> Commands:
        monkeypatch.setattr(entry, "provider", kiln)
        find.cache_clear()  # a test before may have looked for it
        (tmp_path / "storyboard.yaml").write_text(FILM)
        return Commands(tmp_path, capsys)

    yield install
    sys.modules.pop("kiln_entry")
    find.cache_clear()


def test_after_a_build_with_faults_no_file_and_no_command_has_the_key(
    install: Install, server: KilnServer
) -> None:
    server.failing.add("a hall")
    server.faults["submit"] = [429, "lose", 422, 401]
    server.faults["poll"] = [500, 401]
    server.faults["files"] = ["half", 500]
    commands = install(Kiln())

    commands.run("plan", "--out", "reviewed.plan")
    for _ in range(4):
        commands.run("build", "--yes")
    server.failing.clear()
    assert commands.run("build", "--yes", "--json") == 0
    for arguments in (
        ["plan"], ["plan", "--json", "--out", "again.plan"], ["build"], ["requests"],
        ["requests", "--json"], ["graph", "--json"], ["explain", "door"], ["takes", "--json"],
        ["jobs", "--all"], ["jobs", "--all", "--json"], ["cost", "--json"], ["models", "--json"],
        ["doctor", "--json"], ["doctor", "--online"], ["gc"],
    ):  # fmt: skip
        commands.run(*arguments)

    store = commands.folder / ".storyboard"
    written = [commands.folder / "storyboard.lock", commands.folder / "reviewed.plan"]
    written += [store / "ledger.sqlite3", *(store / "unchanged").iterdir()]
    assert len(written) > 3
    assert all(path.stat().st_size for path in written)
    assert "***" in "".join(commands.said)  # the provider did say it
    assert commands.leaks() == []


def test_a_fault_of_an_adapter_is_told_without_the_key(
    install: Install, server: KilnServer, caplog: pytest.LogCaptureFixture
) -> None:
    commands = install(StumblingKiln())
    server.faults["poll"] = [500] * 99  # however often it is asked on a slow machine

    assert commands.run("build", "--yes") == 1
    assert 'ValueError: what is b\'{"error": "500 on poll, key ***"}\'?' in commands.said[-1]
    assert "this is a fault of the tool (at test_secrets_of_a_film.py:" in commands.said[-1]
    assert commands.run("jobs", "cancel", "1") == 1
    assert "fault: RuntimeError: no way to end" in commands.said[-1]
    assert "Traceback" not in "".join(commands.said)
    assert KEY not in caplog.text
    assert commands.leaks() == []


def test_a_key_of_one_letter_does_not_eat_what_is_said() -> None:
    remember("k")
    assert without_any("a kiln asks for a key") == "a kiln asks for a key"


def test_a_fault_with_a_job_that_is_left_over_is_told_too(
    install: Install, server: KilnServer, caplog: pytest.LogCaptureFixture
) -> None:
    commands = install(StumblingKiln())
    server.faults["poll"] = [500] * 99
    commands.run("build", "--yes")
    film = commands.folder / "storyboard.yaml"
    film.write_text(FILM.replace("a stair", "a ladder"))

    commands.run("build", "--yes")

    # stair's job, which nobody waits for any longer
    assert re.search(
        r"ValueError: what is .* \(at \S+\.py:\d+: please report it\)", commands.said[-1]
    )
    assert "never retrieved" not in caplog.text
    assert KEY not in caplog.text
    assert commands.leaks() == []
    server.faults["poll"] = []
    assert commands.run("build", "--yes") == 0  # once it answers, all is collected
