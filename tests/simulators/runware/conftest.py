from __future__ import annotations

from collections.abc import Iterator

import pytest
from runware_caller import Caller

from storyboard.simulators.server import simulation

SWITCHES = {"scale": 0.1, "queue_s": 10.0, "run_s": 100.0}


@pytest.fixture(scope="module")
def served() -> Iterator[str]:
    with simulation("runware", speed=0.0, switches=SWITCHES) as urls:
        yield urls["runware"]


@pytest.fixture
def runware(served: str) -> Iterator[Caller]:
    """A simulated Runware whose clock stands still."""
    with Caller(served) as caller:
        before = caller.knob("switches")
        caller.knob("faults", [])
        yield caller
        caller.knob("switches", before)
