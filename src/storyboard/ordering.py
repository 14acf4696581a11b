"""Ordering: from an action whose inputs are at hand to the order that a remote model is given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from storyboard.asked import asked
from storyboard.facts import work_of
from storyboard.graph import Action, FrameWork, Given, InputSource, Made, Named
from storyboard.jobs import Wanted
from storyboard.provider import Model, Request
from storyboard.remote.orders import Order


def order_of(
    action: Action,
    key: str,
    model: Model,
    files: Mapping[str, Path],
    outputs: Mapping[str, str],
    frames: Sequence[FrameWork],
    retakes: int = 0,
) -> Order:
    """The order of a clip.

    Args:
        action: generates it.
        key: the action's, of these inputs.
        model: whose clip it is.
        files: by role, those of its inputs that are files.
        outputs: digests by action id, of what it is made from.
        frames: those that other steps want of it.
        retakes: how many more takes are wanted; 0 for a first one.
    """
    if not isinstance(action.work, Request):
        raise TypeError(f"{action.id} is no clip of a remote model")
    named = {role: each.text for role, each in action.inputs.items() if isinstance(each, Named)}
    count, (low, high) = max(1, retakes), action.price
    return Order(
        step=action.id,
        key=key,
        request=action.work,
        model=model,
        inputs={**files, **named},
        digests={role: _digest(source, outputs) for role, source in action.inputs.items()},
        asked=asked(action, outputs),
        estimated=(low * count, high * count),
        stand_ins=() if retakes else action.stand_ins,
        wanted=Wanted(
            shot=action.shot or "",
            segment=action.segment,
            cut=action.variant,
            frames=tuple(map(work_of, frames)),
            retake=bool(retakes),
        ),
        count=count,
    )


def _digest(source: InputSource, outputs: Mapping[str, str]) -> str:
    """What tells an input from another: its digest, or the name of what only a provider can reach."""
    match source:
        case Made(maker):
            return outputs[maker]
        case Given(_, digest):
            return digest
        case Named(text):
            return text
