"""The wheel, installed where nothing of the checkout is: it builds a film all the same."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

from film_repo import CHAIN

ROOT = Path(__file__).parents[2]

STORYBOARD = (
    CHAIN
    + """\
  - {id: lamp, template: std/closeup, with: {subject: the great lamp}, chain: false}
  - {id: sky, still: "#203050", duration: 0.25}
"""
)


def test_the_wheel_builds_a_film_where_there_is_no_checkout(tmp_path: Path) -> None:
    """One test, since the wheel is built for it: its content, its data, its command."""
    wheel = build_wheel(tmp_path / "wheel")
    assert_complete(wheel)
    program = install(wheel, tmp_path / "venv")
    film = tmp_path / "film"
    film.mkdir()
    (film / "storyboard.yaml").write_text(STORYBOARD)

    events = [json.loads(line) for line in run(film, program, "build", "--json").splitlines()]

    assert events[-1]["generated"] == 7
    assert Path(events[-1]["cuts"]["main"]).stat().st_size > 0
    assert json.loads(run(film, program, "schema"))["type"] == "object"
    python = program.with_name("python")
    package = run(film, python, "-c", "import storyboard; print(storyboard.__file__)")
    assert Path(package.strip()).is_relative_to(tmp_path / "venv")


def build_wheel(folder: Path) -> Path:
    """The wheel of this checkout, built without a network."""
    pip("wheel", "--no-build-isolation", "--wheel-dir", str(folder), str(ROOT))
    (wheel,) = folder.glob("storyboard_compiler-*.whl")
    return wheel


def assert_complete(wheel: Path) -> None:
    """It holds the package, the schemas, the templates and the fonts, and nothing of the tests."""
    with zipfile.ZipFile(wheel) as archive:
        held = set(archive.namelist())
    for folder, ending in [("schemas", "json"), ("templates", "yaml")]:
        shipped = sorted((ROOT / folder).rglob(f"*.{ending}"))
        assert shipped
        for path in shipped:
            assert f"storyboard/_share/{path.relative_to(ROOT).as_posix()}" in held
    package = ROOT / "src"
    for ending in ("py", "ttf", "yaml", "typed"):
        for path in package.rglob(f"*.{ending}"):
            assert path.relative_to(package).as_posix() in held
    assert any(name.endswith(".ttf") for name in held)
    assert not any(name.startswith(("tests/", "examples/", "docs/")) for name in held)


def install(wheel: Path, environment: Path) -> Path:
    """The command, in a fresh environment that has the wheel and what it depends on."""
    venv.create(environment, with_pip=False, symlinks=True)
    pip("install", str(wheel), into=environment / "bin" / "python")
    # Its dependencies are those of this environment, found behind its own packages. A path
    # that comes from a .pth file has its own .pth files left alone: no editable install.
    (site,) = (environment / "lib").glob("python*/site-packages")
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return environment / "bin" / "storyboard"


def pip(command: str, *arguments: str, into: Path | None = None) -> None:
    """Run pip offline, for one package alone."""
    where = ["--python", str(into)] if into else []
    done = subprocess.run(
        [sys.executable, "-m", "pip", *where, command, "--no-deps", "--no-index", *arguments],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def run(folder: Path, program: Path, *arguments: str) -> str:
    """What a program prints that knows nothing of the checkout."""
    alone = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run(
        [program, *arguments],
        cwd=folder, env=alone, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout
