"""Joins and chains in numbers: as the document of `report --json`, and as a table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from storyboard.quality import CutQuality, JoinFigures
from storyboard.source import Plain


def document(cuts: Sequence[CutQuality]) -> Plain:
    """The document of `report --json`."""
    return {
        "version": 1,
        "cuts": [
            {
                "cut": cut.cut,
                "joins": [join.json() | {"warnings": list(said)} for join, said in cut.joins],
                "chains": [chain.json() | {"warnings": list(said)} for chain, said in cut.chains],
            }
            for cut in cuts
        ],
    }


def text(cuts: Sequence[CutQuality]) -> str:
    """For people: a line a join and a chain, and below it what is worth a look."""
    if not any(cut.joins for cut in cuts):
        return "No join was measured: there is no film yet, or it has no hard cuts."
    return "\n".join(line for cut in cuts for line in _lines(cut))


def _lines(cut: CutQuality) -> Iterator[str]:
    width = max((len(_named(join)) for join, _ in cut.joins), default=0)
    yield f"{cut.cut:<{width + 2}}  at                   apart  beside   light  colour"
    for join, said in cut.joins:
        yield (
            f"  {_named(join):<{width}}  {join.timecode}  {'chain' if join.chained else 'cut':<5}"
            f" {join.difference:7.2f} {join.motion:7.2f} {join.lightness:+7.2f} {join.color:7.2f}"
        )
        yield from (f"    {each}" for each in said)
    for chain, said in cut.chains:
        yield (
            f"  {' → '.join(chain.shots)}: light {chain.lightness:+.1f}, colour {chain.color:.1f},"
            f" sharpness {chain.sharpness:.0%}"
        )
        yield from (f"    {each}" for each in said)


def _named(join: JoinFigures) -> str:
    return f"{join.before} → {join.after}"
