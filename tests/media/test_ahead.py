from collections.abc import Iterator
from contextlib import closing

import pytest

from storyboard.media.ahead import one_ahead


def counted(until: int, made: list[int]) -> Iterator[int]:
    try:
        for number in range(1, until):
            made.append(number)
            yield number
        raise OSError("the disk is gone")
    finally:
        made.append(0)


def test_things_come_in_order_and_what_is_raised_comes_out():
    ahead = one_ahead(counted(5, []))
    assert [next(ahead) for _ in range(4)] == [1, 2, 3, 4]
    with pytest.raises(OSError, match="the disk is gone"):
        next(ahead)


def test_one_that_is_closed_has_made_one_more_at_most_and_leaves_the_rest():
    made: list[int] = []
    with closing(counted(100, made)) as things, closing(one_ahead(things)) as ahead:
        assert [next(ahead), next(ahead)] == [1, 2]
    assert made in ([1, 2, 0], [1, 2, 3, 0])
