"""The provider `animatic`: draws each shot on this machine, free of charge.

A film can so be cut before anything is paid for. It draws a shot's first
picture, or paints one from the prompt, moves a camera over it as the prompt's
words say, and writes the prompt and the time on it. It draws stills too.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path

from storyboard.provider import Lengths, Model, Report, Request
from storyboard.source import Plain

_RENDERER = "2"
"""Raise it when the bytes that are drawn change: part of every key."""

STILL = "animatic/still"

_ANY_LENGTH = Lengths(minimum=Fraction(1, 10), maximum=Fraction(600))
_KLING_LENGTHS = Lengths(choices=(Fraction(5), Fraction(10)))


_WORDS: Mapping[str, Plain] = {"words": {"type": "boolean", "default": True}}
"""Whether prompt, movement and time are written on the picture."""


def _model(name: str, title: str, lengths: Lengths, *, draws_shots: bool = True) -> Model:
    return Model(
        name=name,
        title=title,
        local=True,
        repeatable=True,
        modes=frozenset({"text", "first_frame", "first_last", "motion"}),
        lengths=lengths,
        sizes=None,
        hands_over=True,
        audio=False,
        accepts_everything=True,
        labels_segments=draws_shots,
        options=_WORDS if draws_shots else {},
        renderer=_RENDERER,
    )


_MODELS = {
    model.name: model
    for model in (
        _model("animatic", "Animatic: any length", _ANY_LENGTH),
        _model("animatic/kling-lengths", "Animatic: 5 and 10 seconds, as Kling's", _KLING_LENGTHS),
        _model(
            STILL,
            "Still: a picture or a colour, held or moved over",
            _ANY_LENGTH,
            draws_shots=False,
        ),
    )
}


class Animatic:
    """Draws shots and stills as H.264 clips, byte for byte the same for the same request."""

    name = "animatic"

    def models(self) -> Mapping[str, Model]:
        """Its models, by the name that a storyboard writes."""
        return _MODELS

    def draw(
        self, request: Request, frames: Mapping[str, Path], destination: Path, report: Report
    ) -> None:
        """Draw the clip: one frame more than the duration asks for, the hand-over frame.

        Args:
            request: what is asked for; `options` `words: false` leaves a shot without words;
                the model `animatic/still` takes `move` and, without a picture, `color`.
            frames: the pictures `first_frame` and `last_frame`, the video `motion`.
            destination: where the clip goes.
            report: told how much is done.

        Raises:
            BadMedia: a picture or the video cannot be read.
            OSError: the disk is full, or an input is missing.
            ValueError: the size is odd, or a still's move or colour is unknown.
        """
        from storyboard.providers.animatic import drawing

        draw = drawing.draw_still if request.model == STILL else drawing.draw_shot
        draw(request, frames, destination, report)


provider = Animatic()
