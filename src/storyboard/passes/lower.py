"""lower: from the storyboard to the graph of actions: which clips, frames and cuts, and of what."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction

from storyboard.assets import Assets, cues_of
from storyboard.capabilities import fitted
from storyboard.clips import ClipPlan, clips_of
from storyboard.editing import SoundFile, edit_of
from storyboard.graph import (
    Action,
    ActionGraph,
    FrameWork,
    Given,
    InputSource,
    Kind,
    Made,
    Named,
    PosterWork,
    in_order,
)
from storyboard.model import (
    Cut,
    FrameSource,
    Moment,
    Picture,
    Seconds,
    Shot,
    ShotFrame,
    Storyboard,
    Uploaded,
    Url,
)
from storyboard.piecework import PieceVersions, cut_actions, format_action
from storyboard.provider import Model
from storyboard.requests import STILL, Canvas, mode_given, price_of, shot_request, still_request
from storyboard.standins import Understudies
from storyboard.timeline import Edit, Piece
from storyboard.titling import poster_time, with_words


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
        self._cuts = (cut.id,)
        self._assets = assets
        self._find_model = find_model
        self._versions = versions
        self._made: dict[str, Action] = {}
        self._plans: dict[str, tuple[ClipPlan, ...]] = {}
        regenerates = cut.fit == "regenerate"
        self._canvas = (
            Canvas(cut.size, cut.fps) if regenerates else Canvas(storyboard.size, storyboard.fps)
        )
        self._understudies = Understudies(find_model, self._canvas, storyboard.voices)

    def actions(self) -> list[Action]:
        """Every action of the cut, in no particular order."""
        seen = [seen.shot for seen in self._cut.order]
        heard = [sound.shot for name in seen for sound in self._cut.shots[name].sound if sound.shot]
        waiting = [*seen, *heard]
        done: set[str] = set()
        while waiting:
            name = waiting.pop(0)
            if name not in done:
                done.add(name)
                waiting.extend(self._generate(self._cut.shots[name]))
        order = {name: number for number, name in enumerate(self._cut.shots)}
        made = sorted(self._made.values(), key=lambda action: order[action.shot or ""])
        return [*made, *self._cut_actions()]

    def _add(self, action: Action) -> Made:
        self._made.setdefault(action.id, action)
        return Made(action.id)

    def _model(self, name: str) -> Model:
        model = self._find_model(name)
        if model is None:
            raise ValueError(f"{name} was not checked")
        return model

    # Clips

    def _plan(self, shot: Shot) -> tuple[ClipPlan, ...]:
        if shot.id not in self._plans:
            model = self._model(STILL if shot.still else shot.model)
            self._plans[shot.id] = clips_of(shot, model)
        return self._plans[shot.id]

    def _generate(self, shot: Shot) -> list[str]:
        """Add what makes a shot's clips; the shots whose frames that takes."""
        if shot.clip:
            return []
        if shot.still:
            self._add(self._still_action(shot))
            return []
        model = self._model(shot.model)
        shot, left_out = fitted(shot, model)
        needed: list[str] = []
        plans = self._plan(shot)
        for plan in plans:
            inputs: dict[str, InputSource] = {}
            if plan.number == 1:
                self._input(inputs, "first_frame", shot.first_frame, needed)
                if shot.motion:
                    self._input(inputs, "motion", shot.motion.video, needed)
            else:
                before = plans[plan.number - 2]
                inputs["first_frame"] = self._frame(shot, before, Moment.HAND_OVER)
            if plan.last:
                self._input(inputs, "last_frame", shot.last_frame, needed)
            self._add(self._clip_action(shot, model, plan, inputs, left_out))
        return needed

    def _clip_action(
        self,
        shot: Shot,
        model: Model,
        plan: ClipPlan,
        inputs: dict[str, InputSource],
        left_out: tuple[str, ...],
    ) -> Action:
        notes = [f"{name} is left out: {model.name} cannot do it" for name in left_out]
        if plan.note:
            notes.append(plan.note)
        stand_ins, told = self._understudies.of(shot, plan, inputs)
        notes += told
        request = shot_request(shot, model, plan, self._canvas, self._storyboard.voices)
        return Action(
            id=plan.step("generate"),
            kind=Kind.GENERATE,
            work=request,
            inputs=inputs,
            shot=shot.id,
            segment=plan.segment,
            cuts=self._cuts,
            model=model.name,
            seconds=plan.shown,
            price=price_of(model, mode_given(inputs), request),
            notes=tuple(notes),
            stand_ins=stand_ins,
            repeatable=model.repeatable,
            hold=shot.rebuild == "hold",
        )

    def _still_action(self, shot: Shot) -> Action:
        model = self._model(STILL)
        plan = self._plan(shot)[0]
        picture = (
            {} if shot.shows_color else {"first_frame": self._given(shot.still or "", "picture")}
        )
        return Action(
            id=plan.step("generate"),
            kind=Kind.GENERATE,
            work=still_request(shot, model, plan, self._canvas),
            inputs=picture,
            shot=shot.id,
            cuts=self._cuts,
            model=STILL,
            seconds=plan.shown,
        )

    # Frames

    def _input(
        self,
        inputs: dict[str, InputSource],
        role: str,
        source: FrameSource | None,
        needed: list[str],
    ) -> None:
        match source:
            case None:
                return
            case Picture(path):
                inputs[role] = self._given(path, "video" if role == "motion" else "picture")
            case Url(text) | Uploaded(text):
                inputs[role] = Named(text)
            case ShotFrame(name, at):
                needed.append(name)
                shot = self._cut.shots[name]
                inputs[role] = self._whole(shot) if role == "motion" else self._shot_frame(shot, at)

    def _given(self, path: str, kind: str) -> Given:
        asset = self._assets[path, kind]  # type: ignore[index]  # kinds are checked where assets are made
        return Given(asset.path, asset.digest)

    def _whole(self, shot: Shot) -> InputSource:
        if shot.clip:
            return self._given(shot.clip, "video")
        return Made(self._plan(shot)[0].step("generate"))

    def _shot_frame(self, shot: Shot, at: Moment | Seconds) -> Made:
        if shot.clip:
            return self._footage_frame(shot, at)
        plans = self._plan(shot)
        if isinstance(at, Moment):
            return self._frame(shot, plans[0] if at is Moment.FIRST else plans[-1], at)
        length = sum((plan.shown for plan in plans), Fraction(0))
        time = at if at >= 0 else length + at
        if time >= length:
            return self._frame(shot, plans[-1], Moment.HAND_OVER)
        plan = next(plan for plan in reversed(plans) if plan.starts <= time)
        return self._frame(shot, plan, (time - plan.starts) * plan.speed, named=time)

    def _frame(
        self, shot: Shot, plan: ClipPlan, at: Moment | Seconds, named: Seconds | None = None
    ) -> Made:
        # A retimed clip is kept to its end: its hand-over frame is its very last one.
        duration = None if plan.speed != 1 else plan.shown
        said = at.value if isinstance(at, Moment) else f"{float(at if named is None else named):g}"
        return self._add(
            Action(
                id=f"{plan.step('frame')}@{said}",
                kind=Kind.FRAME,
                work=FrameWork(at, duration, self._versions.frame),
                inputs={"clip": Made(plan.step("generate"))},
                shot=shot.id,
                segment=plan.segment,
                cuts=self._cuts,
            )
        )

    def _footage_frame(self, shot: Shot, at: Moment | Seconds) -> Made:
        said = at.value if isinstance(at, Moment) else f"{float(at):g}"
        length = self._length(shot)
        if not isinstance(at, Moment) and at < 0:
            at = length + at
        return self._add(
            Action(
                id=f"frame:{shot.id}@{said}",
                kind=Kind.FRAME,
                work=FrameWork(at, length, self._versions.frame),
                inputs={"clip": self._given(shot.clip or "", "video")},
                shot=shot.id,
                cuts=self._cuts,
            )
        )

    def _length(self, shot: Shot) -> Seconds:
        if shot.duration is not None:
            return shot.duration
        return self._assets[shot.clip or "", "video"].duration or Fraction(0)

    # The cut

    def _cut_actions(self) -> list[Action]:
        """What renders the pieces of the cut, and joins them."""
        cut, roles = self._cut, _Roles()
        edit = with_words(
            edit_of(
                cut,
                lambda shot: self._pieces(shot, roles),
                lambda path: self._sound(path, roles),
                lambda path: roles.of(self._given(path, "picture"), "picture"),
                self._echoes,
            ),
            cut,
            self._storyboard.title_styles,
            cues_of(cut.captions.file if cut.captions else None, self._assets),
            lambda path: roles.of(self._given(path, "font"), "font"),
        )
        inputs, versions = roles.inputs(), self._versions.pieces
        if cut.format == "mp4":
            actions = cut_actions(cut.id, edit, inputs, versions, silent=roles.silent)
        else:
            actions = [format_action(cut.id, edit, inputs, (cut.format, versions))]
        poster = self._poster_action(edit, actions[-1])
        return [*actions, poster] if poster else actions

    def _poster_action(self, edit: Edit, film: Action) -> Action | None:
        at = poster_time(self._cut, edit)
        if at is None:
            return None
        return Action(
            id=f"poster:{self._cut.id}",
            kind=Kind.POSTER,
            work=PosterWork(at, self._versions.frame),
            inputs={"film": Made(film.id)},
            cuts=self._cuts,
            seconds=Fraction(0),
        )

    def _echoes(self, shot: Shot) -> bool:
        """Whether the last frame that a shot shows is the one that it hands over."""
        if shot.clip:
            whole = self._assets[shot.clip, "video"].duration
            return whole is not None and self._length(shot) >= whole
        last = self._plan(shot)[-1]
        model = self._model(STILL if shot.still else shot.model)
        retimed = last.speed != 1  # its very last frame is kept, and handed over
        return retimed or (last.asked == last.shown and not model.hands_over)

    def _pieces(self, shot: Shot, roles: _Roles) -> tuple[Piece, ...]:
        """The clips of a shot, each under its role in the cut."""
        if shot.clip:
            footage = self._given(shot.clip, "video")
            return (Piece(roles.of(footage, "clip"), Fraction(0), self._length(shot)),)
        model = self._model(STILL if shot.still else shot.model)
        if model.local and not model.audio:
            roles.silent |= {
                roles.of(Made(plan.step("generate")), "clip") for plan in self._plan(shot)
            }
        return tuple(
            Piece(
                roles.of(Made(plan.step("generate")), "clip"),
                plan.starts,
                plan.shown,
                plan.speed,
            )
            for plan in self._plan(shot)
        )

    def _sound(self, path: str, roles: _Roles) -> SoundFile:
        lasts = self._assets[path, "sound"].duration or Fraction(0)
        return SoundFile(roles.of(self._given(path, "sound"), "sound"), lasts)


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
