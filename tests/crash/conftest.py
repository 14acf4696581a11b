from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from crashing import Forge
    from stages import Stages

pytest.register_assert_rewrite("crashing")


@pytest.fixture(scope="session")
def served() -> Iterator[Stages]:
    from stages import stages

    with stages() as running:
        yield running


@pytest.fixture(scope="session")
def line() -> Iterator[Callable[[], Forge]]:
    from crashing import forges

    with forges() as to_forge:
        yield to_forge
