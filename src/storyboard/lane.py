"""A lane: whose steps are meant."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Lane:
    """Whose steps are meant: a storyboard's, under a profile.

    Attributes:
        film: the storyboard's path, from the folder that holds the store.
    """

    film: str
    profile: str | None = None
