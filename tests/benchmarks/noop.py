"""A build with nothing to do, and start-up: against ninja, make, doit, snakemake and `python -c pass`."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.benchmarks import peers
from tests.benchmarks.built import built
from tests.benchmarks.measure import Figures, alternated, python

SIZES = (1000, 10000)
_SNAKEMAKE_UP_TO = 1000


def report(sizes: tuple[int, ...] = SIZES) -> dict[str, object]:
    """Print the figures; and give them, for the JSON file."""
    storyboard = command()
    tools = peers.installed()
    figures: dict[str, object] = {}
    with tempfile.TemporaryDirectory(dir=fast_folder()) as top:
        for shots in sizes:
            ours = Path(top) / f"storyboard-{shots}"
            built(ours, shots)
            commands = {"storyboard build": [*storyboard, "build", str(ours)]}
            commands["storyboard plan"] = [*storyboard, "plan", str(ours)]
            commands["python -c pass"] = python("pass")  # the floor of whatever is written in it
            for tool, path in tools.items():
                if tool == "snakemake" and shots > _SNAKEMAKE_UP_TO:
                    continue  # laying its state down takes most of an hour
                folder = Path(top) / f"{tool}-{shots}"
                peers.lay_out(tool, folder, shots)
                again = peers.build(tool, path, folder)
                commands[tool] = ["env", "--chdir", str(folder), *again]
            slow = {name: commands.pop(name) for name in ("snakemake",) if name in commands}
            row = alternated(commands, Path(top), rounds=9)
            row |= alternated(slow, Path(top), rounds=2) if slow else {}
            _print(f"no-op, {shots} shots", row, "ninja")
            figures[f"no-op {shots}"] = {name: _plain(each) for name, each in row.items()}
    start = alternated(
        {
            "python -c pass": python("pass"),
            "storyboard --version": [*storyboard, "--version"],
            "storyboard --help": [*storyboard, "--help"],
        },
        Path.cwd(),
        rounds=15,
    )
    _print("start-up", start, "python -c pass")
    figures["start-up"] = {name: _plain(each) for name, each in start.items()}
    return figures


def command() -> list[str]:
    """The command as it is installed beside this Python, with its bytecode, as an installed wheel has it."""
    source = Path(__file__).parents[2] / "src"
    subprocess.run([sys.executable, "-m", "compileall", "-q", str(source)], check=True)
    return [str(Path(sys.executable).with_name("storyboard"))]


def fast_folder() -> str | None:
    """Memory, where there is some: what is measured is the tools, not the disk that they wait for."""
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


def _plain(of: Figures) -> dict[str, float]:
    return {
        "ms": round(of.wall * 1e3, 1),
        "cpu_ms": round(of.cpu * 1e3, 1),
        "mib": round(of.memory, 1),
    }


def _print(title: str, row: dict[str, Figures], against: str) -> None:
    print(f"{title:<28}{'ms':>9}{'cpu ms':>9}{'MiB':>7}  x {against}")
    other = row.get(against)
    for name, of in row.items():
        ratio = f"{of.wall / other.wall:9.2f}" if other else ""
        print(f"  {name:<26}{of.wall * 1e3:>9.1f}{of.cpu * 1e3:>9.1f}{of.memory:>7.0f}{ratio}")
