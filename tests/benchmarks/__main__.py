"""`make bench`: every benchmark, or those named."""

from __future__ import annotations

import sys

from tests.benchmarks import check

BENCHMARKS = {"check": check.report}


def main(names: list[str]) -> None:
    """Run benchmarks by name; all without one."""
    for name in names or list(BENCHMARKS):
        BENCHMARKS[name]()


if __name__ == "__main__":
    main(sys.argv[1:])
