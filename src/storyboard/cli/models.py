"""The models: what they can do, what they cost and how sure that is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction

from storyboard import providers
from storyboard.diagnostics import Invalid, did_you_mean
from storyboard.provider import Model, Price
from storyboard.source import Plain

_MODES = {
    "text": "text",
    "first_frame": "first frame",
    "first_last": "first + last frame",
    "motion": "motion video",
}


def chosen(name: str | None) -> list[Model]:
    """The models that a NAME means: one, all of a provider, or without it every one.

    Raises:
        Invalid: there is none of that name.
    """
    known = [model for each in providers.model_names() if (model := providers.find_model(each))]
    if name is None:
        return known
    found = [model for model in known if name in {model.name, model.provider}]
    if not found:
        names = sorted({model.name for model in known} | {model.provider for model in known})
        listing = f"Models: {', '.join(model.name for model in known)}."
        raise Invalid(f"There is no model {name}.", did_you_mean(name, names, otherwise=listing))
    return found


def document(models: Iterable[Model]) -> Plain:
    """The document of `models --json`."""
    return {"version": 1, "models": [_entry(model) for model in models]}


def _entry(model: Model) -> Plain:
    lengths = model.lengths
    return {
        "name": model.name,
        "title": model.title,
        "provider": model.provider,
        "local": model.local,
        "repeatable": model.repeatable,
        "modes": [mode for mode in _MODES if mode in model.modes],
        "durations_s": [float(length) for length in lengths.choices]
        or {"min": float(lengths.minimum), "max": float(lengths.maximum)},
        "sizes": {aspect: str(size) for aspect, size in (model.sizes or {}).items()},
        "aspect_modes": [mode for mode in _MODES if mode in model.aspect_modes],
        "fps": float(model.fps) if model.fps else None,
        "audio": model.audio,
        "audio_modes": [mode for mode in _MODES if mode in model.audio_modes and model.audio],
        "audio_with_end_frame": model.audio_with_end_frame,
        "voices": model.voices,
        "native_multi_prompt": model.native_multi_prompt,
        "negative_prompt": model.negative_prompt,
        "cfg_scale": [float(end) for end in model.cfg_scale] if model.cfg_scale else None,
        "prompt_limit": model.prompt_limit,
        "prompt_least": model.prompt_least,
        "results": model.results,
        "concurrency": model.concurrency,
        "options": dict(model.options),
        "delivery_options": [*sorted(model.delivery)],
        "prices": [_price(price) for price in model.prices],
    }


def _price(price: Price) -> Plain:
    return {
        "modes": [mode for mode in _MODES if mode in price.modes],
        "audio": price.audio,
        "options": dict(price.options),
        "usd_per_second": {"low": float(price.low_usd), "high": float(price.high_usd)},
        "confidence": price.confidence,
        "source": price.source,
        "as_of": price.as_of,
    }


def listing(models: Iterable[Model]) -> str:
    """A line a model."""
    rows = [
        (
            model.name,
            _lengths(model),
            ", ".join(_MODES[mode] for mode in _MODES if mode in model.modes),
            "sound" if model.audio else "",
            _cost(model),
        )
        for model in models
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


def page(model: Model) -> str:
    """All that is known of one model."""
    return "\n".join(_lines(model))


def _lines(model: Model) -> Iterator[str]:
    yield f"{model.name}: {model.title}"
    for name, value in _facts(model):
        yield f"  {name:<16} {value}"
    if model.prices:
        yield "  prices, in US dollars a second"
        cases, rates = map(_case, model.prices), map(_rate, model.prices)
        rows = list(zip(cases, rates, model.prices, strict=True))
        width, wide = max(len(row[0]) for row in rows), max(len(row[1]) for row in rows)
        for case, rate, price in rows:
            how_sure = f"{price.confidence}: {price.source}, {price.as_of}"
            yield f"    {case:<{width}}  {rate:<{wide}}  {how_sure}"
    if model.options:
        yield f"  options: {{{model.provider}: …}}"
        for name, schema in model.options.items():
            about = schema.get("description", "") if isinstance(schema, dict) else ""
            yield f"    {name:<18} {about}".rstrip()


def _facts(model: Model) -> Iterator[tuple[str, str]]:
    yield "takes", ", ".join(_MODES[mode] for mode in _MODES if mode in model.modes)
    yield "clips of", _lengths(model)
    if model.sizes:
        sizes = ", ".join(f"{aspect} {size}" for aspect, size in model.sizes.items())
        yield "sizes", sizes + (f", {float(model.fps):g} fps" if model.fps else "")
    else:
        yield "sizes", "any"
    sound = "yes" if model.audio else "no"
    if model.audio and not model.audio_with_end_frame:
        sound += ", without a last frame"
    yield "sound", sound + (f", up to {model.voices} voices" if model.voices else "")
    yield (
        "multi_prompt",
        {"no": "as a chain of clips"}.get(
            model.native_multi_prompt, f"in one request ({model.native_multi_prompt})"
        ),
    )
    if model.cfg_scale:
        yield "cfg_scale", " to ".join(f"{float(end):g}" for end in model.cfg_scale)
    if model.prompt_limit:
        yield "prompt", f"up to {model.prompt_limit} characters"
    if not model.local:
        yield "at once", f"{model.concurrency} jobs"
        yield "takes a request", f"up to {model.results}"


def _lengths(model: Model) -> str:
    lengths = model.lengths
    if lengths.choices:
        return " or ".join(f"{float(length):g}" for length in lengths.choices) + " s"
    return f"up to {float(lengths.maximum):g} s"


def _cost(model: Model) -> str:
    """From the cheapest to the dearest, at most; and whether all of it is published."""
    if not model.prices:
        return "free" if model.local else "price not known"
    low = min(price.high_usd for price in model.prices)
    high = max(price.high_usd for price in model.prices)
    sure = all(price.confidence in {"source page", "official_doc"} for price in model.prices)
    return f"{_dollars(low, high)} a second" + ("" if sure else ", partly assumed")


def _case(price: Price) -> str:
    modes = ", ".join(_MODES[mode] for mode in _MODES if mode in price.modes)
    sound = {"off": "silent", "on": "sound", "voice": "voices"}.get(price.audio)
    options = [f"{name}: {value}" for name, value in price.options.items()]
    return "; ".join([modes, *([sound] if sound else []), *options])


def _rate(price: Price) -> str:
    return _dollars(price.low_usd, price.high_usd)


def _dollars(low: Fraction, high: Fraction) -> str:
    if low == high:
        return f"${float(high):g}"
    return f"${float(low):g} to ${float(high):g}"
