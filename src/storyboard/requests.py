"""What a clip is asked for: from a shot and its model's abilities to a request."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from storyboard.clips import ClipPlan
from storyboard.excesses import mode_of
from storyboard.model import Shot, Size
from storyboard.provider import Mode, Model, Prompt, Request

STILL = "animatic/still"
"""The local model that makes shots of pictures and colours."""


_MARK = re.compile(r"<<<([^<>]*)>>>[^\S\n]?")


@dataclass(frozen=True, slots=True)
class Canvas:
    """The size and the rate that models are asked for, which draw at any."""

    size: Size
    fps: Fraction


def shot_request(
    shot: Shot,
    model: Model,
    plan: ClipPlan,
    canvas: Canvas,
    voices: Mapping[str, Mapping[str, str]],
) -> Request:
    """The request for one clip of a shot, which asks for nothing that its model cannot do."""
    draws = model.sizes is None
    mode = mode_of(shot) if plan.number == 1 else "first_frame"
    provider = model.provider
    options = shot.options.get(provider, {})
    speaking = [name for name in shot.voices if provider in voices.get(name, {})]
    return Request(
        model=model.name,
        prompts=tuple(
            Prompt(_marked(text, speaking, model), duration) for text, duration in plan.prompts
        ),
        duration=plan.asked,
        negative_prompt=shot.negative_prompt,
        size=drawn_size(canvas.size, shot.aspect_ratio) if draws else None,
        fps=canvas.fps if draws else None,
        aspect_ratio=_aspect(shot, model, canvas) if mode in model.aspect_modes else None,
        audio=bool(shot.audio),
        voices=tuple(voices[name][provider] for name in speaking),
        cfg_scale=shot.cfg_scale,
        options={name: value for name, value in options.items() if name not in model.delivery},
        delivery={name: value for name, value in options.items() if name in model.delivery},
        variant=shot.variant,
        segment=(plan.number, plan.count, plan.starts) if model.labels_segments else None,
        renderer=model.renderer,
        orientation=shot.motion.orientation if shot.motion else None,
        keep_sound=bool(shot.motion and shot.motion.keep_sound),
    )


def _marked(prompt: str, speaking: Sequence[str], model: Model) -> str:
    """The prompt with its marks of who speaks as the model has them, or without any."""
    places = {name: f"voice_{number}" for number, name in enumerate(speaking, 1)}

    def mark(found: re.Match[str]) -> str:
        name = found[1].strip()
        place = name if name in places.values() else places.get(name)
        return found[0].replace(found[1], place) if place and model.voice_marks else ""

    return _MARK.sub(mark, prompt)


def still_request(shot: Shot, model: Model, plan: ClipPlan, canvas: Canvas) -> Request:
    """The request for a shot that is made of a picture, which is its input, or of a colour."""
    return Request(
        model=model.name,
        prompts=(),
        duration=plan.asked,
        size=drawn_size(canvas.size, shot.aspect_ratio),
        fps=canvas.fps,
        options={"move": shot.move, "color": shot.still}
        if shot.shows_color
        else {"move": shot.move},
        renderer=model.renderer,
    )


def _aspect(shot: Shot, model: Model, canvas: Canvas) -> str | None:
    """The shot's aspect ratio, or that of the model's which is nearest to the canvas."""
    sizes = model.sizes
    if shot.aspect_ratio or not sizes:
        return shot.aspect_ratio
    return min(sizes, key=lambda name: abs(math.log(sizes[name].aspect / canvas.size.aspect)))


def mode_given(inputs: Iterable[str]) -> Mode:
    """The mode that a clip is asked for in, by the roles of its inputs."""
    roles = set(inputs)
    if "motion" in roles:
        return "motion"
    if "last_frame" in roles:
        return "first_last"
    return "first_frame" if "first_frame" in roles else "text"


def drawn_size(canvas: Size, aspect_ratio: str | None) -> Size:
    """The size at which a shot is drawn: the canvas, or what fits into it at another aspect."""
    if aspect_ratio is None:
        return canvas
    width, height = (int(part) for part in aspect_ratio.split(":"))
    aspect = Fraction(width, height)
    if aspect == canvas.aspect:
        return canvas
    if aspect > canvas.aspect:
        return Size(canvas.width, _even(canvas.width / aspect))
    return Size(_even(canvas.height * aspect), canvas.height)


def _even(length: Fraction) -> int:
    return max(2, 2 * round(length / 2))


def price_of(model: Model, mode: Mode, request: Request) -> tuple[Fraction, Fraction]:
    """US dollars for a request, low and high. What nobody knows a price of is not free.

    Raises:
        ValueError: the model's data has no price for this.
    """
    if model.local:
        return Fraction(0), Fraction(0)
    price = model.price(mode, request)
    if price is None:
        raise ValueError(f"{model.name} has no price for {mode}")
    return price.low_usd * request.duration, price.high_usd * request.duration
