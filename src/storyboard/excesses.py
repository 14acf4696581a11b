"""What a shot asks for beyond what a model can do, whoever said it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from storyboard.diagnostics import Code, did_you_mean, listed
from storyboard.model import Shot
from storyboard.provider import EVERY_MODE, Demand, Mode, Model
from storyboard.source import Plain

_MODE_FIELDS: Mapping[Mode, str] = {
    "motion": "motion", "first_last": "last_frame", "first_frame": "first_frame", "text": "prompt",
}  # fmt: skip
_MODE_WORDS: Mapping[Mode, str] = {
    "motion": "cannot do motion control",
    "first_last": "cannot end on a given frame",
    "first_frame": "cannot start from a frame",
    "text": "needs a `first_frame`: it cannot start from text alone",
}
_DEMANDING: Mapping[Mode, str] = {
    "first_last": "where the last frame is given", "motion": "with `motion`",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Excess:
    """Something that a shot asks for and its model cannot do.

    Attributes:
        field: the shot's field, or `options.PROVIDER.NAME`.
        message: a sentence about it.
        able: whether another model could do it.
        without: the shot without it; None where the shot cannot do without.
        help: what to do about it, where that is not another model.
    """

    field: str
    message: str
    able: Callable[[Model], bool]
    without: Shot | None
    help: str | None = None
    code: Code = Code.CANNOT


def mode_of(shot: Shot) -> Mode:
    """Which pictures a shot gives its model."""
    if shot.motion:
        return "motion"
    if shot.last_frame:
        return "first_last"
    return "first_frame" if shot.first_frame else "text"


def excesses(shot: Shot, model: Model) -> Iterator[Excess]:
    """Everything that a shot asks for beyond what its model can do."""
    mode = mode_of(shot)
    if model.accepts_everything:
        yield from _options(shot, model, mode)  # these are meant for it alone
        return
    name = model.name
    if mode not in model.modes:
        yield Excess(
            _MODE_FIELDS[mode],
            f"`{name}` {_MODE_WORDS[mode]}.",
            lambda other: mode in other.modes,
            None,
        )
    if shot.negative_prompt and not _takes_negative(model, mode):
        where = " for such a shot" if model.negative_prompt else ""
        yield Excess(
            "negative_prompt",
            f"`{name}` takes no negative prompt{where}.",
            lambda other: _takes_negative(other, mode),
            replace(shot, negative_prompt=None),
        )
    if shot.audio and not _makes_sound(model, mode):
        where = {"first_last": " between two given frames", "motion": " with `motion`"}.get(
            mode, ""
        )
        yield Excess(
            "audio",
            f"`{name}` makes no sound{where if model.audio else ''}.",
            lambda other: _makes_sound(other, mode),
            replace(shot, audio=None),
            "`keep_sound: true` keeps that of the video." if mode == "motion" else None,
        )
    yield from _start(shot, model, mode)
    yield from _unsaid(shot, model, mode)
    yield from _voices(shot, model, mode)
    yield from _scale(shot, model, mode)
    yield from _aspect(shot, model, mode)
    yield from _native(shot, model)
    yield from _options(shot, model, mode)


def _start(shot: Shot, model: Model, mode: Mode) -> Iterator[Excess]:
    """What only a shot with a first frame can have."""
    if shot.first_frame is not None or mode not in model.modes:
        return
    if mode == "motion":
        message = f"`{model.name}` needs a picture of who moves."
        help_ = "Give the shot a `first_frame`."
        yield Excess("motion", message, lambda _: False, None, help_)
    elif mode == "first_last" and _in_one_clip(shot, model):
        message = f"`{model.name}` ends on a given frame only where it starts from one too."
        help_ = "Give the shot a `first_frame`, or let it go on from the one before."
        without = replace(shot, last_frame=None)
        yield Excess("last_frame", message, lambda _: False, without, help_)


def _unsaid(shot: Shot, model: Model, mode: Mode) -> Iterator[Excess]:
    """That a motion video is not enough for the model."""
    said = any(segment.prompt for segment in shot.segments)
    if mode == "motion" and model.motion_prompt and not said:
        message = f"`{model.name}` needs a `prompt` beside the motion video."

        def able(other: Model) -> bool:
            return "motion" in other.modes and not other.motion_prompt

        yield Excess("motion", message, able, None, "Say in a few words what is to be seen.")


def _in_one_clip(shot: Shot, model: Model) -> bool:
    """Whether no part of the shot starts with another part's frame."""
    return len(shot.segments) == 1 and model.lengths.covering(shot.segments[0].duration) is not None


def _takes_negative(model: Model, mode: Mode) -> bool:
    return model.negative_prompt and mode in model.negative_modes


def _makes_sound(model: Model, mode: Mode) -> bool:
    between = mode == "first_last" and not model.audio_with_end_frame
    return model.audio and mode in model.audio_modes and not between


def _voices(shot: Shot, model: Model, mode: Mode) -> Iterator[Excess]:
    wanted = len(shot.voices)

    def able(other: Model) -> bool:
        return other.voices >= wanted and mode in other.voice_modes

    if wanted > model.voices:
        said = f"at most {model.voices} voices" if model.voices else "no voices"
        without = replace(shot, voices=shot.voices[: model.voices])
        yield Excess("voices", f"`{model.name}` takes {said}.", able, without)
    elif wanted and mode not in model.voice_modes:
        message = f"`{model.name}` takes no voices for such a shot."
        yield Excess("voices", message, able, replace(shot, voices=()))
    elif wanted and not shot.audio:
        message = f"`{model.name}` speaks with a voice only where there is sound."
        yield Excess(
            "voices",
            message,
            able,
            replace(shot, voices=()),
            "Add `audio: true`, or take them out.",
        )


def _scale(shot: Shot, model: Model, mode: Mode) -> Iterator[Excess]:
    scale = shot.cfg_scale
    if scale is None:
        return
    without = replace(shot, cfg_scale=None)

    def able(other: Model) -> bool:
        return (
            other.cfg_scale is not None
            and other.cfg_scale[0] <= scale <= other.cfg_scale[1]
            and mode in other.cfg_modes
        )

    if model.cfg_scale is None or mode not in model.cfg_modes:
        where = "" if model.cfg_scale is None else " for such a shot"
        yield Excess("cfg_scale", f"`{model.name}` has no `cfg_scale`{where}.", able, without)
    elif not model.cfg_scale[0] <= scale <= model.cfg_scale[1]:
        low, high = (float(value) for value in model.cfg_scale)
        yield Excess(
            "cfg_scale",
            f"`cfg_scale` of `{model.name}` goes from {low:g} to {high:g}.",
            able,
            without,
        )


def _aspect(shot: Shot, model: Model, mode: Mode) -> Iterator[Excess]:
    wanted = shot.aspect_ratio
    if wanted is None or model.sizes is None:
        return
    without = replace(shot, aspect_ratio=None)
    if mode not in model.aspect_modes:
        message = (
            f"`{model.name}` follows the first frame's shape: it takes no `aspect_ratio` here."
        )
        yield Excess("aspect_ratio", message, lambda other: mode in other.aspect_modes, without)
    elif wanted not in model.sizes:
        message = f"`{model.name}` cannot make {wanted}: it makes {listed(list(model.sizes))}."
        yield Excess("aspect_ratio", message, lambda other: wanted in (other.sizes or {}), without)


def _native(shot: Shot, model: Model) -> Iterator[Excess]:
    if (
        shot.multi_prompt_mode == "native"
        and len(shot.segments) > 1
        and model.native_multi_prompt == "no"
    ):
        yield Excess(
            "multi_prompt_mode",
            f"`{model.name}` takes one prompt at a time.",
            lambda other: other.native_multi_prompt != "no",
            replace(shot, multi_prompt_mode="auto"),
        )


def _options(shot: Shot, model: Model, mode: Mode) -> Iterator[Excess]:
    for name, value in shot.options.get(model.provider, {}).items():
        known = (
            f"It has {listed(sorted(model.options), last='and')}."
            if model.options
            else "It has none."
        )
        help_ = None
        if name not in model.options:
            message = f"`{model.name}` has no option `{name}`."
            help_ = did_you_mean(name, model.options, otherwise=known)
        elif mode not in model.option_modes.get(name, EVERY_MODE):
            message = f"`{model.name}` has no option `{name}` for such a shot."
        elif (why := _misfit(value, model.options[name])) is not None:
            message = f"The option `{name}` of `{model.name}` does not fit: {why}."
        elif (demand := _demand(shot, model, mode, name)) and value != demand.value:
            where = (
                _DEMANDING.get(mode, "for such a shot") if mode in demand.modes else "with sound"
            )
            message = f"The option `{name}` of `{model.name}` must be `{demand.value}` {where}."
        else:
            continue
        yield Excess(
            f"options.{model.provider}.{name}",
            message,
            lambda _: False,
            _without_option(shot, model.provider, name),
            help_,
        )


def _demand(shot: Shot, model: Model, mode: Mode, option: str) -> Demand | None:
    for demand in model.demands:
        if demand.option == option and (mode in demand.modes or (demand.audio and shot.audio)):
            return demand
    return None


def _misfit(value: Plain, schema: Plain) -> str | None:
    from jsonschema import Draft202012Validator

    if not isinstance(schema, dict):
        raise TypeError("an option is described by a JSON Schema")
    error = next(iter(Draft202012Validator(schema).iter_errors(value)), None)
    return error.message if error else None


def _without_option(shot: Shot, provider: str, name: str) -> Shot:
    kept = {key: value for key, value in shot.options[provider].items() if key != name}
    return replace(shot, options={**shot.options, provider: kept})
