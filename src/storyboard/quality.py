"""What is worth a look in a cut: its joins and chains in numbers, held to thresholds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from math import hypot
from typing import Any, Self

from storyboard.model import Quality
from storyboard.source import Plain

_RATIO = 3.0
"""So many times the motion beside it a chained join may differ before it is said to jump."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """How a picture looks: the means of lightness and two colour axes, and how sharp it is."""

    mean: tuple[float, float, float]
    sharpness: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Seam:
    """What is seen at a hard cut. Distances are those of Oklab, times 100: 2 is just seen.

    Attributes:
        difference: between the two frames at the cut, pixel by pixel; `motion`,
            from one frame to the next beside it: what the difference would be
            if nothing met here.
        lightness: by how much the picture becomes lighter; `color`, how far its colour moves.
        doubled: whether the same frame stands on both sides, though things move.
        given: how far the second clip's first frame is from the one it was given;
            None where it was given none.
        last: the last picture before the cut, and `first` the one behind it.
    """

    difference: float
    motion: float
    lightness: float
    color: float
    doubled: bool
    given: float | None
    last: Picture
    first: Picture

    def kept(self) -> dict[str, Plain]:
        """As the store keeps it."""
        return asdict(self)

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> Self:
        """The seam that `kept` gave."""
        looks = {
            name: Picture(mean=tuple(kept[name]["mean"]), sharpness=kept[name]["sharpness"])
            for name in ("last", "first")
        }
        return cls(**{**kept, **looks})


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinFigures(Seam):
    """A hard cut between two shots.

    Attributes:
        frame: of the cut, the first behind the join; `timecode`, the same for people.
        chained: whether the second shot goes on from the first one's hand-over frame.
        click: how much further the sound steps there than beside it; 2 is full scale.
    """

    before: str
    after: str
    frame: int
    timecode: str
    chained: bool
    click: float

    def json(self) -> dict[str, Plain]:
        """For documents."""
        given = None if self.given is None else round(self.given, 2)
        return {
            "before": self.before,
            "after": self.after,
            "frame": self.frame,
            "timecode": self.timecode,
            "chained": self.chained,
            "difference": round(self.difference, 2),
            "motion": round(self.motion, 2),
            "lightness": round(self.lightness, 2),
            "color": round(self.color, 2),
            "doubled": self.doubled,
            "given": given,
            "click": round(self.click, 4),
        }

    def warnings(self, allowed: Quality) -> tuple[str, ...]:
        """What is worth a look, in words. A cut to another set-up is meant to be seen."""
        said = []
        if self.doubled:
            said.append("the same frame stands twice; `seam: {echo: drop}` leaves one out")
        if self.click > allowed.click:
            said.append(f"the sound clicks: a step of {self.click:.2f}")
        if not self.chained:
            return tuple(said)
        if self.given is not None and self.given > allowed.given:
            said.append(
                f"the clip does not begin with the frame it was given: {self.given:.1f} apart"
            )
        if abs(self.lightness) > allowed.lightness:
            way = "lighter" if self.lightness > 0 else "darker"
            said.append(f"the picture becomes {way} by {abs(self.lightness):.1f}")
        if self.color > allowed.color:
            said.append(
                f"the colour moves by {self.color:.1f}; `seam: {{color: previous}}` matches it"
            )
        if self.difference > allowed.jump and self.difference > _RATIO * self.motion:
            said.append(f"the picture jumps: {self.difference:.1f} apart")
        return tuple(said)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainFigures:
    """Shots that go on from each other: what has become of the picture from the first to the last.

    Attributes:
        lightness: by how much it is lighter at the end of the chain; `color`,
            how far its colour has moved.
        sharpness: how sharp it is there, as a share of what it was.
    """

    shots: tuple[str, ...]
    lightness: float
    color: float
    sharpness: float

    def json(self) -> dict[str, Plain]:
        """For documents."""
        return {
            "shots": list(self.shots),
            "lightness": round(self.lightness, 2),
            "color": round(self.color, 2),
            "sharpness": round(self.sharpness, 3),
        }

    def warnings(self, allowed: Quality) -> tuple[str, ...]:
        """What is worth a look, in words."""
        said = []
        drift = hypot(self.lightness, self.color)
        if drift > allowed.drift:
            said.append(f"light and colour have drifted by {drift:.1f}")
        if self.sharpness < allowed.sharpness:
            said.append(f"{1 - self.sharpness:.0%} of its sharpness is gone")
        return tuple(said)


def chains(joins: Sequence[JoinFigures]) -> Iterator[ChainFigures]:
    """The chains of three shots and more that a cut's joins make, each as a whole."""
    for chained, run in groupby(joins, key=lambda join: join.chained):
        links = list(run)
        if chained and len(links) > 1:
            yield from _unbroken(links)


def _unbroken(links: Sequence[JoinFigures]) -> Iterator[ChainFigures]:
    start = 0
    for number in range(1, len(links) + 1):
        if number == len(links) or links[number].before != links[number - 1].after:
            if number - start > 1:
                yield _chain(links[start:number])
            start = number


def _chain(links: Sequence[JoinFigures]) -> ChainFigures:
    was, now = links[0].last, links[-1].last
    return ChainFigures(
        shots=(links[0].before, *(link.after for link in links)),
        lightness=now.mean[0] - was.mean[0],
        color=hypot(now.mean[1] - was.mean[1], now.mean[2] - was.mean[2]),
        sharpness=now.sharpness / was.sharpness if was.sharpness else 1.0,
    )


@dataclass(frozen=True, slots=True)
class CutQuality:
    """The joins of a cut that could be measured, and its chains, each with what is worth a look.

    Attributes:
        unmeasured: the joins that could not be measured, each as the two shots
            that meet in it, and why.
    """

    cut: str
    joins: tuple[tuple[JoinFigures, tuple[str, ...]], ...]
    chains: tuple[tuple[ChainFigures, tuple[str, ...]], ...]
    unmeasured: tuple[tuple[str, str, str], ...] = ()


def judged(
    cut: str,
    joins: Sequence[JoinFigures],
    allowed: Quality,
    unmeasured: Sequence[tuple[str, str, str]] = (),
) -> CutQuality:
    """A cut's figures, held to thresholds."""
    return CutQuality(
        cut,
        tuple((join, join.warnings(allowed)) for join in joins),
        tuple((chain, chain.warnings(allowed)) for chain in chains(joins)),
        tuple(unmeasured),
    )
