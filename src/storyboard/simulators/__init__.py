"""Local servers that behave, and bill, as the providers do: to rehearse a build, and to test.

Each provider's simulator is the module (or package) of its name in here. It
gives `simulator`: what makes a `world.Simulator` for a `world.World`. What all
of them share is in the other modules: the clock, the jobs and their ledger,
the clips, the addresses that clips are fetched from, and the faults.

It needs the extra `simulate`: `pip install 'storyboard-compiler[simulate]'`.
"""

from __future__ import annotations

from functools import cache
from pkgutil import iter_modules

from storyboard import providers


@cache
def names() -> tuple[str, ...]:
    """The providers that there is a simulator of."""
    modules = {module.name for module in iter_modules(__path__)}
    return tuple(name for name in providers.names() if name in modules)
