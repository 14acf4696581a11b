"""`make bench`: every benchmark, or those named: `make bench ONLY="noop makespan"`.

The figures are printed, and written as JSON into `build/bench.json`.
"""

from __future__ import annotations

import json
import platform
import sys
from pathlib import Path

from tests.benchmarks import check, edit, flight, makespan, memory, noop, stitch

BENCHMARKS = {
    "check": check.report,
    "noop": noop.report,
    "edit": edit.report,
    "makespan": makespan.report,
    "flight": flight.report,
    "stitch": stitch.report,
    "memory": memory.report,
}


def main(names: list[str]) -> None:
    """Run benchmarks by name; all without one."""
    unknown = set(names) - BENCHMARKS.keys()
    if unknown:
        sys.exit(
            f"No such benchmark: {', '.join(sorted(unknown))}. There are {', '.join(BENCHMARKS)}."
        )
    path = Path("build/bench.json")
    path.parent.mkdir(exist_ok=True)
    figures = json.loads(path.read_text()) if path.exists() else {}
    figures["python"], figures["machine"] = platform.python_version(), platform.machine()
    for name in names or list(BENCHMARKS):
        figures[name] = BENCHMARKS[name]()
        path.write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
