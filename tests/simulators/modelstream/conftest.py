from __future__ import annotations

from collections.abc import Iterator

import pytest
from modelstream_caller import Caller

from storyboard.simulators.server import simulation


@pytest.fixture
def api() -> Iterator[Caller]:
    """ModelStream, simulated: its clips are tiny, its jobs take a few milliseconds."""
    with (
        simulation("modelstream", speed=20_000, switches={"scale": 0.05}) as urls,
        Caller(urls["modelstream"]) as caller,
    ):
        yield caller


@pytest.fixture(scope="module")
def quiet() -> Iterator[Caller]:
    """One for all tests in which nothing is accepted and no knob is turned."""
    with simulation("modelstream") as urls, Caller(urls["modelstream"]) as caller:
        yield caller
