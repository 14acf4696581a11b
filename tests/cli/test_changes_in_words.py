"""What changed, in a line that a person reads."""

from __future__ import annotations

from storyboard.changes import change
from storyboard.steps import Reason


def test_of_a_join_only_what_differs_is_told() -> None:
    was = ["crossfade", "black", "left", None, "crossfade"]
    now = ["wipe", "black", "right", None, "crossfade"]

    told = change(Reason("tune: events[2].join", was, now), 100)

    assert told == "tune: events[2].join: crossfade, left → wipe, right"
