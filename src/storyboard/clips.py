"""Which clips a shot is made of: how long each is asked for, and what of it is shown."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

from storyboard.model import Seconds, Segment, Shot
from storyboard.provider import Lengths, Model


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipPlan:
    """One clip of a shot.

    Attributes:
        shot: the shot's id.
        number: which clip of the shot, from 1.
        count: how many clips the shot has.
        prompts: texts with their times; several where the model takes them in one request.
        starts: where in the shot's time the clip begins.
        shown: how much of the shot it fills.
        asked: the length that the model is asked for.
        speed: seconds of the clip that pass in a second of the shot.
        note: what the user should know, in a sentence.
    """

    shot: str
    number: int
    count: int
    prompts: tuple[tuple[str, Seconds], ...]
    starts: Seconds
    shown: Seconds
    asked: Seconds
    speed: Fraction = Fraction(1)
    note: str | None = None

    @property
    def last(self) -> bool:
        """Whether the shot ends with it."""
        return self.number == self.count

    @property
    def segment(self) -> int | None:
        """Its number, where the shot has several clips."""
        return self.number if self.count > 1 else None

    def step(self, kind: str) -> str:
        """The id of a step of this clip: `generate:storm#2`."""
        return f"{kind}:{self.shot}" + (f"#{self.number}" if self.count > 1 else "")


def clips_of(shot: Shot, model: Model) -> tuple[ClipPlan, ...]:
    """The clips that a generated shot, or a still, is made of: the fewest.

    A segment longer than the model's longest clip is split into a chain. A
    clip is asked for at the model's next longer length; what is longer than
    shown is left unused, but where the shot has a `last_frame`: then it is
    retimed, so that its end is kept. With `motion` there is one clip, as long
    as the video.
    """
    segments = shot.segments or (Segment("", shot.duration or Fraction(0), shot.origin("still")),)
    lengths = Lengths(maximum=segments[0].duration) if shot.motion else model.lengths
    if len(segments) > 1 and _native(shot, model):
        prompts = tuple((each.prompt, each.duration) for each in segments)
        parts = [(prompts, sum((each.duration for each in segments), Fraction(0)))]
    else:
        parts = [
            (((each.prompt, length),), length)
            for each in segments
            for length in _split(each.duration, lengths.longest)
        ]
    clips: list[ClipPlan] = []
    starts = Fraction(0)
    for number, (prompts, shown) in enumerate(parts, 1):
        asked = lengths.covering(shown) or lengths.longest
        clip = ClipPlan(
            shot=shot.id,
            number=number,
            count=len(parts),
            prompts=tuple(
                (text, duration if len(prompts) > 1 else asked) for text, duration in prompts
            ),
            starts=starts,
            shown=shown,
            asked=asked,
        )
        clips.append(_noted(clip, keeps_end=clip.last and shot.last_frame is not None))
        starts += shown
    return tuple(clips)


def _noted(clip: ClipPlan, *, keeps_end: bool) -> ClipPlan:
    if clip.asked == clip.shown:
        return clip
    if keeps_end:
        speed = clip.asked / clip.shown
        note = f"asked for at {_said(clip.asked)} s and retimed to {_said(clip.shown)} s ({float(speed):.3g} times as fast), so that its end is kept"
        return replace(clip, speed=speed, note=note)
    unused = clip.asked - clip.shown
    return replace(
        clip, note=f"asked for at {_said(clip.asked)} s; the last {_said(unused)} s are not used"
    )


def _native(shot: Shot, model: Model) -> bool:
    total = sum((segment.duration for segment in shot.segments), Fraction(0))
    if model.native_multi_prompt == "no" or model.lengths.covering(total) is None:
        return False
    return shot.multi_prompt_mode == "native" or (
        shot.multi_prompt_mode == "auto" and model.native_multi_prompt == "confirmed"
    )


def _split(duration: Seconds, longest: Seconds) -> list[Seconds]:
    """A duration in pieces of at most `longest`: as many whole ones as go in, then the rest."""
    whole, rest = divmod(duration, longest)
    return [longest] * int(whole) + ([rest] if rest else [])


def _said(seconds: Fraction) -> str:
    return f"{float(seconds):.6g}"
