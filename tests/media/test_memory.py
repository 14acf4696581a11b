"""What a build holds goes down when pictures are let go of, not when it ends."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

_HOLDING = """
import os
from pathlib import Path
from storyboard.media.memory import given_back

def held():
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6

with given_back():
    large = b"x" * 30_000_000
    del large  # from now on glibc by itself would keep what is smaller
    before = held()
    pictures = [b"x" * 2_000_000 for _ in range(40)]
    small = [b"x" * 4000 for _ in range(100)]  # lie behind them in memory
    full = held()
    del pictures
    print(full - before, held() - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other C libraries are left alone")
def test_pictures_are_given_back_when_they_are_let_go_of() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", _HOLDING], capture_output=True, text=True, check=True
    )
    full, left = map(float, ran.stdout.split())
    assert full > 75
    assert left < 10
