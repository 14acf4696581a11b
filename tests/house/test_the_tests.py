"""The tests themselves: what would make them fail only on another machine."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

TESTS = Path(__file__).parents[1]


def test_no_two_modules_of_the_tests_share_a_name() -> None:
    """They are imported by their bare names: the second of two would be the first."""
    names = Counter(
        path.name
        for path in TESTS.rglob("*.py")
        if path.name not in {"conftest.py", "__init__.py"} and "golden" not in path.parts
    )
    assert [name for name, count in names.items() if count > 1] == []
