"""From the edit of a cut to the actions that make its film: pieces, each with a key, and the join."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import count

from storyboard.graph import Action, Given, InputSource, Kind, Made
from storyboard.passages import CutWork, FormatWork, PassageWork, passages
from storyboard.sounding import sound_actions
from storyboard.timeline import Edit


@dataclass(frozen=True, slots=True)
class PieceVersions:
    """The versions of what makes pieces, of what joins them, and of other formats' writers."""

    picture: str
    sound: str
    cut: str
    format: str


def cut_actions(
    cut: str,
    edit: Edit,
    inputs: Mapping[str, InputSource],
    versions: PieceVersions,
    *,
    silent: Collection[str] = (),
) -> list[Action]:
    """What renders the pieces of a cut, and joins them: each piece's action once, the cut last.

    Args:
        cut: its name.
        edit: with at least one frame.
        inputs: by role, the files that the edit names.
        versions: for the keys.
        silent: the roles of clips that are known to have no sound.
    """
    pieces = _rendered(cut, edit, inputs, versions.picture)
    sound = sound_actions(cut, edit, inputs, silent, versions.sound)
    tracks = {f"track {number}": Made(chunk.id) for number, chunk in enumerate(sound.chunks, 1)}
    made = {f"piece {number}": Made(piece.id) for number, piece in enumerate(pieces, 1)}
    joined = Action(
        id=f"cut:{cut}",
        kind=Kind.CUT,
        work=CutWork(edit, versions.cut, versions.picture),
        inputs={**inputs, **made, **tracks, "loudness": Made(sound.loudness.id)},
        cuts=(cut,),
        seconds=edit.duration,
    )
    return [*{piece.id: piece for piece in pieces}.values(), *sound.actions, joined]


def format_action(
    cut: str,
    edit: Edit,
    inputs: Mapping[str, InputSource],
    form: tuple[str, PieceVersions],
) -> Action:
    """What writes a cut in another format than MP4: in one step, of its clips as they are.

    Pieces are of no use there: their pictures are coded already, for the MP4.

    Args:
        cut: its name.
        edit: with at least one frame.
        inputs: by role, the files that the edit names.
        form: the format, and the versions for the key.
    """
    kind, versions = form
    version = f"{versions.format}.{versions.picture}.{versions.sound}"
    return Action(
        id=f"cut:{cut}",
        kind=Kind.CUT,
        work=FormatWork(edit, kind, version),
        inputs=inputs,
        cuts=(cut,),
        seconds=edit.duration,
    )


def _rendered(
    cut: str, edit: Edit, inputs: Mapping[str, InputSource], version: str
) -> list[Action]:
    """The action of each of a cut's passages; the same for the same."""
    actions: list[Action] = []
    by_id: dict[str, Action] = {}
    for passage in passages(edit):
        kind = Kind.TRANSITION if passage.before else Kind.CONFORM
        its = {own: inputs[role] for own, role in passage.roles.items()}
        footage = tuple(role for role, source in its.items() if isinstance(source, Given))
        action = Action(
            id=f"{kind}:{passage.shot}",
            kind=kind,
            work=PassageWork(passage.edit, version, doubted=footage),
            inputs=its,
            shot=passage.shot,
            cuts=(cut,),
            seconds=passage.edit.duration,
        )
        for name in _names(action.id):  # a shot may stand in a cut more than once
            before = by_id.get(name)
            if before is None:
                before = by_id[name] = action if name == action.id else replace(action, id=name)
            if (before.work, before.inputs) == (action.work, action.inputs):
                actions.append(before)
                break
    return actions


def _names(name: str) -> Iterator[str]:
    """A name, and others for more of its kind: `conform:ring`, `conform:ring~2` …."""
    yield name
    for number in count(2):
        yield f"{name}~{number}"
