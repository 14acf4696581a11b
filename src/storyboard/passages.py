"""Passages: the runs of a cut's frames that are rendered apart, and each kept as one piece.

A shot that is seen alone is a passage, and so is the overlap of two shots. A
passage is an edit of its own, which begins at frame 0, names its files by
roles of its own, and holds nothing of what is around it: the same passage in
another place, or in another cut, is the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from storyboard.digest import Digestible
from storyboard.model import Transition
from storyboard.overlays import Shade
from storyboard.spans import Span, shades, spans
from storyboard.timeline import Edit, Event, Piece, piece_at


@dataclass(frozen=True, slots=True)
class Passage:
    """A run of a cut's frames, and where it stands.

    Attributes:
        edit: the run as a cut by itself, without sound.
        start: the cut's frame on which it begins.
        roles: by its own role of an input, the cut's.
        shot: the one that is seen, or come to.
        before: the one that is left, where it is a transition.
    """

    edit: Edit
    start: int
    roles: Mapping[str, str]
    shot: str
    before: str | None


@dataclass(frozen=True, slots=True)
class PassageWork:
    """Rendering a passage.

    Attributes:
        copies: whether frames of its clips may be taken as they are coded. Not
            where another clip of the cut is coded with parameters that clash.
        doubted: its roles of the user's own clips, which nobody has decoded yet.
        version: of the code that renders.
    """

    edit: Edit
    version: str
    copies: bool = True
    doubted: tuple[str, ...] = ()

    def canonical(self) -> dict[str, Digestible]:
        """What its key holds, beside the digests of its clips."""
        how: dict[str, Digestible] = {"copies": self.copies, "doubted": self.doubted}
        return _seen(self.edit) | how | {"version": self.version}


@dataclass(frozen=True, slots=True)
class PosterWork:
    """Composing the poster of a film: a frame of a passage, counted from 0."""

    edit: Edit
    frame: int
    version: str

    def canonical(self) -> dict[str, Digestible]:
        """What its key holds, beside the digests of its clips."""
        return _seen(self.edit) | {"frame": self.frame, "version": self.version}


def _seen(edit: Edit) -> dict[str, Digestible]:
    """What is seen of an edit."""
    whole = edit.canonical()
    return {name: whole[name] for name in ("size", "fps", "events", "overlays", "shades")}


@dataclass(frozen=True, slots=True)
class CutWork:
    """Joining the pieces of a cut to its film, in the film's place.

    Attributes:
        edit: the cut. Its pieces' inputs have the roles `piece 1`, `piece 2` …
            in the order of `passages`, its sound's `track 1` ….
        version: of the code that joins.
        rendered: the version of what rendered the pieces.
    """

    edit: Edit
    version: str
    rendered: str

    def canonical(self) -> dict[str, Digestible]:
        """What its key holds, beside the digests of its inputs: all of the edit, to tell what changed."""
        return self.edit.canonical() | {"version": self.version}


@dataclass(frozen=True, slots=True)
class FormatWork:
    """Writing a cut in another format than MP4, from its clips themselves.

    Attributes:
        edit: the cut.
        format: `webm`, `mov`, `gif` or `webp`.
        version: of the code that does it.
    """

    edit: Edit
    format: str
    version: str

    def canonical(self) -> dict[str, Digestible]:
        """What its key holds, beside the digests of its inputs."""
        return self.edit.canonical() | {"format": self.format, "version": self.version}


class Clash(Exception):
    """Clips of a cut are coded with parameters that cannot stand in one track.

    Attributes:
        passages: numbers, from 1, of those that are to be rendered without copying.
    """

    def __init__(self, passages: Sequence[int]) -> None:
        super().__init__("clips are coded with parameters that clash")
        self.passages = tuple(passages)


def passages(edit: Edit) -> Iterator[Passage]:
    """The whole cut in order, every frame in one passage.

    Raises:
        ValueError: two transitions meet within a shot.
    """
    drawn = shades(edit)
    for span in spans(edit):
        yield _passage(edit, span, drawn)


def _passage(edit: Edit, span: Span, drawn: Sequence[Shade]) -> Passage:
    seen = [event for event in (span.before, span.event) if event is not None]
    roles: dict[str, str] = {}
    alone = Edit(
        size=edit.size,
        fps=edit.fps,
        events=tuple(_alone(event, span, edit.fps, roles) for event in seen),
        shades=tuple(
            replace(shade, silent=shade.silent - span.start, full=shade.full - span.start)
            for shade in drawn
            if shade.frames.start < span.stop and span.start < shade.frames.stop
        ),
        overlays=tuple(
            replace(
                overlay,
                record_in=overlay.record_in - span.start,
                record_out=overlay.record_out - span.start,
                font=_own(overlay.font, "font", roles) if overlay.font else None,
            )
            for overlay in edit.overlays
            if overlay.record_in < span.stop and span.start < overlay.record_out
        ),
    )
    return Passage(
        edit=alone,
        start=span.start,
        roles={own: role for role, own in roles.items()},
        shot=span.event.shot,
        before=span.before.shot if span.before else None,
    )


def _alone(event: Event, span: Span, fps: Fraction, roles: dict[str, str]) -> Event:
    """What of an event is in a span, as if it began there."""
    source_in, pieces = event.source_in, event.pieces
    if span.start != event.record_in:
        source_in += (span.start - event.record_in) / fps
    first = final = 0
    if len(pieces) > 1:
        last = source_in + (span.stop - 1 - span.start) / fps
        first, final = (pieces.index(piece_at(pieces, time)[0]) for time in (source_in, last))
    joins = event is span.event and span.before is not None
    join = replace(event.join, audio="crossfade") if joins else Transition()
    if join.file:
        join = replace(join, file=_own(join.file, "picture", roles))
    match = event.match
    if match:
        own, other = _own(match.own, "clip", roles), _own(match.clip, "clip", roles)
        match = replace(match.moved(-span.start), own=own, clip=other)
        if match.gone is not None and match.gone <= 0:
            match = None
    return replace(
        event,
        match=match,
        pieces=tuple(_named(piece, roles) for piece in pieces[first : final + 1]),
        record_in=0,
        record_out=span.stop - span.start,
        source_in=source_in,
        join=join,
    )


def _named(piece: Piece, roles: dict[str, str]) -> Piece:
    return replace(piece, clip=_own(piece.clip, "clip", roles))


def _own(role: str, what: str, roles: dict[str, str]) -> str:
    """A passage's own role for an input of the cut."""
    if role not in roles:
        roles[role] = f"{what} {1 + sum(own.startswith(what) for own in roles.values())}"
    return roles[role]
