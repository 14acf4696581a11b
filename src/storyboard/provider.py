"""What a provider is, what its models can do, and what they are asked for.

A `Request` is what a clip is asked for in our own terms, whatever the wire
format: it is what an action key hashes, so a provider's renamed field or a new
price never makes paid work stale.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Literal, Protocol, TypeAlias, runtime_checkable

from storyboard.digest import Digestible
from storyboard.model import Size
from storyboard.source import Plain

REQUEST_FORMAT = 1
"""Version of what `Request.canonical` means. Old versions stay readable."""

Mode: TypeAlias = Literal["text", "first_frame", "first_last", "motion"]
EVERY_MODE: frozenset[Mode] = frozenset({"text", "first_frame", "first_last", "motion"})


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt and the time it is given; several make one native multi_prompt request."""

    text: str
    duration: Fraction

    def canonical(self) -> Digestible:
        """What the key holds of it."""
        return {"text": self.text, "duration": self.duration}


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What one generated clip is asked for. Its frames are the action's inputs.

    Attributes:
        model: `provider/model`, or `animatic`.
        duration: seconds that are asked of the model: one of its own lengths.
        size: exact pixels, where the model is asked for them.
        fps: frame rate, where the model is asked for it.
        aspect_ratio: `16:9`, where the model is asked for it.
        voices: the provider's own ids.
        options: the provider's own extra parameters.
        delivery: those of them that say how to deliver: in no key.
        segment: for models that write it on the picture: which segment of how
            many, and the shot's time at which it starts.
        renderer: for local models, the version of what draws.
        format: the version of this description.
    """

    model: str
    prompts: tuple[Prompt, ...]
    duration: Fraction
    negative_prompt: str | None = None
    size: Size | None = None
    fps: Fraction | None = None
    aspect_ratio: str | None = None
    audio: bool = False
    voices: tuple[str, ...] = ()
    cfg_scale: Fraction | None = None
    options: Mapping[str, Plain] = field(default_factory=dict)
    delivery: Mapping[str, Plain] = field(default_factory=dict)
    variant: int = 0
    segment: tuple[int, int, Fraction] | None = None
    renderer: str | None = None
    orientation: Literal["image", "video"] | None = None
    keep_sound: bool = False
    format: int = REQUEST_FORMAT

    def canonical(self) -> dict[str, Digestible]:
        """Field by field, what the key holds; fields that ask for nothing are left out."""
        fields: dict[str, Digestible] = {
            "format": self.format,
            "model": self.model,
            "prompts": [prompt.canonical() for prompt in self.prompts],
            "duration": self.duration,
            "audio": self.audio,
        }
        optional: dict[str, Digestible] = {
            "negative_prompt": self.negative_prompt,
            "size": str(self.size) if self.size else None,
            "fps": self.fps,
            "aspect_ratio": self.aspect_ratio,
            "voices": list(self.voices),
            "cfg_scale": self.cfg_scale,
            "options": dict(self.options),
            "variant": self.variant,
            "segment": list(self.segment) if self.segment else None,
            "renderer": self.renderer,
            "orientation": self.orientation,
            "keep_sound": self.keep_sound,
        }
        return fields | {name: value for name, value in optional.items() if value}


@dataclass(frozen=True, slots=True)
class Lengths:
    """The clip lengths that a model makes: a few, or any within a range (seconds)."""

    choices: tuple[Fraction, ...] = ()
    minimum: Fraction = Fraction(0)
    maximum: Fraction = Fraction(0)

    @property
    def longest(self) -> Fraction:
        """The longest clip that the model makes."""
        return max(self.choices) if self.choices else self.maximum

    def covering(self, duration: Fraction) -> Fraction | None:
        """The shortest length that is at least `duration`; None past the longest."""
        if self.choices:
            return min((length for length in self.choices if length >= duration), default=None)
        return max(duration, self.minimum) if duration <= self.maximum else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """What a second that is asked for costs, and how sure that is.

    Attributes:
        modes: for which modes it holds.
        audio: `off`, `on`, `voice` (sound with voices) or `any`.
        low_usd: US dollars a second.
        high_usd: the most that it may be, where the price is assumed.
        confidence: `source page`, `official_doc`, `third_party`, `inferred` or `unknown`.
        source: where the figure is from.
        as_of: when that was.
        options: what the request's options must be for it to hold.
    """

    modes: frozenset[Mode]
    audio: Literal["off", "on", "voice", "any"]
    low_usd: Fraction
    high_usd: Fraction
    confidence: str
    source: str
    as_of: str
    options: Mapping[str, Plain] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """What one of a model's options must be, where a shot sets it at all.

    Attributes:
        modes: in which modes.
        audio: whether also wherever there is sound.
    """

    option: str
    value: Plain
    modes: frozenset[Mode] = frozenset()
    audio: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """How a model's jobs are asked after, in seconds: the first wait, the longest, the end."""

    first: float = 3
    longest: float = 15
    deadline: float = 1200


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """What a model can do. It is data, kept beside its provider.

    Attributes:
        name: `provider/model` as a storyboard writes it.
        local: whether it runs here, free of charge.
        repeatable: whether the same request gives the same clip.
        modes: which pictures it takes.
        lengths: of the clips that it makes.
        sizes: the sizes that it delivers, by aspect ratio; None where it
            draws at the size and rate of the cut.
        aspect_modes: the modes in which it can be told the aspect ratio; in
            the others it follows its first frame.
        fps: frames a second that it delivers; None for those of the cut.
        hands_over: whether its clips hold one frame more than was asked for.
        native_multi_prompt: whether it takes several prompts in one request.
        audio: whether it makes sound; `audio_with_end_frame`, whether also
            between two given frames; `audio_modes`, where it can be asked for at all.
        voices: how many voices a request may name, in its `voice_modes`.
        voice_marks: whether prompts mark who speaks: `<<<voice_1>>>`.
        negative_prompt: whether it takes one, in its `negative_modes`.
        motion_prompt: whether it needs a prompt beside a motion video, too.
        prompt_limit: characters; None where there is no limit.
        prompt_least: characters of a prompt, where there is one.
        options: a JSON Schema for each of its own parameters.
        option_modes: the modes that an option is for, where it is not for all.
        demands: what options must be for some modes, or for sound.
        delivery: those of them that say how to deliver: in no key and no lock.
        results: how many takes one request may ask for.
        accepts_everything: whether it takes what it does not know, and ignores it.
        labels_segments: whether it writes segment and time on the picture.
        renderer: for a local model, the version of what draws: part of every key.
    """

    name: str
    title: str
    local: bool
    repeatable: bool
    modes: frozenset[Mode]
    lengths: Lengths
    sizes: Mapping[str, Size] | None = None
    aspect_modes: frozenset[Mode] = frozenset()
    fps: Fraction | None = None
    hands_over: bool = True
    native_multi_prompt: Literal["no", "claimed", "confirmed"] = "no"
    audio: bool = False
    audio_with_end_frame: bool = False
    audio_modes: frozenset[Mode] = EVERY_MODE
    voices: int = 0
    voice_modes: frozenset[Mode] = EVERY_MODE
    voice_marks: bool = False
    negative_prompt: bool = True
    negative_modes: frozenset[Mode] = EVERY_MODE
    cfg_scale: tuple[Fraction, Fraction] | None = None
    cfg_modes: frozenset[Mode] = EVERY_MODE
    motion_prompt: bool = False
    prompt_limit: int | None = None
    prompt_least: int = 1
    options: Mapping[str, Plain] = field(default_factory=dict)
    option_modes: Mapping[str, frozenset[Mode]] = field(default_factory=dict)
    demands: tuple[Demand, ...] = ()
    delivery: frozenset[str] = frozenset()
    results: int = 1
    concurrency: int = 4
    rhythm: Rhythm = field(default_factory=Rhythm)
    prices: tuple[Price, ...] = ()
    accepts_everything: bool = False
    labels_segments: bool = False
    renderer: str | None = None

    def price(self, mode: Mode, request: Request) -> Price | None:
        """What a request costs a second; None for a local model."""
        sound = "voice" if request.voices else "on" if request.audio else "off"
        for price in self.prices:
            fits = all(request.options.get(name) == value for name, value in price.options.items())
            if mode in price.modes and price.audio in {sound, "any"} and fits:
                return price
        return None

    @property
    def provider(self) -> str:
        """The part of its name that names the provider."""
        return self.name.partition("/")[0]


class Provider(Protocol):
    """Every provider: a name and its models."""

    name: str

    def models(self) -> Mapping[str, Model]:
        """Its models, by the name that a storyboard writes."""


Report: TypeAlias = Callable[[float], None]
"""Called with how much is done, from 0 to 1."""


@runtime_checkable
class LocalProvider(Provider, Protocol):
    """A provider that makes its clips on this machine."""

    def draw(
        self, request: Request, frames: Mapping[str, Path], destination: Path, report: Report
    ) -> None:
        """Make the clip.

        Args:
            request: what is asked for.
            frames: the input pictures and videos, by role: `first_frame`,
                `last_frame`, `motion`.
            destination: where the clip goes; on any failure nothing may be
                left there that looks whole.
            report: told how much is done.

        Raises:
            OSError: the disk is full or cannot be written.
        """
