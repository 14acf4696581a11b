"""The providers: each a pure module with its models as data beside it.

One is found by its name: the module `storyboard.providers.NAME`, or the entry
point NAME of the group `storyboard.providers` of an installed package. Each
gives `provider`: a `storyboard.provider.Provider`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING

from storyboard.provider import Model, Provider

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

_GROUP = "storyboard.providers"
_NAME = re.compile(r"[a-z][a-z0-9_]*")


@cache
def find(name: str) -> Provider | None:
    """The provider of that name."""
    if not _NAME.fullmatch(name):
        return None
    if name in _shipped():
        found: Provider = import_module(f"{__name__}.{name}").provider
        return found
    for point in _installed():
        if point.name != name:
            continue
        loaded: Provider = point.load()
        return loaded
    return None


def find_model(name: str) -> Model | None:
    """The model that a storyboard calls `provider/model`."""
    provider = find(name.partition("/")[0])
    return provider.models().get(name) if provider else None


def names() -> tuple[str, ...]:
    """Every provider's name."""
    installed = {point.name for point in _installed()}
    return tuple(sorted(_shipped() | installed))


def model_names() -> tuple[str, ...]:
    """Every model's name, as a storyboard writes it."""
    found = (find(name) for name in names())
    return tuple(model for provider in found if provider for model in provider.models())


def _installed() -> Iterable[EntryPoint]:
    """The providers of other packages; looked for only where a name is not ours."""
    from importlib.metadata import entry_points

    return entry_points(group=_GROUP)


@cache
def _shipped() -> frozenset[str]:
    return frozenset(module.name for module in iter_modules(__path__))
