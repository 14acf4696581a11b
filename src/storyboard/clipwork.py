"""From the shots of a cut to the actions that make their clips, and that take frames of them."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from fractions import Fraction

from storyboard.assets import Assets
from storyboard.capabilities import fitted
from storyboard.clips import ClipPlan, clips_of
from storyboard.graph import Action, FrameWork, Given, InputSource, Kind, Made, Named
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
from storyboard.provider import Model
from storyboard.requests import STILL, Canvas, mode_given, price_of, shot_request, still_request
from storyboard.standins import Understudies


class ClipActions:
    """The clips of one cut.

    Args:
        storyboard: without errors.
        cut: of it.
        assets: what `survey` found of its files.
        find_model: gives the model of a name.
        version: of the code that takes frames.
    """

    def __init__(
        self,
        storyboard: Storyboard,
        cut: Cut,
        assets: Assets,
        find_model: Callable[[str], Model | None],
        version: str,
    ) -> None:
        self._storyboard = storyboard
        self._cut = cut
        self._cuts = (cut.id,)
        self._assets = assets
        self._find_model = find_model
        self._version = version
        self._made: dict[str, Action] = {}
        self._plans: dict[str, tuple[ClipPlan, ...]] = {}
        regenerates = cut.fit == "regenerate"
        self._canvas = (
            Canvas(cut.size, cut.fps) if regenerates else Canvas(storyboard.size, storyboard.fps)
        )
        self._understudies = Understudies(find_model, self._canvas, storyboard.voices)

    def actions(self) -> list[Action]:
        """What makes every clip that is seen or heard, or that another needs; shot by shot."""
        seen = [seen.shot for seen in self._cut.order]
        heard = [sound.shot for name in seen for sound in self._cut.shots[name].sound if sound.shot]
        waiting = deque([*seen, *heard])
        done: set[str] = set()
        while waiting:
            name = waiting.popleft()
            if name not in done:
                done.add(name)
                waiting.extend(self._generate(self._cut.shots[name]))
        order = {name: number for number, name in enumerate(self._cut.shots)}
        return sorted(self._made.values(), key=lambda action: order[action.shot or ""])

    def _add(self, action: Action) -> Made:
        self._made.setdefault(action.id, action)
        return Made(action.id)

    def _model(self, name: str) -> Model:
        model = self._find_model(name)
        if model is None:
            raise ValueError(f"{name} was not checked")
        return model

    def plan(self, shot: Shot) -> tuple[ClipPlan, ...]:
        """The clips that a shot is made of."""
        if shot.id not in self._plans:
            self._plans[shot.id] = clips_of(shot, self.model_of(shot))
        return self._plans[shot.id]

    def model_of(self, shot: Shot) -> Model:
        """The model that makes a shot."""
        return self._model(STILL if shot.still else shot.model)

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
        plans = self.plan(shot)
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
        plan = self.plan(shot)[0]
        picture = (
            {} if shot.shows_color else {"first_frame": self.given(shot.still or "", "picture")}
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
                inputs[role] = self.given(path, "video" if role == "motion" else "picture")
            case Url(text) | Uploaded(text):
                inputs[role] = Named(text)
            case ShotFrame(name, at):
                needed.append(name)
                shot = self._cut.shots[name]
                inputs[role] = self._whole(shot) if role == "motion" else self._shot_frame(shot, at)

    def given(self, path: str, kind: str) -> Given:
        """A file of the user's as an input."""
        asset = self._assets[path, kind]  # type: ignore[index]  # kinds are checked where assets are made
        return Given(asset.path, asset.digest)

    def _whole(self, shot: Shot) -> InputSource:
        if shot.clip:
            return self.given(shot.clip, "video")
        return Made(self.plan(shot)[0].step("generate"))

    def _shot_frame(self, shot: Shot, at: Moment | Seconds) -> Made:
        if shot.clip:
            return self._footage_frame(shot, at)
        plans = self.plan(shot)
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
                work=FrameWork(at, duration, self._version),
                inputs={"clip": Made(plan.step("generate"))},
                shot=shot.id,
                segment=plan.segment,
                cuts=self._cuts,
            )
        )

    def _footage_frame(self, shot: Shot, at: Moment | Seconds) -> Made:
        said = at.value if isinstance(at, Moment) else f"{float(at):g}"
        length = self.length(shot)
        if not isinstance(at, Moment) and at < 0:
            at = length + at
        return self._add(
            Action(
                id=f"frame:{shot.id}@{said}",
                kind=Kind.FRAME,
                work=FrameWork(at, length, self._version),
                inputs={"clip": self.given(shot.clip or "", "video")},
                shot=shot.id,
                cuts=self._cuts,
            )
        )

    def length(self, shot: Shot) -> Seconds:
        """How long a shot is that is not generated."""
        if shot.duration is not None:
            return shot.duration
        return self._assets[shot.clip or "", "video"].duration or Fraction(0)
