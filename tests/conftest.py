from __future__ import annotations

import signal

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update", action="store_true", help="Rewrite what golden tests expect: review the diff."
    )


def pytest_configure() -> None:
    """Let Ctrl-C reach the tests of it: a run in the background is started with SIGINT ignored."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def update(request: pytest.FixtureRequest) -> bool:
    """Whether golden tests write what they expect."""
    return bool(request.config.getoption("--update"))
