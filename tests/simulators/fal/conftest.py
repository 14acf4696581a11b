from __future__ import annotations

from collections.abc import Iterator

import pytest
from fal_caller import Caller

from storyboard.simulators.server import simulation

SMALL = {"scale": 0.05}


@pytest.fixture
def fal() -> Iterator[Caller]:
    """fal, simulated: its clips are tiny, and its time only goes when it is put forward."""
    with simulation("fal", speed=0, switches=SMALL) as urls, Caller(urls["fal"]) as caller:
        yield caller


@pytest.fixture(scope="module")
def shared() -> Iterator[Caller]:
    """The same, for tests that no job comes of: they share it."""
    with simulation("fal", speed=0, switches=SMALL) as urls, Caller(urls["fal"]) as caller:
        yield caller


@pytest.fixture
def quick() -> Iterator[Caller]:
    """fal, simulated: its clips are tiny, and a job takes a few hundredths of a second."""
    with simulation("fal", speed=3000, switches=SMALL) as urls, Caller(urls["fal"]) as caller:
        yield caller
