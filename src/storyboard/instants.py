"""Moments of the clock as providers write them: ISO 8601, in UTC."""

from __future__ import annotations

from datetime import UTC, datetime

from storyboard.source import Plain


def read_instant(text: Plain) -> datetime | None:
    """The moment that a text names, in UTC where it names no zone; None where it names none."""
    if not isinstance(text, str):
        return None
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        return None
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def instant_text(instant: datetime) -> str:
    """A moment to the second: `2026-11-21T16:05:00Z`."""
    return instant.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
