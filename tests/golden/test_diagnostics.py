"""The corpus of bad storyboards: each is told exactly what its `expected.txt` says.

A case is a folder under `diagnostics`; where it holds a file `command`, that
is how it is checked. `pytest tests/golden --update` rewrites what is expected.
"""

from __future__ import annotations

import re
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from storyboard.cli import run
from storyboard.diagnostics import Code
from storyboard.providers import find

HERE = Path(__file__).parent
CASES = sorted(path.parent for path in (HERE / "diagnostics").glob("*/expected.txt"))
COMMAND = "$ storyboard check"
# Which models can do a thing is data, and grows: that it is said is what counts here.
MODELS = re.compile(r"= help: `.+` can\.$", re.MULTILINE)


@pytest.fixture
def limited(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A provider that is installed beside the tool's own."""
    monkeypatch.syspath_prepend(str(HERE / "limited_provider"))
    find.cache_clear()  # a test before may have looked for it in vain
    yield
    find.cache_clear()


@pytest.mark.usefixtures("limited")
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_says_what_is_wrong(
    case: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    update: bool,
) -> None:
    folder = tmp_path / "film"
    shutil.copytree(case, folder)
    monkeypatch.chdir(folder)
    code = run(["check", "storyboard.yaml", *_arguments(case)])
    said = capsys.readouterr()
    text = MODELS.sub("= help: MODELS can.", said.err)
    if update:
        (case / "expected.txt").write_text(text, encoding="utf-8")
    assert text == (case / "expected.txt").read_text("utf-8")
    assert said.out == ""
    assert code == (2 if "error[" in text else 0)


def _arguments(case: Path) -> list[str]:
    command = case / "command"
    if not command.exists():
        return []
    line = command.read_text("utf-8").strip()
    assert line.startswith(COMMAND)
    return shlex.split(line.removeprefix(COMMAND))


def test_the_corpus_reaches_every_code() -> None:
    told = "".join((case / "expected.txt").read_text("utf-8") for case in CASES)
    reached = set(re.findall(r"^(?:error|warning)\[(SB\d+)\]", told, flags=re.MULTILINE))
    assert {code.number for code in Code} <= reached
    assert len(CASES) >= 120
