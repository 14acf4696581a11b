"""What `gc --takes` would drop, or has, as its document and as text; and the question before it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass

import click

from storyboard.cli import takelist
from storyboard.cli.text import say
from storyboard.cli.waste import in_bytes
from storyboard.consent import dollars
from storyboard.diagnostics import Refused
from storyboard.discarding import Discards
from storyboard.source import Plain


def document(found: Discards, *, removed: bool) -> Plain:
    """The document of `gc --takes --json`."""
    listed = takelist.entries([each.listed for each in found.takes])
    return {
        "version": 1,
        "removed": removed,
        "takes": [
            entry | {"clip_stays": each.stays, "bytes": each.size}
            for entry, each in zip(listed, found.takes, strict=True)
        ],
        "totals": {
            "takes": len(found.takes),
            "charged_usd": float(found.paid),
            "not_told": found.untold,
            "bytes": found.size,
        },
    }


def text(found: Discards, *, removed: bool, shown: bool = False) -> str:
    """The same for people; a line is enough where they have been `shown` it before they agreed."""
    lines = [_sum(found, removed=True)] if shown and removed else _lines(found, removed=removed)
    return "\n".join(lines)


@dataclass(slots=True)
class Asking:
    """How the user is asked: not at all with `--yes`, else at a terminal.

    Attributes:
        shown: whether they have seen there, on the screen, what would go.
    """

    yes: bool
    shown: bool = False

    def __call__(self, found: Discards) -> bool:
        """Whether they agree."""
        if self.yes:
            return True
        if not (sys.stdin.isatty() and sys.stderr.isatty()):
            raise Refused(
                f"What was paid for would go: {in_short(found)}. Nothing was removed.",
                "Look at it with --dry-run, then say --yes.",
            )
        say(text(found, removed=False))
        self.shown = sys.stdout.isatty()
        return click.confirm("Remove them for good?", default=False, err=True)


def in_short(found: Discards) -> str:
    """Takes in a phrase: how many, and what they cost."""
    count = len(found.takes)
    said = f"{count} take{'' if count == 1 else 's'}"
    if found.untold < count:
        said += f" that cost {dollars(found.paid)}"
    if found.untold:
        which = "they" if found.untold == count else f"{found.untold} of them"
        said += f"; what {which} cost, no provider said"
    return said


def _lines(found: Discards, *, removed: bool) -> Iterator[str]:
    if not found.takes:
        yield "No take to remove: all of them are asked for, pinned or held, or too young."
        return
    yield takelist.table([each.listed for each in found.takes])
    yield _sum(found, removed=removed)
    if stay := sum(each.stays for each in found.takes):
        clips, them = ("1 clip stays", "it") if stay == 1 else (f"{stay} clips stay", "them")
        yield (
            f"{clips} in the store as long as another take, or a lock of any branch or tag, names"
            f" {them}; this lock as it is committed counts too. Then `storyboard gc` removes {them}."
        )
    if others := sum(each.elsewhere for each in found.takes):
        was = "1 was" if others == 1 else f"{others} were"
        yield (
            f"{was} paid for on another machine: only the lock says so, and `cost` and `budget`"
            f" {'count it no more' if removed else 'will count it no more'}."
        )


def _sum(found: Discards, *, removed: bool) -> str:
    done = "removed" if removed else "would be removed"
    freed = "freed" if removed else "would be freed"
    return f"{in_short(found)}: {done}. {in_bytes(found.size)} {freed}."
