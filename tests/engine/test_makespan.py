"""The order in which ready steps start: near the best that any order can do."""

from __future__ import annotations

import pytest

from benchmarks.makespan import FILMS, GOAL, lower_bound, makespan


@pytest.mark.parametrize("film", FILMS)
def test_jobs_take_hardly_longer_than_the_least_that_is_possible(film: str) -> None:
    steps, pace = FILMS[film]

    assert lower_bound(steps, pace) / makespan(steps, pace) >= GOAL
