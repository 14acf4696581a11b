"""An installed provider whose models can do little: what they lack is reported."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from storyboard.provider import Lengths, Model

_LENGTHS = Lengths(choices=(Fraction(5), Fraction(10)))


class Limited:
    """The provider `limited`."""

    name = "limited"

    def models(self) -> Mapping[str, Model]:
        """A model that takes a text or a first frame, and one that must have a first frame."""
        clip = Model(
            name="limited/clip",
            title="Clip",
            local=False,
            repeatable=False,
            modes=frozenset({"text", "first_frame"}),
            lengths=_LENGTHS,
            negative_prompt=False,
            prompt_limit=100,
        )
        guided = Model(
            name="limited/guided",
            title="Guided",
            local=False,
            repeatable=False,
            modes=frozenset({"first_frame", "first_last"}),
            lengths=_LENGTHS,
            audio=True,
            voices=1,
            cfg_scale=(Fraction(0), Fraction(1)),
        )
        return {model.name: model for model in (clip, guided)}


provider = Limited()
