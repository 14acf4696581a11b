"""What `gc` would remove, or has, as its document and as text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from storyboard.diagnostics import listed
from storyboard.garbage import Waste, What, sizes
from storyboard.named import Named
from storyboard.source import Plain

_WORDS = {
    What.CLIP: ("clip", "clips", "free to draw again"),
    What.FRAME: ("frame", "frames", "taken again where they are wanted"),
    What.PIECE: ("piece", "pieces", "of films, or whole films: put together again when wanted"),
    What.UNKNOWN: ("blob", "blobs", "that nothing is known of"),
    What.SPARE: ("film", "films", "that others replaced, kept to write the next ones over"),
    What.SCRATCH: ("file", "files", "that builds which were killed left behind"),
    What.ASIDE: ("file", "files", "set aside as damaged"),
}
_STEP = 1000  # as disks are sold, and as file managers show


def document(waste: Sequence[Waste], named: Named, *, removed: bool) -> Plain:
    """The document of `gc --json`."""
    return {
        "version": 1,
        "removed": removed,
        "files": [
            {"path": str(each.path), "what": each.what.value, "bytes": each.size} for each in waste
        ],
        "totals": {
            "bytes": sum(each.size for each in waste),
            **{what.value: count for what, (count, _) in sizes(waste).items()},
        },
        "unread": list(named.unread),
    }


def text(waste: Sequence[Waste], named: Named, *, removed: bool) -> str:
    """The same for people."""
    return "\n".join(_lines(waste, named, removed=removed))


def _lines(waste: Sequence[Waste], named: Named, *, removed: bool) -> Iterator[str]:
    found = sizes(waste)
    for what, (count, size) in found.items():
        one, many, about = _WORDS[what]
        yield f"  {count:>6} {one if count == 1 else many:<6} {in_bytes(size):>8}  {about}"
    if named.unread:
        films = listed(named.unread, last="and")
        yield f"{films} cannot be read now: what was last built of it stays."
    whole = in_bytes(sum(each.size for each in waste))
    if not waste:
        yield "Nothing to remove: everything in the store is named."
    else:
        yield f"{whole} freed." if removed else f"{whole} would be freed."


def in_bytes(size: int) -> str:
    """A size as people read it: `1.4 MB`."""
    amount, unit = float(size), "B"
    for larger in ("kB", "MB", "GB", "TB"):
        if amount < _STEP:
            break
        amount, unit = amount / _STEP, larger
    return f"{amount:.0f} {unit}" if unit == "B" or amount >= 100 else f"{amount:.1f} {unit}"
