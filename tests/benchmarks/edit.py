"""One shot edited in a film of a thousand: `plan` against doit's whole run.

`plan` finds out all that a build would: the same passes, the same look into the
store. doit's figure is its whole build, the four small tasks that the edit runs
included: they copy lines of text, within doit's own process.
"""

from __future__ import annotations

import re
import statistics
import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.benchmarks import peers
from tests.benchmarks.built import built
from tests.benchmarks.measure import Run, launched
from tests.benchmarks.noop import command, fast_folder

SHOTS = 1000
_ROUNDS = 7


def report() -> dict[str, object]:
    """Print the figures."""
    tools = peers.installed()
    with tempfile.TemporaryDirectory(dir=fast_folder()) as top:
        ours = Path(top) / "film"
        built(ours, SHOTS)
        rows: dict[str, tuple[list[str], Callable[[int], None]]] = {
            "storyboard plan": ([*command(), "plan", str(ours)], lambda n: _edit_shot(ours, n)),
        }
        if "doit" in tools:
            folder = Path(top) / "doit"
            peers.lay_out("doit", folder, SHOTS)
            again = peers.build("doit", tools["doit"], folder)
            rows["doit"] = (
                ["env", "--chdir", str(folder), *again],
                lambda n: _edit_source(folder, n),
            )
        runs: dict[str, list[Run]] = {name: [] for name in rows}
        for number in range(_ROUNDS + 1):
            for name, (call, edit) in rows.items():
                edit(number)
                run = launched(name, call, Path(top))
                if number:
                    runs[name].append(run)
    figures: dict[str, object] = {}
    print(f"{'one edit, 1000 shots':<28}{'ms':>9}{'cpu ms':>9}")
    for name, of in runs.items():
        wall, cpu = (
            statistics.median(getattr(run, what) for run in of) * 1e3 for what in ("wall", "cpu")
        )
        figures[name] = {"ms": round(wall, 1), "cpu_ms": round(cpu, 1)}
        print(f"  {name:<26}{wall:>9.1f}{cpu:>9.1f}")
    return figures


def _edit_shot(folder: Path, number: int) -> None:
    path = folder / "storyboard.yaml"
    path.write_text(
        re.sub(r"step 500(, take \d+)?,", f"step 500, take {number},", path.read_text())
    )


def _edit_source(folder: Path, number: int) -> None:
    (folder / "src" / "500.txt").write_text(f"shot 500, take {number}\n")
