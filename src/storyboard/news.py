"""What the driver says of an order, as the event that a listener is told."""

from __future__ import annotations

from typing import TypeAlias

from storyboard.events import Progress, ProviderUnreached, StepFellBack, Submitted
from storyboard.exchange import FellBack, Found, Operation, Running, Unreached
from storyboard.graph import Action

News: TypeAlias = Submitted | StepFellBack | ProviderUnreached | Progress
"""What happens to a step before it ends."""


def news_of(action: Action, said: Operation | Found | Running | FellBack) -> News | None:
    """The event; None where nothing is told by it.

    Args:
        action: what the order is for.
        said: by the driver.
    """
    match said:
        case Operation() as job:
            return Submitted(action, job.provider, job.id, job.model)
        case Found(job):
            return Submitted(action, job.provider, job.id, job.model, found_again=True)
        case FellBack(model, why):
            return StepFellBack(action, model, why)
        case Unreached(why=why):
            return ProviderUnreached(action, (action.model or "").partition("/")[0], why)
        case Running(None, None):
            return None
        case Running(progress, queued):
            return Progress(action, progress, queued)
