from __future__ import annotations

from collections.abc import Iterator

import pytest
from any_caller import Caller

from storyboard.simulators.server import simulation


@pytest.fixture(scope="module")
def served() -> Iterator[str]:
    with simulation("runware", speed=0.0, switches={"scale": 0.1}) as urls:
        yield urls["runware"]


@pytest.fixture
def provider(served: str) -> Iterator[Caller]:
    """A simulated provider, any one, whose clock stands still."""
    with Caller(served) as caller:
        before = caller.knob("switches").json()
        caller.knob("faults", [])
        yield caller
        caller.knob("clock", {"speed": 0})
        caller.knob("switches", before)
