"""Reading models from the data files beside their providers: `fal.yaml` beside `fal.py`.

A file holds `models:`, by name; what every model of the file shares is under
`shared:`. The fields are those of `storyboard.provider.Model`; a price is

    {modes: [text], audio: off, usd: 0.07, confidence: source page, source: …, as_of: 2026-11}

and one that nobody published has `usd: null` with a `fallback`, which is then
the high price, the low one being 0: an estimate that says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

from storyboard.model import Size
from storyboard.provider import EVERY_MODE, Demand, Lengths, Model, Price, Rhythm


@cache
def read_models(path: Path) -> Mapping[str, Model]:
    """The models of a data file, by the name that a storyboard writes.

    Raises:
        KeyError, TypeError, ValueError: the file, which ships with the tool,
            is wrong; a test reads every one.
    """
    import yaml

    data = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    shared = data.get("shared", {})
    return {name: _model(name, {**shared, **fields}) for name, fields in data["models"].items()}


def _model(name: str, fields: Mapping[str, Any]) -> Model:
    known = dict(fields)
    sizes = known.pop("sizes")
    cfg = known.pop("cfg_scale", None)
    return Model(
        name=name,
        title=known.pop("title"),
        local=False,
        repeatable=False,
        modes=frozenset(known.pop("modes")),
        lengths=Lengths(choices=tuple(Fraction(length) for length in known.pop("lengths"))),
        sizes={aspect: Size(*size) for aspect, size in sizes.items()},
        aspect_modes=frozenset(known.pop("aspect_modes", ())),
        fps=Fraction(known.pop("fps")),
        cfg_scale=(_exact(cfg[0]), _exact(cfg[1])) if cfg else None,
        cfg_modes=frozenset(known.pop("cfg_modes", EVERY_MODE)),
        audio_modes=frozenset(known.pop("audio_modes", EVERY_MODE)),
        voice_modes=frozenset(known.pop("voice_modes", EVERY_MODE)),
        negative_modes=frozenset(known.pop("negative_modes", EVERY_MODE)),
        option_modes={
            option: frozenset(modes) for option, modes in known.pop("option_modes", {}).items()
        },
        demands=tuple(_demand(demand) for demand in known.pop("demands", ())),
        delivery=frozenset(known.pop("delivery", ())),
        rhythm=Rhythm(**known.pop("rhythm", {})),
        prices=tuple(_price(price) for price in known.pop("prices")),
        **known,
    )


def _demand(data: Mapping[str, Any]) -> Demand:
    return Demand(
        option=data["option"],
        value=data["value"],
        modes=frozenset(data.get("modes", ())),
        audio=data.get("audio", False),
    )


def _price(data: Mapping[str, Any]) -> Price:
    usd = data["usd"]
    assumed = usd is None
    return Price(
        modes=frozenset(data["modes"]),
        audio={True: "on", False: "off"}.get(data["audio"], data["audio"]),
        low_usd=Fraction(0) if assumed else _exact(usd),
        high_usd=_exact(data["fallback"] if assumed else data.get("high_usd", usd)),
        confidence=data["confidence"],
        source=data["source"],
        as_of=str(data["as_of"]),
        options=data.get("options", {}),
    )


def _exact(number: float | str) -> Fraction:
    return Fraction(str(number))
