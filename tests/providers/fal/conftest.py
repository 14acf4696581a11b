from __future__ import annotations

import pytest
from fal_asked import ID, START, answer, intent_of, request_of

from storyboard.exchange import Intent, Operation
from storyboard.providers.fal import provider


@pytest.fixture
def intent() -> Intent:
    return intent_of(request_of(), {"first_frame": START})


@pytest.fixture
def operation(intent: Intent) -> Operation:
    found = provider.submitted(intent, answer(200, {"request_id": ID}))
    assert isinstance(found, Operation)
    return found
