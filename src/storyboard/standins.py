"""Stand-ins: what is asked of a shot's `fallback` models where its own definitely refuses."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from storyboard.clips import ClipPlan
from storyboard.excesses import excesses
from storyboard.graph import InputSource, Named, StandIn
from storyboard.model import Seconds, Shot
from storyboard.prompt_lengths import ill_sized
from storyboard.provider import Model
from storyboard.requests import Canvas, mode_given, price_of, shot_request


@dataclass(frozen=True, slots=True)
class Understudies:
    """Finds stand-ins for the clips of a film.

    Attributes:
        find_model: gives the model of a name.
        canvas: what models are asked for that draw at any size.
        voices: of the storyboard, by name and provider.
    """

    find_model: Callable[[str], Model | None]
    canvas: Canvas
    voices: Mapping[str, Mapping[str, str]]

    def of(
        self, shot: Shot, plan: ClipPlan, inputs: Mapping[str, InputSource]
    ) -> tuple[tuple[StandIn, ...], tuple[str, ...]]:
        """The stand-ins for one clip of a shot, in order; and what the user should know of them.

        A stand-in fills the very place of the clip: it is as long where that
        is seen, and takes the same pictures. What else its model cannot do is
        left out. One that cannot fill the place is none.
        """
        found, notes = [], []
        for name in shot.fallback:
            model = self.find_model(name)
            if model is None or name == shot.model:
                continue
            fit, left_out, why = _fit(shot, model, plan, inputs)
            if fit is None:
                notes.append(f"{name} cannot stand in: {why}")
                continue
            asked = _asked(plan, model, inputs) or plan.asked
            single = len(plan.prompts) == 1
            prompts = tuple((text, asked if single else lasts) for text, lasts in plan.prompts)
            as_asked = replace(plan, asked=asked, prompts=prompts)
            request = shot_request(fit, model, as_asked, self.canvas, self.voices)
            found.append(StandIn(name, request, price_of(model, mode_given(inputs), request)))
            without = f" (without {', '.join(left_out)})" if left_out else ""
            notes.append(f"if that is refused: {name}{without}")
        return tuple(found), tuple(notes)


def _fit(
    shot: Shot, model: Model, plan: ClipPlan, inputs: Mapping[str, InputSource]
) -> tuple[Shot | None, tuple[str, ...], str]:
    """The shot as a model can do it, and what was left out; or why it cannot."""
    if model.local:
        return None, (), "it draws here, and would take the place of what is paid for"
    if len(plan.prompts) > 1 and model.native_multi_prompt == "no":
        return None, (), "it takes one prompt at a time"
    asked = _asked(plan, model, inputs)
    if asked is None:
        return None, (), f"it makes no clip of {float(plan.shown):g} s"
    if plan.speed != 1 and asked != plan.asked:
        return None, (), f"it makes no clip of {float(plan.asked):g} s, which is retimed here"
    shown = [source.text for source in inputs.values() if isinstance(source, Named)]
    if model.provider != shot.model.partition("/")[0] and any("://" not in text for text in shown):
        return None, (), "it knows nothing of what was uploaded to another provider"
    if limit := next(ill_sized(shot, model), None):
        return None, (), limit.message
    left_out: list[str] = []
    while (excess := next(excesses(shot, model), None)) is not None:
        if excess.without is None:
            return None, (), excess.message
        left_out.append(excess.field)
        shot = excess.without
    return shot, tuple(left_out), ""


def _asked(plan: ClipPlan, model: Model, inputs: Mapping[str, InputSource]) -> Seconds | None:
    """The length that a model is asked for; with a motion video it is the video's."""
    return plan.asked if "motion" in inputs else model.lengths.covering(plan.shown)
