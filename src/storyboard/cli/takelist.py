"""Takes, as a table and as the document of `takes --json`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from storyboard.choosing import Listed
from storyboard.consent import dollars
from storyboard.facts import Take
from storyboard.source import Plain


def document(takes: Sequence[Listed]) -> Plain:
    """The document of `takes --json`: a contract."""
    return {"version": 1, "takes": list(entries(takes))}


def entries(takes: Sequence[Listed]) -> list[dict[str, Plain]]:
    """Each take as documents have it."""
    return [_entry(each) for each in takes]


def _entry(listed: Listed) -> dict[str, Plain]:
    take = listed.take
    return {
        "shot": take.place.shot,
        "segment": take.place.segment,
        "profile": take.place.profile,
        "key": take.key,
        "number": listed.number,
        "selected": listed.selected,
        "clip": take.clip,
        "model": take.model,
        "job": take.job,
        "charged_usd": None if take.charged is None else float(take.charged),
        "date": take.date,
        "current": listed.current,
        "pinned": listed.pinned,
        "here": listed.here,
    }


def table(takes: Sequence[Listed]) -> str:
    """The takes for people: a line each, what the film asks for now first; `*` marks those in use."""
    names = [named(each.take) for each in takes]
    width = max(map(len, names), default=0)
    rows = sorted(zip(takes, names, strict=True), key=lambda row: (row[1], not row[0].current))
    width = max(width, len("shot"))
    models = max((len(each.take.model) for each in takes), default=0)
    head = f"  {'shot':<{width}}  take  {'made (UTC)':<16}  charged  {'model':<{models}}  clip"
    return "\n".join([head, *(_line(each, name, width, models) for each, name in rows)])


def named(take: Take) -> str:
    """Whose take it is: `storm#2`, with the profile that it was made under."""
    place = take.place
    segment = f"#{place.segment}" if place.segment else ""
    profile = f" · {place.profile}" if place.profile else ""
    return f"{place.shot}{segment}{profile}"


def _line(listed: Listed, name: str, width: int, models: int) -> str:
    take = listed.take
    mark = "*" if listed.selected and listed.current else " "
    charged = "" if take.charged is None else dollars(take.charged)
    said = ", ".join(_said(listed))
    line = (
        f"{mark} {name:<{width}}  {listed.number:>4}  {take.date[:16].replace('T', ' ')}"
        f"  {charged:>7}  {take.model:<{models}}  {take.clip[:8]}"
    )
    return f"{line}  ({said})" if said else line


def _said(listed: Listed) -> Iterator[str]:
    if not listed.current:
        yield "not what is asked for now"
    if listed.pinned:
        yield "pinned"
    if not listed.here:
        yield "not here"
