"""Whether a shot's model can do what is asked of it, and what is said or left out where not.

What the shot or its template says and the model cannot do is an error. What
merely came to it from defaults or a profile is left out, and the plan says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from storyboard.diagnostics import Code, Diagnostic, did_you_mean, listed
from storyboard.excesses import Excess, excesses
from storyboard.model import Shot, Storyboard
from storyboard.prompt_lengths import ill_sized
from storyboard.provider import Model


def fitted(shot: Shot, model: Model) -> tuple[Shot, tuple[str, ...]]:
    """The shot without what its model cannot do and it merely inherited; and what was left out."""
    left_out: list[str] = []
    while (excess := next(_droppable(shot, model), None)) is not None:
        left_out.append(excess.field)
        if excess.without is None:  # `_droppable` gives none such
            break
        shot = excess.without
    return shot, tuple(left_out)


def _droppable(shot: Shot, model: Model) -> Iterator[Excess]:
    for excess in excesses(shot, model):
        if excess.without is not None and not shot.origin(excess.field).own:
            yield excess


def check_model(
    shot: Shot, model: Model, storyboard: Storyboard, others: Callable[[], tuple[Model, ...]]
) -> Iterator[Diagnostic]:
    """What a shot itself asks for and its model cannot do; and voices that nobody declared.

    Args:
        shot: with everything that it inherits.
        model: its model.
        storyboard: declares the voices.
        others: gives every model, to name those that could do it.
    """
    for voice in shot.voices:
        if voice not in storyboard.voices:
            origin = shot.origin("voices")
            help_ = did_you_mean(
                voice,
                storyboard.voices,
                otherwise="Declare it under `voices:`, with its id at the provider.",
            )
            yield Diagnostic(
                Code.CANNOT, f"There is no voice `{voice}`.", origin.span, help_, origin.via
            )
        elif model.voices and model.provider not in storyboard.voices[voice]:
            origin = shot.origin("voices")
            message = f"The voice `{voice}` has no id at `{model.provider}`."
            yield Diagnostic(
                Code.CANNOT,
                message,
                origin.span,
                f"Add it: `{voice}: {{{model.provider}: …}}`.",
                origin.via,
            )
    for excess in excesses(shot, model):
        origin = shot.origin(excess.field)
        if origin.own or excess.without is None:
            yield Diagnostic(
                excess.code,
                excess.message,
                origin.span,
                excess.help or _elsewhere(excess, others),
                origin.via,
            )
    yield from ill_sized(shot, model)


def _elsewhere(excess: Excess, others: Callable[[], tuple[Model, ...]]) -> str | None:
    able = [other.name for other in others() if excess.able(other)]
    return f"{listed(able, last='and')} can." if able else None
