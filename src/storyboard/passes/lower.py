"""lower: from the storyboard to the graph of actions: which clips, frames and cuts, and of what."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from storyboard.assets import Assets, cues_of
from storyboard.clipwork import ClipActions
from storyboard.editing import SoundFile, edit_of
from storyboard.graph import (
    Action,
    ActionGraph,
    InputSource,
    Kind,
    Made,
    in_order,
)
from storyboard.model import (
    Cut,
    Shot,
    Storyboard,
)
from storyboard.passages import PosterWork, passages
from storyboard.piecework import PieceVersions, cut_actions, format_action
from storyboard.provider import Model
from storyboard.timeline import Edit, Piece
from storyboard.titling import poster_frame, with_words


@dataclass(frozen=True, slots=True)
class Versions:
    """The versions of what works locally: part of the keys of what it makes."""

    frame: str
    pieces: PieceVersions


def lower(
    storyboard: Storyboard,
    assets: Assets,
    find_model: Callable[[str], Model | None],
    versions: Versions,
) -> ActionGraph:
    """Settle what must be made for every cut of a storyboard without errors.

    Cuts share the actions that are the same for them. An action that is not
    carries the cut's name: `generate:hero[de]`.

    Args:
        storyboard: as `expand` gives it, checked.
        assets: what `survey` found of its files.
        find_model: gives the model of a name.
        versions: of the local renderers.
    """
    actions: dict[str, Action] = {}
    for cut in storyboard.cuts:
        lowering = _Lowering(storyboard, cut, assets, find_model, versions)
        _share(actions, in_order(lowering.actions()), cut.id)
    return in_order(actions.values())


def _share(actions: dict[str, Action], of_cut: ActionGraph, cut: str) -> None:
    """Add a cut's actions to those of the cuts before."""
    renamed: dict[str, str] = {}
    for action in of_cut:
        if renamed and not renamed.keys().isdisjoint(action.depends_on):
            inputs = {
                role: Made(renamed.get(source.action, source.action))
                if isinstance(source, Made)
                else source
                for role, source in action.inputs.items()
            }
            action = replace(action, inputs=inputs)  # noqa: PLW2901 - the same action, its inputs by their shared names
        before = actions.get(action.id)
        if before is None:
            actions[action.id] = action
        elif before.work == action.work and before.inputs == action.inputs:
            actions[action.id] = replace(before, cuts=(*before.cuts, cut))
        else:
            renamed[action.id] = f"{action.id}[{cut}]"
            actions[renamed[action.id]] = replace(action, id=renamed[action.id], variant=cut)


class _Lowering:
    """One cut."""

    def __init__(
        self,
        storyboard: Storyboard,
        cut: Cut,
        assets: Assets,
        find_model: Callable[[str], Model | None],
        versions: Versions,
    ) -> None:
        self._storyboard = storyboard
        self._cut = cut
        self._assets = assets
        self._versions = versions
        self._clips = ClipActions(storyboard, cut, assets, find_model, versions.frame)

    def actions(self) -> list[Action]:
        """Every action of the cut, in no particular order."""
        return [*self._clips.actions(), *self._cut_actions()]

    def _cut_actions(self) -> list[Action]:
        """What renders the pieces of the cut, and joins them."""
        cut, roles = self._cut, _Roles()
        edit = with_words(
            edit_of(
                cut,
                lambda shot: self._pieces(shot, roles),
                lambda path: self._sound(path, roles),
                lambda path: roles.of(self._clips.given(path, "picture"), "picture"),
                self._echoes,
            ),
            cut,
            self._storyboard.title_styles,
            cues_of(cut.captions.file if cut.captions else None, self._assets),
            lambda path: roles.of(self._clips.given(path, "font"), "font"),
        )
        inputs, versions = roles.inputs(), self._versions.pieces
        if cut.format == "mp4":
            actions = cut_actions(cut.id, edit, inputs, versions, silent=roles.silent)
        else:
            actions = [format_action(cut.id, edit, inputs, (cut.format, versions))]
        poster = self._poster_action(edit, inputs)
        return [*actions, poster] if poster else actions

    def _poster_action(self, edit: Edit, inputs: Mapping[str, InputSource]) -> Action | None:
        """What composes the poster, from the clips that are seen in it: no film is needed."""
        frame = poster_frame(self._cut, edit)
        if frame is None:
            return None
        *_, seen = (passage for passage in passages(edit) if passage.start <= frame)
        version = f"{self._versions.frame}.{self._versions.pieces.picture}"
        return Action(
            id=f"poster:{self._cut.id}",
            kind=Kind.POSTER,
            work=PosterWork(seen.edit, frame - seen.start, version),
            inputs={own: inputs[role] for own, role in seen.roles.items()},
            cuts=(self._cut.id,),
            seconds=Fraction(0),
        )

    def _echoes(self, shot: Shot) -> bool:
        """Whether the last frame that a shot shows is the one that it hands over."""
        if shot.clip:
            whole = self._assets[shot.clip, "video"].duration
            return whole is not None and self._clips.length(shot) >= whole
        last = self._clips.plan(shot)[-1]
        model = self._clips.model_of(shot)
        retimed = last.speed != 1  # its very last frame is kept, and handed over
        return retimed or (last.asked == last.shown and not model.hands_over)

    def _pieces(self, shot: Shot, roles: _Roles) -> tuple[Piece, ...]:
        """The clips of a shot, each under its role in the cut."""
        if shot.clip:
            footage = self._clips.given(shot.clip, "video")
            return (Piece(roles.of(footage, "clip"), Fraction(0), self._clips.length(shot)),)
        model = self._clips.model_of(shot)
        if model.local and not model.audio:
            roles.silent |= {
                roles.of(Made(plan.step("generate")), "clip") for plan in self._clips.plan(shot)
            }
        return tuple(
            Piece(
                roles.of(Made(plan.step("generate")), "clip"),
                plan.starts,
                plan.shown,
                plan.speed,
            )
            for plan in self._clips.plan(shot)
        )

    def _sound(self, path: str, roles: _Roles) -> SoundFile:
        lasts = self._assets[path, "sound"].duration or Fraction(0)
        return SoundFile(roles.of(self._clips.given(path, "sound"), "sound"), lasts)


class _Roles:
    """The files of a cut, each under one name: `clip 3`; `silent` are clips without sound."""

    def __init__(self) -> None:
        self.silent: set[str] = set()
        self._roles: dict[InputSource, str] = {}
        self._counts: Counter[str] = Counter()

    def of(self, source: InputSource, what: str) -> str:
        """The role of an input; a new one where it is new."""
        if source not in self._roles:
            self._counts[what] += 1
            self._roles[source] = f"{what} {self._counts[what]}"
        return self._roles[source]

    def inputs(self) -> dict[str, InputSource]:
        """All of them, by role."""
        return {role: source for source, role in self._roles.items()}
