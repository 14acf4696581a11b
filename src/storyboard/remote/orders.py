"""Orders: clips that are wanted of a model, and who is asked for one in turn."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path

from storyboard.graph import StandIn
from storyboard.jobs import Job, State, Wanted
from storyboard.provider import Model, Request
from storyboard.remote.refusals import DEFINITE
from storyboard.source import Plain


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A clip that is wanted.

    Attributes:
        inputs: by role, files, or what only the provider can reach.
        digests: of the files, by role; of what is no file, its name.
        asked: what the key stands for, field by field.
        estimated: US dollars, low and high.
        stand_ins: asked in turn, should the model definitely refuse.
        wanted: what the clip is for.
        count: how many clips are asked for at once; `estimated` is for all of them.
    """

    step: str
    key: str
    request: Request
    model: Model
    inputs: Mapping[str, Path | str]
    digests: Mapping[str, str]
    asked: Mapping[str, Plain]
    estimated: tuple[Fraction, Fraction]
    wanted: Wanted = field(default_factory=Wanted)
    count: int = 1
    stand_ins: tuple[StandIn, ...] = ()

    def of(self, stand_in: StandIn, model: Model) -> Order:
        """The same clip, asked of another model."""
        if not isinstance(stand_in.work, Request):
            raise TypeError(f"{self.step} asks {stand_in.model} for no clip")
        return replace(self, request=stand_in.work, model=model, estimated=stand_in.price)


def offers_of(
    order: Order, job: Job | None, find_model: Callable[[str], Model | None]
) -> list[Order]:
    """Who is asked for a clip, in turn, given its newest job.

    A job that has begun is gone on with, whoever has it. After a refusal
    it is the next one's turn, also where the process ended in between;
    after that of the last, all of them are asked anew.
    """
    known = [(each, find_model(each.model)) for each in order.stand_ins]
    offers = [order, *(order.of(each, model) for each, model in known if model)]
    if job is None:
        return offers
    names = [offer.model.name for offer in offers]
    asked = job.intent.request
    if asked.model not in names:  # it was a fallback when it was asked
        model = find_model(asked.model)
        begun = job.pending or job.state in {State.INTENDED, State.DONE}
        gone_on = replace(order, request=asked, model=model) if begun and model else None
        return [gone_on, *offers] if gone_on else offers
    place = names.index(asked.model)
    if job.kind in DEFINITE:
        place = (place + 1) % len(offers)
    return offers[place:]
