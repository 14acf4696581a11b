"""Whatever a file holds, `check` says what is wrong with it: soon, and in words.

A few hundred mutations run with every test run, always other ones with
STORYBOARD_FUZZ=COUNT (`make fuzz`: 20,000).
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from storyboards import ROOT

from storyboard.language.decoding import decode
from storyboard.language.yaml import read
from storyboard.source import Node

COUNT = int(os.environ.get("STORYBOARD_FUZZ", "300"))
AT_ONCE = 10_000


def runs() -> list[tuple[int, int]]:
    """How many to check, and with which seed: the same ones unless more are asked for."""
    asked = "STORYBOARD_FUZZ" in os.environ
    first = random.SystemRandom().randrange(10**6) if asked else 1
    starts = range(0, COUNT, AT_ONCE)
    return [(min(AT_ONCE, COUNT - at), first + number) for number, at in enumerate(starts)]


@pytest.mark.parametrize("number", range(len(runs())))
def test_mutated_storyboards_are_checked_in_time_and_without_a_traceback(
    number: int, record_property: pytest.RecordProperty
) -> None:
    count, seed = runs()[number]
    record_property("seed", seed)
    done = subprocess.run(
        [sys.executable, str(ROOT / "tests" / "fuzz" / "checking.py"), str(count), str(seed)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    reports = [json.loads(line) for line in done.stdout.splitlines()]
    assert not reports, "\n\n".join(
        f"seed {each['seed']}, number {each['number']}: {each['what']}\n{each['text']}"
        for each in reports[:3]
    )
    assert done.returncode == 0, done.stderr


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_bytes_are_read_or_refused_with_a_place(data: bytes) -> None:
    source, problems = decode(data, "any.yaml")
    root: Node | None = None
    if not problems:
        root, problems = read(source)
    for item in problems:
        assert item.span is not None
        assert 0 <= item.span.start <= item.span.end <= len(source.text)
        line, column = item.span.begins
        assert line >= 1
        assert column >= 1
    assert root is None or Path(root.span.file).name == "any.yaml"
