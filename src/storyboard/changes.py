"""A change in a line: a field, what it was, what it is."""

from __future__ import annotations

import re

from storyboard.graph import Kind
from storyboard.source import Plain
from storyboard.steps import Reason


def change(reason: Reason, width: int) -> str:
    """What changed; of long texts the words that did, since a cut-off line would not show them."""
    field, old, new = reason.field, reason.old, reason.new
    if old is None and new is None:
        return field
    if field == "output":  # no field of the storyboard: what was made is gone
        return _cut_to(f"{field}: {in_words(old)}", width)
    if same := _same_source(old, new):
        return _cut_to(f"{field}: {same}", width)
    if field.endswith(".join") and isinstance(old, list) and isinstance(new, list):
        old, new = _changed_items(old, new)
    said = f"{field}: {in_words(old)} → {in_words(new)}"
    if len(said) > width and isinstance(old, str) and isinstance(new, str):
        old, new = _changed_words(old, new)
        said = f"{field}: “{old}” → “{new}”"
    return _cut_to(said, width)


_INPUT = re.compile(r"(?P<origin>.+) \((?P<digest>[0-9a-f]{8})\)")


def _same_source(old: Plain, new: Plain) -> str | None:
    """Of an input that comes from where it came from: that, and its two digests."""
    if not (isinstance(old, str) and isinstance(new, str)):
        return None
    was, now = _INPUT.fullmatch(old), _INPUT.fullmatch(new)
    if not (was and now and was["origin"] == now["origin"]):
        return None
    return f"{source_in_words(was['origin'])}, {was['digest']} → {now['digest']}"


def source_in_words(origin: str) -> str:
    """What an input comes from, in words: `the hand-over frame of pier`, or the path of a file."""
    kind, _, rest = origin.partition(":")
    if kind == Kind.GENERATE and rest:
        return f"the clip of {rest}"
    if kind != Kind.FRAME or not rest:
        return origin
    shot, _, at = rest.partition("@")
    at, bracket, cut = at.partition("[")
    of = f"{shot} in the cut {cut.rstrip(']')}" if bracket else shot
    if at.replace(".", "").replace("-", "").isdigit():
        return f"the frame at {at} s of {of}"
    return f"the {at} frame of {of}"


def _changed_items(old: list[Plain], new: list[Plain]) -> tuple[Plain, Plain]:
    """Of two lists in which each place has its meaning, what differs."""
    pairs = [pair for pair in zip(old, new, strict=False) if pair[0] != pair[1]]
    return [was for was, _ in pairs], [now for _, now in pairs]


def _changed_words(old: str, new: str) -> tuple[str, str]:
    """Two texts without the words that they share at their ends, but for two on each side."""
    texts = (old.split(), new.split())
    shared = min(map(len, texts))
    ahead = next((n for n in range(shared) if texts[0][n] != texts[1][n]), shared)
    behind = next(
        (n for n in range(shared - ahead) if texts[0][-1 - n] != texts[1][-1 - n]), shared - ahead
    )
    first, last = max(0, ahead - 2), max(0, behind - 2)
    kept = (words[first : len(words) - last] for words in texts)
    before, after = ("… " if first else ""), (" …" if last else "")
    one, other = (f"{before}{' '.join(words)}{after}" for words in kept)
    return one, other


def in_words(value: Plain) -> str:
    """A field's value as people write it."""
    match value:
        case None:
            return "nothing"
        case str() if given := _INPUT.fullmatch(value):
            return f"{source_in_words(given['origin'])} ({given['digest']})"
        case str():
            return f"“{value}”" if " " in value else value
        case float():
            return f"{value:g}"
        case list():
            return ", ".join(map(in_words, value)) or "nothing"
        case dict():
            return ", ".join(f"{key} {in_words(item)}" for key, item in value.items())
    return str(value)


def _cut_to(text: str, width: int) -> str:
    return text if len(text) <= max(width, 20) else text[: max(width, 20) - 1] + "…"
