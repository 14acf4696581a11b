"""Other build tools, in an environment of their own under `.bench/`, and the same graphs for them.

A graph of N shots: N files made one after another in chains of ten, each from a
file of its own and the one before it, and one last file made of them all.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import venv
from pathlib import Path

CHAIN = 10
HOME = Path(__file__).parents[2] / ".bench"
_FROM_PYPI = ("ninja", "doit", "snakemake")


def installed() -> dict[str, str]:
    """The command of each peer that is here, or could be fetched from PyPI; the others are said."""
    binaries = HOME / "venv" / "bin"
    if not (binaries / "python").exists():
        venv.create(HOME / "venv", with_pip=True)
    for name in _FROM_PYPI:
        if not (binaries / name).exists():
            pip = [str(binaries / "python"), "-m", "pip", "install", "--quiet", name]
            subprocess.run(pip, check=False)
    found = {name: str(binaries / name) for name in _FROM_PYPI if (binaries / name).exists()}
    if make := shutil.which("make"):
        found["make"] = make
    for name in (*_FROM_PYPI, "make"):
        if name not in found:
            print(
                f"{name} is not here, and could not be installed: no figures of it", file=sys.stderr
            )
    return found


def lay_out(tool: str, folder: Path, shots: int) -> None:
    """Write a tool's file for the graph, and its source files."""
    (folder / "src").mkdir(parents=True)
    (folder / "out").mkdir()
    for number in range(shots):
        (folder / "src" / f"{number}.txt").write_text(f"shot {number}\n")
    {"ninja": _ninja, "make": _make, "doit": _doit, "snakemake": _snakemake}[tool](folder, shots)


def build(tool: str, command: str, folder: Path) -> list[str]:
    """Make everything once; the command of a build after that."""
    again = {
        "ninja": [command],
        "make": [command, "--silent", "--no-builtin-rules"],
        "doit": [command, "-v0"],
        "snakemake": [command, "--cores", "1", "--quiet", "all"],
    }[tool]
    first = [*again, "--touch"] if tool == "snakemake" else again
    if tool == "snakemake":
        for path in [*(folder / "src").iterdir()]:
            (folder / "out" / path.name).touch()
        (folder / "film.txt").touch()
    subprocess.run(first, cwd=folder, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    return again


def _before(number: int) -> str:
    return f"out/{number - 1}.txt" if number % CHAIN else ""


def _ninja(folder: Path, shots: int) -> None:
    lines = ["rule cat", "  command = cat $in > $out"]
    lines += [f"build out/{n}.txt: cat src/{n}.txt {_before(n)}" for n in range(shots)]
    every = " ".join(f"out/{n}.txt" for n in range(shots))
    lines += ["rule film", "  command = touch $out", f"build film.txt: film {every}", ""]
    (folder / "build.ninja").write_text("\n".join(lines))


def _make(folder: Path, shots: int) -> None:
    every = " ".join(f"out/{n}.txt" for n in range(shots))
    lines = [".SUFFIXES:", f"film.txt: {every}\n\ttouch $@"]
    lines += [f"out/{n}.txt: src/{n}.txt {_before(n)}\n\tcat $^ > $@" for n in range(shots)]
    (folder / "Makefile").write_text("\n".join(lines) + "\n")


def _doit(folder: Path, shots: int) -> None:
    (folder / "dodo.py").write_text(
        f"""\
DOIT_CONFIG = {{"default_tasks": ["film"]}}
def cat(inputs, output):
    with open(output, "w") as file:
        for path in inputs:
            file.write(open(path).readline())
def task_shot():
    for n in range({shots}):
        inputs = [f"src/{{n}}.txt"] + ([f"out/{{n - 1}}.txt"] if n % {CHAIN} else [])
        output = f"out/{{n}}.txt"
        yield {{"name": str(n), "actions": [(cat, [inputs, output])], "file_dep": inputs, "targets": [output]}}
def task_film():
    inputs = [f"out/{{n}}.txt" for n in range({shots})]
    return {{"actions": [(cat, [inputs[:1], "film.txt"])], "file_dep": inputs, "targets": ["film.txt"]}}
"""
    )


def _snakemake(folder: Path, shots: int) -> None:
    (folder / "Snakefile").write_text(
        f"""\
def inputs(wildcards):
    n = int(wildcards.n)
    return [f"src/{{n}}.txt"] + ([f"out/{{n - 1}}.txt"] if n % {CHAIN} else [])
rule film:
    input: [f"out/{{n}}.txt" for n in range({shots})]
    output: "film.txt"
    shell: "touch {{output}}"
rule shot:
    input: inputs
    output: "out/{{n}}.txt"
    shell: "cat {{input}} > {{output}}"
"""
    )
