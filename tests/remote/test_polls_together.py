"""Jobs are asked after together where that delays none of them by much."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storyboard.remote.waits import together

_NOW = st.floats(0, 1e7)
_WAIT = st.floats(0.05, 600)


@given(_NOW, _WAIT)
def test_a_wait_is_longer_by_an_eighth_at_most(now: float, wait: float) -> None:
    longer = together(now, wait) - wait
    assert -1e-6 <= longer <= wait / 8 + 1e-6


@pytest.mark.parametrize("wait", [0.1, 2.0, 5.0, 10.0])
def test_jobs_sent_one_after_the_other_are_asked_after_at_few_moments(wait: float) -> None:
    started = [100 + number * wait / 1000 for number in range(1000)]  # over as long as one waits
    asked = {round(now + together(now, wait), 6) for now in started}
    assert len(asked) <= 17


def test_what_is_to_be_asked_at_once_is() -> None:
    assert together(7.3, 0.0) == 0.0
