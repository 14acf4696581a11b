"""Actions, their keys, and the graph that they form: what must be made, in which order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from fractions import Fraction
from graphlib import CycleError, TopologicalSorter
from heapq import heappop, heappush
from typing import Protocol, TypeAlias

from storyboard.digest import Digestible, digest
from storyboard.model import Moment, Seconds

KEY_FORMAT = 1
"""Version of how keys are made. A new one makes everything stale: never for paid work."""


class Kind(StrEnum):
    """What an action does."""

    GENERATE = "generate"  # a model makes a clip
    FRAME = "frame"  # a frame is taken out of a clip
    CONFORM = "conform"  # a shot as a cut shows it
    TRANSITION = "transition"  # the overlap of two shots of a cut
    SOUND = "sound"  # a part of what is heard in a cut: decoded, measured or coded
    CUT = "cut"  # those pieces are joined to a film
    POSTER = "poster"  # a picture of a film, to be put beside it


PIECES = frozenset({Kind.CONFORM, Kind.TRANSITION, Kind.SOUND})
"""What a cut is joined from: a part of its work, for people who look at a plan."""


class Work(Protocol):
    """What an action asks for, apart from its inputs."""

    def canonical(self) -> dict[str, Digestible]:
        """Field by field, what its key holds."""


@dataclass(frozen=True, slots=True)
class Made:
    """An input that another action makes."""

    action: str


@dataclass(frozen=True, slots=True)
class Given:
    """An input that is a file of the user's: its path from the storyboard, and its digest."""

    path: str
    digest: str


@dataclass(frozen=True, slots=True)
class Named:
    """An input that only the provider can reach: a URL, or the id of an upload."""

    text: str


InputSource: TypeAlias = Made | Given | Named


@dataclass(frozen=True, slots=True)
class FrameWork:
    """Taking a frame: which one.

    Attributes:
        at: an instant in the clip's own time; HAND_OVER and LAST are relative
            to `duration`, LAST being the frame before the hand-over frame.
        duration: how much of the clip the shot shows; None means its very end.
        version: of the code that takes frames.
    """

    at: Moment | Seconds
    duration: Seconds | None
    version: str

    def canonical(self) -> dict[str, Digestible]:
        """What its key holds."""
        at = self.at.value if isinstance(self.at, Moment) else self.at
        return {"at": at, "duration": self.duration, "version": self.version}


@dataclass(frozen=True, slots=True)
class StandIn:
    """What another model is asked for where a step's own definitely refuses: never part of a key."""

    model: str
    work: Work
    price: tuple[Fraction, Fraction]


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One step of work, in its place in the film.

    Attributes:
        id: the same in every document: `generate:storm#2`, `frame:storm@hand-over`.
        inputs: by role.
        seconds: how much of its clip a generate step shows, for the plan.
        price: US dollars, low and high; 0 where it is free.
        stand_ins: in the order in which they are asked, should its model refuse.
        repeatable: whether it gives the same again; what cannot be made again
            is a take, and stands in the lock.
        hold: whether what was made last is kept, though something else is asked for.
        variant: the cut that it is made for, where that is not done for all cuts alike.
    """

    id: str
    kind: Kind
    work: Work
    inputs: Mapping[str, InputSource] = field(default_factory=dict)
    shot: str | None = None
    segment: int | None = None
    cuts: tuple[str, ...] = ()
    model: str | None = None
    seconds: Seconds | None = None
    price: tuple[Fraction, Fraction] = (Fraction(0), Fraction(0))
    notes: tuple[str, ...] = ()
    stand_ins: tuple[StandIn, ...] = ()
    repeatable: bool = True
    hold: bool = False
    variant: str | None = None

    @property
    def cost(self) -> tuple[Fraction, Fraction]:
        """US dollars that it may cost: high is the dearest of its model and its stand-ins."""
        low, high = self.price
        return low, max([high, *(each.price[1] for each in self.stand_ins)])

    @property
    def provider(self) -> str:
        """The provider of its model; empty without one."""
        return (self.model or "").partition("/")[0]

    @property
    def depends_on(self) -> tuple[str, ...]:
        """The actions whose outputs it needs."""
        return tuple(s.action for s in self.inputs.values() if isinstance(s, Made))

    def key(self, outputs: Mapping[str, str]) -> str | None:
        """Its action key; None while an input is not made yet.

        Args:
            outputs: the digests of what the actions before it made, by action id.
        """
        inputs: dict[str, Digestible] = {}
        for role, source in self.inputs.items():
            match source:
                case Given():
                    inputs[role] = source.digest
                case Named():
                    inputs[role] = {"named": source.text}
                case Made():
                    if source.action not in outputs:
                        return None
                    inputs[role] = outputs[source.action]
        return digest([KEY_FORMAT, self.kind.value, self.work.canonical(), inputs])


@dataclass(frozen=True, slots=True)
class ActionGraph:
    """Actions in an order in which they can be done: each behind those that it needs."""

    actions: tuple[Action, ...]

    def __iter__(self) -> Iterator[Action]:
        return iter(self.actions)

    def __len__(self) -> int:
        return len(self.actions)

    def frames(self) -> dict[str, tuple[FrameWork, ...]]:
        """By the action that makes it, the frames that are taken of each clip."""
        frames: dict[str, tuple[FrameWork, ...]] = {}
        for action in self.actions:
            if isinstance(action.work, FrameWork):
                for clip in action.depends_on:
                    frames[clip] = (*frames.get(clip, ()), action.work)
        return frames

    def needed_for(self, wanted: Iterable[str]) -> ActionGraph:
        """Only the named actions and what they need."""
        needed = set(wanted)
        for action in reversed(self.actions):
            if action.id in needed:
                needed.update(action.depends_on)
        return ActionGraph(tuple(a for a in self.actions if a.id in needed))


def without_pieces(graph: ActionGraph) -> ActionGraph:
    """The graph as people draw it: cuts depend on clips, what renders their pieces is left out."""
    pieces = {action.id for action in graph if action.kind in PIECES}
    return ActionGraph(
        tuple(
            replace(
                action,
                inputs={
                    role: source
                    for role, source in action.inputs.items()
                    if not (isinstance(source, Made) and source.action in pieces)
                },
            )
            for action in graph
            if action.id not in pieces
        )
    )


def in_order(actions: Iterable[Action]) -> ActionGraph:
    """Actions in build order: each behind what it needs, otherwise as they came.

    Raises:
        ValueError: they depend on each other in a loop. `check` reports loops
            of shots, so this would be an error in lowering.
    """
    by_id = {action.id: action for action in actions}
    if _are_in_order(by_id):
        return ActionGraph(tuple(by_id.values()))
    sorter = TopologicalSorter({a.id: a.depends_on for a in by_id.values()})
    try:
        sorter.prepare()
    except CycleError as error:
        raise ValueError(f"the actions depend on each other in a loop: {error.args[1]}") from error
    place = {id_: number for number, id_ in enumerate(by_id)}
    ready: list[tuple[int, str]] = []
    done: list[Action] = []
    while sorter.is_active():
        for id_ in sorter.get_ready():
            heappush(ready, (place[id_], id_))
        _, id_ = heappop(ready)
        done.append(by_id[id_])
        sorter.done(id_)
    return ActionGraph(tuple(done))


def _are_in_order(by_id: Mapping[str, Action]) -> bool:
    """Whether each stands behind what it needs already: nearly always so, and seen at once."""
    before: set[str] = set()
    for id_, action in by_id.items():
        if not before.issuperset(action.depends_on):
            return False
        before.add(id_)
    return True


def shortest_loops(edges: Mapping[str, Iterable[str]]) -> list[list[str]]:
    """The loops among names that point at each other: one, the shortest, for each tangle.

    Each loop starts at the name that stands first in `edges` and goes the way
    the edges point.
    """
    import networkx as nx  # only when there may be a loop to put into words

    graph = nx.DiGraph((name, other) for name, others in edges.items() for other in others)
    place = {name: number for number, name in enumerate(edges)}
    loops = []
    for tangle in nx.strongly_connected_components(graph):
        part = graph.subgraph(tangle)
        if len(tangle) == 1 and not any(part.has_edge(name, name) for name in tangle):
            continue
        loop = min(
            (_loop_through(part, name) for name in tangle),
            key=lambda names: (len(names), min(place[name] for name in names)),
        )
        first = min(range(len(loop)), key=lambda number: place[loop[number]])
        loops.append(loop[first:] + loop[:first])
    return sorted(loops, key=lambda names: place[names[0]])


def _loop_through(graph: object, name: str) -> list[str]:
    """The shortest way from a name back to itself, the name first."""
    import networkx as nx

    ways = (
        nx.shortest_path(graph, after, name)
        for after in graph[name]  # type: ignore[index]
    )
    return [name, *min(ways, key=len)[:-1]]
